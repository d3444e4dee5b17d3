//! A server and a channel to it, without a network.

use std::io;
use std::sync::Arc;

use crate::client::Channel;
use crate::connection::Limits;
use crate::server::{Authorizer, Router, Shared, serve_stream};
use crate::service::{Load, Service};
use crate::transport::{BoxFuture, Connect, Stream, pipe};

/// Services in this process, called through codec, frames and dispatch, but without a socket.
///
/// For tests, and for services that may move to another process later.
///
/// ```no_run
/// # fn f(service: impl rpcx_runtime::service::Service) {
/// use rpcx_runtime::{Channel, InProcess};
///
/// let channel: Channel = InProcess::new(service).into();
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct InProcess {
    router: Router,
}

impl InProcess {
    /// One service, under its own name.
    pub fn new(service: impl Service) -> Self {
        Self::default().with(service)
    }

    /// One more service. A service of the same name that is there already stays.
    #[must_use]
    pub fn with(mut self, service: impl Service) -> Self {
        self.router.insert(service.info().name, Arc::new(service));
        self
    }
}

struct InProcessConnector(Arc<Shared>);

impl Connect for InProcessConnector {
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(async move {
            let (ours, theirs) = pipe("in-process");
            serve_stream(theirs, Arc::clone(&self.0));
            Ok(ours)
        })
    }
}

impl From<InProcess> for Channel {
    fn from(services: InProcess) -> Self {
        let shared = Shared::new(
            services.router,
            Load::new(Limits::server()),
            Authorizer::default(),
        );
        Self::in_process(InProcessConnector(shared))
    }
}
