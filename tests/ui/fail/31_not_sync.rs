use std::cell::Cell;

#[rpcx::service]
trait A {
    async fn f(&self) -> rpcx::Result<()>;
}

struct S(Cell<u8>);

impl A for S {
    async fn f(&self) -> rpcx::Result<()> {
        Ok(())
    }
}

fn main() {}
