#[derive(Debug, rpcx::ServiceError)]
enum E {
    #[rpcx(code = 1, message = "a")]
    A,
    #[rpcx(code = 1, message = "b")]
    B,
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

fn main() {}
