#[derive(Debug, rpcx::ServiceError)]
enum E<T> {
    #[rpcx(code = 1, message = "a")]
    A(T),
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

fn main() {}
