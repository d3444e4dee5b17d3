#[rpcx::service]
trait A {
    async unsafe fn f(&self) -> rpcx::Result<()>;
    async extern "C" fn g(&self) -> rpcx::Result<()>;
}

fn main() {}
