//! JSON-RPC 2.0 over WebSocket: each message is what the body of a `POST` is, answered by one message as soon
//! as its calls have ended, in whatever order. What the server pushes is a notification.
//!
//! `arriving` counts what a peer has sent of a message, `notify` is the way from pushes to notifications.

mod arriving;
mod notify;

use std::future::poll_fn;
use std::io::{self, Cursor};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::FuturesUnordered;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWrite, Join, join};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as WsError, Message, Utf8Bytes};

use self::arriving::{Arrived, Metered};
use self::notify::Notifier;
use super::super::entry::Entry;
use super::answer::{Answers, Code};
use super::{Run, answers_to};
use crate::connection::Limits;
use crate::context::Peer;
use crate::dispatch::{Arriving, ConnectionCalls};
use crate::error::{Error, Rejection};
use crate::protocol::Metadata;
use crate::server::{CROWDED, Place};
use crate::transport::{BoxFuture, Stream};

/// How long a peer may take to answer a close.
const GOODBYE: Duration = Duration::from_secs(1);

/// Whether JSON-RPC is spoken over WebSocket.
pub(in super::super) const PRESENT: bool = true;

type Socket = WebSocketStream<Join<Metered, Box<dyn AsyncWrite + Send + Unpin>>>;

/// An answer that is being made: none for notifications alone.
type Running = FuturesUnordered<BoxFuture<'static, Option<Vec<u8>>>>;

/// Serves a connection that has been upgraded, to its end. `front` was read of it already; `metadata` is that of
/// the request, which all calls have, and `upgraded` the place of that request.
pub(in super::super) async fn serve(
    (outer, upgraded): (Arc<Entry>, Place),
    stream: Stream,
    front: Bytes,
    metadata: Metadata,
) {
    let (notifier, notifications) = Notifier::new(outer.shared.limits());
    let peer = Peer::new(stream.peer.clone(), stream.identity.clone(), notifier);
    let site = Arc::clone(&outer.site);
    let shared = Arc::clone(&outer.shared);
    let admission = Arc::clone(&shared.dispatch.admission);
    let calls = ConnectionCalls::new(admission, Arc::clone(&peer));
    let entry = Entry::new(site, shared, (peer, calls), stream.at_loopback);
    // Its calls are those of this peer, and not of the request that was upgraded.
    let standing = entry.peer.standing();
    let _place = Place::enter(
        &entry.shared,
        &entry.peer.address,
        standing,
        Some(&entry.calls),
    );
    drop(upgraded);
    let arrived = Arrived::new(&entry);
    let longest = longest(&entry);
    let config = WebSocketConfig::default()
        .max_message_size(Some(longest))
        .max_frame_size(Some(longest));
    let reader = Metered::new(
        Box::new(Cursor::new(front).chain(stream.reader)),
        arrived.clone(),
    );
    let socket = join(reader, stream.writer);
    let socket = WebSocketStream::from_raw_socket(socket, Role::Server, Some(config)).await;
    let mut connection = Connection {
        socket,
        entry: Arc::clone(&entry),
        metadata,
        arrived,
        running: FuturesUnordered::new(),
        notifications,
        heard: Instant::now(),
        asked: false,
    };
    let cut = entry.shared.phase.cut();
    tokio::select! {
        () = connection.run() => {}
        () = cut => {}
    }
    // What is still running has no caller any more.
    drop(connection);
    entry.calls.lost.set();
    // Notifications have no answer that would wait for them.
    tokio::select! {
        () = poll_fn(|cx| entry.calls.poll_idle(cx)) => {}
        () = entry.shared.phase.cut() => {}
    }
}

/// The longest message, in bytes.
fn longest(entry: &Entry) -> usize {
    let limits = entry.shared.limits();
    entry.site.http.body_limit.unwrap_or(limits.frame.body)
}

struct Connection {
    socket: Socket,
    entry: Arc<Entry>,
    metadata: Metadata,
    /// The part of a message that is there.
    arrived: Arrived,
    running: Running,
    notifications: notify::Queue,
    /// When something came last.
    heard: Instant,
    /// Whether the peer has been asked since whether it is there.
    asked: bool,
}

/// What happens next on a connection.
enum Next {
    Answer(Option<Vec<u8>>),
    Notification(Vec<u8>),
    Came(Option<Result<Message, WsError>>),
    /// The peer has not said anything for half of the time that it may be silent.
    Silent,
    Slow,
    Drain,
    /// Others need its place.
    Crowded,
}

