#[derive(Debug, rpcx::ServiceError)]
#[rpcx(wire = "xml")]
enum E {
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

fn main() {}
