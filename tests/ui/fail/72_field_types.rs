//! Types of fields that cannot travel whatever they mean, at any depth.

use std::collections::HashMap;

#[rpcx::message]
struct Args<'a> {
    size: usize,
    sizes: HashMap<String, Vec<isize>>,
    pair: (u8, usize),
    function: fn(u8) -> u8,
    pointer: *const u8,
    changed: &'a mut str,
    any: Box<dyn std::any::Any>,
    text: &'a str,
}

#[rpcx::message]
enum Choice {
    Count(Vec<usize>),
    Call { back: fn() },
}

fn main() {}
