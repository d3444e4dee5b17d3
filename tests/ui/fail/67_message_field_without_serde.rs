//! A field that cannot travel is one error, at its type.

use std::collections::HashMap;

struct NoSerde;

struct Wrapper<T>(T);

type Alias = Vec<NoSerde>;

#[rpcx::message]
struct Args {
    a: i64,
    b: NoSerde,
}

#[rpcx::message]
struct New(NoSerde);

#[rpcx::message]
struct Plain {
    #[rpcx(plain)]
    a: NoSerde,
}

#[rpcx::message]
struct Inside {
    list: Vec<NoSerde>,
    maybe: Option<NoSerde>,
    map: HashMap<String, NoSerde>,
    key: HashMap<NoSerde, Vec<u8>>,
    boxed: Box<NoSerde>,
    tuple: (u8, NoSerde),
    array: [NoSerde; 2],
    alias: Alias,
    deep: HashMap<String, Vec<Option<Box<NoSerde>>>>,
}

#[rpcx::message]
struct Lent<'a> {
    one: &'a NoSerde,
    list: &'a [NoSerde],
    text: &'a str,
}

#[rpcx::message]
enum Choice {
    One(NoSerde),
    Two { no: NoSerde, yes: u8 },
    Three(Vec<NoSerde>),
}

#[rpcx::message]
struct Page<T> {
    items: Vec<T>,
    more: NoSerde,
}

#[rpcx::message]
struct Pages {
    page: Page<NoSerde>,
}

#[rpcx::message]
struct Wrapped<'a, T, const N: usize> {
    one: Wrapper<T>,
    list: Vec<Option<Wrapper<T>>>,
    right: [Option<T>; N],
    text: &'a str,
    #[rpcx(skip)]
    stays: std::marker::PhantomData<Wrapper<T>>,
}

#[rpcx::message]
struct NewWrapped<T>(Wrapper<T>);

fn main() {}
