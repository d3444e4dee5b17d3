#[rpcx::service]
trait A {
    async fn f(&self) -> rpcx::Result<&str>;
    async fn g(&self) -> rpcx::Result<impl Clone>;
}

fn main() {}
