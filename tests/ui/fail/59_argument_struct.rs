#[rpcx::service]
trait A {
    #[rpcx(args = "FArgs")]
    async fn f(&self) -> rpcx::Result<()>;
    #[rpcx(args = "GArgs")]
    async fn g(&self, n: u8) -> rpcx::Result<()>;
    #[rpcx(args = "h args")]
    async fn h(&self, n: u8, m: u8) -> rpcx::Result<()>;
    #[rpcx(args = "AClient")]
    async fn i(&self, n: u8, m: u8) -> rpcx::Result<()>;
    #[rpcx(args = "JArgs")]
    async fn j(&self, n: u8, m: u8) -> rpcx::Result<()>;
    #[rpcx(args = "JArgs")]
    async fn k(&self, n: u8, m: u8) -> rpcx::Result<()>;
    #[rpcx(args = "LArgs")]
    async fn l(&self, n: Option<&str>, m: &str) -> rpcx::Result<()>;
    #[rpcx(args)]
    async fn m(&self, n: u8, m: u8) -> rpcx::Result<()>;
}

fn uses(args: JArgs) -> u8 {
    args.m
}

fn main() {}
