//! One server at several addresses.

use std::io;
use std::time::Duration;

use tokio::time::timeout;

use super::{BoxFuture, Connect, Stream};

/// Connects to the first of several addresses that answers, in their order.
pub(crate) struct FirstOf {
    connectors: Vec<(String, Box<dyn Connect>)>,
    each: Duration,
}

impl FirstOf {
    /// The names are for errors; `each` is how long one may take, so that one that is silent does
    /// not take the time of the others.
    pub(crate) fn new(connectors: Vec<(String, Box<dyn Connect>)>, each: Duration) -> Self {
        Self { connectors, each }
    }
}

impl FirstOf {
    async fn first(&self, greeting: Option<&[u8]>) -> io::Result<Stream> {
        let mut reasons = Vec::new();
        for (name, connector) in &self.connectors {
            let connecting = match greeting {
                Some(greeting) => connector.greet(greeting),
                None => connector.connect(),
            };
            match timeout(self.each, connecting).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => reasons.push(format!("{name}: {error}")),
                Err(_) => reasons.push(format!("{name}: no answer")),
            }
        }
        Err(io::Error::other(reasons.join("; ")))
    }
}

impl Connect for FirstOf {
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(self.first(None))
    }

    fn greet<'a>(&'a self, greeting: &'a [u8]) -> BoxFuture<'a, io::Result<Stream>> {
        Box::pin(self.first(Some(greeting)))
    }
}
