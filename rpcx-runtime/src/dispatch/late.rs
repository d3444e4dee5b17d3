//! A call whose handler did not finish in place.

use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep_until};

use super::admission::InFlight;
use super::blocking::{BlockingPlace, Queued};
use super::handlers::poll_contained;
use super::panics::CalledLater;
use super::{ConnectionCalls, Counter, Counters, count};
use crate::codec::{Decoding, counting, expect, made_of};
use crate::context::{Cancel, Context};
use crate::error::{Error, Rejection};
use crate::service::{Execution, MethodOptions, Reply, ReplySink, Run};
use crate::task;

/// What is told of a call that has waited for a thread in vain.
const STALLED: &str = "server overloaded: every thread that the connection or its address may have for blocking methods is \
    in use, and none was freed for `Limits::blocking_wait`; methods that wait for other blocking methods of the same server \
    need more of `Limits::blocking_calls`";

/// All that a call needs once its connection's own task has moved on.
pub(crate) struct LateCall {
    pub(super) handler: Pin<Box<dyn Run>>,
    pub(super) context: Option<Context>,
    /// Which call it is, if something is told of it.
    pub(super) called: Option<CalledLater>,
    pub(super) deadline: Option<Instant>,
    pub(super) terms: Terms,
    pub(super) weighing: Weighing,
    pub(super) in_flight: InFlight,
    /// The caller of this call alone, where it may go while its connection stays.
    pub(super) caller: Option<Arc<Cancel>>,
}

/// What a request weighs beside its frame while its handler waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weight {
    /// What its payload was inflated to, in bytes.
    inflated: usize,
    /// Where the payload is that is decoded.
    payload: usize,
}

/// How it becomes known what a payload was decoded to, which a handler does when it is polled first.
#[derive(Clone, Copy, Debug)]
pub(super) enum Weighing {
    /// It is known.
    Done,
    /// By the first poll of the handler, whose payload is here. It is counted then, while it is decoded.
    AtFirstPoll(usize),
    /// The handler is made later, and says so when it has begun. What is decoded is counted as well.
    ByHandler,
}

impl Weight {
    /// `received` is where the payload was that came.
    #[inline]
    pub(super) fn of(received: usize, payload: &[u8]) -> Self {
        let at = payload.as_ptr().addr();
        Self {
            inflated: if at == received { 0 } else { payload.len() },
            payload: at,
        }
    }

    pub(super) fn inflated(self) -> usize {
        self.inflated
    }

    pub(super) fn payload(self) -> usize {
        self.payload
    }

    /// What is held for a call whose handler waits, and what has to be asked yet. `polled` says that its
    /// handler has just been polled.
    #[cold]
    pub(super) fn of_late(self, frame: usize, polled: bool) -> (usize, Weighing) {
        match polled {
            true => (frame + self.bytes(), Weighing::Done),
            false => (frame + self.inflated, Weighing::AtFirstPoll(self.payload)),
        }
    }

    /// The payload is decoded now. What it becomes is counted meanwhile, if its call is a late one.
    pub(super) fn expect(self) {
        expect(self.payload);
    }

    /// Asked once, when the payload has just been decoded.
    pub(super) fn bytes(self) -> usize {
        self.inflated + made_of(self.payload)
    }
}

/// Where a handler runs, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) execution: Execution,
    whole: Whole,
}

/// Whether a handler that has begun is run to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whole {
    /// Only while there is a caller that waits for it.
    Awaited,
    /// There is no caller that would wait: it takes as long as the server allows.
    Unawaited,
    /// Its method is marked so.
    Always,
}

impl Terms {
    pub(super) fn of(options: &MethodOptions, oneway: bool) -> Self {
        Self {
            execution: options.execution,
            whole: match (options.run_to_end, oneway) {
                (true, _) => Whole::Always,
                (false, true) => Whole::Unawaited,
                (false, false) => Whole::Awaited,
            },
        }
    }
}

/// Where the reply of a late call goes.
pub(crate) trait LateSink: ReplySink + Send + 'static {
    /// Sends what was answered, beside the other calls of the connection.
    fn send(&mut self, calls: &ConnectionCalls);
}

