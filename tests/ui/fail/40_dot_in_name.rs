#[rpcx::service(name = "a service")]
trait A {
    #[rpcx(name = "A.F", alias = "")]
    async fn f(&self) -> rpcx::Result<()>;
}

fn main() {}
