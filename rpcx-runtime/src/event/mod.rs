//! What happens to a server or a channel beside its calls: connections, limits, drains, retries.
//!
//! A server and a channel each tell one function what happens, if they are given one:
//! [`ServerBuilder::on_event`] and [`ChannelBuilder::on_event`]. An event borrows what it speaks of,
//! prints as one line of a log, and has the error with all its causes. New kinds of events and new
//! fields may come, so a `match` has a `_` arm and patterns end with `..`.
//!
//! # Cost
//!
//! Nothing is allocated and nothing is formatted unless there is such a function. The requests of a
//! connection that go well have no events.
//!
//! [`ServerBuilder::on_event`]: crate::server::ServerBuilder::on_event
//! [`ChannelBuilder::on_event`]: crate::client::ChannelBuilder::on_event

mod display;
mod panic_output;
mod sink;

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

pub use panic_output::limit_panic_output;
pub(crate) use sink::Events;

use crate::error::Error;

/// Something that happened to a server or a channel.
///
/// Peers and addresses are texts with the network: `tcp@127.0.0.1:50312`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A connection is open: accepted and through its handshake, or dialled.
    #[non_exhaustive]
    ConnectionOpened {
        /// The other end.
        peer: &'a str,
    },
    /// A channel has a connection again to an address at which it had one before.
    #[non_exhaustive]
    Reconnected {
        /// The other end.
        peer: &'a str,
        /// The dials since then that have failed.
        failures: u32,
    },
    /// A connection has ended in good order: the peer of a server has closed it between two
    /// requests, or this side has.
    #[non_exhaustive]
    ConnectionClosed {
        /// The other end.
        peer: &'a str,
    },
    /// A connection has ended in another way.
    #[non_exhaustive]
    ConnectionLost {
        /// The other end.
        peer: &'a str,
        /// Why.
        error: &'a io::Error,
    },
    /// A stream was closed before it was a connection: its TLS, HTTP or WebSocket handshake failed.
    #[non_exhaustive]
    HandshakeFailed {
        /// The address that was connected to.
        listener: &'a str,
        /// The other end, if the network knows it by then.
        peer: Option<&'a str>,
        /// Why.
        error: &'a io::Error,
    },
    /// The [connection rules](crate::transport::ConnectionRules) of a server have refused a peer. Its
    /// address may be forged on a network without a handshake, as `kcp` is.
    #[non_exhaustive]
    ConnectionRefused {
        /// The other end.
        peer: &'a str,
        /// Which rule it was.
        reason: &'a str,
    },
    /// A listener could not accept a stream.
    #[non_exhaustive]
    AcceptFailed {
        /// The address of the listener.
        listener: &'a str,
        /// Why: too many open files, for one.
        error: &'a io::Error,
    },
    /// A peer sent bytes that are no frame, or a frame that makes no sense. Its connection is closed.
    #[non_exhaustive]
    MalformedFrame {
        /// The other end.
        peer: &'a str,
        /// What was wrong.
        error: &'a io::Error,
    },
    /// A limit was reached, and something was refused, closed or paused for it.
    #[non_exhaustive]
    LimitReached {
        /// The counter of [`Stats`](crate::server::Stats) that says what happened, by name:
        /// `overloaded`. On a channel also `dropped_pushes`.
        counter: &'static str,
        /// The other end, or the listener of one that is not known yet.
        peer: &'a str,
    },
    /// A handler, a layer or an authorization panicked. Its caller was told "internal error".
    #[non_exhaustive]
    HandlerPanicked {
        /// The caller.
        peer: &'a str,
        /// The service that was called.
        service: &'a str,
        /// The method that was called.
        method: &'a str,
        /// The text of the panic.
        message: &'a str,
    },
    /// A server was told to stop.
    Stopping,
    /// All listeners of a server that stops are closed: no more connections come.
    ListenersClosed,
    /// A server that stops answers what was sent, and waits for its connections to end.
    #[non_exhaustive]
    Draining {
        /// Those that are open.
        connections: u64,
    },
    /// A server that stops, or ends a connection, has asked a client to go elsewhere.
    #[non_exhaustive]
    GoAwaySent {
        /// The client.
        peer: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// The time for a drain is over: the connections that are left are cut off.
    #[non_exhaustive]
    Cut {
        /// Those that were still open.
        connections: u64,
    },
    /// A server has stopped.
    Stopped,
    /// A server has asked this channel to go elsewhere.
    #[non_exhaustive]
    GoAwayReceived {
        /// The server.
        peer: &'a str,
        /// What the server says, which may be nothing.
        reason: &'a str,
    },
    /// A channel could not connect.
    #[non_exhaustive]
    DialFailed {
        /// The address that was dialled.
        address: &'a str,
        /// The dials that have failed in a row, with this one.
        failures: u32,
        /// Why.
        error: &'a io::Error,
    },
    /// A call is going to be made again.
    #[non_exhaustive]
    Retrying {
        /// The service that is called.
        service: &'a str,
        /// The method that is called.
        method: &'a str,
        /// The attempts so far.
        attempts: u32,
        /// How long it waits before the next one.
        pause: Duration,
        /// How the last one ended.
        error: &'a Error,
    },
    /// The list of nodes of a service has changed.
    #[non_exhaustive]
    NodesChanged {
        /// The service.
        service: &'a str,
        /// How many there are now.
        nodes: usize,
        /// Those that were not there before.
        joined: usize,
        /// Those that are not there any more.
        left: usize,
    },
    /// The registry has no nodes of a service any more. Those that were there last stay in use for a while: it may be the registry
    /// that was emptied.
    #[non_exhaustive]
    ListEmptied {
        /// The service.
        service: &'a str,
        /// How many nodes stay in use.
        nodes: usize,
        /// For how long, unless a list with nodes comes before.
        kept: Duration,
    },
    /// A registry has entries that are no nodes, or absurd ones. Told when their number changes.
    #[non_exhaustive]
    EntriesSkipped {
        /// The service.
        service: &'a str,
        /// How many were left out of the list.
        skipped: u64,
        /// What is wrong, with the first that is no node as an example.
        reason: &'a str,
    },
    /// A registry cannot be heard about a service. The last list of nodes stays in use.
    #[non_exhaustive]
    WatchFailed {
        /// The service.
        service: &'a str,
        /// The failures since the last list came, with this one.
        failures: u32,
        /// How long it is before it is tried again.
        pause: Duration,
        /// Why.
        error: &'a Error,
    },
    /// A list of nodes could not be written to its file.
    #[non_exhaustive]
    ListNotKept {
        /// The service.
        service: &'a str,
        /// Why.
        error: &'a io::Error,
    },
    /// A node of a list cannot be connected to: its network is switched off, for one.
    #[non_exhaustive]
    NodeUnusable {
        /// The service.
        service: &'a str,
        /// The address of the node.
        address: &'a str,
        /// Why.
        error: &'a Error,
    },
    /// A node is passed over from now on, because its calls fail or take too long.
    #[non_exhaustive]
    NodeEjected {
        /// The address of the node.
        address: &'a str,
        /// The failures in a row.
        failures: u32,
        /// What it is ejected for: failures in a row, a share of failures, or its latency.
        reason: &'a str,
        /// How long it is before it is tried again.
        pause: Duration,
    },
    /// A node that was ejected has answered a call, and gets calls again.
    #[non_exhaustive]
    NodeReadmitted {
        /// The address of the node.
        address: &'a str,
    },
    /// A server stands in its registry, with all its services and addresses.
    #[non_exhaustive]
    Registered {
        /// How many entries that are.
        registrations: usize,
    },
    /// A server that was told to stop has left its registries.
    #[non_exhaustive]
    Unregistered {
        /// Whether they have all let go. If not, what stands there ends with its lease.
        complete: bool,
    },
    /// The registration of a server has failed, or ended. It goes on serving.
    #[non_exhaustive]
    RegistrationFailed {
        /// The failures since it last stood in the registry, with this one.
        failures: u32,
        /// How long it is before it is tried again.
        pause: Duration,
        /// Why.
        error: &'a Error,
    },
}

