#[rpcx::service]
trait A {
    fn f(&self) -> rpcx::Result<()>;
}

fn main() {}
