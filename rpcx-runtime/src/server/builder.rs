//! What a server is made of.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::assembly::{Parts, all, shared};
use super::door::is_shared;
use super::registries::Registries;
use super::{AuthRequest, Server};
use crate::connection::Limits;
use crate::context::Context;
use crate::dispatch::{Authorizer, Fallback, WaitingAuthorizer};
use crate::error::{Error, Result};
use crate::event::{Event, Events};
use crate::layer::{self, Layer};
use crate::seldom::Seldom;
use crate::service::{RawPayload, RawRequest, Service};
#[cfg(not(feature = "_tls"))]
use crate::transport::NoTls as Tls;
#[cfg(feature = "_tls")]
use crate::transport::tls::Tls;
use crate::transport::{
    Address, BoundSocket, BoxFuture, ConnectionRules, Filter, Listen, ListenOptions, open_listener,
};

/// How long a drain may take unless it is said otherwise.
const GRACE: Duration = Duration::from_secs(25);

/// Collects services, addresses and limits. Mistakes are reported together by
/// [`bind`](Self::bind).
#[must_use = "a builder does nothing until it is bound"]
pub struct ServerBuilder {
    pub(super) parts: Parts,
    /// The methods that raw handlers were given for.
    pub(super) handled: Vec<(String, String)>,
    pub(super) endpoints: Vec<Endpoint>,
    security: Option<Tls>,
    pub(super) events: Events,
    pub(super) limits: Limits,
    grace: Duration,
    pub(super) registries: Seldom<Registries>,
    pub(super) mistakes: Vec<Error>,
}

/// Something to listen on.
pub(super) enum Endpoint {
    Address(Address, ListenOptions),
    Bound(BoundSocket, Address, ListenOptions),
    Custom(Box<dyn Listen>, ListenOptions),
}

impl Endpoint {
    /// Whether something else than rpcx may be spoken there.
    fn is_shared(&self) -> bool {
        match self {
            Self::Address(address, _) | Self::Bound(_, address, _) => is_shared(address),
            Self::Custom(listener, _) => is_shared(&listener.address()),
        }
    }

    /// Starts to listen, with the server's TLS if it has not said otherwise.
    async fn bind(self, security: Option<&Tls>, http: bool) -> Result<Box<dyn Listen>> {
        match self {
            Self::Address(address, options) => {
                let options = options.inherit(security);
                let http = http && is_shared(&address);
                open_listener(&address, &options.beside_http(http)).await
            }
            Self::Bound(socket, address, options) => {
                let options = options.inherit(security);
                let http = http && is_shared(&address);
                socket.listen(&address, &options.beside_http(http))
            }
            Self::Custom(listener, options) => {
                options
                    .inherit(security)
                    .check_custom(&listener.address())?;
                Ok(listener)
            }
        }
    }
}

impl ServerBuilder {
    pub(super) fn new() -> Self {
        Self {
            parts: Parts::default(),
            handled: Vec::new(),
            endpoints: Vec::new(),
            security: None,
            events: Events::default(),
            limits: Limits::server(),
            grace: GRACE,
            registries: Seldom::default(),
            mistakes: Vec::new(),
        }
    }

    /// Serves `service` under its own name. A name that is taken is an error.
    pub fn register(self, service: impl Service) -> Self {
        let info = service.info();
        self.register_as(info.name(), service)
    }

    /// Serves `service` under another path.
    pub fn register_as(mut self, path: &str, service: impl Service) -> Self {
        if let Err(mistake) = self.parts.router.insert(path, Arc::new(service)) {
            self.mistakes.push(Error::setup(mistake));
        }
        self
    }

    /// Lets `handler` answer the calls of one method with payloads that are neither inflated nor decoded,
    /// as Go's `AddHandler` and `RegisterFunction` do. It is replaced or taken away while the server runs
    /// by [`ServerHandle::set_handler`](super::ServerHandle::set_handler) and
    /// [`remove_handler`](super::ServerHandle::remove_handler). A method that a registered service has is
    /// an error. What a server says [about its services](crate::reflection) has its name, and values of every type.
    ///
    /// ```
    /// use rpcx::Server;
    ///
    /// // Answers in the codec of the request, with its own bytes.
    /// let server = Server::builder().handle("Echo", "Say", |_ctx, request| async move {
    ///     Ok(request.payload)
    /// });
    /// ```
    pub fn handle<F, R>(mut self, service: &str, method: &str, handler: F) -> Self
    where
        F: Fn(Context, RawRequest) -> R + Send + Sync + 'static,
        R: Future<Output = Result<RawPayload>> + Send + 'static,
    {
        if service.is_empty() || method.is_empty() {
            let mistake =
                format!("the handler of `{service}.{method}` needs a service and a method");
            self.mistakes.push(Error::setup(mistake));
        } else {
            self.handled.push((service.to_owned(), method.to_owned()));
            self.parts.router.raw().set(service, method, handler);
        }
        self
    }

