//! Lets `Channel::close` refuse new calls and wait for those that may still connect.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

use crate::error::Error;

/// Counts the calls that have left the fast path, until it is shut.
pub(super) struct Gate(watch::Sender<Passing>);

#[derive(Debug, Default)]
struct Passing {
    shut: bool,
    calls: usize,
}

/// A call that was let in; it counts for as long as this lives.
pub(super) struct Pass(Arc<Gate>);

impl Gate {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(watch::Sender::default()))
    }

    pub(super) fn enter(self: &Arc<Self>) -> Result<Pass, Error> {
        let entered = self.0.send_if_modified(|passing| {
            passing.calls += usize::from(!passing.shut);
            !passing.shut
        });
        if entered {
            Ok(Pass(Arc::clone(self)))
        } else {
            Err(Error::not_sent("the channel is closed"))
        }
    }

    /// Refuses all further calls, and waits until those that were let in have ended.
    pub(super) async fn shut(&self) {
        let mut passing = self.0.subscribe();
        self.0.send_modify(|passing| passing.shut = true);
        // An error would mean that the gate is gone, and this holds it.
        let _ = passing.wait_for(|passing| passing.calls == 0).await;
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.0.0.send_modify(|passing| passing.calls -= 1);
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.borrow().fmt(f)
    }
}
