//! A server and a channel to it, without a network.

use std::io;
use std::sync::Arc;

use crate::client::Channel;
use crate::codec::Formats;
use crate::connection::Limits;
use crate::dispatch::{Admission, Authorizer, Dispatch, Router};
use crate::event::Events;
use crate::layer::Layers;
use crate::server::{Shared, serve_stream};
use crate::service::Service;
use crate::transport::{BoxFuture, Connect, Stream, pipe};

/// Services in this process, called through codec, frames and dispatch, but without a socket.
///
/// For tests, and for services that may move to another process later.
///
/// ```no_run
/// # fn f(service: impl rpcx::services::Service) {
/// use rpcx::{Channel, InProcess};
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

    /// One more service, under its own name.
    ///
    /// # Panics
    ///
    /// If a service of that name is there already, which
    /// [`ServerBuilder::register`](crate::server::ServerBuilder::register) reports when the server is bound.
    #[must_use]
    pub fn with(mut self, service: impl Service) -> Self {
        let info = service.info();
        if let Err(mistake) = self.router.insert(info.name(), Arc::new(service)) {
            panic!("{mistake}");
        }
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
        let mut router = services.router;
        router.surround(Layers::new());
        let shared = Shared::new(Dispatch {
            router,
            admission: Admission::new(Limits::server(), Events::default()),
            authorizer: Authorizer::default(),
            formats: Formats::default(),
        });
        Self::in_process(InProcessConnector(shared))
    }
}
