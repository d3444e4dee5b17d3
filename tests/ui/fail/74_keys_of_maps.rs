//! Maps with keys that Go does not read and JSON does not have are one error each, at their types.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime};

use rpcx::Timestamp;

type Alias = HashMap<Duration, u8>;
type Key = Box<[u8]>;

#[rpcx::message]
struct Fields<'a, T> {
    span: HashMap<Duration, u8>,
    time: BTreeMap<SystemTime, Vec<u8>>,
    bytes: BTreeMap<Vec<u8>, String>,
    array: BTreeMap<[u8; 4], String>,
    stamp: BTreeMap<Timestamp, String>,
    key: HashMap<Key, String>,
    lent: HashMap<&'a [u8], String>,
    alias: Alias,
    list: Vec<HashMap<Duration, u8>>,
    maybe: Option<Box<Alias>>,
    value: HashMap<String, BTreeMap<u8, Vec<Alias>>>,
    tuple: (u8, Alias),
    of_any: HashMap<Duration, T>,
    #[rpcx(plain)]
    told: HashMap<Duration, u8>,
    #[rpcx(skip)]
    stays: HashMap<Duration, u8>,
}

#[rpcx::message]
struct New(Alias);

#[rpcx::message]
enum Choice {
    One(Alias),
    Two { no: Vec<Alias>, yes: HashMap<String, u8> },
}

#[rpcx::service]
trait A {
    async fn one(&self, x: HashMap<Duration, u8>) -> rpcx::Result<()>;
    async fn several(&self, a: u8, x: Vec<Alias>) -> rpcx::Result<()>;
    async fn lent(&self, x: &[Alias]) -> rpcx::Result<()>;
    async fn by_reference(&self, x: &Alias) -> rpcx::Result<()>;
    async fn reply(&self) -> rpcx::Result<Option<Alias>>;
    #[rpcx(reply = "C")]
    async fn in_field(&self) -> rpcx::Result<BTreeMap<Vec<u8>, u8>>;
}

#[derive(Debug, rpcx::ServiceError)]
enum E {
    #[rpcx(code = 1, message = "a")]
    A { x: u8, y: Alias },
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

fn main() {}
