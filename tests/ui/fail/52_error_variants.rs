#[derive(Debug, rpcx::ServiceError)]
enum E {
    A,
    #[rpcx(code = 1, message = "b")]
    B,
    #[rpcx(code = 2)]
    C,
    #[rpcx(code = 99999999999999999999, message = "d")]
    D,
    #[rpcx(other)]
    Rpc,
    #[rpcx(other, code = 3)]
    More(rpcx::Error),
}

fn main() {}
