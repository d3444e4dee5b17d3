//! Bytes, times and durations where they have serde's form are one error each, at their types.

use std::cell::RefCell;
use std::collections::{BinaryHeap, HashMap};
use std::time::{Duration, SystemTime};

type Pair = (u8, Vec<u8>);
type Pairs = HashMap<String, Vec<Option<Pair>>>;
type Answer = rpcx::Result<Vec<Pair>>;
type Two = (Duration, Vec<SystemTime>);

#[rpcx::message]
#[derive(Clone)]
struct Page<T, const N: usize = 1> {
    items: Vec<T>,
    last: [Option<T>; N],
    spans: HashMap<String, Duration>,
}

#[rpcx::message]
struct Tree<T> {
    page: Option<Box<Page<T>>>,
    inner: Vec<Branch<T>>,
}

#[rpcx::message]
struct Keyed<T: Eq + std::hash::Hash> {
    of: HashMap<T, u8>,
}

#[rpcx::message]
struct Branch<T> {
    tree: Option<Tree<T>>,
}

#[rpcx::message]
struct Fields {
    pair: Pair,
    pairs: Pairs,
    two: Two,
    page: Page<Vec<u8>>,
    list: Vec<Page<Option<Duration>>>,
    // a list of `u8` is bytes in Go
    bytes: Page<u8>,
    in_page: Page<(u8, SystemTime)>,
    page_of_page: Page<Page<SystemTime>>,
    tree: Tree<Duration>,
    key: Keyed<Duration>,
    keys: Page<HashMap<Duration, u8>>,
    cell: RefCell<Vec<u8>>,
    heap: BinaryHeap<Duration>,
    outcome: Result<Vec<u8>, String>,
    #[rpcx(plain)]
    told: Page<Vec<u8>>,
    #[rpcx(skip)]
    stays: Option<Page<Vec<u8>>>,
    right: (Page<u16>, Tree<String>, (u8, Vec<u8>), RefCell<u8>),
}

#[rpcx::message]
enum Choice {
    One(Pair),
    Two { no: Page<Duration>, yes: Page<String> },
}

#[rpcx::service]
trait A {
    async fn one(&self, x: Page<Vec<u8>>) -> rpcx::Result<Page<u16>>;
    async fn several(&self, a: u8, x: Vec<Pair>) -> rpcx::Result<()>;
    async fn reply(&self) -> rpcx::Result<Option<Pair>>;
    async fn hidden(&self) -> Answer;
}

fn main() {}
