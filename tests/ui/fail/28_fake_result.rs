struct FakeResult;

#[rpcx::service]
trait A {
    async fn f(&self) -> FakeResult;
}

fn main() {}
