#[rpcx::service]
unsafe trait A {
    async fn f(&self) -> rpcx::Result<()>;
}

fn main() {}
