#[derive(Debug, rpcx::ServiceError)]
enum E {
    #[rpcx(code = 1, message = "a")]
    A,
}

fn main() {}