    /// Lets `handler` answer the calls of all methods that no service and no other handler is there
    /// for: a proxy, for one. Default: they are refused as [`UnknownMethod`](crate::Rejection::UnknownMethod).
    pub fn fallback<F, R>(mut self, handler: F) -> Self
    where
        F: Fn(Context, RawRequest) -> R + Send + Sync + 'static,
        R: Future<Output = Result<RawPayload>> + Send + 'static,
    {
        self.parts.router.set_fallback(Fallback::new(handler));
        self
    }

    /// Listens on `network@address`, a text or an [`Address`]; may be given several times. Port 0
    /// lets the system choose, and without a host, as in `tcp@:8972`, it is every interface.
    pub fn listen(self, address: impl TryInto<Address, Error: Into<Error>>) -> Self {
        self.listen_with(address, ListenOptions::new())
    }

    /// Listens on `network@address` with options of its own.
    pub fn listen_with(
        mut self,
        address: impl TryInto<Address, Error: Into<Error>>,
        options: ListenOptions,
    ) -> Self {
        match address.try_into() {
            Ok(address) => self.endpoints.push(Endpoint::Address(address, options)),
            Err(error) => self.mistakes.push(error.into()),
        }
        self
    }

    /// Listens with a socket that is bound already, as systemd or a parent process hands one over, and
    /// speaks `network` on it: `tcp`, `http`, `ws` or `wss` on one of TCP, `unix` on one of Unix.
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use rpcx::Server;
    /// use rpcx::transport::ListenOptions;
    ///
    /// let socket = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let server = Server::builder().listen_on("http", socket, ListenOptions::new());
    /// # Ok(())
    /// # }
    /// ```
    pub fn listen_on(
        mut self,
        network: &str,
        socket: impl Into<BoundSocket>,
        options: ListenOptions,
    ) -> Self {
        let socket = socket.into();
        match socket.address(network) {
            Ok(address) => self
                .endpoints
                .push(Endpoint::Bound(socket, address, options)),
            Err(error) => self.mistakes.push(error),
        }
        self
    }

    /// Listens on a network that is not built in.
    ///
    /// The server cannot put TLS on it, so with `tls` it has to be given to
    /// [`listener_with`](Self::listener_with).
    pub fn listener(self, listener: impl Listen) -> Self {
        self.listener_with(listener, ListenOptions::new())
    }

    /// Listens on a network that is not built in, with options of its own. There is one that it can
    /// have, and that a server with TLS asks for: [`ListenOptions::plaintext`], which says that the
    /// streams are to be plain, or that the listener secures them itself.
    pub fn listener_with(mut self, listener: impl Listen, options: ListenOptions) -> Self {
        let listener = Box::new(listener);
        self.endpoints.push(Endpoint::Custom(listener, options));
        self
    }

