//! An error enum, and a service that returns it.

/// What can go wrong.
#[derive(Debug, rpcx::ServiceError)]
pub enum BankError {
    /// By zero.
    #[rpcx(code = 1001, message = "division by zero")]
    DivideByZero,
    /// Not enough.
    #[rpcx(code = 1002, message = "need {need} more of {currency}")]
    Insufficient { need: u64, currency: String },
    /// Of another server.
    #[rpcx(code = 1004, message = "ask {leader}", elsewhere)]
    NotLeader { leader: String },
    /// Refused.
    #[rpcx(code = 1003, message = "refused: {0}")]
    Refused(String),
    /// The rest.
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

#[rpcx::service]
pub trait Bank {
    async fn div(&self, a: i64, b: i64) -> Result<i64, BankError>;
}
