//! Customers and the staff, and how they sign in.

use std::time::Duration;

use rpcx::Context;

#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Address {
    pub name: String,
    pub street: String,
    pub city: String,
    pub country: String,
}

/// What a customer says of themselves.
#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    pub email: String,
    pub address: Option<Address>,
}

/// Goes with every further call: `Channel::builder().token_source(..)`, or `.auth(token)` on one call.
#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub token: String,
    pub valid_for: Duration,
}

#[derive(Debug, rpcx::ServiceError)]
pub enum AccountError {
    #[rpcx(code = 101, message = "{email} has an account already")]
    Taken { email: String },
    #[rpcx(code = 102, message = "email or password is wrong")]
    WrongPassword,
    #[rpcx(code = 103, message = "a password has at least {least} characters")]
    TooShort { least: u32 },
    /// Everything else: the network, a deadline, a code of a newer server.
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

/// Customers and how they sign in.
#[rpcx::service]
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Accounts {
    /// The id of the new account.
    async fn register(&self, email: &str, password: &str) -> Result<u64, AccountError>;

    async fn sign_in(&self, email: &str, password: &str) -> Result<Session, AccountError>;

    /// The profile of the caller.
    #[rpcx(idempotent)]
    async fn profile(&self, ctx: &Context) -> rpcx::Result<Profile>;

    /// Where orders are sent from now on.
    #[rpcx(idempotent)]
    async fn move_to(&self, ctx: &Context, address: &Address) -> rpcx::Result<()>;
}
