struct NoSerde;

#[rpcx::service]
trait A {
    async fn f(&self) -> rpcx::Result<NoSerde>;
}

fn main() {}
