#[rpcx::service]
trait A {
    async fn f(&self, __request: u8) -> rpcx::Result<()>;
}

#[rpcx::message]
struct B {
    __map: u8,
}

fn main() {}
