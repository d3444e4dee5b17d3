//! Where frames meet streams.
//!
//! [`Outbox`] is the writing half, the same for client and server. [`client`] multiplexes calls
//! over one stream; the server's reader lives with the dispatch it feeds, in `server`.

mod calls;
pub(crate) mod client;
pub(crate) mod goaway;
mod keeper;
mod life;
mod limits;
mod outbox;
mod pending;
mod pulse;
mod push;
mod queue;
mod reader;
mod sink;
mod turn;

pub use limits::{ClientLimits, Limits};
pub(crate) use outbox::{Batch, Outbox};
pub(crate) use push::{Pushed, Pusher};
pub(crate) use queue::Queue;
pub(crate) use reader::ReadBuffer;
pub(crate) use turn::Write;
