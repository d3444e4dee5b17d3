//! Events as lines of a log.

use std::error::Error as StdError;
use std::fmt;

use super::Event;

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConnectionOpened { peer } => write!(f, "{peer}: connection opened"),
            Self::Reconnected { peer, failures } => {
                write!(f, "{peer}: connected again after {failures} failed dials")
            }
            Self::ConnectionClosed { peer } => write!(f, "{peer}: connection closed"),
            Self::ConnectionLost { peer, .. } => write!(f, "{peer}: connection lost"),
            Self::ConnectionRefused { peer, reason } => write!(f, "{peer}: connection {reason}"),
            Self::HandshakeFailed { listener, peer, .. } => match peer {
                Some(peer) => write!(f, "{listener}: handshake with {peer} failed"),
                None => write!(f, "{listener}: handshake failed"),
            },
            Self::AcceptFailed { listener, .. } => write!(f, "{listener}: accept failed"),
            Self::MalformedFrame { peer, .. } => write!(f, "{peer}: malformed frame"),
            Self::LimitReached { counter, peer } => write!(f, "{peer}: limit reached: {counter}"),
            Self::HandlerPanicked {
                peer,
                service,
                method,
                message,
            } => write!(f, "{peer}: {service}/{method} panicked: {message}"),
            Self::Stopping => f.write_str("server is stopping"),
            Self::ListenersClosed => f.write_str("server has closed its listeners"),
            Self::Draining { connections } => {
                write!(f, "server is draining {connections} connections")
            }
            Self::GoAwaySent { peer, reason } => {
                write!(f, "{peer}: client asked to go elsewhere: {reason}")
            }
            Self::Cut { connections } => {
                write!(f, "server cuts off {connections} connections")
            }
            Self::Stopped => f.write_str("server has stopped"),
            Self::GoAwayReceived { peer, reason } => {
                let reason = reason.escape_debug();
                write!(f, "{peer}: server asks its clients to go: {reason}")
            }
            Self::DialFailed {
                address, failures, ..
            } => write!(f, "{address}: dial {failures} failed"),
            Self::Retrying {
                service,
                method,
                attempts,
                pause,
                ..
            } => write!(
                f,
                "{service}/{method}: attempt {attempts} failed, the next in {} ms",
                pause.as_millis()
            ),
            _ => of_registry(self, f),
        }?;
        match self.error() {
            Some(error) => causes(error, f),
            None => Ok(()),
        }
    }
}

/// The events of lists.
fn of_registry(event: &Event<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match event {
        Event::NodesChanged {
            service,
            nodes,
            joined,
            left,
        } => write!(f, "{service}: {nodes} nodes, {joined} joined, {left} left"),
        Event::EntriesSkipped {
            service,
            skipped,
            reason,
        } => write!(
            f,
            "{service}: {skipped} entries of the registry skipped: {reason}"
        ),
        Event::WatchFailed { service, pause, .. } => write!(
            f,
            "{service}: the registry cannot be heard, again in {} ms",
            pause.as_millis()
        ),
        Event::ListEmptied {
            service,
            nodes,
            kept,
        } => write!(
            f,
            "{service}: the registry has no nodes any more, the {nodes} that it had stay in use for {} s",
            kept.as_secs()
        ),
        Event::ListNotKept { service, .. } => {
            write!(f, "{service}: the list of nodes could not be written")
        }
        other => of_nodes(other, f),
    }
}

/// The events of nodes, and of a server's own entries.
fn of_nodes(event: &Event<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match event {
        Event::NodeUnusable {
            service, address, ..
        } => write!(f, "{address}: this node of {service} cannot be used"),
        Event::NodeEjected {
            address,
            reason,
            pause,
            ..
        } => write!(
            f,
            "{address}: node ejected for {} ms, {reason}",
            pause.as_millis()
        ),
        Event::NodeReadmitted { address } => write!(f, "{address}: node gets calls again"),
        Event::Registered { registrations } => {
            write!(f, "registered, {registrations} entries")
        }
        Event::Unregistered { complete: true } => f.write_str("server has left its registries"),
        Event::Unregistered { complete: false } => {
            f.write_str("server has left, and a registry has not let go in time")
        }
        Event::RegistrationFailed { pause, .. } => write!(
            f,
            "the registration failed, again in {} ms",
            pause.as_millis()
        ),
        other => f.write_str(other.name()),
    }
}

/// The error and its causes. Many errors have the text of their cause in their own: it is not repeated.
fn causes(error: &(dyn StdError + 'static), f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (mut said, mut next) = (String::new(), Some(error));
    while let Some(error) = next {
        let text = error.to_string();
        if !said.contains(&text) {
            write!(f, ": {text}")?;
            said.push_str(&text);
        }
        next = error.source();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use super::super::Event;
    use crate::error::Error;

    #[test]
    fn an_event_is_a_line() {
        let reset = io::Error::new(io::ErrorKind::ConnectionReset, "reset by peer");
        let peer = "tcp@127.0.0.1:5000";
        let error = &reset;
        let lost = Event::ConnectionLost { peer, error };
        let line = "tcp@127.0.0.1:5000: connection lost: reset by peer";
        assert_eq!(lost.to_string(), line);
        assert_eq!((lost.name(), lost.peer()), ("connection_lost", Some(peer)));
    }

    #[test]
    fn a_cause_is_said_once() {
        let refused = io::Error::new(io::ErrorKind::ConnectionRefused, "refused");
        let error = &Error::not_sent("cannot connect: refused").with_source(refused);
        let retrying = |error| Event::Retrying {
            service: "Arith",
            method: "Mul",
            attempts: 1,
            pause: Duration::from_millis(20),
            error,
        };
        let begin = "Arith/Mul: attempt 1 failed, the next in 20 ms";
        assert_eq!(
            retrying(error).to_string(),
            format!("{begin}: cannot connect: refused")
        );
        let error = &Error::not_sent("no connection").with_source(io::Error::other("a wall"));
        assert_eq!(
            retrying(error).to_string(),
            format!("{begin}: no connection: a wall")
        );
    }
}
