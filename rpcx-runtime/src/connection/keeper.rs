//! The clock of a client connection: deadlines of its calls, heartbeats, silence of its peer.

use std::io;
use std::sync::Arc;

use tokio::time::{Instant, sleep_until};

use super::client::Connection;
use crate::pace::after;

/// Runs until the connection is closed.
pub(super) async fn keep(connection: Arc<Connection>) {
    let mut next_deadline = None;
    let mut pulse = Pulse::new(&connection);
    while !connection.calls.is_closed() {
        let next = match (next_deadline, pulse.next) {
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
        if let Err(silence) = pulse.beat(&connection, now) {
            connection.fail(silence);
        }
    }
}

/// Heartbeats are sent only while nothing arrives; an answer is whatever arrives.
struct Pulse {
    next: Option<Instant>,
    seen: u64,
    asked: bool,
}

impl Pulse {
    fn new(connection: &Connection) -> Self {
        let next = connection
            .options
            .heartbeat_interval
            .map(|interval| after(Instant::now(), interval));
        Self {
            next,
            seen: 0,
            asked: false,
        }
    }

    fn beat(&mut self, connection: &Connection, now: Instant) -> io::Result<()> {
        let (Some(next), Some(interval)) = (self.next, connection.options.heartbeat_interval)
        else {
            return Ok(());
        };
        if now < next {
            return Ok(());
        }
        let seen = connection.reads();
        if seen != self.seen {
            (self.seen, self.asked) = (seen, false);
            self.next = Some(after(now, interval));
        } else if self.asked {
            let waited = connection.options.heartbeat_timeout.as_millis();
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                format!("the server did not answer a heartbeat for {waited} ms"),
            ));
        } else {
            connection.send_heartbeat();
            self.asked = true;
            self.next = Some(after(now, connection.options.heartbeat_timeout));
        }
        Ok(())
    }
}
