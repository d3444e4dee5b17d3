//! The clock of a client connection: deadlines of its calls, heartbeats, silence of its peer.

use std::io;
use std::sync::Arc;

use tokio::time::{Instant, sleep_until};

use super::Connection;
use super::pulse::{Beat, Pulse};

/// Runs until the connection is closed.
pub(super) async fn keep(connection: Arc<Connection>) {
    let options = &connection.options;
    let interval = options.heartbeat_interval;
    let mut pulse =
        interval.map(|interval| Pulse::new(interval, options.heartbeat_timeout, Instant::now()));
    let mut next_deadline = None;
    while !connection.calls.is_closed() {
        let next = match (next_deadline, pulse.as_ref().map(Pulse::next)) {
            (Some(deadline), Some(beat)) => Some(beat.min(deadline)),
            (deadline, beat) => deadline.or(beat),
        };
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
        // A call that was begun wakes this task as well; that is no time to look.
        let due = pulse.as_mut().filter(|pulse| now >= pulse.next());
        match due.map(|pulse| pulse.look(now, connection.reads())) {
            None | Some(Beat::Nothing) => {}
            Some(Beat::Ask) => connection.send_heartbeat(),
            Some(Beat::Dead) => connection.fail(unanswered(&connection)),
        }
    }
}

fn unanswered(connection: &Connection) -> io::Error {
    let waited = connection.options.heartbeat_timeout.as_millis();
    io::Error::new(
        io::ErrorKind::TimedOut,
        format!("the server did not answer a heartbeat for {waited} ms"),
    )
}
