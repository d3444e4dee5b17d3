//! Handlers that are polled where their requests were read: what a payload becomes there is counted meanwhile.
//!
//! One that is done after that gives no other occasion, and as many of them decode at once as there are threads.

use std::sync::Arc;
use std::task::Poll;

use super::ConnectionCalls;
use super::late::Weight;
use super::payload::Compressed;
use crate::codec::{Counted, Decoding};
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

    /// Called before it is polled. `weight` is that of the payload that it decodes; behind layers it
    /// [is said](Weight::expect) meanwhile.
    #[inline]
    pub(super) fn begin(
        &self,
        calls: &Arc<ConnectionCalls>,
        weight: impl FnOnce() -> Option<Weight>,
    ) -> Option<Polling> {
        match self.is_counted {
            false => None,
            true => Some(Polling::begin(calls, weight())),
        }
    }

    /// Called once it was polled.
    #[inline]
    pub(super) fn end(
        &mut self,
        polling: Option<Polling>,
        calls: &ConnectionCalls,
        polled: Poll<()>,
    ) -> Poll<()> {
        if let Some(polling) = polling {
            self.held = polling.end(calls, polled.is_ready());
        }
        polled
    }
}

/// A poll that is counted.
pub(super) struct Polling {
    counted: Counted,
    /// What the payload was inflated to.
    _inflated: Held,
}

impl Polling {
    #[cold]
    fn begin(calls: &Arc<ConnectionCalls>, weight: Option<Weight>) -> Self {
        let mut inflated = Held::new(calls.admission.limits.memory.clone());
        inflated.set(weight.map_or(0, Weight::inflated));
        let decoding = Decoding {
            payload: weight.map(Weight::payload),
            takes_turns: false,
        };
        Self {
            counted: Counted::begin(Arc::clone(calls) as _, decoding),
            _inflated: inflated,
        }
    }

    /// What is held for a handler that waits.
    #[cold]
    fn end(self, calls: &ConnectionCalls, is_done: bool) -> usize {
        let held = self.counted.end();
        if is_done {
            calls.release(held);
            return 0;
        }
        held
    }
}