/// What came first.
enum First {
    Answer,
    /// Its caller waits no longer.
    Deadline,
    /// It has run for as long as the server allows.
    Limit,
    /// No answer can reach its caller any more.
    Lost,
}

impl LateCall {
    /// Runs the handler in a task of its own, or on a thread where it may block.
    pub(crate) fn start(self, sink: impl LateSink) {
        match self.terms.execution {
            Execution::Blocking => match self.in_flight.calls().blocking_place() {
                Ok(place) => self.block(place, sink),
                Err(queued) => {
                    task::spawn(self.queue(queued, sink));
                }
            },
            Execution::Inline | Execution::Spawn => {
                tokio::spawn(self.run(sink));
            }
        }
    }

    /// Runs the handler on a thread where it may block, and keeps the place until the thread is free.
    fn block(self, place: BlockingPlace, sink: impl LateSink) {
        let runtime = Handle::current();
        tokio::task::spawn_blocking(move || {
            runtime.block_on(self.run(sink));
            drop(place);
        });
    }

    /// Waits until fewer calls of its connection and its address have such threads, for as long as it may begin.
    async fn queue(self, queued: Queued, mut sink: impl LateSink) {
        let wait = self.in_flight.calls().admission.limits.blocking_wait;
        let stalled = queued.stalled(wait);
        tokio::select! {
            biased;
            place = queued.next => self.block(place, sink),
            () = self.lost() => self.leave(),
            () = until(self.deadline) => self.expire(&mut sink),
            () = stalled => self.stall(&mut sink),
        }
    }

    /// Runs the handler to its end, or for as long as its caller waits.
    async fn run(mut self, mut sink: impl LateSink) {
        if self.terms.execution != Execution::Inline && !self.may_begin(&mut sink) {
            return;
        }
        let limit = match self.terms.whole {
            Whole::Always => None,
            Whole::Awaited | Whole::Unawaited => self.in_flight.limit(),
        };
        let mut deadline = self.deadline;
        loop {
            match self.wait(&mut sink, deadline, limit).await {
                First::Answer if deadline == self.deadline => {
                    return sink.send(self.in_flight.calls());
                }
                // Its caller was told already that it came too late.
                First::Answer => return,
                First::Deadline => {
                    let text = "the deadline passed while the method ran";
                    self.tell(&mut sink, |counters| &counters.deadlines_missed, text);
                    deadline = None;
                    if self.terms.whole == Whole::Awaited {
                        return self.abandon(&mut sink).await;
                    }
                }
                First::Limit => {
                    let text = "the method took longer than the server allows";
                    self.tell(&mut sink, |counters| &counters.slow_handlers, text);
                    return self.abandon(&mut sink).await;
                }
                First::Lost => return self.abandon(&mut sink).await,
            }
        }
    }

    /// Whether the caller still waits for a handler that has not begun: other calls may have had their turns before it.
    fn may_begin(&self, sink: &mut impl LateSink) -> bool {
        let calls = self.in_flight.calls();
        let gone = |caller: &Arc<Cancel>| caller.is_set();
        if self.terms.whole == Whole::Awaited
            && (calls.lost.is_set() || self.caller.as_ref().is_some_and(gone))
        {
            self.leave();
            return false;
        }
        let is_late = |deadline| deadline <= Instant::now();
        if !self.deadline.is_some_and(is_late) {
            return true;
        }
        self.expire(sink);
        false
    }

    /// Its caller has gone before it began.
    fn leave(&self) {
        count(&self.in_flight.calls().admission.counters.abandoned);
    }

    /// Its deadline has passed before it began.
    fn expire(&self, sink: &mut impl LateSink) {
        let calls = self.in_flight.calls();
        calls.reached(|counters| &counters.expired);
        Reply::new(sink, None).refuse(expired());
        sink.send(calls);
    }

