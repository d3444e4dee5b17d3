#[rpcx::service]
trait A {
    async fn f<'a>(&'a self, x: &'a str) -> rpcx::Result<()>;
    async fn g(&self, x: &'static str) -> rpcx::Result<()>;
}

fn main() {}
