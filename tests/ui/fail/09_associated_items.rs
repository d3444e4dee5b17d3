#[rpcx::service]
trait A {
    type X;
    const Y: u8;
    async fn f(&self) -> rpcx::Result<()>;
}

fn main() {}
