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

#[cfg(test)]
mod tests {
    use super::*;

    /// Never answers, or is there at once.
    enum Peer {
        Silent,
        There,
    }

    impl Connect for Peer {
        fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
            Box::pin(async {
                match self {
                    Self::Silent => std::future::pending().await,
                    Self::There => Ok(Stream::new(tokio::io::empty(), tokio::io::sink(), "there")),
                }
            })
        }
    }

    fn first_of(peers: impl IntoIterator<Item = (&'static str, Peer)>) -> FirstOf {
        let named = |(name, peer): (&str, Peer)| -> (String, Box<dyn Connect>) {
            (name.to_owned(), Box::new(peer))
        };
        let connectors = peers.into_iter().map(named).collect();
        FirstOf::new(connectors, Duration::from_secs(3))
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_address_does_not_take_the_time_of_the_others() {
        let began = tokio::time::Instant::now();
        let mixed = first_of([("a", Peer::Silent), ("b", Peer::There)]);
        assert_eq!(mixed.connect().await.unwrap().peer, "there");
        assert_eq!(began.elapsed().as_secs(), 3);
        let silent = first_of([("a", Peer::Silent), ("b", Peer::Silent)]);
        let error = silent.connect().await.unwrap_err();
        assert_eq!(error.to_string(), "a: no answer; b: no answer");
        assert_eq!(began.elapsed().as_secs(), 9);
    }
}
