//! Every form of argument, reply and error that Go and Rust exchange.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use rpcx::Timestamp;
use serde::{Deserialize, Serialize};

/// Names a user.
pub type UserId = u64;

/// Two numbers.
#[rpcx::message]
#[derive(Debug, Clone, PartialEq)]
pub struct Args {
    /// The first.
    pub a: i32,
    /// The second.
    pub b: i32,
}

/// What comes of two numbers.
#[rpcx::message]
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    pub c: i32,
}

/// Travels as a number.
#[rpcx::message]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Color {
    #[default]
    Red,
    /// As grass.
    Green = 5,
    Blue,
}

/// Travels as text.
#[rpcx::message(text, rename_all = "snake_case")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    ReadOnly,
    ReadWrite,
}

/// How far an order is; newer peers know more of it.
#[rpcx::message]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Open = 1,
    Paid,
    /// What only newer peers know.
    #[rpcx(other)]
    Other(i64),
}

/// A color by name, or any other.
#[rpcx::message(text)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tint {
    Dark,
    #[rpcx(other)]
    Other(String),
}

/// An order.
#[rpcx::message]
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub stage: Stage,
    pub tint: Tint,
    /// Anything.
    pub note: rpcx::Value,
}

/// A user of the bank.
#[rpcx::message]
#[derive(Debug, Clone, Default, PartialEq)]
pub struct User {
    #[rpcx(name = "ID")]
    pub id: UserId,
    #[rpcx(name = "full_name")]
    pub name: String,
    pub nick: Option<String>,
    pub born: Timestamp,
    pub limit: Duration,
    pub photo: Vec<u8>,
    pub key: [u8; 4],
    pub tags: Vec<String>,
    pub color: Color,
    pub mode: Mode,
    pub scores: BTreeMap<String, i64>,
    pub names: HashMap<u32, String>,
    pub ratio: f64,
    pub corner: [f32; 2],
    /// The one who brought this user.
    pub parent: Option<Box<Self>>,
    pub friends: Vec<Self>,
    pub place: Place,
    #[rpcx(skip)]
    pub cache: u128,
}

/// Where someone is, in serde's own form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Place {
    pub street_name: String,
    #[serde(rename = "no")]
    pub number: u16,
    pub side: Option<Side>,
}

/// Of the street.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Left,
    Right,
}

/// How something is paid: a struct of which one field is set.
#[rpcx::message]
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Payment {
    /// Nothing is owed.
    #[default]
    #[rpcx(default)]
    Free,
    Cash(u64),
    /// By a card.
    Card {
        number: String,
        #[rpcx(name = "CVC")]
        cvc: u16,
        limit: Option<Duration>,
        chip: Vec<u8>,
    },
    /// Bytes that are no list of numbers.
    Token(Vec<u8>),
    #[rpcx(name = "Gift")]
    Present(Reply),
    Split(Vec<Self>),
}

/// A byte string.
pub type Blob = Vec<u8>;

/// Maps of lists of byte strings.
pub type Blobs = BTreeMap<String, BTreeMap<u8, Vec<Blob>>>;

/// Byte strings, times and durations below each other.
#[rpcx::message]
#[derive(Debug, Clone, PartialEq)]
pub struct Deep {
    pub maps: BTreeMap<String, BTreeMap<String, BTreeMap<String, BTreeMap<i64, Blobs>>>>,
    pub lists: Vec<Vec<BTreeMap<String, Blob>>>,
    pub boxes: Box<BTreeMap<String, Option<Box<Blob>>>>,
    pub arrays: [BTreeMap<String, Blob>; 2],
    pub keys: BTreeMap<String, [u8; 2]>,
    pub spans: BTreeMap<u32, Vec<Duration>>,
    pub times: BTreeMap<String, BTreeMap<String, Vec<Timestamp>>>,
}

/// What a bank refuses.
#[derive(Debug, rpcx::ServiceError)]
pub enum BankError {
    /// There is no such account.
    #[rpcx(code = 1001, message = "no account")]
    NoAccount,
    #[rpcx(code = 1002, message = "need {need} more")]
    Insufficient { need: u64 },
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

pub type BankResult<T> = Result<T, BankError>;

/// Arguments and replies of all kinds.
#[rpcx::service(name = "Forms.v1")]
pub trait Forms {
    /// Is anyone there?
    async fn ping(&self) -> rpcx::Result<()>;
    /// The product of two numbers.
    async fn mul(&self, args: &Args) -> rpcx::Result<Reply>;
    /// One bare value.
    #[rpcx(timeout = "5s", idempotent)]
    async fn double(&self, n: i32) -> rpcx::Result<i32>;
    /// Several arguments travel as one struct.
    async fn add(&self, a: i32, #[rpcx(name = "second")] b: i32) -> rpcx::Result<i32>;
    async fn hello(&self, name: &str) -> rpcx::Result<String>;
    async fn reverse(&self, data: &[u8]) -> rpcx::Result<Vec<u8>>;
    /// None comes back as none.
    async fn maybe(&self, user: Option<User>) -> rpcx::Result<Option<User>>;
    async fn number(&self, n: Option<i64>) -> rpcx::Result<Option<i64>>;
    async fn users(&self, ids: Vec<UserId>) -> rpcx::Result<Vec<User>>;
    async fn count(&self, words: HashMap<String, i64>) -> rpcx::Result<BTreeMap<i64, String>>;
    #[rpcx(alias = "FetchUser")]
    async fn echo(&self, user: User) -> rpcx::Result<User>;
    async fn paint(&self, color: Color, mode: Option<Mode>) -> rpcx::Result<Color>;
    /// The same order comes back.
    async fn order(&self, order: &Order) -> rpcx::Result<Order>;
    /// The same comes back.
    async fn deep(&self, deep: &Deep) -> rpcx::Result<Deep>;
    #[rpcx(reply = "At")]
    async fn later(&self, at: Timestamp, wait: Duration) -> rpcx::Result<Timestamp>;
    /// The reply has a field.
    #[rpcx(args = "SubArgs", reply = "C")]
    async fn sub(&self, a: i32, b: i32) -> rpcx::Result<i32>;
    #[rpcx(wrap)]
    async fn wrapped(&self, id: UserId) -> rpcx::Result<UserId>;
    /// Nobody waits.
    #[rpcx(oneway)]
    async fn note(&self, line: &str) -> rpcx::Result<()>;
    /// How many notes came in.
    async fn notes(&self) -> rpcx::Result<i64>;
    /// Paid in the same way.
    async fn pay(&self, payment: Payment) -> rpcx::Result<Payment>;
    /// Fails with a code when there is no such account.
    async fn withdraw(&self, account: &str, amount: u64) -> BankResult<u64>;
    /// Fails with a text.
    #[deprecated(note = "it never works")]
    async fn fail(&self, why: &str) -> rpcx::Result<User>;
}
