#[rpcx::service]
trait A {
    async fn get_user(&self) -> rpcx::Result<()>;
    #[rpcx(name = "GetUser")]
    async fn fetch(&self) -> rpcx::Result<()>;
}

fn main() {}
