#[rpcx::service]
trait A {
    async fn f(&self, x: *const u8, g: fn(u8)) -> rpcx::Result<()>;
    async fn h(&self) -> rpcx::Result<*const u8>;
}

fn main() {}
