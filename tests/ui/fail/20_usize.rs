#[rpcx::service]
trait A {
    async fn f(&self, n: usize) -> rpcx::Result<Vec<isize>>;
}

fn main() {}
