//! Keys that JSON has no text for are one error each, at their types, whatever is around them.

use std::collections::{BTreeMap, HashMap};

#[rpcx::message]
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Place {
    row: u32,
    column: u32,
}

#[rpcx::message]
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Of<T>(T);

#[rpcx::message]
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Number(Box<u64>);

#[rpcx::message]
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Choice {
    Nothing,
    Some(u8),
}

#[rpcx::message]
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Color {
    Red,
    Blue,
}

type Alias = BTreeMap<Place, u8>;

#[rpcx::message]
struct Page<K: Eq + std::hash::Hash, V> {
    values: HashMap<K, V>,
}

#[rpcx::message]
struct Fields<T> {
    message: HashMap<Place, String>,
    boxed: BTreeMap<Box<Place>, Vec<u8>>,
    choice: BTreeMap<Choice, u8>,
    inside: HashMap<Of<Place>, u8>,
    deeper: HashMap<Of<Of<(u8, u8)>>, u8>,
    pair: BTreeMap<(u8, u8), T>,
    option: HashMap<Option<String>, u8>,
    list: HashMap<Vec<String>, u8>,
    array: HashMap<[u16; 2], u8>,
    nothing: HashMap<(), u8>,
    alias: Vec<Alias>,
    page: Page<Place, u8>,
    #[rpcx(plain)]
    told: HashMap<Place, u8>,
    right: (
        HashMap<Of<u8>, u8>,
        HashMap<Of<Of<String>>, u8>,
        HashMap<Number, u8>,
        BTreeMap<Color, u8>,
        Page<char, Place>,
        HashMap<Box<str>, T>,
    ),
}

#[rpcx::service]
trait A {
    async fn one(&self, x: HashMap<Place, u8>) -> rpcx::Result<()>;
    async fn several(&self, a: u8, x: Vec<HashMap<(u8, String), u8>>) -> rpcx::Result<()>;
    async fn reply(&self) -> rpcx::Result<Page<Choice, u8>>;
}

fn main() {}
