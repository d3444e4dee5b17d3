//! The server that the generated clients call.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use rpcx::gateway::{Cors, Forward, Http};
use rpcx::{Channel, Context, Error, Rejection, ServerBuilder, Timestamp, Value};

use super::bank::{
    Account, Bank, BankError, BankServer, Currency, RatesClient, Stage, TextError, Tint,
};
use crate::go_peers::push::{MarketServer, Numbers};
use crate::go_peers::services::{ArithServer, Peer, Shapes, TypesServer};

#[derive(Default)]
struct MyBank {
    /// Calls of `overloaded`, by their numbers.
    calls: Mutex<HashMap<u32, u32>>,
    given_up: AtomicU32,
}

/// Counts when it is dropped.
struct Counted<'a>(&'a AtomicU32);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Bank for MyBank {
    async fn open(
        &self,
        account: Account,
        note: String,
        currencies: Vec<Currency>,
    ) -> Result<Account, BankError> {
        assert!(currencies.len() != 1);
        match &*note {
            "" => Ok(account),
            _ => Err(BankError::Closed),
        }
    }

    async fn pay(&self, amount: u64) -> Result<(), BankError> {
        match amount {
            0 => Err(BankError::Closed),
            1 => Ok(()),
            404 => Err(BankError::NoAccount(amount)),
            _ => Err(BankError::TooPoor {
                missing: amount - 1,
                to_whom: "the bank".to_owned(),
            }),
        }
    }

    async fn wrapped(&self) -> Result<(), TextError> {
        Err(TextError::Wrapped)
    }

    async fn stages(&self, stages: Vec<Stage>, tint: Tint) -> rpcx::Result<Vec<Stage>> {
        let expected = Stage::Other(9_007_199_254_740_993);
        assert_eq!(
            (stages.get(2), tint),
            (Some(&expected), Tint::Other("pink".to_owned()))
        );
        Ok(stages)
    }

    async fn token(&self, ctx: &Context) -> rpcx::Result<String> {
        Ok(ctx.metadata().auth().unwrap_or("none").to_owned())
    }

    async fn overloaded(&self, number: u32) -> rpcx::Result<u32> {
        let mut calls = self.calls.lock().unwrap();
        let calls = calls.entry(number).or_default();
        *calls += 1;
        match (number, *calls % 3) {
            (1, 0) => Ok(number),
            _ => Err(Error::refuse(Rejection::Overloaded, "the bank is full")),
        }
    }

    async fn lost(&self, number: u32) -> rpcx::Result<u32> {
        Ok(number)
    }

    async fn subscribe(&self, ctx: &Context, count: u32) -> rpcx::Result<()> {
        let rates = RatesClient::new(ctx.peer().ok_or("a call without a peer")?);
        for rate in 0..u64::from(count) {
            rates.changed(Currency::Euro, rate).await?;
        }
        Ok(())
    }

    async fn copy(&self, data: &[u8]) -> rpcx::Result<Vec<u8>> {
        Ok(data.to_vec())
    }

    async fn echo(&self, value: f64) -> rpcx::Result<f64> {
        Ok(value)
    }

    async fn anything(&self, value: Value) -> rpcx::Result<Value> {
        Ok(value)
    }

    async fn everything(&self) -> rpcx::Result<Value> {
        let pair = |name: &str, value: Value| (Value::from(name), value);
        Ok(Value::Map(vec![
            pair("nil", Value::Nil),
            pair("small", Value::from(-7)),
            pair("digits", "12345678901234567890 \u{1}".into()),
            pair("large", Value::UInt(u64::MAX)),
            pair("least", Value::Int(i64::MIN)),
            pair("float", Value::from(0.5)),
            pair("bytes", Value::Bytes(vec![0, 255])),
            pair("time", Value::Time(Timestamp::new(0, 0).unwrap())),
            pair(
                "list",
                Value::List(vec![true.into(), Value::Map(Vec::new())]),
            ),
        ]))
    }

    async fn forever(&self, _: &Context) -> rpcx::Result<()> {
        let _counted = Counted(&self.given_up);
        std::future::pending().await
    }

    async fn given_up(&self) -> rpcx::Result<u32> {
        Ok(self.given_up.load(Ordering::SeqCst))
    }
}

/// Where a gateway listens that hands every call on to `address`.
pub(super) async fn gateway(origin: &str, address: &str) -> String {
    let upstream = Channel::connect(address).await.unwrap();
    listen(
        rpcx::Server::builder().forward(Forward::to(upstream)),
        origin,
    )
    .await
}

/// Where a server listens that pages of this origin may call: all services, and HTTP and WebSocket on one port.
pub(super) async fn serve(origin: &str) -> String {
    let server = rpcx::Server::builder()
        .register(ArithServer::new(Peer::default()))
        .register(TypesServer::new(Shapes))
        .register(MarketServer::new(Numbers))
        .register(BankServer::new(MyBank::default()));
    listen(server, origin).await
}

async fn listen(server: ServerBuilder, origin: &str) -> String {
    let server = server
        .http(Http::new().cors(Cors::new().origin(origin)))
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await
        .unwrap();
    let at = server.addresses()[0].location().to_owned();
    tokio::spawn(server.serve());
    at
}
