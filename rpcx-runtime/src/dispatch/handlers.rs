//! A handler is made, and polled, so that its panic is its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{self, Poll, Waker};

use super::Admission;
use super::panics::{Called, panicked};
use crate::context::Context;
use crate::service::{CallSlot, Reply, ReplySink, Request, Run, Service};

/// Lets the service put its handler into the slot. `None` if it has panicked, or forgot to. Inside,
/// the context of a handler that has one.
#[inline]
pub(super) fn make_handler(
    service: &dyn Service,
    request: Request,
    mut slot: CallSlot<'_>,
    called: Called<'_>,
    admission: &Admission,
) -> Option<Option<Context>> {
    let method = called.method.id();
    let made = AssertUnwindSafe(|| service.call(method, request, &mut slot));
    let made = catch_unwind(made).map(|()| slot.finish());
    made.unwrap_or_else(|panic| {
        panicked(admission, Some(called), &*panic);
        None
    })
}

/// The memory for the calls of a method.
#[inline]
pub(super) fn memory_of<T>(memory: &mut Vec<Option<T>>, method: u32) -> &mut Option<T> {
    let at = method as usize;
    if memory.len() <= at {
        memory.resize_with(at + 1, || None);
    }
    &mut memory[at]
}

/// Polls a handler where its request was read. One that has to wait is polled again, with a waker, by
/// its own task.
#[inline]
pub(super) fn poll_once(
    handler: Pin<&mut dyn Run>,
    sink: &mut dyn ReplySink,
    context: Option<&Context>,
    called: Called<'_>,
    admission: &Admission,
) -> Poll<()> {
    let mut cx = task::Context::from_waker(Waker::noop());
    let mut reply = Reply::new(sink, context);
    poll_contained(handler, &mut cx, &mut reply, Some(called), admission)
}

/// Polls a handler; a panic is its own and ends with an error that tells the peer nothing.
#[inline]
pub(super) fn poll_contained(
    mut handler: Pin<&mut dyn Run>,
    cx: &mut task::Context<'_>,
    reply: &mut Reply<'_>,
    called: Option<Called<'_>>,
    admission: &Admission,
) -> Poll<()> {
    let polled = catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll_reply(cx, reply)));
    polled.unwrap_or_else(|panic| {
        panicked(admission, called, &*panic);
        reply.panicked();
        // A future that panicked is not polled again; dropping it may panic once more.
        let _ = catch_unwind(AssertUnwindSafe(|| handler.clear()));
        Poll::Ready(())
    })
}