    /// Lets `decide` say for every request, on every network, whether it may run. It is asked before the
    /// payload is inflated and decoded, on the task of the connection, so it must not block; a
    /// [layer](Self::layer) may wait.
    ///
    /// A [`Rejection`](crate::Rejection) refuses with its usual text ("permission denied", "not
    /// authenticated"), [`Error::refuse`] with another one, and an [`ErrorKind::Service`] as `Denied`.
    /// What is refused is counted in [`Stats::denied`](crate::server::Stats::denied), and not run. If
    /// `decide` panics, the request is refused as well. Default: everything may be called.
    ///
    /// [`ErrorKind::Service`]: crate::ErrorKind::Service
    ///
    /// ```
    /// use rpcx::{Error, Rejection, Server};
    ///
    /// #[derive(Clone)]
    /// struct Account(String);
    ///
    /// let server = Server::builder().authorize(|request| {
    ///     request.metadata.auth().ok_or(Rejection::Unauthenticated)?;
    ///     if !request.metadata.auth_is("secret") {
    ///         return Err(Error::refuse(Rejection::Denied, "this token has been revoked"));
    ///     }
    ///     // The handler has it as `ctx.get::<Account>()`.
    ///     request.insert(Account("ann".to_owned()));
    ///     Ok(())
    /// });
    /// ```
    pub fn authorize(
        mut self,
        decide: impl Fn(&AuthRequest<'_>) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.parts.authorizer = Authorizer::new(decide);
        self
    }

    /// The same by a decision that waits, for a token that has to be looked up, for one. It takes the
    /// request and gives it back, with what it has found attached. It is asked after
    /// [`authorize`](Self::authorize) and before all layers, and before the payload is inflated and
    /// decoded. Costs what a [layer](Self::layer) costs.
    ///
    /// ```
    /// use rpcx::{Rejection, Result, Server};
    ///
    /// #[derive(Clone)]
    /// struct Account(String);
    ///
    /// async fn look_up(token: &str) -> Result<Account> {
    ///     Ok(Account(format!("the one of {token}")))
    /// }
    ///
    /// let server = Server::builder().authorize_async(|mut request| async move {
    ///     let token = request.metadata().auth().ok_or(Rejection::Unauthenticated)?;
    ///     let account = look_up(token).await?;
    ///     // The handler has it as `ctx.get::<Account>()`.
    ///     request.insert(account);
    ///     Ok(request)
    /// });
    /// ```
    pub fn authorize_async<F, R>(mut self, decide: F) -> Self
    where
        F: Fn(layer::Request) -> R + Send + Sync + 'static,
        R: Future<Output = Result<layer::Request>> + Send + 'static,
    {
        self.parts.waiting = Some(Box::new(|admission| {
            Arc::new(WaitingAuthorizer { decide, admission })
        }));
        self
    }

    /// Puts a [layer](crate::layer) around the calls of all services, on every network, inside of the
    /// layers that were added before.
    pub fn layer(mut self, layer: impl Layer) -> Self {
        self.parts.layers = self.parts.layers.with(layer);
        self
    }

    /// Tells `sink` what happens beside the calls: connections, limits, panics, the steps of a drain. See
    /// [`event`](crate::event). It runs where the event happens, so it must not block. Given again, each
    /// is told. One that panics is not heard, and the server goes on.
    ///
    /// ```
    /// let server = rpcx::Server::builder().on_event(|event| eprintln!("{event}"));
    /// ```
    pub fn on_event(mut self, sink: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.events = self.events.with(sink);
        self
    }

    /// Which peers may connect, at every listener of the server: by IP network, by how many and how
    /// often they do, or as a hook says. What is refused is closed before anything is read of it, and
    /// counted in [`Stats::refused`](crate::server::Stats::refused). Default: every peer.
    ///
    /// Rules for one listener: [`Filtered`](crate::transport::Filtered).
    pub fn connections(mut self, rules: ConnectionRules) -> Self {
        self.parts.filter = Filter::new(rules);
        self
    }

    /// Replaces the limits. Default: [`Limits::server`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How long a drain may take, from the moment in which the server is told to stop: to accept
    /// what is left in the backlog, and until everything that was read is answered. What is left then is
    /// cut off, and [`Server::serve`] returns within 1 s more. Default: 25 s.
    ///
    /// A supervisor has to wait longer than that before it kills the process. Kubernetes kills after 30 s, into which the
    /// default fits together with the [notice](Self::leave_notice) to registries; for more, set
    /// `terminationGracePeriodSeconds`.
    ///
    /// The thread of a `blocking` handler cannot be interrupted. `serve` returns all the same, but a runtime that is dropped,
    /// as `#[tokio::main]` does at the end of `main`, waits for its threads: where handlers may block for long, end with
    /// `std::process::exit`, or with `Runtime::shutdown_background`.
    pub fn shutdown_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Binds every address, or none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) with every mistake made in the builder, or
    /// with the address that cannot be bound.
    pub async fn bind(self) -> Result<Server> {
        self.bound().await
    }

    /// Binds and serves for ever.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    pub async fn serve(self) -> Result<()> {
        self.bind().await?.serve().await
    }

    /// Binds and serves until `signal` completes; then drains.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    pub async fn serve_until(self, signal: impl Future<Output = ()>) -> Result<()> {
        self.bind().await?.serve_until(signal).await
    }

    /// In a box, which is compiled here: an async function is compiled where it is awaited.
    fn bound(mut self) -> BoxFuture<'static, Result<Server>> {
        Box::pin(async move {
            self.check()?;
            let filter = self.parts.filter.take();
            let filter = filter.map(|filter| filter.telling(self.events.clone()));
            let mut listeners = Vec::with_capacity(self.endpoints.len());
            for endpoint in self.endpoints {
                let listener = endpoint
                    .bind(self.security.as_ref(), self.parts.door.is_some())
                    .await?;
                listeners.push(match &filter {
                    Some(filter) => filter.around(listener),
                    None => listener,
                });
            }
            self.parts.filter = filter;
            let services = self.parts.router.paths();
            let shared = shared(self.parts, self.limits, self.events);
            let addresses: Vec<_> = listeners
                .iter()
                .map(|listener| listener.address())
                .collect();
            let registries = self.registries.take();
            let entries = registries.entries(&addresses, services, &shared)?;
            Ok(Server {
                shared,
                listeners,
                grace: self.grace,
                entries,
            })
        })
    }

    /// What was said wrong, all of it.
    fn check(&mut self) -> Result<()> {
        if self.endpoints.is_empty() && self.mistakes.is_empty() {
            self.mistakes
                .push(Error::setup("no address to listen on: call `listen`"));
        }
        self.check_handlers();
        if self.parts.door.is_some() && !self.endpoints.iter().any(Endpoint::is_shared) {
            self.mistakes.push(Error::setup(
                "`http` has no address: HTTP is spoken on tcp, tcp4, tcp6, reuseport and unix",
            ));
        }
        all(std::mem::take(&mut self.mistakes)).map_or(Ok(()), Err)
    }
}

#[cfg(feature = "_tls")]
impl ServerBuilder {
    /// TLS on every address, but for those that [`ListenOptions::plaintext`] says otherwise of. A
    /// network that cannot carry it is an error, and so is one that is not built in.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.security = Some(tls);
        self
    }
}

impl fmt::Debug for ServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder")
            .field("router", &self.parts.router)
            .field("endpoints", &self.endpoints.len())
            .field("limits", &self.limits)
            .field("mistakes", &self.mistakes)
            .finish_non_exhaustive()
    }
}
