struct NoSerde;

#[rpcx::service]
trait A {
    async fn f(&self, a: u8, b: NoSerde) -> rpcx::Result<()>;
}

fn main() {}
