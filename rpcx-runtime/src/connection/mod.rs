//! Where frames meet streams.
//!
//! [`Outbox`] is the writing half, the same for client and server; [`Calls`] are those that wait for their
//! replies over one stream. The reading tasks stand with what they feed: `client/connection/` and
//! `server/connection/`.

mod calls;
pub mod fuzzing;
pub(crate) mod goaway;
mod life;
mod limits;
mod memory;
mod outbox;
mod outbox_state;
mod pending;
mod push;
mod queue;
mod reader;
mod sink;
mod turn;

pub(crate) use calls::{Calls, QueuedOneway, Started};
pub use limits::{ClientLimits, Limits};
pub use memory::MemoryBudget;
pub(crate) use memory::{ARRIVING, Arriving, Held};
pub(crate) use outbox::Outbox;
pub(crate) use push::{Pushed, Pusher};
pub(crate) use queue::Queue;
pub(crate) use reader::ReadBuffer;
pub(crate) use sink::WritePace;
pub(crate) use turn::Write;
