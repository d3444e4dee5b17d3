//! A forgotten `.await` before `?` gets the hint of rustc, because a call is a future.

#[rpcx::service]
trait A {
    async fn f(&self, a: u8) -> rpcx::Result<u8>;
}

async fn call(client: &AClient) -> rpcx::Result<u8> {
    let doubled = client.f(1)? * 2;
    Ok(doubled)
}

fn main() {}
