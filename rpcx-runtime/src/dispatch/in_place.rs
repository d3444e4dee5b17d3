//! Handlers that are polled where their requests were read: what a payload becomes there is counted meanwhile.
//!
//! One that is done after that gives no other occasion, and as many of them decode at once as there are threads.

use std::sync::Arc;
use std::task::Poll;

use super::ConnectionCalls;
use super::late::Weight;
use super::payload::Compressed;
use crate::codec::{Decoding, counting};
use crate::connection::Held;
use crate::protocol::Compression;

/// A payload of fewer bytes is not counted: it becomes no more than so many values, and counting them would take
/// longer than to decode them.
const COUNTED: usize = 1024;

/// How a handler is polled in place.
pub(super) struct InPlace {
    is_counted: bool,
    /// What its connection goes on to hold for it, if it waits.
    pub(super) held: usize,
}

impl InPlace {
    /// What is compressed may be of any size.
    #[inline]
    pub(super) fn of(payload: &Compressed) -> Self {
        let is_counted =
            payload.payload.len() >= COUNTED || payload.compression != Compression::NONE;
        Self {
            is_counted,
            held: 0,
        }
    }

    /// Polls it. `weight` is that of the payload that it decodes; behind layers it [is said](Weight::expect) meanwhile.
    #[inline]
    pub(super) fn poll(
        &mut self,
        calls: &Arc<ConnectionCalls>,
        weight: Option<Weight>,
        poll: impl FnOnce() -> Poll<()>,
    ) -> Poll<()> {
        match self.is_counted {
            false => poll(),
            true => self.poll_counted(calls, weight, poll),
        }
    }

    #[cold]
    fn poll_counted(
        &mut self,
        calls: &Arc<ConnectionCalls>,
        weight: Option<Weight>,
        poll: impl FnOnce() -> Poll<()>,
    ) -> Poll<()> {
        let mut inflated = Held::new(calls.admission.limits.memory.clone());
        inflated.set(weight.map_or(0, Weight::inflated));
        let decoding = Decoding {
            payload: weight.map(Weight::payload),
            takes_turns: false,
        };
        let (polled, held) = counting(Arc::clone(calls) as _, decoding, poll);
        match polled {
            Poll::Ready(()) => calls.release(held),
            Poll::Pending => self.held = held,
        }
        polled
    }
}
