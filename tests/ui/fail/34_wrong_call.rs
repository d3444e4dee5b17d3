#[rpcx::service]
trait A {
    async fn f(&self, x: u8) -> rpcx::Result<()>;
}

async fn user(client: &AClient) {
    let _ = client.f("x");
    let _ = client.g();
}

fn main() {}
