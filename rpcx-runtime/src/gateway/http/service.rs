//! The same as a service of tower, for an HTTP server that is there already.

use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Buf;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::entry::{Entry, Site};
use super::reply::ResponseBody;
use super::route::respond;
use super::settings::Http;
use crate::address::Address;
use crate::dispatch::ConnectionCalls;
use crate::error::Result;
use crate::server::{ServerBuilder, ServerHandle, Shared, peer_without_frames};
use crate::transport::BoxFuture;

impl ServerBuilder {
    /// The services of this server as a service of tower, to be put into a server of hyper or a router of axum:
    /// all that [`http`](Self::http) answers, but for the rpcx that such a server does not see. Needs the
    /// features `http` and `tower`.
    ///
    /// Which peers may connect, TLS, the time for heads, idle connections and the end of the server are
    /// then the affair of that server; whose name a request came in by, too, so
    /// [`Http::hosts`] has no effect. Each request has a limit of calls of its own; those of the whole
    /// server hold.
    ///
    /// ```
    /// # fn f(arith: impl rpcx::services::Service) -> rpcx::Result<()> {
    /// use rpcx::Server;
    /// use rpcx::gateway::Http;
    ///
    /// let service = Server::builder().register(arith).http_service(Http::new())?;
    /// // let app = axum::Router::new().fallback_service(service);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) with every mistake that was made in the builder, an
    /// address to listen on among them.
    pub fn http_service(self, http: Http) -> Result<HttpService> {
        let checked = http.check();
        let shared = self.into_shared(checked)?;
        Ok(HttpService {
            site: Site::new(http),
            shared,
        })
    }
}

/// Where a request comes from: put into its extensions by the server around an [`HttpService`], it is what
/// [`Context::peer`](crate::Context::peer) and authorizations see. Without it that is `http@unknown`.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs, reason = "it is its one value")]
pub struct RemoteAddr(pub SocketAddr);

/// The services of a server behind HTTP: made by
/// [`ServerBuilder::http_service`](crate::server::ServerBuilder::http_service). Clones are the same.
#[derive(Clone)]
pub struct HttpService {
    site: Arc<Site>,
    shared: Arc<Shared>,
}

impl HttpService {
    /// What its services have done and refused so far, and their raw handlers. Shutting it down is the affair
    /// of the server around it.
    pub fn handle(&self) -> ServerHandle {
        ServerHandle::new(Arc::clone(&self.shared))
    }
}

impl<B> Service<Request<B>> for HttpService
where
    B: Body<Data: Buf + Send, Error: Send> + Send + 'static,
{
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let from = request.extensions().get::<RemoteAddr>();
        let location = from.map_or_else(|| "unknown".to_owned(), |from| from.0.to_string());
        let peer = peer_without_frames(&Address::custom("http", location), None);
        let (site, shared) = (Arc::clone(&self.site), Arc::clone(&self.shared));
        let admission = Arc::clone(&shared.dispatch.admission);
        let calls = ConnectionCalls::new(admission, Arc::clone(&peer));
        let entry = Entry::new(site, shared, (peer, calls), false);
        Box::pin(respond(entry, request))
    }
}

impl fmt::Debug for HttpService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpService")
            .field("http", &self.site.http)
            .finish_non_exhaustive()
    }
}
