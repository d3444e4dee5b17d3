//! `quic@host:port`: one bidirectional stream on a QUIC connection of its own, as in Go.
//!
//! TLS 1.3 always, with the ALPN `rpcx`. The stream is the connection: when it has ended in both
//! directions, or the rest is not waited for, the connection is closed.
//!
//! QUIC shows a stream to the other end with its first byte and no sooner, so a client speaks first
//! ([`Connect::greet`](super::Connect::greet)).

mod client;
mod close_reason;
mod driver;
mod options;
mod parts;
mod reset;
mod server;
mod settings;
mod socket;
mod stream;
mod window;

pub use options::Quic;

use super::networks::Ways;

pub(super) const WAYS: Ways = Ways {
    connect: Some(client::connector),
    listen: |address, options| Box::pin(server::listen(address, options)),
    listen_on: None,
    upgrade: None,
};
