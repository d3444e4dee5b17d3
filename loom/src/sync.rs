//! `crate::sync` of the runtime, on the types of the model checker. Each operation on them is a
//! point where another thread may run first.

use std::sync::PoisonError;
use std::task::{Poll, Waker};

pub(crate) use loom::sync::{Mutex, MutexGuard, atomic};

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `tokio::sync::Notify` as its documentation has it, for one waiting task: a notification that
/// no task waits for is kept, and more than one are one.
#[derive(Debug)]
pub(crate) struct Notify(Mutex<Permit>);

#[derive(Debug)]
struct Permit {
    given: bool,
    waiting: Option<Waker>,
}

impl Notify {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Permit {
            given: false,
            waiting: None,
        }))
    }

    pub(crate) fn notify_one(&self) {
        let waiting = {
            let mut permit = lock(&self.0);
            permit.given = true;
            permit.waiting.take()
        };
        if let Some(waker) = waiting {
            waker.wake();
        }
    }

    pub(crate) fn notified(&self) -> impl Future<Output = ()> {
        std::future::poll_fn(|cx| {
            let mut permit = lock(&self.0);
            if std::mem::take(&mut permit.given) {
                return Poll::Ready(());
            }
            permit.waiting = Some(cx.waker().clone());
            Poll::Pending
        })
    }
}
