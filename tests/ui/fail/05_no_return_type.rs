#[rpcx::service]
trait A {
    async fn log(&self, line: &str);
}

fn main() {}
