//! Running, then stopping to accept, then draining, then gone.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::{Shared, Stats};
use crate::context::{Cancel, Context};
use crate::dispatch::{Admission, RawHandlers};
use crate::error::Result;
use crate::service::{RawPayload, RawRequest};

/// Where a server is in its life.
#[derive(Debug, Default)]
pub(crate) struct Phase {
    asked: Cancel,
    stopping: Cancel,
    draining: Cancel,
    cut: Cancel,
    ended: Notify,
}

impl Phase {
    /// Waits until the server is told to stop. It may have to leave registries before it does.
    pub(super) async fn asked(&self) {
        self.asked.wait().await;
    }

    /// Waits until the server is to accept no more.
    pub(super) async fn stopping(&self) {
        self.stopping.wait().await;
    }

    pub(super) fn stop(&self) {
        self.stopping.set();
    }

    /// Waits until the server begins to drain. It has closed its listeners then: a client that is
    /// sent away must not come back to them.
    pub(crate) async fn draining(&self) {
        self.draining.wait().await;
    }

    /// Whether the server was told to stop.
    #[allow(dead_code, reason = "only HTTP asks")]
    pub(crate) fn is_leaving(&self) -> bool {
        self.asked.is_set()
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.is_set()
    }

    pub(super) fn drain(&self) {
        self.draining.set();
    }

    /// Waits until what is still open is cut off.
    pub(crate) async fn cut(&self) {
        self.cut.wait().await;
    }

    pub(super) fn connection_ended(&self) {
        self.ended.notify_waiters();
    }

    pub(super) fn cut_off(&self) {
        self.cut.set();
    }

    /// Waits until no connection is open, but no longer than until `end`; says whether that is so.
    pub(super) async fn drained(&self, admission: &Admission, end: Instant) -> bool {
        let all_gone = async {
            loop {
                let ended = self.ended.notified();
                tokio::pin!(ended);
                ended.as_mut().enable();
                if admission.counters.open_connections.load(Ordering::Relaxed) == 0 {
                    return;
                }
                ended.await;
            }
        };
        timeout_at(end, all_gone).await.is_ok()
    }
}

/// Stops a server, and tells what it does. Clones speak of the same server.
#[derive(Clone, Debug)]
pub struct ServerHandle {
    shared: Arc<Shared>,
}

impl ServerHandle {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Begins to drain: the server leaves its registries, then no new connections, everything read is answered,
    /// and [`Server::serve`](super::Server::serve) returns. Calling it again changes nothing.
    pub fn shutdown(&self) {
        self.shared.phase.asked.set();
    }

    /// Lets `handler` answer the calls of one method from now on, in place of one that is there: see
    /// [`ServerBuilder::handle`](super::ServerBuilder::handle). Calls that run go on with the one that they
    /// began with. A method that a registered service has stays with that service.
    pub fn set_handler<F, R>(&self, service: &str, method: &str, handler: F)
    where
        F: Fn(Context, RawRequest) -> R + Send + Sync + 'static,
        R: Future<Output = Result<RawPayload>> + Send + 'static,
    {
        self.handlers().set(service, method, handler);
    }

    /// Takes the raw handler of a method away: its calls are refused from now on. Returns whether there
    /// was one.
    pub fn remove_handler(&self, service: &str, method: &str) -> bool {
        self.handlers().remove(service, method)
    }

    fn handlers(&self) -> &RawHandlers {
        self.shared.dispatch.router.raw()
    }

    /// What the server has done and refused so far.
    pub fn stats(&self) -> Stats {
        let mut stats = self.shared.dispatch.admission.stats();
        let filter = self.shared.filter.as_ref();
        stats.refused = filter.map(|filter| filter.refused()).unwrap_or_default();
        stats
    }
}
