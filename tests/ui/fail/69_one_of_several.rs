//! Each bad argument among several is marked at its own type.

struct NoSerde;

#[rpcx::service]
trait A {
    async fn f(&self, a: u8, b: &str, c: NoSerde, d: Vec<String>) -> rpcx::Result<()>;
}

#[rpcx::service]
trait Two {
    async fn f(&self, a: NoSerde, b: u8, c: Vec<NoSerde>, d: &[NoSerde]) -> rpcx::Result<()>;
    async fn g(&self, right: &Right, wrong: &NoSerde, pair: (u8, NoSerde), array: [Right; 40]) -> rpcx::Result<()>;
}

#[rpcx::message]
struct Right {
    a: u8,
}

fn main() {}
