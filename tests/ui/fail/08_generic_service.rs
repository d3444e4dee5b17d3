#[rpcx::service]
trait A<T> {
    async fn f(&self) -> rpcx::Result<()>;
}

fn main() {}
