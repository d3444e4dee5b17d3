struct S;

#[rpcx::service]
impl S {}

fn main() {}
