#[rpcx::service]
trait A {
    async fn f(&self, x: u8) -> rpcx::Result<()>;
}

struct S;

impl A for S {
    async fn f(&self, x: u16) -> rpcx::Result<()> {
        Ok(())
    }
}

fn main() {}
