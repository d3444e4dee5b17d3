//! One bad argument among several is marked at its own type.

struct NoSerde;

#[rpcx::service]
trait A {
    async fn f(&self, a: u8, b: &str, c: NoSerde, d: Vec<String>) -> rpcx::Result<()>;
}

fn main() {}