impl Connection {
    async fn run(&mut self) {
        let shared = Arc::clone(&self.entry.shared);
        let mut draining = false;
        loop {
            if draining && self.running.is_empty() {
                return self
                    .close(CloseCode::Away, "the server is shutting down")
                    .await;
            }
            let next = self.next(&shared.phase, draining).await;
            let sent = match next {
                Next::Answer(None) => Ok(()),
                Next::Answer(Some(text)) | Next::Notification(text) => self.send(text).await,
                Next::Came(Some(Ok(message))) => match self.came(message) {
                    true => Ok(()),
                    false => return self.goodbye().await,
                },
                Next::Came(Some(Err(WsError::Capacity(_)))) => {
                    return self.close(CloseCode::Size, "the message is too long").await;
                }
                Next::Came(Some(Err(WsError::Protocol(_) | WsError::Utf8(_)))) => {
                    return self
                        .close(CloseCode::Protocol, "this is no WebSocket")
                        .await;
                }
                Next::Came(_) => return,
                Next::Silent if self.asked => return,
                Next::Silent => self.ask().await,
                Next::Slow => {
                    let text = "the message came too slowly";
                    return self.close(CloseCode::Policy, text).await;
                }
                Next::Drain => {
                    draining = true;
                    Ok(())
                }
                Next::Crowded => {
                    shared.reached(&shared.counters().crowded_out, &*self.entry.peer);
                    return self.close(CloseCode::Again, CROWDED).await;
                }
            };
            if sent.is_err() {
                return;
            }
        }
    }

    /// Waits for what happens next. A peer with as many requests under way as it may have is read from all the same:
    /// further ones are refused, and that it leaves is seen.
    async fn next(&mut self, phase: &crate::server::Phase, draining: bool) -> Next {
        let limits = self.entry.shared.limits();
        let reads = !draining;
        let crowded = &self.entry.peer.standing().crowded;
        let silent = self.heard + self.entry.site.http.idle / 2 * if self.asked { 2 } else { 1 };
        let slow = self.arrived.late(limits);
        tokio::select! {
            Some(answer) = self.running.next() => Next::Answer(answer),
            Some(text) = self.notifications.next() => Next::Notification(text),
            came = self.socket.next(), if reads => Next::Came(came),
            () = sleep_until(silent), if reads => Next::Silent,
            () = until(slow), if reads => Next::Slow,
            () = phase.draining(), if !draining => Next::Drain,
            () = crowded.wait() => Next::Crowded,
        }
    }

    /// Takes a message; false at the end of the connection.
    fn came(&mut self, message: Message) -> bool {
        let held = self.arrived.take();
        self.heard = Instant::now();
        self.asked = false;
        let now = self.entry.shared.places.now();
        self.entry.peer.standing().heard(now);
        let bytes = match message {
            Message::Text(text) => Bytes::from(text),
            Message::Binary(bytes) => bytes,
            // The answer to a ping, and to a close, is on its way already.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return true,
            Message::Close(_) => return false,
        };
        let answer = answer(Arc::clone(&self.entry), self.metadata.clone(), bytes, held);
        self.running.push(Box::pin(answer));
        true
    }

    async fn send(&mut self, text: Vec<u8>) -> io::Result<()> {
        // Made of JSON, which is UTF-8.
        let text = Utf8Bytes::try_from(Bytes::from(text)).map_err(io::Error::other)?;
        self.put(Message::Text(text)).await
    }

    /// Asks whether the peer is there.
    async fn ask(&mut self) -> io::Result<()> {
        self.asked = true;
        self.put(Message::Ping(Bytes::new())).await
    }

    async fn close(&mut self, code: CloseCode, reason: &'static str) {
        let reason = Utf8Bytes::from_static(reason);
        let close = CloseFrame { code, reason };
        if self.put(Message::Close(Some(close))).await.is_ok() {
            self.goodbye().await;
        }
    }

    /// Sends the answer to a close, or waits for one: a socket that is closed with bytes unread is reset, and
    /// takes with it what the peer has not read yet.
    async fn goodbye(&mut self) {
        let rest = async { while let Some(Ok(_)) = self.socket.next().await {} };
        // A peer that says no more has been told.
        let _ = timeout(GOODBYE, rest).await;
    }

    /// Sends a message to a peer that takes it in time.
    async fn put(&mut self, message: Message) -> io::Result<()> {
        let limits = self.entry.shared.limits();
        let sent = timeout(limits.write_stall, self.socket.send(message)).await;
        match sent {
            Ok(sent) => sent.map_err(io::Error::other),
            Err(_) => {
                let counters = self.entry.shared.counters();
                let (counter, peer) = (&counters.stalled_writes, &*self.entry.peer);
                self.entry.shared.reached(counter, peer);
                Err(io::ErrorKind::TimedOut.into())
            }
        }
    }
}

/// Waits until then, if there is a then.
async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => sleep(Duration::MAX).await,
    }
}

/// The answer to a message, which is counted as held until it is there.
async fn answer(
    entry: Arc<Entry>,
    metadata: Metadata,
    bytes: Bytes,
    held: Result<Arriving, &'static str>,
) -> Option<Vec<u8>> {
    let _held = match held {
        Ok(held) => held,
        Err(full) => {
            let error = Error::rejected(Rejection::Overloaded, full);
            return Answers::one_failure(Code::of(&error, false), &error).finish();
        }
    };
    let run = Run {
        entry: &entry,
        metadata: &metadata,
        go: entry.site.http.go_status_codes,
    };
    answers_to(&run, &bytes, false).await.0.finish()
}

/// How long a message may be on its way that has so many bytes.
fn time_for(bytes: usize, limits: &Limits) -> Duration {
    let earned = Duration::from_secs_f64(bytes as f64 / limits.frame_rate.max(1) as f64);
    limits.frame_body.max(earned)
}
