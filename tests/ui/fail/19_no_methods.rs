#[rpcx::service]
trait A {}

fn main() {}
