#![deny(unused_must_use)]

#[rpcx::service]
trait A {
    async fn f(&self) -> rpcx::Result<()>;
}

async fn user(client: &AClient) {
    client.f();
}

fn main() {}
