#[rpcx::service]
trait A {
    async fn f(x: u8) -> rpcx::Result<()>;
}

fn main() {}
