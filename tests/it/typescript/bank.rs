//! A service with what those of the Go peers do not have: errors with codes, several arguments, enums, tokens, and
//! pushes with types. The same file is read for TypeScript.

use rpcx::Context;

#[rpcx::message]
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) enum Level {
    #[default]
    Low,
    High = 7,
}

#[rpcx::message(text)]
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Currency {
    Euro,
    #[rpcx(name = "US$")]
    Dollar,
}

#[rpcx::message]
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Stage {
    Open = 1,
    #[rpcx(other)]
    Other(i64),
}

#[rpcx::message(text)]
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tint {
    Dark,
    #[rpcx(other)]
    Other(String),
}

#[rpcx::message]
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) number: u64,
    pub(crate) level: Level,
    pub(crate) currency: Option<Currency>,
    pub(crate) parent: Option<Box<Account>>,
}

#[derive(Debug, rpcx::ServiceError)]
pub(crate) enum BankError {
    #[rpcx(code = 9_007_199_254_740_993, message = "closed")]
    Closed,
    #[rpcx(code = 2, message = "{missing} is missing")]
    TooPoor { missing: u64, to_whom: String },
    #[rpcx(code = 404, message = "no account {0}")]
    NoAccount(u64),
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

#[derive(Debug, rpcx::ServiceError)]
#[rpcx(wire = "json")]
pub(crate) enum TextError {
    #[rpcx(code = -5, message = "wrapped")]
    Wrapped,
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

#[rpcx::service(name = "the.bank")]
pub(crate) trait Bank {
    async fn open(
        &self,
        account: Account,
        #[rpcx(default)] note: String,
        currencies: Vec<Currency>,
    ) -> Result<Account, BankError>;
    async fn pay(&self, amount: u64) -> Result<(), BankError>;
    async fn wrapped(&self) -> Result<(), TextError>;
    /// The token that the caller has.
    #[rpcx(reply = "Token")]
    async fn token(&self, ctx: &Context) -> rpcx::Result<String>;
    /// Answers each third call; with a 2, none.
    async fn overloaded(&self, number: u32) -> rpcx::Result<u32>;
    #[rpcx(idempotent, timeout = "20s")]
    async fn lost(&self, number: u32) -> rpcx::Result<u32>;
    /// Pushes as many rates as it is told to.
    async fn subscribe(&self, ctx: &Context, count: u32) -> rpcx::Result<()>;
    #[rpcx(codec = "raw")]
    async fn copy(&self, data: &[u8]) -> rpcx::Result<Vec<u8>>;
    async fn echo(&self, value: f64) -> rpcx::Result<f64>;
    /// What this program does not know comes back as it was.
    #[rpcx(reply = "Stages")]
    async fn stages(&self, stages: Vec<Stage>, tint: Tint) -> rpcx::Result<Vec<Stage>>;
    /// The same value, of whatever type.
    async fn anything(&self, value: rpcx::Value) -> rpcx::Result<rpcx::Value>;
    /// A value with one of each form.
    async fn everything(&self) -> rpcx::Result<rpcx::Value>;
    /// Takes its time.
    async fn forever(&self, ctx: &Context) -> rpcx::Result<()>;
    /// How many callers of `forever` have given up.
    async fn given_up(&self) -> rpcx::Result<u32>;
}

#[rpcx::service]
pub(crate) trait Rates {
    #[rpcx(oneway)]
    async fn changed(&self, from: Currency, rate: u64) -> rpcx::Result<()>;
}
