//! Events as lines of a log.

use super::rates::Rates;
use crate::event::Event;

/// Logs one event at a level that has to be a constant.
macro_rules! line {
    ($level:ident, $event:expr, $left_out:expr) => {
        ::tracing::event!(
            target: "rpcx",
            ::tracing::Level::$level,
            event = $event.name(),
            peer = $event.peer(),
            left_out = $left_out,
            "{}",
            $event
        )
    };
}

/// Events as lines of `tracing`, with the target `rpcx`: for
/// [`ServerBuilder::on_event`](crate::server::ServerBuilder::on_event) and
/// [`ChannelBuilder::on_event`](crate::client::ChannelBuilder::on_event).
///
/// Panics and failures of a listener are errors; lost connections, failed dials, limits and malformed
/// frames are warnings; the steps of a drain, reconnects and failed handshakes are information; the rest
/// is for debugging. Fields are `event`, its kind, and `peer`.
///
/// Of each kind 50 lines at once and 5 a second are logged. The next one of a kind says in `left_out`
/// how many were not.
///
/// ```
/// use rpcx::telemetry::log_events;
///
/// let server = rpcx::Server::builder().on_event(log_events());
/// ```
pub fn log_events() -> impl Fn(&Event<'_>) + Send + Sync + 'static {
    let rates = Rates::default();
    move |event| {
        if let Some(left_out) = rates.admit(event) {
            log(event, (left_out > 0).then_some(left_out));
        }
    }
}

fn log(event: &Event<'_>, left_out: Option<u64>) {
    match event {
        Event::HandlerPanicked { .. } | Event::AcceptFailed { .. } => {
            line!(ERROR, event, left_out);
        }
        Event::ConnectionLost { .. }
        | Event::ConnectionRefused { .. }
        | Event::Cut { .. }
        | Event::DialFailed { .. }
        | Event::EntriesSkipped { .. }
        | Event::NodeEjected { .. }
        | Event::ListEmptied { .. }
        | Event::ListNotKept { .. }
        | Event::NodeUnusable { .. }
        | Event::LimitReached { .. }
        | Event::RegistrationFailed { .. }
        | Event::WatchFailed { .. }
        | Event::MalformedFrame { .. } => line!(WARN, event, left_out),
        Event::ConnectionClosed { .. }
        | Event::ConnectionOpened { .. }
        | Event::Retrying { .. } => {
            line!(DEBUG, event, left_out);
        }
        Event::Draining { .. }
        | Event::GoAwayReceived { .. }
        | Event::GoAwaySent { .. }
        | Event::HandshakeFailed { .. }
        | Event::ListenersClosed
        | Event::NodesChanged { .. }
        | Event::NodeReadmitted { .. }
        | Event::Registered { .. }
        | Event::Unregistered { .. }
        | Event::Reconnected { .. }
        | Event::Stopped
        | Event::Stopping => line!(INFO, event, left_out),
    }
}
