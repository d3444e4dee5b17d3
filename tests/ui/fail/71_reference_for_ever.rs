//! A reference that lives for ever cannot be read.

use std::collections::BTreeMap;

#[rpcx::message]
struct Args {
    text: &'static str,
    all: BTreeMap<String, Vec<&'static [u8]>>,
    #[rpcx(skip)]
    skipped: Option<&'static str>,
}

#[rpcx::message]
enum Choice {
    One(&'static str),
    Two,
}

fn main() {}
