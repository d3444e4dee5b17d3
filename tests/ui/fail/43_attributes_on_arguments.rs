#[rpcx::service]
trait A {
    async fn f(&self, #[cfg(unix)] a: u8, #[serde(rename = "x")] b: u8) -> rpcx::Result<()>;
}

fn main() {}
