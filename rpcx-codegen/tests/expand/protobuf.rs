/// Messages of prost.
#[rpcx::service(codec = "protobuf", wrap)]
pub trait Greeter {
    async fn say_hello(&self, req: HelloRequest) -> rpcx::Result<HelloReply>;
    async fn lent(&self, ctx: &rpcx::Context, req: &HelloRequest) -> rpcx::Result<()>;
    async fn named(&self, req: self::Context) -> rpcx::Result<self::Context>;
}
