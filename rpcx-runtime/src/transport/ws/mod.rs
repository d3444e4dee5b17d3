//! `ws@host:port` and `wss@host:port`: WebSocket, which browsers speak too.
//!
//! `upgrade` is the handshake, which `client` and `server` do from their sides, with a look at
//! the `origin` of browsers. `frames` reads and writes frames without a socket; `stream` makes two
//! byte streams of a socket, with `outgoing` for what both of them send.

mod client;
mod frames;
mod mask;
mod origin;
mod outgoing;
mod server;
mod stream;
mod upgrade;

#[cfg(feature = "http")]
pub(crate) use server::WebSockets;

pub(super) use frames::{Control, FrameReader};

use super::networks::Ways;
use super::tcp;

pub(super) const WAYS: Ways = Ways {
    upgrade: Some((client::client_upgrade, server::server_upgrade)),
    ..tcp::WAYS
};
