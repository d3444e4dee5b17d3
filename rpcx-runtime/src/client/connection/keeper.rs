//! The clock of a client connection: deadlines of its calls, heartbeats, silence of its peer.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::Connection;
use super::idle::Idle;
use super::pulse::{Beat, Pulse, Rules, Seen};

/// Runs until the connection is closed.
pub(super) async fn keep(connection: Arc<Connection>) {
    let options = &connection.options;
    let rules = options.heartbeat_interval.map(|interval| Rules {
        interval,
        timeout: options.heartbeat_timeout,
        patience: options.server_patience,
    });
    let mut pulse = rules.map(|rules| Pulse::new(rules, Instant::now()));
    let mut signs = Signs::default();
    let mut idle = options
        .idle_after
        .map(|time| Idle::new(time, Instant::now()));
    let mut next_deadline = None;
    while !connection.calls.is_closed() {
        let looks = [
            pulse.as_ref().map(Pulse::next),
            idle.as_ref().map(Idle::next),
        ];
        let next = looks.into_iter().chain([next_deadline]).flatten().min();
        let rearmed = connection.calls.rearm.notified();
        match next {
            Some(at) => {
                tokio::select! {
                    () = sleep_until(at) => {}
                    () = rearmed => {}
                }
            }
            None => rearmed.await,
        }
        let now = Instant::now();
        next_deadline = connection.calls.expire(now);
        signs.note_expired(&connection);
        // A call that was begun wakes this task as well; that is no time to look.
        let due = pulse.as_mut().filter(|pulse| now >= pulse.next());
        match due.map(|pulse| pulse.look(now, signs.look(&connection))) {
            None | Some(Beat::Nothing) => {}
            Some(Beat::Ask) => connection.send_heartbeat(),
            Some(Beat::Dead(silent)) => connection.fail(unanswered(silent)),
        }
        let due = idle.as_mut().filter(|idle| now >= idle.next());
        let busy = connection.calls.in_flight() > 0;
        if due.is_some_and(|idle| idle.is_over(now, connection.traffic(), busy)) {
            connection.calls.leave();
            // A call that was begun meanwhile is the last one.
            idle = None;
        }
    }
}

/// What tells of the peer beside the bytes that come.
#[derive(Debug, Default)]
struct Signs {
    /// Calls that were ended by their deadlines.
    expired: u64,
    /// How many reads there were when calls were ended by their deadlines.
    in_vain: Option<u64>,
    /// Pieces of long writes that the peer has taken.
    pieces: usize,
}

impl Signs {
    fn note_expired(&mut self, connection: &Connection) {
        let expired = connection.calls.expired();
        if expired != self.expired {
            self.expired = expired;
            self.in_vain = Some(connection.reads());
        }
    }

    fn look(&mut self, connection: &Connection) -> Seen {
        let (reads, pieces) = (connection.reads(), connection.calls.outbox().pieces());
        let taking = pieces != self.pieces;
        self.pieces = pieces;
        Seen {
            reads,
            waiting: self.in_vain == Some(reads) || connection.calls.in_flight() > 0,
            taking,
        }
    }
}

fn unanswered(silent: Duration) -> io::Error {
    let silent = silent.as_millis();
    io::Error::new(
        io::ErrorKind::TimedOut,
        format!("the server did not answer a heartbeat, and was silent for {silent} ms"),
    )
}
