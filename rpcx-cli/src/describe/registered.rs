//! What the servers in a registry have.

use std::collections::BTreeMap;
use std::time::Duration;

use rpcx::Error;
use rpcx::discovery::{self, Watch};

use super::ask::server;
use super::document::Document;
use crate::connect::{ConnectOptions, check_registry};
use crate::outcome::{Outcome, printable};

/// The names of the services that a registry has; none if it has no list of them.
pub(crate) async fn services(url: &str, timeout: Duration) -> Result<Option<Vec<String>>, Outcome> {
    check_registry(url)?;
    let registry = discovery::open(url)?;
    match tokio::time::timeout(timeout, registry.discover.services()).await {
        Ok(asked) => asked.map_err(|error| unheard(Some(&error))),
        Err(_) => Err(unheard(None)),
    }
}

/// A registry that does not answer, or not as it should.
pub(crate) fn unheard(cause: Option<&Error>) -> Outcome {
    let text = match cause {
        Some(error) => format!("the registry cannot be heard: {error}"),
        None => "the registry does not answer".to_owned(),
    };
    Outcome::from(Error::not_sent(text)).with_hint(
        "is it there, and are user and password in the URL: etcd://user:password@host:2379/base?",
    )
}

/// The same, where there has to be a list.
pub(crate) async fn listed(url: &str, timeout: Duration) -> Result<Vec<String>, Outcome> {
    services(url, timeout).await?.ok_or_else(|| {
        let text =
            format!("`{url}` has the same servers for every service, and no list of services");
        Outcome::usage(text).hint("name a service, or ask a server: `rpcx list tcp@host:port`")
    })
}

/// A server that a registry has for a service.
pub(super) async fn node(url: &str, service: &str, timeout: Duration) -> Result<String, Outcome> {
    check_registry(url)?;
    let registry = discovery::open(url)?;
    let mut watch = Watch::start(registry.discover, service);
    let first = tokio::time::timeout(timeout, watch.first()).await;
    let nodes = first.map_err(|_| unheard(watch.error().as_deref()))?;
    let node = nodes.first().map(|node| node.address.to_string());
    let none = || Error::not_sent(format!("the registry has no server for `{service}`"));
    Ok(node.ok_or_else(none)?)
}

/// What is said of all services of a registry.
///
/// # Errors
/// Why nothing is said of any of them.
pub(super) async fn all(
    connect: &ConnectOptions,
    url: &str,
    timeout: Duration,
) -> Result<Document, Outcome> {
    let services = listed(url, timeout).await?;
    if services.is_empty() {
        let none = Error::not_sent(format!("the registry has no services at `{url}`"));
        return Err(
            Outcome::from(none).with_hint("is the path in the URL the base path of the servers?")
        );
    }
    let (document, mut left_out) = each(connect, url, &services, timeout).await;
    if document.services.is_empty() && !left_out.is_empty() {
        return Err(left_out.swap_remove(0).1);
    }
    for (service, why) in left_out {
        anstream::eprintln!(
            "{}",
            printable(&format!("`{service}` is left out: {}", why.text()))
        );
    }
    Ok(document)
}

/// What is said of each of these services by a server at `address`, or by one that a registry has for it; and of which nothing is
/// said, and why. A server of several of them is asked once.
pub(crate) async fn each(
    connect: &ConnectOptions,
    address: &str,
    services: &[String],
    timeout: Duration,
) -> (Document, Vec<(String, Outcome)>) {
    let (mut all, mut left_out) = (Document::default(), Vec::new());
    let mut heard = BTreeMap::new();
    for service in services {
        match said(connect, (address, service), timeout, &mut heard).await {
            Ok(document) => all.take(document, service),
            Err(outcome) => left_out.push((service.clone(), outcome)),
        }
    }
    (all, left_out)
}

/// What the server of a service says, from what was heard before if it was asked already.
async fn said(
    connect: &ConnectOptions,
    (address, service): (&str, &str),
    timeout: Duration,
    heard: &mut BTreeMap<String, Document>,
) -> Result<Document, Outcome> {
    let node = match address.contains("://") {
        true => node(address, service, timeout).await?,
        false => address.to_owned(),
    };
    if let Some(document) = heard.get(&node) {
        return Ok(document.clone());
    }
    let document = server(connect, &node, timeout).await?;
    heard.insert(node, document.clone());
    Ok(document)
}
