//! The place that a service puts its handler in.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

use tokio::time::Instant;

use super::handler::{Memory, Run, empty};
use super::{Reply, Request};
use crate::context::{Context, Extensions, Origin};

/// The place that the runtime lends for one call.
///
/// [`Service::call`](super::Service::call) puts the handler in; whether it is then polled where its
/// request was read, in a task of its own or on another thread is decided by the runtime.
pub struct CallSlot<'a> {
    memory: &'a mut Memory,
    call: &'a CallFacts<'a>,
    extensions: Extensions,
    context: Option<Context>,
    filled: bool,
}

/// What is known of a call before its handler is made.
#[derive(Debug)]
pub(crate) struct CallFacts<'a> {
    pub(crate) origin: &'a Origin,
    pub(crate) service: &'a [u8],
    pub(crate) method: &'a [u8],
    pub(crate) deadline: Option<Instant>,
    pub(crate) oneway: bool,
}

impl<'a> CallSlot<'a> {
    #[inline]
    pub(crate) fn new(
        memory: &'a mut Memory,
        call: &'a CallFacts<'a>,
        extensions: Extensions,
    ) -> Self {
        Self {
            memory,
            call,
            extensions,
            context: None,
            filled: false,
        }
    }

    /// The context of this call, for methods that take one.
    pub fn context(&mut self, request: &Request) -> Context {
        let context = Context::of_request(
            self.call.origin,
            request.metadata().clone(),
            self.call.deadline,
            std::mem::take(&mut self.extensions),
        );
        self.context = Some(context.clone());
        context
    }

    /// The service path that was called, as it came: it need not be UTF-8.
    pub fn service(&self) -> &[u8] {
        self.call.service
    }

    /// The method that was called, as it came: perhaps by an alias.
    pub fn method(&self) -> &[u8] {
        self.call.method
    }

    /// Whether no reply is awaited.
    pub fn is_oneway(&self) -> bool {
        self.call.oneway
    }

    /// Takes the handler; the call is answered with what `reply` makes of its output.
    #[inline]
    pub fn run<F>(&mut self, handler: F, reply: fn(F::Output, &mut Reply<'_>))
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        // What depends on `F` is repeated for each method of a program, so it is moving the future and
        // nothing else.
        let mut handler = Some((handler, reply));
        self.put(&mut handler, empty::<F>);
    }

    fn put(&mut self, handler: &mut dyn Any, empty: fn() -> Pin<Box<dyn Run>>) {
        self.filled = true;
        let memory = self.memory.get_or_insert_with(empty);
        if !memory.as_mut().put(handler) {
            *memory = empty();
            memory.as_mut().put(handler);
        }
    }

    /// Ends the loan: the context that the handler has, if a handler was put in.
    #[inline]
    pub(crate) fn finish(self) -> Option<Option<Context>> {
        self.filled.then_some(self.context)
    }
}

impl fmt::Debug for CallSlot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallSlot")
            .field("call", self.call)
            .finish_non_exhaustive()
    }
}
