//! Placeholders of messages that name no field.

#[derive(Debug, rpcx::ServiceError)]
enum E {
    #[rpcx(code = 1, message = "{} more")]
    Need(u8),
    #[rpcx(code = 2, message = "{0} of {1}, {{}}")]
    Of(u8),
    #[rpcx(code = 3, message = "{0}")]
    Named { count: u8, of: u8 },
    #[rpcx(code = 4, message = "{:?}")]
    Nothing,
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

fn main() {}
