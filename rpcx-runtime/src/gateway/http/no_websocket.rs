//! Stands in for `websocket` where the feature `ws` is off.

use http::request;

use super::settings::Http;
use super::upgrade::Kind;
use crate::transport::Stream;

/// No upgrades to WebSocket.
#[derive(Debug)]
pub(super) struct WebSockets;

impl WebSockets {
    pub(super) fn new(_: &Http) -> Self {
        Self
    }

    #[allow(clippy::unused_self, reason = "the other one looks")]
    pub(super) fn accept(
        &self,
        _: &request::Parts,
        _: Kind,
        _: bool,
    ) -> Result<String, (&'static str, String)> {
        Err(("404 Not Found", "404 page not found\n".to_owned()))
    }

    pub(super) fn stream(stream: Stream) -> Stream {
        stream
    }
}
