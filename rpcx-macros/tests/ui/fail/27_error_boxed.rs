//! Errors that have no variants to travel.

#[rpcx::service]
trait A {
    async fn boxed(&self) -> Result<u8, Box<dyn std::error::Error + Send + Sync>>;
    async fn text(&self) -> Result<u8, String>;
}

fn main() {}
