//! A field that cannot travel is marked at the field.

struct NoSerde;

#[rpcx::message]
struct Args {
    a: i64,
    b: NoSerde,
}

#[rpcx::message]
struct Many {
    all: Vec<NoSerde>,
}

#[rpcx::message]
enum Choice {
    One(NoSerde),
    Two { no: NoSerde },
}

fn main() {}
