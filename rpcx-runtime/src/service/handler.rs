//! A handler's future, its type forgotten, in memory that the next call of its method uses again.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll};

use pin_project_lite::pin_project;

use super::Reply;
use crate::context::Context;

/// Memory for a handler of one method, and the handler that is in it.
///
/// Its type is that of the method's own future, which only generated code can name.
pub(crate) type Memory = Option<Pin<Box<dyn Run>>>;

/// What encodes a handler's output.
pub(super) type Answer<F> = fn(<F as Future>::Output, &mut Reply<'_>);

/// Memory for a handler of this type, without one.
pub(super) fn empty<F>() -> Pin<Box<dyn Run>>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    Box::pin(Handler::<F> {
        future: None,
        reply: None,
    })
}

pin_project! {
    struct Handler<F>
    where
        F: Future,
    {
        #[pin]
        future: Option<F>,
        reply: Option<Answer<F>>,
    }
}

/// A handler whose type is forgotten.
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
    /// Bytes that are held for the call beside its frame, for a handler behind layers that has begun.
    fn weight(&self) -> Option<usize> {
        None
    }
    /// The context of the call, for a handler that keeps it itself.
    fn context(&self) -> Option<Context> {
        None
    }
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
