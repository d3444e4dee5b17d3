use std::rc::Rc;

#[rpcx::service]
trait A {
    async fn f(&self) -> rpcx::Result<()>;
}

struct S;

async fn pause() {}

impl A for S {
    async fn f(&self) -> rpcx::Result<()> {
        let kept = Rc::new(1);
        pause().await;
        drop(kept);
        Ok(())
    }
}

fn main() {}
