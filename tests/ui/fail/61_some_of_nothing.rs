#[rpcx::service]
trait A {
    async fn f(&self, a: Option<Option<u8>>) -> rpcx::Result<()>;
    async fn g(&self, a: u8, b: Vec<Option<()>>) -> rpcx::Result<Option<Box<Option<u8>>>>;
}

#[rpcx::message]
struct B {
    #[rpcx(skip)]
    fine: Option<Option<u8>>,
    other: Option<Option<u8>>,
}

fn main() {}
