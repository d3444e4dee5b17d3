//! The files of the runtime's `connection` whose protocols are explored.

#[path = "../../../rpcx-runtime/src/connection/calls.rs"]
pub(crate) mod calls;
#[path = "../../../rpcx-runtime/src/connection/life.rs"]
mod life;
#[path = "../../../rpcx-runtime/src/connection/memory.rs"]
mod memory;
#[path = "../../../rpcx-runtime/src/connection/outbox.rs"]
pub(crate) mod outbox;
#[path = "../../../rpcx-runtime/src/connection/outbox_state.rs"]
mod outbox_state;
#[path = "../../../rpcx-runtime/src/connection/pending.rs"]
pub(crate) mod pending;
#[path = "../../../rpcx-runtime/src/connection/queue.rs"]
mod queue;
#[path = "../../../rpcx-runtime/src/connection/sink.rs"]
mod sink;
#[path = "../../../rpcx-runtime/src/connection/turn.rs"]
mod turn;

pub(crate) use outbox::{Batch, Outbox};
pub(crate) use queue::Queue;
pub(crate) use turn::Write;
