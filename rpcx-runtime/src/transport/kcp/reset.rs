//! Answers to packets of sessions that are not known here.
//!
//! A server that was started again has none of the sessions that its clients still have. KCP has no word
//! for that, and a client would wait until the server has been silent for too long. Peers of this kind say
//! it with a segment of their own, alone in its packet, which repeats the number that the packet waited for.
//! It is never longer than what it answers, it answers data and questions alone, and a rate bounds it.
//! kcp-go 5.4.20 takes no notice of a command that it does not know.

use std::net::SocketAddr;
use std::sync::Mutex;

use super::guard::{Standing, Summary};
use super::packet::Series;
use super::socket::{Batch, Socket};
use crate::pace::TokenBucket;
use crate::sync::lock;

/// Answers in a second, and at once.
const RATE: f64 = 1000.0;

/// Those of one socket.
pub(super) struct Resets(Mutex<State>);

struct State {
    left: TokenBucket,
    series: Series,
}

impl Resets {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State {
            left: TokenBucket::full(RATE, RATE),
            series: Series::new(),
        }))
    }

    /// Answers a packet of a session that is not known, if its peer waits for something.
    pub(super) fn answer(&self, socket: &Socket, packet: &Summary, peer: SocketAddr) {
        let waits = packet.pushes > 0 || packet.asks;
        let mut state = lock(&self.0);
        if !waits || !socket.wire.has_end() || !state.left.take() {
            return;
        }
        let standing = Standing {
            conv: packet.conv,
            window: 0,
            una: packet.una,
        };
        let mut batch = Batch::default();
        let mut first = true;
        // A datagram that is lost is answered when it is sent again. Parity is of no use to one peer.
        let segment = standing.reset();
        let sent = socket.wire.send(&mut state.series, &segment, |datagram| {
            if std::mem::take(&mut first) {
                batch.push(datagram);
            }
        });
        if sent.is_ok() {
            let _ = socket.send(&mut batch, Some(peer));
        }
    }
}
