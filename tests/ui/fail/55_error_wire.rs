#[derive(Debug, rpcx::ServiceError)]
#[rpcx(wire = "json")]
enum E {
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

fn main() {}
