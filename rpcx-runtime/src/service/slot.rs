//! Where a handler's future is put and polled.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll, Waker};

use pin_project_lite::pin_project;
use tokio::time::Instant;

use super::late::LateCall;
use super::load::{Lane, count};
use super::{Execution, MethodInfo, Reply, ReplyHead, Request, Service};
use crate::context::Context;

/// The memory of the last handler of one method on one connection, reused by the next.
///
/// Its type is that of the method's own future, which only generated code can name.
pub(crate) type Parked = Option<Pin<Box<dyn Run>>>;

/// The place the runtime lends for one call.
///
/// The handler is polled once where its request was read, and most are done then: their reply
/// goes out with those of the same read. One that has to wait becomes a task.
pub struct CallSlot<'a> {
    pub(crate) method: &'static MethodInfo,
    pub(crate) head: ReplyHead,
    pub(crate) deadline: Option<Instant>,
    /// Bytes of the request, held until the handler has ended.
    pub(crate) bytes: usize,
    pub(crate) lane: &'a Arc<Lane>,
    pub(crate) out: &'a mut Vec<u8>,
    pub(crate) parked: &'a mut Parked,
    pub(crate) context: Option<Context>,
    /// Whether [`run`](Self::run) has been called.
    pub(crate) answered: bool,
}

impl CallSlot<'_> {
    /// The context of this call, for methods that take one.
    pub fn context(&mut self, request: &Request) -> Context {
        let context = Context::of_request(
            Arc::clone(&self.lane.peer),
            request.metadata(),
            self.deadline,
            Arc::clone(&self.lane.gone),
        );
        self.context = Some(context.clone());
        context
    }

    /// Runs the handler and answers with what `reply` makes of its output.
    #[inline]
    pub fn run<F>(&mut self, handler: F, reply: fn(F::Output, &mut Reply<'_>))
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        // What depends on `F` is repeated for each method of a program, so it is moving the future and
        // nothing else.
        let mut handler = Some((handler, reply));
        self.run_any(&mut handler, empty::<F>);
    }

    fn run_any(&mut self, handler: &mut dyn Any, empty: fn() -> Pin<Box<dyn Run>>) {
        self.answered = true;
        let memory = self.parked.get_or_insert_with(empty);
        if !memory.as_mut().put(handler) {
            *memory = empty();
            memory.as_mut().put(handler);
        }
        if self.method.execution == Execution::Inline {
            let mut reply = Reply::new(self.out, &self.head, self.context.as_ref());
            let mut cx = task::Context::from_waker(Waker::noop());
            // A handler that has to wait is polled again, with a waker, by its own task.
            if poll_contained(memory.as_mut(), &mut cx, &mut reply, self.lane).is_ready() {
                return;
            }
        }
        if let Some(running) = self.parked.take() {
            self.become_task(running);
        }
    }

    /// Hands the request to its service, and answers for a service that panicked or forgot to run
    /// its handler.
    pub(crate) fn dispatch(&mut self, service: &dyn Service, request: Request) {
        let method = self.method.id;
        let call = AssertUnwindSafe(|| service.call(method, request, self));
        if catch_unwind(call).is_err() || !self.answered {
            count(&self.lane.load.counters.panics);
            Reply::new(self.out, &self.head, None).panicked();
        }
    }

    fn become_task(&mut self, handler: Pin<Box<dyn Run>>) {
        let call = LateCall {
            handler,
            head: self.head.clone(),
            context: self.context.take(),
            deadline: self.deadline,
            ticket: self.lane.enter(self.bytes),
        };
        match self.method.execution {
            Execution::Blocking => {
                let runtime = tokio::runtime::Handle::current();
                tokio::task::spawn_blocking(move || runtime.block_on(call.run()));
            }
            Execution::Inline | Execution::Spawn => {
                tokio::spawn(call.run());
            }
        }
    }
}

/// What encodes a handler's output.
type Answer<F> = fn(<F as Future>::Output, &mut Reply<'_>);

/// Memory for a handler of this type, without one.
fn empty<F>() -> Pin<Box<dyn Run>>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    Box::pin(Handler::<F> {
        future: None,
        reply: None,
    })
}

pin_project! {
    pub(super) struct Handler<F>
    where
        F: Future,
    {
        #[pin]
        future: Option<F>,
        reply: Option<Answer<F>>,
    }
}

/// A handler whose type is forgotten: what a task holds.
pub(crate) trait Run: Send {
    /// Moves the future and its [`Answer`] out of an `Option` of both, if they are of this type.
    fn put(self: Pin<&mut Self>, handler: &mut dyn Any) -> bool;
    /// Runs on, and once done writes the reply and drops the handler's future.
    fn poll_reply(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Poll<()>;
    /// Drops the handler's future.
    fn clear(self: Pin<&mut Self>);
}

impl<F> Run for Handler<F>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    fn put(self: Pin<&mut Self>, handler: &mut dyn Any) -> bool {
        let Some(handler) = handler.downcast_mut::<Option<(F, Answer<F>)>>() else {
            return false;
        };
        let mut this = self.project();
        // by itself, so that the new future need not be kept from a panic of the old one
        this.future.set(None);
        if let Some((future, reply)) = handler.take() {
            this.future.set(Some(future));
            *this.reply = Some(reply);
        }
        true
    }

    fn poll_reply(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Poll<()> {
        let mut this = self.project();
        let (Some(future), Some(answer)) = (this.future.as_mut().as_pin_mut(), *this.reply) else {
            return Poll::Ready(());
        };
        let output = task::ready!(future.poll(cx));
        answer(output, reply);
        this.future.set(None);
        Poll::Ready(())
    }

    fn clear(self: Pin<&mut Self>) {
        self.project().future.set(None);
    }
}

/// Polls a handler; a panic is its own and ends with an error that tells the peer nothing.
pub(super) fn poll_contained(
    mut handler: Pin<&mut dyn Run>,
    cx: &mut task::Context<'_>,
    reply: &mut Reply<'_>,
    lane: &Lane,
) -> Poll<()> {
    let polled = catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll_reply(cx, reply)));
    polled.unwrap_or_else(|_| {
        count(&lane.load.counters.panics);
        reply.panicked();
        // A future that panicked is not polled again; dropping it may panic once more.
        let _ = catch_unwind(AssertUnwindSafe(|| handler.clear()));
        Poll::Ready(())
    })
}

impl fmt::Debug for CallSlot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallSlot")
            .field("method", &self.method.name)
            .finish_non_exhaustive()
    }
}
