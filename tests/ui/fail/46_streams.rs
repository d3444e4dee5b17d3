#[rpcx::service]
trait A {
    async fn f(&self, x: rpcx::Stream<u8>) -> rpcx::Result<rpcx::Stream<u8>>;
}

fn main() {}
