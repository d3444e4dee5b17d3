//! Only a client, and only a server; two services in one file.

#[rpcx::service(server = false)]
trait Caller {
    async fn call(&self) -> rpcx::Result<()>;
}

mod inner {
    #[rpcx::service(client = false)]
    pub trait Answerer {
        async fn new(&self) -> rpcx::Result<()>;
    }
}
