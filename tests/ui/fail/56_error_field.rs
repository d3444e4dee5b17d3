#[derive(Debug, rpcx::ServiceError)]
enum E {
    #[rpcx(code = 1, message = "a")]
    A(NoSerde),
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

#[derive(Debug)]
struct NoSerde;

fn main() {}
