//! Asks a server what it has.

use std::time::Duration;

use rpcx::discovery::{self, Watch};
use rpcx::{Channel, Codec, Error, ErrorKind, Rejection};

use super::document::Document;
use super::go;
use crate::connect::{ConnectOptions, check_registry};
use crate::outcome::Outcome;

/// The service that answers for the others, in Rust and in Go.
const REFLECTION: &str = "Reflection";

/// What the server at an address says about its services. With a registry it is one that has `service`.
pub(crate) async fn ask(
    connect: &ConnectOptions,
    address: &str,
    service: Option<&str>,
    timeout: Duration,
) -> Result<Document, Outcome> {
    let address = match address.contains("://") {
        true => node(address, service, timeout).await?,
        false => address.to_owned(),
    };
    let channel = connect.once(&address)?;
    let document = from(&channel, timeout).await;
    channel.close().await;
    document
}

/// A server that a registry has for a service.
async fn node(url: &str, service: Option<&str>, timeout: Duration) -> Result<String, Outcome> {
    check_registry(url)?;
    let Some(service) = service else {
        let text = "a registry has the servers of a service, and no list of services";
        return Err(Outcome::usage(text).hint(
            "name one, `rpcx describe URL Arith`; or ask a server, `rpcx list tcp@host:port`",
        ));
    };
    let registry = discovery::open(url)?;
    let mut watch = Watch::start(registry.discover, service);
    let first = tokio::time::timeout(timeout, watch.first()).await;
    let nodes = first.map_err(|_| Error::not_sent("the registry does not answer"))?;
    let node = nodes.first().map(|node| node.address.to_string());
    let none = || Error::not_sent(format!("the registry has no server for `{service}`"));
    Ok(node.ok_or_else(none)?)
}

async fn from(channel: &Channel, timeout: Duration) -> Result<Document, Outcome> {
    let ask = |method: &'static str| {
        let call = channel.raw(REFLECTION, method).codec(Codec::JSON);
        call.timeout(timeout).idempotent().call("\"\"")
    };
    let unknown = ErrorKind::Rejected(Rejection::UnknownMethod);
    match ask("Describe").await {
        Ok(reply) => Document::typed(&reply.inflated(MOST)?),
        Err(error) if error.kind() == unknown => match ask("GetServices").await {
            Ok(reply) => go::document(&reply.inflated(MOST)?),
            Err(error) if error.kind() == unknown => Err(silent(error)),
            Err(error) => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// The longest description, in bytes, when it is inflated.
const MOST: usize = 16 << 20;

fn silent(error: Error) -> Outcome {
    let text = "the server does not say what it has";
    let error = Error::rejected(Rejection::UnknownMethod, text).with_source(error);
    Outcome::from(error).with_hint(
        "in Rust it says it with the feature `reflection`, in Go with the plugin of that name; calls work without, and `--trait FILE` has the types",
    )
}
