//! One error for a message with serde's derives, and none of rustc's.

#[rpcx::message]
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Args {
    a: i64,
}

fn main() {}
