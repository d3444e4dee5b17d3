//! Channels and calls: the side that asks.
//!
//! A [`Channel`] is a handle to one server or to many. It is cheap to clone, is shared by any number of clients and tasks, and
//! connects again by itself. [`Channel::connect`] takes an address; [`Channel::builder`] has everything else:
//!
//! | what | how |
//! |---|---|
//! | where servers are | [`address`](ChannelBuilder::address), [`addresses`](ChannelBuilder::addresses), [`registry`](ChannelBuilder::registry) |
//! | which one takes a call | [`select`](ChannelBuilder::select) with [`Select`], [`fail_mode`](ChannelBuilder::fail_mode) with [`FailMode`] |
//! | further attempts | [`retry`](ChannelBuilder::retry) with [`Retry`] |
//! | small calls beside large ones | [`bulk`](ChannelBuilder::bulk) with [`Bulk`] |
//! | who is calling | [`token_source`](ChannelBuilder::token_source), TLS with a certificate |
//! | code around calls | [`layer`](ChannelBuilder::layer) |
//! | what happens beside calls | [`on_event`](ChannelBuilder::on_event) |
//!
//! A method of a generated client returns a [`Call`]: options are set on it, and `.await` makes it.
//!
//! ```no_run
//! # #[rpcx::service] trait Arith { async fn mul(&self, a: i64, b: i64) -> rpcx::Result<i64>; }
//! # async fn f() -> rpcx::Result<()> {
//! use std::time::Duration;
//!
//! let channel = rpcx::Channel::connect("tcp@127.0.0.1:8972").await?;
//! let arith = ArithClient::new(&channel);
//! let product = arith.mul(6, 7).timeout(Duration::from_millis(200)).await?;
//! channel.close().await;          // one-way calls have been sent then
//! # Ok(())
//! # }
//! ```

// Read `call.rs` first: one call, start to end. `outgoing.rs` sends it over the connection that is
// open; where that cannot be done, or has failed, `repeat.rs` carries it on: `links.rs` and
// `link.rs` say over which connection, `attempt.rs` is one request over it, and `retry.rs` says
// whether there may be another, and when.
// A channel to several servers is a `Fleet`, of given nodes (`fixed.rs`) or of those of a registry (`discovered.rs`):
// `nodes.rs` follows the list of a service and `roster.rs` chooses from it, `endpoint.rs` is one server, and `health.rs` says whether it is to be chosen.

mod attempt;
mod buffers;
mod builder;
mod bulk;
mod call;
mod channel;
mod connection;
mod deadline;
mod discovered;
mod endpoint;
mod fan_out;
mod fixed;
mod fleet;
mod fleet_options;
mod formats;
mod gate;
mod hash_key;
mod health;
mod hedge;
mod layered;
mod link;
mod links;
mod measure;
mod median;
mod message;
mod network;
mod nodes;
mod notes;
mod options;
mod outgoing;
mod percentile;
mod pool;
mod probe;
mod pushes;
mod raw;
mod repeat;
mod response;
mod retry;
mod roster;
mod run;
mod select;
mod stub;
mod token;
mod turns;
mod warm;

pub use builder::ChannelBuilder;
pub use bulk::Bulk;
pub use call::{Call, WithMetadata};
pub use channel::Channel;
pub use fan_out::Receipt;
pub use fleet::{FailMode, NodeStatus};
pub use hash_key::HashKey;
pub use health::Ejection;
pub use raw::{RawMethod, RawReply};
pub use response::Response;
pub use retry::Retry;
pub use select::{Candidates, Choose, Custom, Select, UserSelector as Selector};
pub use stub::Stub;
pub use token::{Token, TokenSource};
