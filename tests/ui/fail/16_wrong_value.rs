#[rpcx::service(client = "no", rename_methods = "kebab-case", crate = "a b")]
trait A {
    #[rpcx(oneway = true, name, timeout = "soon")]
    async fn f(&self) -> rpcx::Result<()>;
    #[rpcx(idempotent, idempotent)]
    async fn g(&self) -> rpcx::Result<()>;
    #[rpcx(timeout = 5, name = 7)]
    async fn time(&self) -> rpcx::Result<()>;
    #[rpcx(timeout = 1.5)]
    async fn part(&self) -> rpcx::Result<()>;
    #[rpcx]
    async fn h(&self) -> rpcx::Result<()>;
}

fn main() {}
