//! Arguments, replies and data of errors that cannot travel are one error each, at their types.

use std::collections::HashMap;

struct NoSerde;

#[rpcx::message]
struct Page<T> {
    items: Vec<T>,
}

#[rpcx::service]
trait A {
    async fn list(&self, x: Vec<NoSerde>) -> rpcx::Result<()>;
    async fn tuple(&self, x: (u8, NoSerde)) -> rpcx::Result<()>;
    async fn page(&self, x: Page<NoSerde>) -> rpcx::Result<()>;
    async fn lent(&self, x: &[NoSerde]) -> rpcx::Result<()>;
    async fn by_reference(&self, x: &NoSerde) -> rpcx::Result<()>;
    async fn several(&self, a: u8, x: HashMap<String, Option<NoSerde>>) -> rpcx::Result<()>;
    async fn reply(&self) -> rpcx::Result<(u8, Vec<NoSerde>)>;
    #[rpcx(reply = "C")]
    async fn in_field(&self) -> rpcx::Result<Page<NoSerde>>;
}

#[derive(Debug, rpcx::ServiceError)]
enum E {
    #[rpcx(code = 1, message = "a")]
    A { x: u8, y: Vec<NoDebug> },
    #[rpcx(code = 2, message = "b")]
    B((u8, NoDebug)),
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

#[derive(Debug)]
struct NoDebug;

fn main() {}
