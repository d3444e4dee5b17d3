#[rpcx::service]
struct S;

fn main() {}
