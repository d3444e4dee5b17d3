#[derive(Debug, rpcx::ServiceError)]
struct E;

fn main() {}
