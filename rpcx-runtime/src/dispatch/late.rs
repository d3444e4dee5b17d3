//! A call whose handler did not finish in place.

use std::future::poll_fn;
use std::pin::Pin;

use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

use super::admission::InFlight;
use super::dispatcher::poll_contained;
use super::panics::CalledLater;
use super::{ConnectionCalls, count};
use crate::context::Context;
use crate::error::Error;
use crate::service::{Execution, Reply, ReplySink, Run};

/// All that a call needs once its connection's own task has moved on.
pub(crate) struct LateCall {
    pub(super) handler: Pin<Box<dyn Run>>,
    pub(super) context: Option<Context>,
    /// Which call it is, if something is told of it.
    pub(super) called: Option<CalledLater>,
    pub(super) deadline: Option<Instant>,
    pub(super) execution: Execution,
    pub(super) in_flight: InFlight,
}

/// Where the reply of a late call goes.
pub(crate) trait LateSink: ReplySink + Send + 'static {
    /// Sends what was answered, beside the other calls of the connection.
    fn send(&mut self, calls: &ConnectionCalls);
}

impl LateCall {
    /// Runs the handler in a task of its own, or on a thread where it may block.
    pub(crate) fn start(self, sink: impl LateSink) {
        match self.execution {
            Execution::Blocking => {
                let runtime = Handle::current();
                tokio::task::spawn_blocking(move || runtime.block_on(self.run(sink)));
            }
            Execution::Inline | Execution::Spawn => {
                tokio::spawn(self.run(sink));
            }
        }
    }

    /// Runs the handler to its end. If the deadline comes first, the caller is told so, the
    /// context is cancelled, and the handler runs on without an answer.
    async fn run(mut self, mut sink: impl LateSink) {
        if let Some(deadline) = self.deadline {
            let in_time = timeout_at(deadline, self.finish(&mut sink)).await;
            if in_time.is_err() {
                self.miss_deadline(&mut sink);
                sink.send(self.in_flight.calls());
                self.finish(&mut sink).await;
                return;
            }
        } else {
            self.finish(&mut sink).await;
        }
        sink.send(self.in_flight.calls());
    }

    async fn finish(&mut self, sink: &mut dyn LateSink) {
        let admission = &*self.in_flight.calls().admission;
        let called = self.called.as_ref().map(CalledLater::get);
        poll_fn(|cx| {
            let mut reply = Reply::new(sink, self.context.as_ref());
            poll_contained(self.handler.as_mut(), cx, &mut reply, called, admission)
        })
        .await;
    }

    fn miss_deadline(&self, sink: &mut dyn LateSink) {
        let admission = &self.in_flight.calls().admission;
        let counter = &admission.counters.deadlines_missed;
        match &self.called {
            Some(called) => admission.reached(counter, called.get().peer),
            None => count(counter),
        }
        let context = self.context.clone().or_else(|| self.handler.context());
        if let Some(context) = &context {
            context.cancel();
        }
        Reply::new(sink, context.as_ref())
            .refuse(Error::unknown("the deadline passed while the method ran"));
    }
}
