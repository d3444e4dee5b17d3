struct NoSerde;

#[rpcx::service]
trait A {
    async fn f(&self, x: NoSerde) -> rpcx::Result<()>;
}

fn main() {}