    /// What has the threads does not end; it may be waiting for this very call.
    fn stall(&self, sink: &mut impl LateSink) {
        let calls = self.in_flight.calls();
        calls.reached(|counters| &counters.stalled_blocking);
        Reply::new(sink, None).refuse(Error::rejected(Rejection::Overloaded, STALLED));
        sink.send(calls);
    }

    /// The handler is polled first, so that it sees what has been cancelled.
    async fn wait(
        &mut self,
        sink: &mut dyn LateSink,
        deadline: Option<Instant>,
        limit: Option<Instant>,
    ) -> First {
        let lost = self.lost();
        tokio::select! {
            biased;
            () = self.finish(sink) => First::Answer,
            () = until(deadline) => First::Deadline,
            () = until(limit) => First::Limit,
            () = lost => First::Lost,
        }
    }

    /// Until no answer can reach its caller any more, if that ends it.
    fn lost(&self) -> impl Future<Output = ()> + use<> {
        let calls = Arc::clone(self.in_flight.shared());
        let caller = self.caller.clone();
        let awaited = self.terms.whole == Whole::Awaited;
        async move {
            match caller {
                _ if !awaited => pending().await,
                None => calls.lost.wait().await,
                Some(caller) => tokio::select! {
                    () = calls.lost.wait() => {}
                    () = caller.wait() => {}
                },
            }
        }
    }

    async fn finish(&mut self, sink: &mut dyn LateSink) {
        poll_fn(|cx| self.poll(cx, sink)).await;
    }

    fn poll(&mut self, cx: &mut std::task::Context<'_>, sink: &mut dyn LateSink) -> Poll<()> {
        let calls = self.in_flight.shared();
        let called = self.called.as_ref().map(CalledLater::get);
        let mut reply = Reply::new(sink, self.context.as_ref());
        let handler = self.handler.as_mut();
        let poll = || poll_contained(handler, cx, &mut reply, called, &calls.admission);
        let payload = match self.weighing {
            Weighing::Done => return poll(),
            Weighing::AtFirstPoll(payload) => Some(payload),
            Weighing::ByHandler => None,
        };
        let decoding = Decoding {
            payload,
            takes_turns: self.terms.execution == Execution::Blocking,
        };
        let (polled, held) = counting(Arc::clone(calls) as _, decoding, poll);
        self.in_flight.adopt(held);
        self.weighed();
        polled
    }

    fn weighed(&mut self) {
        let known = match self.weighing {
            Weighing::Done | Weighing::AtFirstPoll(_) => Some(0),
            Weighing::ByHandler => self.handler.weight(),
        };
        if let Some(bytes) = known {
            self.weighing = Weighing::Done;
            self.in_flight.grow(bytes);
        }
    }

    /// Answers in place of the handler, and cancels its context.
    fn tell(&self, sink: &mut impl LateSink, which: fn(&Counters) -> &Counter, text: &'static str) {
        let admission = &self.in_flight.calls().admission;
        let counter = which(&admission.counters);
        match &self.called {
            Some(called) => admission.reached(counter, called.get().peer),
            None => count(counter),
        }
        let context = self.context.clone().or_else(|| self.handler.context());
        if let Some(context) = &context {
            context.cancel();
        }
        Reply::new(sink, context.as_ref()).refuse(Error::unknown(text));
        sink.send(self.in_flight.calls());
    }

    /// Drops the handler. It is polled once more, so that one that waits for its context to be cancelled
    /// goes on to where it waits next; nothing that it answers is sent.
    async fn abandon(mut self, sink: &mut dyn LateSink) {
        let ended = poll_fn(|cx| Poll::Ready(self.poll(cx, sink))).await;
        if ended.is_pending() {
            count(&self.in_flight.calls().admission.counters.abandoned);
            // What is dropped is the user's, and may panic.
            let _ = catch_unwind(AssertUnwindSafe(|| self.handler.as_mut().clear()));
        }
    }
}

/// What is told of a call whose deadline passed before its handler had begun.
#[cold]
pub(super) fn expired() -> Error {
    let message = "the deadline passed before the method was started";
    Error::rejected(Rejection::Expired, message)
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => pending().await,
    }
}
