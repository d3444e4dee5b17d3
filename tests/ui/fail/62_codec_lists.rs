//! `codec` names families: the caller chooses between msgpack and JSON.

#[rpcx::service(codec = "json")]
trait Json {
    async fn f(&self) -> rpcx::Result<u8>;
    #[rpcx(codec = "msgpack")]
    async fn g(&self) -> rpcx::Result<u8>;
    #[rpcx(codec = "serde, serde")]
    async fn h(&self) -> rpcx::Result<u8>;
    #[rpcx(codec = "thrift, serde")]
    async fn i(&self, a: ()) -> rpcx::Result<()>;
    #[rpcx(codec = "serde, raw")]
    async fn j(&self, a: u8, b: u8) -> rpcx::Result<()>;
}

fn main() {}
