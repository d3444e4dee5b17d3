//! From a request to its handler, and from the handler's output to a reply: for every entrance.
//!
//! An entrance (the frames of a connection, what a server pushes to a client, HTTP) makes an
//! [`Incoming`] of its message and a [`Sink`] for the reply, and hands both to its [`Dispatcher`].
//! Read `dispatcher.rs` first: one request, start to end. Neither frames nor sockets are named here.

mod admission;
mod admitted;
mod authorize;
mod blocking;
mod capture;
mod counters;
mod deferred;
mod dispatcher;
mod handlers;
mod in_place;
mod inflating;
mod late;
mod layered;
mod panics;
mod payload;
mod raw;
mod router;
mod stalls;
mod striped;

use std::sync::Arc;

#[cfg(feature = "http")]
pub(crate) use admission::Arriving;
pub(crate) use admission::{Admission, ConnectionCalls, NO_MEMORY};
pub(crate) use admitted::Admitted;
pub use authorize::AuthRequest;
pub(crate) use authorize::{Authorizer, Waiting as WaitingAuthorizer};
pub(crate) use capture::unencodable;
pub use counters::Stats;
pub(crate) use counters::{Counter, Counters, count};
pub(crate) use dispatcher::{Dispatcher, Incoming};
pub(crate) use late::{LateCall, LateSink};
pub(crate) use payload::Compressed;
pub(crate) use raw::{Fallback, RawHandlers};
pub(crate) use router::Router;
pub(crate) use stalls::TICK;

use crate::codec::Formats;
use crate::service::ReplySink;

/// What is the same for every request of a server.
#[derive(Debug)]
pub(crate) struct Dispatch {
    pub(crate) router: Router,
    pub(crate) admission: Arc<Admission>,
    pub(crate) authorizer: Authorizer,
    /// The codecs and compressions of payloads.
    pub(crate) formats: Formats,
}

/// Where the reply to one request goes, while the request is dispatched.
pub(crate) trait Sink: ReplySink {
    /// Starts a call whose handler has to wait, with a sink of its own that outlives this one:
    /// [`LateCall::start`].
    fn start(&mut self, call: LateCall);
}
