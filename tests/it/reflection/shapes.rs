//! A service of types of every kind.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime};

/// A user of the shop.
#[rpcx::message]
#[derive(Clone, Debug)]
pub(super) struct User {
    /// Never reused.
    pub(super) id: u64,
    #[rpcx(name = "DisplayName")]
    pub(super) name: String,
    pub(super) photo: Option<Vec<u8>>,
    /// Invited by.
    pub(super) parent: Option<Box<User>>,
    pub(super) mode: Mode,
    pub(super) color: Color,
    pub(super) tags: BTreeMap<String, u32>,
    pub(super) by_number: HashMap<i32, Vec<Foreign>>,
    pub(super) since: SystemTime,
    pub(super) every: Duration,
    #[rpcx(plain)]
    pub(super) raw: Vec<u8>,
    #[rpcx(plain)]
    pub(super) pause: Duration,
    pub(super) key: [u8; 4],
    pub(super) pair: (u8, Option<Foreign>),
    pub(super) id_of: UserId,
    pub(super) other: other::User,
    pub(super) page: Page<Level>,
    pub(super) alias: Table,
    #[rpcx(skip)]
    #[allow(dead_code)]
    pub(super) cache: Vec<String>,
}

type Table = Vec<Vec<f32>>;

/// Derives serde's traits and says nothing else.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, PartialEq, Eq, Hash, Default)]
pub(super) struct Foreign {
    pub(super) x: i64,
}

#[rpcx::message]
#[derive(Clone, Copy, Debug)]
pub(super) enum Mode {
    /// Reads alone.
    #[rpcx(default)]
    Read = 1,
    Write = 4,
}

#[rpcx::message(text)]
#[derive(Clone, Copy, Debug)]
pub(super) enum Color {
    #[rpcx(default)]
    Red,
    #[rpcx(name = "dark-blue")]
    Blue,
}

#[rpcx::message]
#[derive(Clone, Debug)]
pub(super) struct UserId(u64);

#[rpcx::message]
#[derive(Clone, Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
}

#[rpcx::message]
#[derive(Clone, Debug)]
pub(super) struct Level(u8);

pub(super) mod other {
    #[rpcx::message]
    #[derive(Clone, Debug)]
    pub(crate) struct User {
        pub(crate) nick: String,
    }
}

/// Why a purchase failed.
#[derive(Debug, rpcx::ServiceError)]
pub(super) enum ShopError {
    /// There is none left.
    #[rpcx(code = 404, message = "no more")]
    Gone,
    #[rpcx(code = 7, message = "needs {need}")]
    Poor { need: i64 },
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

/// What can be bought.
#[rpcx::service(version = "1.2")]
pub(super) trait Shop {
    /// The user with a number.
    #[rpcx(idempotent)]
    async fn user(&self, id: u64) -> Result<User, ShopError>;
    #[rpcx(args = "BuyArgs")]
    async fn buy(&self, item: &str, count: u32, photo: &[u8]) -> Result<(), ShopError>;
    async fn pages(&self, after: Option<String>, foreign: Foreign) -> rpcx::Result<Page<User>>;
    async fn ping(&self) -> rpcx::Result<()>;
    #[rpcx(oneway)]
    async fn log(&self, line: &str) -> rpcx::Result<()>;
    #[rpcx(reply = "Sum")]
    async fn sum(&self, of: Vec<i64>) -> rpcx::Result<i64>;
    async fn swap(&self, of: Vec<Foreign>) -> rpcx::Result<HashMap<Foreign, bool>>;
    #[rpcx(codec = "raw")]
    async fn bytes(&self, of: &[u8]) -> rpcx::Result<Vec<u8>>;
}

pub(super) struct MyShop;

impl Shop for MyShop {
    async fn user(&self, id: u64) -> Result<User, ShopError> {
        Err(ShopError::Poor { need: id as i64 })
    }

    async fn buy(&self, _: &str, _: u32, _: &[u8]) -> Result<(), ShopError> {
        Ok(())
    }

    async fn pages(&self, next: Option<String>, _: Foreign) -> rpcx::Result<Page<User>> {
        let items = Vec::new();
        Ok(Page { items, next })
    }

    async fn ping(&self) -> rpcx::Result<()> {
        Ok(())
    }

    async fn log(&self, _: &str) -> rpcx::Result<()> {
        Ok(())
    }

    async fn sum(&self, of: Vec<i64>) -> rpcx::Result<i64> {
        Ok(of.into_iter().sum())
    }

    async fn swap(&self, _: Vec<Foreign>) -> rpcx::Result<HashMap<Foreign, bool>> {
        Ok(HashMap::new())
    }

    async fn bytes(&self, of: &[u8]) -> rpcx::Result<Vec<u8>> {
        Ok(of.to_vec())
    }
}
