#[rpcx::service]
trait A {
    #[rpcx(oneway)]
    async fn f(&self) -> rpcx::Result<u8>;
}

fn main() {}
