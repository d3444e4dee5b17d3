#[rpcx::service]
trait A {
    async fn f(&self, a_b: u8, aB: u8) -> rpcx::Result<()>;
}

fn main() {}
