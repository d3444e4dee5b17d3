//! What is registered is the generated server, and the error names it.

#[rpcx::service]
trait A {
    async fn f(&self, a: u8) -> rpcx::Result<u8>;
}

struct MyA;

impl A for MyA {
    async fn f(&self, a: u8) -> rpcx::Result<u8> {
        Ok(a)
    }
}

fn main() {
    let _ = rpcx::InProcess::new(MyA);
    let _ = rpcx::Server::builder().register(MyA);
}
