//! The clock of a client connection: deadlines of its calls, heartbeats, silence of its peer.

use std::io;
use std::sync::Arc;

use tokio::time::{Instant, sleep_until};

use super::Connection;
use super::idle::Idle;
use super::pulse::{Beat, Pulse};

/// Runs until the connection is closed.
pub(super) async fn keep(connection: Arc<Connection>) {
    let options = &connection.options;
    let interval = options.heartbeat_interval;
    let mut pulse =
        interval.map(|interval| Pulse::new(interval, options.heartbeat_timeout, Instant::now()));
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
        // A call that was begun wakes this task as well; that is no time to look.
        let due = pulse.as_mut().filter(|pulse| now >= pulse.next());
        match due.map(|pulse| pulse.look(now, connection.reads())) {
            None | Some(Beat::Nothing) => {}
            Some(Beat::Ask) => connection.send_heartbeat(),
            Some(Beat::Dead) => connection.fail(unanswered(&connection)),
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

fn unanswered(connection: &Connection) -> io::Error {
    let waited = connection.options.heartbeat_timeout.as_millis();
    io::Error::new(
        io::ErrorKind::TimedOut,
        format!("the server did not answer a heartbeat for {waited} ms"),
    )
}
