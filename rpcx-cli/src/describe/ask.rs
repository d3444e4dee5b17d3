//! Asks a server what it has.

use std::time::Duration;

use rpcx::{Channel, Codec, Error, ErrorKind, Rejection};

use super::document::Document;
use super::{go, registered};
use crate::connect::ConnectOptions;
use crate::outcome::Outcome;

/// The service that answers for the others, in Rust and in Go.
const REFLECTION: &str = "Reflection";

/// What the server at an address says about its services. With a registry it is what one of the servers of each service
/// says of it: of `service`, or of all that it has.
pub(crate) async fn ask(
    connect: &ConnectOptions,
    address: &str,
    service: Option<&str>,
    timeout: Duration,
) -> Result<Document, Outcome> {
    if !address.contains("://") {
        return server(connect, address, timeout).await;
    }
    match service {
        Some(service) => {
            let node = registered::node(address, service, timeout).await?;
            server(connect, &node, timeout).await
        }
        None => registered::all(connect, address, timeout).await,
    }
}

/// What this server says about its services.
pub(super) async fn server(
    connect: &ConnectOptions,
    address: &str,
    timeout: Duration,
) -> Result<Document, Outcome> {
    let channel = connect.once(address)?;
    let document = from(&channel, timeout).await;
    channel.close().await;
    document
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
