//! What a server does with HTTP.

use std::time::Duration;

use super::Cors;
use super::health::Ready;
use super::page::Shown;
use crate::error::{Error, Result};

/// Calls of one JSON-RPC batch.
const BATCH: usize = 100;

/// How long a connection without a request is kept.
const IDLE: Duration = Duration::from_secs(120);

/// HTTP on the ports of a server: for [`ServerBuilder::http`](crate::server::ServerBuilder::http) and, with
/// the feature `tower`, `ServerBuilder::http_service`.
///
/// ```
/// use rpcx::Server;
/// use rpcx::gateway::{Cors, Http};
///
/// let pages = Cors::new().origin("https://app.example.org");
/// let server = Server::builder().listen("tcp@127.0.0.1:0").http(Http::new().cors(pages));
/// ```
#[derive(Clone, Debug)]
pub struct Http {
    pub(super) rpcx_path: String,
    pub(super) json_rpc_path: String,
    pub(super) go_status_codes: bool,
    pub(super) cors: Cors,
    pub(super) hosts: Vec<String>,
    pub(super) body_limit: Option<usize>,
    pub(super) batch_limit: usize,
    pub(super) idle: Duration,
    /// None: health is not answered for.
    pub(super) ready: Option<Ready>,
    pub(super) page: Shown,
}

impl Http {
    /// The paths of Go, proper status codes, no pages of other origins, and the limits of the server.
    pub fn new() -> Self {
        Self {
            rpcx_path: "/_rpcx_".to_owned(),
            json_rpc_path: "/jsonrpc".to_owned(),
            go_status_codes: false,
            cors: Cors::new(),
            hosts: Vec::new(),
            body_limit: None,
            batch_limit: BATCH,
            idle: IDLE,
            ready: None,
            page: Shown::DEFAULT,
        }
    }

    /// Where `CONNECT` and WebSocket upgrades become connections of rpcx: what clients of the networks
    /// `http` and, with the feature `ws`, `ws` and `wss` ask for. Default: `/_rpcx_`, as in Go.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.rpcx_path = path.into();
        self
    }

    /// Where JSON-RPC 2.0 is answered, beside requests with the header `X-JSONRPC-2.0: true` on any
    /// path. Default: `/jsonrpc`.
    #[must_use]
    pub fn json_rpc_path(mut self, path: impl Into<String>) -> Self {
        self.json_rpc_path = path.into();
        self
    }

    /// Answers requests with `X-RPCX-*` headers with the status codes of Go's gateway, and JSON-RPC with its
    /// error codes: 200 with `X-RPCX-MessageStatusType: Error` for a request that lacks a header, 500 for
    /// whatever the call ended with, 401 for one that was not authorized; -32603 for all errors of
    /// calls. For clients that compare them. Default: codes that say what happened.
    #[must_use]
    pub fn go_status_codes(mut self) -> Self {
        self.go_status_codes = true;
        self
    }

    /// The pages of other origins that may call. Default: none. Pages of the same host may always
    /// call, and so may clients that name no origin, which are no browsers. WebSockets go by the same
    /// list.
    #[must_use]
    pub fn cors(mut self, cors: Cors) -> Self {
        self.cors = cors;
        self
    }

    /// The names, without a port, by which requests may come in at a loopback address beside IP addresses,
    /// `localhost` and names below it. Every other name may have been pointed there by a stranger,
    /// whose page would then be of the same origin. A reverse proxy on the same machine that hands the
    /// name of the site on needs it here; `*` stands for every name. Default: none.
    #[must_use]
    pub fn hosts(mut self, hosts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.hosts = hosts.into_iter().map(Into::into).collect();
        self
    }

    /// The longest body of a request, in bytes, as it comes. Default: that of a frame, 16 MiB
    /// ([`FrameLimits::body`](crate::protocol::FrameLimits::body)).
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = Some(bytes);
        self
    }

    /// How many calls a JSON-RPC batch may have. Default 100; more are refused, and none of them runs.
    #[must_use]
    pub fn batch_limit(mut self, calls: usize) -> Self {
        self.batch_limit = calls;
        self
    }

    /// How long a connection is kept on which no request is under way. Default 120 s.
    #[must_use]
    pub fn idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// Answers `GET /healthz` with 200 for as long as the server runs, and `GET /readyz` with 200 while it is to be
    /// called: not from when it is told to shut down, and not while `ready` says why not, which answers 503 with
    /// that text. Both are there for whatever watches the server, without a token. Default: neither
    /// is answered.
    ///
    /// ```
    /// use rpcx::gateway::Http;
    ///
    /// let http = Http::new().health(|| Ok(()));
    /// ```
    #[must_use]
    pub fn health(
        mut self,
        ready: impl Fn() -> std::result::Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        self.ready = Some(Ready::new(ready));
        self
    }

    /// Refuses what cannot be meant.
    pub(super) fn check(&self) -> Result<()> {
        for (what, path) in [
            ("path", &self.rpcx_path),
            ("json_rpc_path", &self.json_rpc_path),
        ] {
            if !path.starts_with('/') || !path.chars().all(|c| c.is_ascii_graphic()) {
                let path = path.escape_debug();
                return Err(Error::setup(format!(
                    "the `{what}` of HTTP is `{path}`: it must begin with `/`, and what is not printable ASCII must be percent-encoded"
                )));
            }
        }
        if self.rpcx_path == self.json_rpc_path {
            return Err(Error::setup(format!(
                "`path` and `json_rpc_path` of HTTP are both `{}`",
                self.rpcx_path
            )));
        }
        if self.batch_limit == 0 {
            let text = "the `batch_limit` of HTTP is 0: a batch has one call at least";
            return Err(Error::setup(text));
        }
        self.cors.check()
    }
}

impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}
