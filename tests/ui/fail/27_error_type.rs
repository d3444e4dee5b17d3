struct MyError;

#[rpcx::service]
trait A {
    async fn f(&self) -> Result<(), MyError>;
}

fn main() {}
