//! How much one peer may ask for.

use std::time::Duration;

use super::{MemoryBudget, WritePace};
use crate::codec::DECODED;
use crate::protocol::FrameLimits;

/// What a server accepts and holds, the same on every network. Those of a client are
/// [`ClientLimits`].
///
/// All are on by default; every one that is reached gives an error that names it, and counts in
/// [`Stats`](crate::server::Stats) on a server.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// The parts of a received frame.
    pub frame: FrameLimits,
    /// An inflated payload, in bytes. Default: the frame's body limit.
    pub inflated: usize,
    /// What the arguments of one call may take in memory, in bytes, whatever they took on the wire. Default
    /// 256 MiB: all that a body of 16 MiB can honestly be. A request beyond it is refused as undecodable.
    ///
    /// In msgpack, JSON and registered codecs the elements of lists and maps count by the size of their
    /// types, and structs do. In thrift the elements of lists and maps do, a struct as 128 bytes; in
    /// protobuf each key, length and number as 16 bytes, and an empty message as 128 more: those codecs do not
    /// tell what type a message is read into.
    pub decoded: usize,
    /// Calls in flight on one connection. Default 16,384, as many as a client of this crate has; further
    /// ones are rejected as overloaded. A Go client has one connection for all its callers.
    pub connection_calls: usize,
    /// Calls of `blocking` methods of one connection that are given at once to the threads that may block, of which
    /// tokio has 512 for the whole process unless its runtime is built with others. Default 128. Further ones wait in
    /// the order in which they came; they are in flight, and do not begin if meanwhile their caller has gone or their
    /// deadline has passed. 0 is 1. A channel has as many places for the pushes that it serves.
    pub blocking_calls: usize,
    /// The same of all connections of one IPv4 address, or one /64 network of IPv6, together with the handlers that still
    /// run for connections that have ended. Default 256, half of tokio's threads, so that one address cannot take those
    /// of all others. Peers without an IP address (`unix`, in memory, in process) are limited by connection alone. Those
    /// behind a proxy have its address: `usize::MAX` is without end. 0 is 1.
    pub address_blocking_calls: usize,
    /// How long a call waits for one of those threads while no other call of its connection or address ends; then it is
    /// rejected as overloaded. Default 60 s; [`Duration::MAX`] is for as long as its caller does. So `blocking` methods
    /// that wait for other ones of their own server end with an error when they have all the threads.
    pub blocking_wait: Duration,
    /// Calls in flight on the whole server. Default 65,536, then calls are rejected.
    pub server_calls: usize,
    /// Bytes of the requests in flight on one connection. Default 64 MiB, then calls are rejected.
    pub connection_request_bytes: usize,
    /// Bytes of the requests in flight on the whole server. Default 512 MiB, then calls are
    /// rejected.
    pub server_request_bytes: usize,
    /// Bytes that wait to be written on one connection. Default 1 MiB, then it stops reading.
    pub queued_bytes: usize,
    /// The same with the replies of calls that were in flight by then. Default 64 MiB; a reply that comes on
    /// top of that is dropped, and its caller is told so in place of it.
    pub reply_bytes: usize,
    /// Bytes that are held for peers: frames that arrive, requests in flight with what they were inflated
    /// and decoded to, and replies that wait to be written. When they are spent, requests are rejected as
    /// overloaded until others have ended; frames of more than 64 KiB that have not arrived yet may take
    /// half of them. Default: [`MemoryBudget::of_process`].
    pub memory: MemoryBudget,
    /// Connections that are open at once. Default 10,000, or four fifths of the open files the
    /// process may have if that is less; new ones beyond that are closed.
    ///
    /// From four fifths of it on each new connection sends another one away: the one that was silent for the
    /// longest time among those of which no request was ever let through, or else among those that have had no
    /// call for a minute. Clients of this crate are asked to go, and connect again for their next call.
    pub connections: usize,
    /// The same of one IPv4 address, or one /64 network of IPv6. Default: half of
    /// [`connections`](Self::connections), so that one address cannot take the places of all others.
    /// `usize::MAX` is without end: for a server behind a proxy, through which all come.
    pub address_connections: usize,
    /// Requests of one connection in a row that authorization may refuse as
    /// [`Denied`](crate::Rejection::Denied), which is what it refuses with unless it says otherwise, or
    /// [`Unauthenticated`](crate::Rejection::Unauthenticated); then the connection is closed. Default 10; `u32::MAX` is without end.
    pub strikes: u32,
    /// How long TLS, an HTTP handshake and whatever else comes before the first frame may take
    /// together. Default 10 s.
    pub handshake: Duration,
    /// Handshakes that clients have begun and that are in progress on one listener. Default 256; then
    /// no more are accepted until one has ended, or the oldest has gone on for 1 s and is given up.
    ///
    /// Sockets that wait for the first byte of a handshake do not count. There may be as many of them
    /// as [`connections`](Self::connections) leaves room for; then the oldest is given up.
    pub handshakes: usize,
    /// How long a new connection may stay silent. Default 120 s.
    pub first_byte: Duration,
    /// How long the first sixteen bytes of a frame may take. Default 10 s.
    pub frame_header: Duration,
    /// How long a frame may take at least; beyond that it must keep up
    /// [`frame_rate`](Self::frame_rate). Default 30 s.
    pub frame_body: Duration,
    /// Bytes a second that a frame must arrive with after [`frame_body`](Self::frame_body).
    /// Default 64 KiB.
    pub frame_rate: usize,
    /// How long a connection may go without a byte. Default 1 h; heartbeats are bytes. It ends up to a tenth
    /// sooner, so that many do not end at once. Clients of this crate are asked to go first, so that a call
    /// that is on its way is answered.
    pub idle: Duration,
    /// How long a connection may be open. Default [`Duration::MAX`]; for servers behind balancers, which
    /// spread connections and not calls. It ends up to a tenth sooner, as with [`idle`](Self::idle): clients
    /// of this crate are asked to go and get all their replies, within 30 s; others are no longer read from
    /// once they are quiet or 2 s have passed, and everything that was read is answered.
    pub age: Duration,
    /// How long the network may refuse to take a byte of what is written. Default 30 s.
    pub write_stall: Duration,
    /// Bytes a second that the network has to take of what waits to be written, after
    /// [`write_stall`](Self::write_stall). Default 16 KiB.
    pub write_rate: usize,
    /// How long a handler may run, whatever its caller asked for. Then its caller is told, and its future
    /// is dropped, unless the method is marked to run to its end. Default [`Duration::MAX`]: for as long as
    /// it takes.
    pub handler: Duration,
    /// The payload of a heartbeat, in bytes. Default 1 KiB.
    pub heartbeat_bytes: usize,
    /// Heartbeats a second; ten times as many may come at once. Default 10.
    pub heartbeat_rate: u32,
}

