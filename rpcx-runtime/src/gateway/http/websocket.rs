//! WebSockets on the path of rpcx.

use http::request;

use super::settings::Http;
use super::upgrade::Kind;
use crate::transport::{self, Stream};

/// The upgrades to WebSocket.
#[derive(Debug)]
pub(super) struct WebSockets {
    rpcx: transport::WebSockets,
    json_rpc: transport::WebSockets,
}

impl WebSockets {
    pub(super) fn new(http: &Http) -> Self {
        let origins = http.cors.listed();
        let to = |path| transport::WebSockets::new(path, &origins);
        Self {
            rpcx: to(&http.rpcx_path),
            json_rpc: to(&http.json_rpc_path),
        }
    }

    pub(super) fn accept(
        &self,
        request: &request::Parts,
        kind: Kind,
        at_loopback: bool,
    ) -> Result<String, (&'static str, String)> {
        let at = match kind {
            Kind::JsonRpc => &self.json_rpc,
            Kind::Connect | Kind::WebSocket => &self.rpcx,
        };
        at.accept(request, at_loopback)
    }

    pub(super) fn stream(stream: Stream) -> Stream {
        transport::WebSockets::stream(stream)
    }
}
