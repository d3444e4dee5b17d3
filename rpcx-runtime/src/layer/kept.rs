//! The future of a layer, its type forgotten, in memory that the next call uses again.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll, ready};

use pin_project_lite::pin_project;

use super::Response;
use crate::error::Error;

/// Memory for the futures of one layer, and the future that is in it.
pub(crate) type Memory = Pin<Box<dyn Kept>>;

/// A layer's future whose type is forgotten.
pub(crate) trait Kept: Send {
    /// Moves the future out of an `Option` of it, if it is of this type.
    fn put(self: Pin<&mut Self>, future: &mut dyn Any) -> bool;
    /// Runs on, and once done drops the future.
    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Response>;
}

pin_project! {
    struct Place<F> {
        #[pin]
        future: Option<F>,
    }
}

impl<F> Kept for Place<F>
where
    F: Future<Output = Response> + Send + 'static,
{
    fn put(self: Pin<&mut Self>, future: &mut dyn Any) -> bool {
        let Some(future) = future.downcast_mut::<Option<F>>() else {
            return false;
        };
        self.project().future.set(future.take());
        true
    }

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Response> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return Poll::Ready(polled_after_end().into());
        };
        let response = ready!(future.poll(cx));
        this.future.set(None);
        Poll::Ready(response)
    }
}

/// Puts a future into memory that a call before this one has left, if it fits.
#[inline]
pub(super) fn put<F>(spare: Option<Memory>, future: F) -> Memory
where
    F: Future<Output = Response> + Send + 'static,
{
    let mut future = Some(future);
    if let Some(mut spare) = spare
        && spare.as_mut().put(&mut future)
    {
        return spare;
    }
    Box::pin(Place { future })
}

#[cold]
pub(super) fn polled_after_end() -> Error {
    Error::service("the rest of a call was polled after its end")
}
