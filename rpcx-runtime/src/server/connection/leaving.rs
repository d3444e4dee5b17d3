//! How a connection ends that the server wants no more of: what its peer is told, and what is still read.

use std::io;
use std::time::Duration;

use tokio::time::Instant;

use super::{FIRST_CALL, Heard, Reading};
use crate::connection::goaway;
use crate::context::Standing;
use crate::event::Event;
use crate::protocol::Decoder;
use crate::server::frames::Frames;
use crate::server::watchdog::Fault;

/// While draining, a connection that is quiet for this long is closed.
const QUIET: Duration = Duration::from_millis(50);

/// The same for one that was asked to go, and closes by itself when it has its answers.
const ASKED: Duration = Duration::from_secs(2);

/// How long a peer that cannot be asked to go is read from while the server drains. It may be busy
/// for ever; what it has sent by then and was read is answered.
const BUSY: Duration = Duration::from_secs(2);

/// How long a peer that was asked to go because its connection is old may take to do it. Then it is no
/// longer read from.
pub(super) const LEAVING: Duration = Duration::from_secs(30);

/// How long the last bytes of a peer are read, and ignored, after this side has closed: a socket
/// closed with bytes unread would take the last replies with it.
const LINGER: Duration = Duration::from_secs(1);

/// Others need the place of the connection. A peer that has called is asked to go, and may take its time.
pub(super) fn crowded_out(frames: &Frames, standing: &Standing) -> Heard {
    frames.reached(|counters| &counters.crowded_out);
    match standing.is_known() {
        true => Heard::Leave(Fault::Crowded),
        false => Heard::Evicted(Fault::Crowded),
    }
}

/// The connection was silent, slow or open for too long.
pub(super) fn overdue(frames: &Frames, fault: Fault) -> Heard {
    frames.reached(match fault {
        Fault::Silent => |counters| &counters.silent_connections,
        Fault::Idle => |counters| &counters.idle_connections,
        Fault::SlowFrame => |counters| &counters.slow_frames,
        Fault::Aged => |counters| &counters.aged_connections,
        Fault::Crowded => |counters| &counters.crowded_out,
    });
    // A call that is on its way is answered, or made again elsewhere.
    let leaves = fault == Fault::Idle && frames.knows_goaway;
    if leaves || fault == Fault::Aged {
        return Heard::Leave(fault);
    }
    Heard::End(Err(io::Error::new(io::ErrorKind::TimedOut, fault.text())))
}

impl Reading {
    /// Says of a request that came too slowly why it is not run, if so much of it is there.
    pub(super) fn tell_slow(&mut self, decoder: &mut Decoder) {
        if let Some(header) = decoder.skip(&mut self.buffer.bytes) {
            self.frames.refuse_slow(header);
            let _ = self.frames.flush();
        }
    }

    /// Tells a peer that has to go at once, if it understands that.
    pub(super) fn evict(&self, fault: Fault) -> io::Error {
        if self.frames.knows_goaway {
            self.ask_to_go(fault.text());
        }
        io::Error::other(fault.text())
    }

    /// Why the connection of a peer ends whose requests authorization refuses again and again.
    #[inline]
    pub(super) fn struck_out(&self) -> Option<io::Error> {
        let strikes = self.open.origin.peer.standing().strikes();
        (strikes >= self.shared.limits().strikes.max(1)).then(|| self.tell_struck_out(strikes))
    }

    #[cold]
    fn tell_struck_out(&self, strikes: u32) -> io::Error {
        self.frames.reached(|counters| &counters.struck_out);
        let why = format!("{strikes} requests in a row were refused by authorization");
        if self.frames.knows_goaway {
            self.ask_to_go(&why);
        }
        io::Error::new(io::ErrorKind::PermissionDenied, why)
    }

    /// Goes on until the peer has gone, or nothing is in flight and nothing comes, or a peer that cannot be
    /// asked to go was read from for long enough; or until `last`, if there is such a time.
    pub(super) async fn drain(&mut self, decoder: &mut Decoder, why: &str, last: Option<Instant>) {
        let (mut asked, busy) = (false, Instant::now() + BUSY);
        let over = |end: Option<Instant>| end.is_some_and(|end| Instant::now() >= end);
        while !over(last) && (asked || !over(Some(busy))) {
            // A connection that was accepted last says with its first call what it understands.
            asked = asked || (self.frames.knows_goaway && self.ask_to_go(why));
            let quiet = match self.reads {
                _ if asked => ASKED,
                0 => FIRST_CALL,
                _ => QUIET,
            };
            let read = self.buffer.fill(&mut *self.reader);
            match tokio::time::timeout(quiet, read).await {
                Ok(Ok(1..)) => {
                    self.reads += 1;
                    if self.work_off(decoder).await.is_break() {
                        return;
                    }
                }
                Ok(_) => return,
                Err(_) if self.open.calls.in_flight() == 0 => return,
                Err(_) => {}
            }
        }
    }

    fn ask_to_go(&self, reason: &str) -> bool {
        let way = self.open.origin.peer.way();
        // One that cannot be told now is told after its next request.
        let asked = way
            .push(&mut |seq, out| goaway::append(seq, reason, out))
            .is_ok();
        if asked {
            self.shared.events().emit(|tell| {
                tell(&Event::GoAwaySent {
                    peer: &self.open.origin.peer.to_string(),
                    reason,
                });
            });
        }
        asked
    }

    pub(super) async fn linger(&mut self) {
        let ignored = async {
            loop {
                self.buffer.bytes.clear();
                if !matches!(self.buffer.fill(&mut *self.reader).await, Ok(1..)) {
                    return;
                }
            }
        };
        let _peer_closed = tokio::time::timeout(LINGER, ignored).await;
    }
}
