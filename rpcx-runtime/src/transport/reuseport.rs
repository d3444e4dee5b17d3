//! `reuseport@host:port`: TCP on a port that several listeners share, in one process or in several
//! of the same user. The system spreads new connections over them.

use super::networks::Ways;
use super::tcp;

pub(super) const WAYS: Ways = Ways {
    connect: None,
    listen: |address, options| {
        let share = |socket: &socket2::Socket| socket.set_reuse_port(true);
        Box::pin(tcp::listen_by(address, options, share))
    },
    listen_on: None,
    upgrade: None,
};
