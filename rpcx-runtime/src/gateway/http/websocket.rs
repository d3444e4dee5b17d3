//! WebSockets on the path of rpcx.

use http::request;

use super::settings::Http;
use crate::transport::{self, Stream};

/// The upgrades to WebSocket.
#[derive(Debug)]
pub(super) struct WebSockets(transport::WebSockets);

impl WebSockets {
    pub(super) fn new(http: &Http) -> Self {
        let origins = http.cors.listed();
        Self(transport::WebSockets::new(&http.rpcx_path, &origins))
    }

    pub(super) fn accept(
        &self,
        request: &request::Parts,
        at_loopback: bool,
    ) -> Result<String, (&'static str, String)> {
        self.0.accept(request, at_loopback)
    }

    pub(super) fn stream(stream: Stream) -> Stream {
        transport::WebSockets::stream(stream)
    }
}
