#[rpcx::service]
trait A {
    async fn f(&self, x: impl Clone, y: &dyn ToString) -> rpcx::Result<()>;
}

fn main() {}
