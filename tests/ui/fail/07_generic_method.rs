#[rpcx::service]
trait A {
    async fn f<T: Clone>(&self, x: T) -> rpcx::Result<()>;
}

fn main() {}
