#[rpcx::service]
trait A {
    async fn mul(&self, a: i32, b: i32) -> i32;
}

fn main() {}
