#[rpcx::service]
trait A {
    async fn a(&mut self) -> rpcx::Result<()>;
    fn b(&self) -> rpcx::Result<()>;
    async fn c(&self) -> u8;
    async fn d(&self, n: usize) -> rpcx::Result<()>;
    #[rpcx(onway)]
    async fn e(&self) -> rpcx::Result<()>;
    async fn right(&self, n: u8) -> rpcx::Result<u8>;
}

struct S;

// incomplete: this is rustc's to say
impl A for S {
    async fn a(&mut self) -> rpcx::Result<()> {
        Ok(())
    }
}

// the names of the generated code are there, so nothing here is reported
async fn user(client: &AClient) -> rpcx::Result<u8> {
    client.right(1).await
}

fn main() {}