impl<'a> Event<'a> {
    /// The kind of event, as metrics and logs name it: `connection_lost`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ConnectionOpened { .. } => "connection_opened",
            Self::Reconnected { .. } => "reconnected",
            Self::ConnectionClosed { .. } => "connection_closed",
            Self::ConnectionLost { .. } => "connection_lost",
            Self::ConnectionRefused { .. } => "connection_refused",
            Self::HandshakeFailed { .. } => "handshake_failed",
            Self::AcceptFailed { .. } => "accept_failed",
            Self::MalformedFrame { .. } => "malformed_frame",
            Self::LimitReached { .. } => "limit_reached",
            Self::HandlerPanicked { .. } => "handler_panicked",
            Self::Stopping => "stopping",
            Self::ListenersClosed => "listeners_closed",
            Self::Draining { .. } => "draining",
            Self::GoAwaySent { .. } => "go_away_sent",
            Self::Cut { .. } => "cut",
            Self::Stopped => "stopped",
            Self::GoAwayReceived { .. } => "go_away_received",
            Self::DialFailed { .. } => "dial_failed",
            Self::Retrying { .. } => "retrying",
            Self::NodesChanged { .. } => "nodes_changed",
            Self::ListEmptied { .. } => "list_emptied",
            Self::EntriesSkipped { .. } => "entries_skipped",
            Self::WatchFailed { .. } => "watch_failed",
            Self::ListNotKept { .. } => "list_not_kept",
            Self::NodeUnusable { .. } => "node_unusable",
            Self::NodeEjected { .. } => "node_ejected",
            Self::NodeReadmitted { .. } => "node_readmitted",
            Self::Registered { .. } => "registered",
            Self::RegistrationFailed { .. } => "registration_failed",
            Self::Unregistered { .. } => "unregistered",
        }
    }

    /// The other end, the listener or the address that it is about.
    pub fn peer(&self) -> Option<&'a str> {
        match *self {
            Self::ConnectionOpened { peer }
            | Self::Reconnected { peer, .. }
            | Self::ConnectionClosed { peer }
            | Self::ConnectionLost { peer, .. }
            | Self::ConnectionRefused { peer, .. }
            | Self::MalformedFrame { peer, .. }
            | Self::LimitReached { peer, .. }
            | Self::HandlerPanicked { peer, .. }
            | Self::GoAwaySent { peer, .. }
            | Self::GoAwayReceived { peer, .. } => Some(peer),
            Self::HandshakeFailed { listener, peer, .. } => Some(peer.unwrap_or(listener)),
            Self::AcceptFailed { listener, .. } => Some(listener),
            Self::DialFailed { address, .. }
            | Self::NodeUnusable { address, .. }
            | Self::NodeEjected { address, .. }
            | Self::NodeReadmitted { address } => Some(address),
            Self::Stopping
            | Self::ListenersClosed
            | Self::Draining { .. }
            | Self::Cut { .. }
            | Self::Stopped
            | Self::Retrying { .. }
            | Self::ListNotKept { .. }
            | Self::NodesChanged { .. }
            | Self::ListEmptied { .. }
            | Self::EntriesSkipped { .. }
            | Self::WatchFailed { .. }
            | Self::Registered { .. }
            | Self::RegistrationFailed { .. }
            | Self::Unregistered { .. } => None,
        }
    }

    /// The error that it is about. Its causes are its [`source`](StdError::source)s.
    pub fn error(&self) -> Option<&'a (dyn StdError + 'static)> {
        match *self {
            Self::ConnectionLost { error, .. }
            | Self::HandshakeFailed { error, .. }
            | Self::AcceptFailed { error, .. }
            | Self::MalformedFrame { error, .. }
            | Self::DialFailed { error, .. }
            | Self::ListNotKept { error, .. } => Some(error),
            Self::Retrying { error, .. }
            | Self::NodeUnusable { error, .. }
            | Self::WatchFailed { error, .. }
            | Self::RegistrationFailed { error, .. } => Some(error),
            _ => None,
        }
    }
}
