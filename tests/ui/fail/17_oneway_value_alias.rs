type Answer = rpcx::Result<u8>;

#[rpcx::service]
trait A {
    #[rpcx(oneway)]
    async fn f(&self) -> Answer;
}

fn main() {}
