//! Tasks that all have one type.
//!
//! Each type of future that is spawned costs some eight kilobytes of machine code, of tokio and of what drops it, once for each
//! scheduler that is compiled in. Of some thirty in this crate, those in boxes are one type for each output. The tasks that read and write
//! a connection, and those that run a handler, are spawned as they are: there are many of them, and an allocation more would be felt.

use std::pin::Pin;

use tokio::task::{JoinHandle, JoinSet};

/// A future of any type, as a task has it.
type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// As [`tokio::spawn`].
#[track_caller]
pub(crate) fn spawn<T>(future: impl Future<Output = T> + Send + 'static) -> JoinHandle<T>
where
    T: Send + 'static,
{
    tokio::spawn(boxed(future))
}

/// As [`JoinSet::spawn`].
#[track_caller]
pub(crate) fn join<T>(
    set: &mut JoinSet<T>,
    future: impl Future<Output = T> + Send + 'static,
) -> tokio::task::AbortHandle
where
    T: Send + 'static,
{
    set.spawn(boxed(future))
}

/// For what is spawned on a runtime that is not the current one.
pub(crate) fn boxed<T>(future: impl Future<Output = T> + Send + 'static) -> Boxed<T> {
    Box::pin(future)
}