const MAX_CONNECTIONS: usize = 10_000;

/// What the slowest of links do.
const WRITE_RATE: usize = 16 << 10;

impl Limits {
    /// The defaults of a server.
    pub fn server() -> Self {
        let files = open_files().map(|files| files / 5 * 4);
        let connections = files.map_or(MAX_CONNECTIONS, |files| MAX_CONNECTIONS.min(files));
        Self {
            frame: FrameLimits::SERVER,
            inflated: FrameLimits::SERVER.body,
            decoded: DECODED,
            connection_calls: 16_384,
            blocking_calls: 128,
            address_blocking_calls: 256,
            blocking_wait: Duration::from_secs(60),
            server_calls: 65_536,
            connection_request_bytes: 64 << 20,
            server_request_bytes: 512 << 20,
            queued_bytes: 1 << 20,
            reply_bytes: 64 << 20,
            memory: MemoryBudget::of_process(),
            connections,
            address_connections: connections.div_ceil(2),
            strikes: 10,
            handshake: Duration::from_secs(10),
            handshakes: 256,
            first_byte: Duration::from_secs(120),
            frame_header: Duration::from_secs(10),
            frame_body: Duration::from_secs(30),
            frame_rate: 64 << 10,
            idle: Duration::from_secs(3600),
            age: Duration::MAX,
            write_stall: Duration::from_secs(30),
            write_rate: WRITE_RATE,
            handler: Duration::MAX,
            heartbeat_bytes: 1024,
            heartbeat_rate: 10,
        }
    }

    pub(crate) fn write_pace(&self) -> WritePace {
        WritePace {
            stall: self.write_stall,
            rate: self.write_rate,
        }
    }

    /// Those for what a server pushes to a client.
    pub(crate) fn of_pushes(client: &ClientLimits) -> Self {
        Self {
            frame: client.frame,
            inflated: client.inflated,
            decoded: client.decoded,
            ..Self::server()
        }
    }
}

/// What a channel accepts from its server and holds for it, the same on every network.
///
/// ```
/// use rpcx::{Channel, ClientLimits};
///
/// let mut limits = ClientLimits::new();
/// limits.connection_calls = 100;
/// let channel = Channel::builder().address("tcp@127.0.0.1:8972").limits(limits);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ClientLimits {
    /// The parts of a received frame. A reply over one of them ends its call as
    /// [`Unknown`](crate::ErrorKind::Unknown).
    pub frame: FrameLimits,
    /// An inflated reply, in bytes. Default: the frame's body limit.
    pub inflated: usize,
    /// What one reply may take in memory, in bytes, whatever it took on the wire; see [`Limits::decoded`]. A
    /// reply beyond it ends its call as [`Unknown`](crate::ErrorKind::Unknown). Default 256 MiB.
    pub decoded: usize,
    /// Calls in flight on one connection. Default 16,384, then the next call waits.
    pub connection_calls: usize,
    /// Bytes that wait to be written on one connection. Default 16 MiB, then the next call waits.
    pub queued_bytes: usize,
    /// How long the network may refuse to take a byte of what is written; then the connection is closed.
    /// Default 30 s.
    pub write_stall: Duration,
    /// Bytes a second that the network has to take of what waits to be written, after
    /// [`write_stall`](Self::write_stall). Default 16 KiB.
    pub write_rate: usize,
    /// Bytes of pushed messages that wait for their handlers. Default 16 MiB, then the oldest are dropped
    /// and counted; there may be 1,024 of them in any case.
    pub push_bytes: usize,
}

impl ClientLimits {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            frame: FrameLimits::CLIENT,
            inflated: FrameLimits::CLIENT.body,
            decoded: DECODED,
            connection_calls: 16_384,
            queued_bytes: 16 << 20,
            write_stall: Duration::from_secs(30),
            write_rate: WRITE_RATE,
            push_bytes: 16 << 20,
        }
    }
}

impl ClientLimits {
    pub(crate) fn write_pace(&self) -> WritePace {
        WritePace {
            stall: self.write_stall,
            rate: self.write_rate,
        }
    }
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self::new()
    }
}

/// How many files the process may have open, where the system says so in a file.
fn open_files() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}
