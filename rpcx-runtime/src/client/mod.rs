//! Channels and calls.
//!
//! Read `call.rs` first: one call, start to end.

mod attempt;
mod buffers;
mod builder;
mod call;
mod channel;
mod gate;
mod link;
mod options;
mod pushes;
mod response;
mod retry;
mod stub;

pub use builder::ChannelBuilder;
pub use call::{Call, CallFuture, WithMetadata};
pub use channel::Channel;
pub use response::Response;
pub use stub::Stub;
