//! The dependency has another name, and no crate is called `rpcx`.
#![deny(warnings)]

/// A message.
#[remote::message(crate = "remote")]
#[derive(Clone, Debug)]
pub struct Args {
    pub a: i64,
    pub data: Vec<u8>,
}

/// An enum.
#[remote::message(crate = "::remote", text)]
#[derive(Debug)]
pub enum Mode {
    #[rpcx(default)]
    Read,
    Write,
}

/// Errors.
#[derive(Debug, remote::ServiceError)]
#[rpcx(crate = "remote")]
pub enum Wrong {
    #[rpcx(code = 1, message = "{need}")]
    Need { need: u64 },
    #[rpcx(other)]
    Other(remote::Error),
}

/// A service.
#[remote::service(crate = "remote", dyn)]
pub trait Arith {
    async fn mul(&self, args: Args) -> remote::Result<i64>;
    async fn add(&self, ctx: &remote::Context, a: i64, b: &str, mode: Mode) -> Result<i64, Wrong>;
    async fn ping(&self) -> remote::Result<()> {
        Ok(())
    }
}

mod facade {
    pub(crate) use remote as again;
}

/// Through another path.
#[remote::service(crate = "crate::facade::again")]
pub trait Again {
    async fn mul(&self, args: &Args) -> remote::Result<i64>;
}

/// A server of both.
pub fn server(arith: impl Arith, again: impl Again) -> remote::ServerBuilder {
    remote::Server::builder()
        .register(ArithServer::new(arith))
        .register(AgainServer::new(again))
}
