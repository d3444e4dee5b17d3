//! Calls multiplexed over one stream.

mod idle;
mod keeper;
mod lookout;
mod pulse;

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::io::AsyncRead;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout};

use crate::address::Address;
use crate::codec::Formats;
use crate::connection::{
    Calls, ClientLimits, Outbox, Pushed, Queue, QueuedOneway, ReadBuffer, Started, Write, goaway,
};
use crate::error::Error;
use crate::event::{Event, Events};
use crate::layer::Reached;
use crate::protocol::{Decoded, Decoder, Frame, FrameEncoder, Header, Metadata, ProtocolError};
use crate::sync::lock;
use crate::task;
use crate::transport::Stream;

/// How long the server may take to end its side when this one has. It has read everything then; a
/// socket closed with bytes unread would be reset, and take along what the server has not read.
const LINGER: Duration = Duration::from_secs(1);

/// Frames of one read after which others have their turn.
const TURN: usize = 256;

/// What a client connection does on its own.
#[derive(Clone, Debug)]
pub(super) struct ConnectionOptions {
    pub(super) limits: ClientLimits,
    pub(super) events: Events,
    /// The codecs and compressions of payloads.
    pub(super) formats: Formats,
    /// Silence after which a heartbeat is sent.
    pub(super) heartbeat_interval: Option<Duration>,
    /// Silence after a heartbeat that ends the connection.
    pub(super) heartbeat_timeout: Duration,
    /// How long it may carry no call.
    pub(super) idle_after: Option<Duration>,
    /// Silence that ends it while calls wait.
    pub(super) server_patience: Duration,
}

/// One connection to a server: a task that reads, one that writes, one that watches the clock.
pub(super) struct Connection {
    pub(super) options: ConnectionOptions,
    pub(super) calls: Calls,
    look: lookout::Look,
    reads: AtomicU64,
    /// The answers to heartbeats among them.
    heartbeats: AtomicU64,
    /// Told at each of those.
    alive: Notify,
    /// Whether the server has answered a call, and so has read what this side announces.
    answered: AtomicBool,
    pushed: Arc<dyn Pushed>,
    reached: Arc<Reached>,
    ending: Ending,
    /// Why the server ends it, if the server has said so.
    farewell: Mutex<Option<String>>,
}

/// Why a connection is lost that cannot be written to.
#[derive(Debug, thiserror::Error)]
#[error("cannot write: {0}")]
struct WriteFailed(#[source] io::Error);

/// The end of a connection: everything that was written has left, or is lost.
#[derive(Clone, Debug)]
pub(super) struct Ending(watch::Receiver<()>);

impl Ending {
    pub(super) fn is_over(&self) -> bool {
        self.0.has_changed().is_err()
    }

    pub(super) async fn wait(mut self) {
        // The writing task holds the other end, and says nothing.
        while self.0.changed().await.is_ok() {}
    }
}

/// Keeps a connection open: when the last handle goes, what is queued is written and the stream
/// shut down.
pub(super) struct ConnectionHandle(Arc<Connection>);

impl Connection {
    /// Starts the tasks of a connection over an open stream.
    pub(super) fn start(
        stream: Stream,
        server: Option<Address>,
        options: ConnectionOptions,
        pushed: Arc<dyn Pushed>,
    ) -> ConnectionHandle {
        let outbox = Outbox::new(stream.writer, options.limits.queued_bytes);
        let pace = options.limits.write_pace();
        let ends = stream.ends;
        let (over, ending) = watch::channel(());
        let calls = Calls::new(
            stream.peer.to_string(),
            Arc::clone(&outbox),
            options.limits.connection_calls,
        );
        let reached = Arc::new(Reached {
            server,
            peer: Some(stream.peer),
        });
        let connection = Arc::new(Self {
            options,
            reached,
            calls,
            look: lookout::Look::new(),
            reads: AtomicU64::new(0),
            heartbeats: AtomicU64::new(0),
            alive: Notify::new(),
            answered: AtomicBool::new(false),
            pushed,
            ending: Ending(ending),
            farewell: Mutex::default(),
        });
        let own = Arc::downgrade(&connection);
        connection.calls.tell_first(move |deadline| {
            if let Some(connection) = own.upgrade() {
                lookout::look_after(&connection, deadline);
            }
        });
        let mut reading = tokio::spawn(read(FailOnDrop(Arc::clone(&connection)), stream.reader));
        let writing = Arc::clone(&connection);
        tokio::spawn(async move {
            let _over = over;
            let written = outbox.run(pace).await;
            if written.is_ok() && ends && !writing.calls.is_closed() {
                // It ends by itself.
                let _ended = timeout(LINGER, &mut reading).await;
            }
            match written {
                Ok(()) => writing.close(),
                Err(error) => {
                    let kind = error.kind();
                    writing.fail(io::Error::new(kind, WriteFailed(error)));
                }
            }
            reading.abort();
        });
        task::spawn(keeper::keep(Arc::clone(&connection)));
        ConnectionHandle(connection)
    }

    /// Ends the connection in good order.
    fn close(&self) {
        let reason = io::Error::other("the connection was closed by this side");
        if self.calls.fail(reason).is_some() {
            self.tell(&Event::ConnectionClosed {
                peer: self.calls.peer(),
            });
        }
    }

    /// Ends the connection because of this.
    pub(super) fn fail(&self, error: io::Error) {
        if let Some(error) = self.calls.fail(error) {
            self.tell(&Event::ConnectionLost {
                peer: self.calls.peer(),
                error: &error,
            });
        }
    }

    /// The server wants no more calls on it.
    fn asked_to_go(&self, reason: &str) {
        self.tell(&Event::GoAwayReceived {
            peer: self.calls.peer(),
            reason,
        });
        if !reason.is_empty() {
            self.note_farewell(reason);
        }
        self.calls.leave();
    }

    fn note_farewell(&self, reason: &str) {
        *lock(&self.farewell) = Some(reason.to_owned());
    }

    /// What its calls are told that were not answered.
    fn ended_by_server(&self) -> io::Error {
        match lock(&self.farewell).take() {
            Some(reason) => cut_short(format!("the server closed it: {reason}")),
            None => cut_short("the server closed it"),
        }
    }

    fn malformed(&self, error: ProtocolError) -> io::Error {
        let error = io::Error::new(io::ErrorKind::InvalidData, error);
        self.tell(&Event::MalformedFrame {
            peer: self.calls.peer(),
            error: &error,
        });
        error
    }

    fn tell(&self, event: &Event<'_>) {
        self.options.events.emit(|tell| tell(event));
    }

    /// How many reads brought something.
    pub(super) fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    #[cold]
    fn heard_heartbeat(&self) {
        self.heartbeats.fetch_add(1, Ordering::Relaxed);
        self.alive.notify_waiters();
    }

    /// What it has carried so far, but for signs of life.
    fn traffic(&self) -> idle::Traffic {
        let heartbeats = self.heartbeats.load(Ordering::Relaxed);
        (self.reads().wrapping_sub(heartbeats), self.calls.oneways())
    }

    pub(super) fn send_heartbeat(&self) {
        // Calls count their sequence numbers upwards from 2^24.
        let _ = self
            .calls
            .outbox()
            .push(Write::Now, |out| append_heartbeat(out.tail()));
    }
}

/// A heartbeat for a connection that is not there yet.
pub(super) fn heartbeat() -> Vec<u8> {
    let mut frame = Vec::new();
    append_heartbeat(&mut frame);
    frame
}

/// The heartbeat of Go rpcx: msgpack, the time in nanoseconds, no names.
fn append_heartbeat(out: &mut Vec<u8>) {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let mut payload = [0xd3; 9];
    payload[1..].copy_from_slice(&(now.as_nanos() as i64).to_be_bytes());
    let mut frame = FrameEncoder::new(out, Header::heartbeat(0));
    frame.names(b"", b"");
    frame.metadata(&Metadata::new());
    frame.payload(&payload);
    // Fifty bytes fit.
    let _ = frame.finish();
}

impl ConnectionHandle {
    /// Whether it takes no more calls.
    pub(super) fn is_closed(&self) -> bool {
        !self.0.calls.is_open()
    }

    /// Takes no more calls, and closes when those it has are answered.
    pub(super) fn leave(&self) {
        self.0.calls.leave();
    }

    /// Asks for a sign of life, and says how long it took to come. None if the connection is lost before.
    pub(super) async fn ping(&self) -> Option<Duration> {
        let began = Instant::now();
        let alive = self.0.alive.notified();
        tokio::pin!(alive);
        // From here on, and not from the first poll: the answer may be quick.
        alive.as_mut().enable();
        self.0.send_heartbeat();
        tokio::select! {
            () = alive => Some(began.elapsed()),
            () = self.ending().wait() => None,
        }
    }

    /// Where it goes.
    pub(super) fn reached(&self) -> &Arc<Reached> {
        &self.0.reached
    }

    pub(super) fn ending(&self) -> Ending {
        self.0.ending.clone()
    }

    /// Whether the server is still to be told what this side understands.
    #[inline]
    pub(super) fn is_new(&self) -> bool {
        !self.0.answered.load(Ordering::Relaxed)
    }

    /// Whether the server has ever sent anything.
    pub(super) fn has_answered(&self) -> bool {
        self.0.reads() > 0
    }

    pub(super) fn inflate_limit(&self) -> usize {
        self.0.options.limits.inflated
    }

    pub(super) fn formats(&self) -> &Formats {
        &self.0.options.formats
    }

    /// Why the connection is closed, if it is.
    pub(super) fn reason(&self) -> Option<Arc<io::Error>> {
        self.0.calls.reason()
    }

    /// Takes a slot and queues the frame that `append` writes for its sequence number.
    #[inline]
    pub(super) fn start(
        &self,
        cx: &Context<'_>,
        deadline: Option<Instant>,
        append: impl FnOnce(u64, &mut Queue),
    ) -> Started<u64> {
        self.0.calls.begin(cx, deadline, append)
    }

    /// Queues a frame that has no reply.
    pub(super) fn start_oneway(
        &self,
        cx: &Context<'_>,
        append: impl FnOnce(u64, &mut Queue),
    ) -> Started<QueuedOneway> {
        self.0.calls.begin_oneway(cx, append)
    }

    #[inline]
    pub(super) fn poll(&self, seq: u64, cx: &Context<'_>) -> Poll<Result<Frame, Error>> {
        self.0.calls.poll(seq, cx)
    }

    /// Ends a call that waited when it was polled, if its deadline has passed.
    pub(super) fn end_if_late(&self, seq: u64) {
        self.0.calls.end_if_late(seq);
    }

    /// The outcome of a one-way call: it ends when its frame is being written.
    pub(super) fn poll_taken(
        &self,
        queued: QueuedOneway,
        cx: &Context<'_>,
    ) -> Poll<Result<(), Error>> {
        self.0.calls.poll_taken(queued, cx)
    }

    /// Gives up a frame that has no reply: unless it is being written, it is never sent.
    pub(super) fn give_up_oneway(&self, queued: QueuedOneway) {
        self.0.calls.give_up_oneway(queued);
    }

    /// The same, and says whether it was not being written yet.
    pub(super) fn take_back_oneway(&self, queued: QueuedOneway) -> bool {
        self.0.calls.take_back_oneway(queued)
    }

    /// Gives a call up: its slot is free at once, and a frame that is not being written yet is never
    /// sent.
    pub(super) fn give_up(&self, seq: u64) {
        self.0.calls.give_up(seq);
    }
}

impl Drop for ConnectionHandle {
    fn drop(&mut self) {
        self.0.calls.outbox().close();
    }
}

impl fmt::Debug for ConnectionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("peer", &self.0.calls.peer())
            .field("in_flight", &self.0.calls.in_flight())
            .field("outbox", &self.0.calls.outbox())
            .finish()
    }
}

/// A reading task that ends for any reason closes its connection: no other task would end the calls
/// that wait.
struct FailOnDrop(Arc<Connection>);

impl Drop for FailOnDrop {
    fn drop(&mut self) {
        self.0
            .fail(io::Error::other("the runtime that read it has ended"));
    }
}

fn cut_short(text: impl Into<Box<dyn StdError + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, text)
}

async fn read(connection: FailOnDrop, mut reader: Box<dyn AsyncRead + Send + Unpin>) {
    let connection = &connection.0;
    match read_replies(connection, &mut *reader).await {
        // The server closes its side because this one is closed.
        Ok(()) if connection.calls.outbox().is_ended() => connection.close(),
        Ok(()) => connection.fail(connection.ended_by_server()),
        Err(reason) => connection.fail(reason),
    }
}

async fn read_replies(
    connection: &Connection,
    reader: &mut (dyn AsyncRead + Send + Unpin),
) -> io::Result<()> {
    let mut buffer = ReadBuffer::new();
    let mut decoder = Decoder::new(connection.options.limits.frame);
    let mut replies = Vec::new();
    loop {
        match buffer.fill(reader).await {
            Ok(0) if decoder.is_at_frame_start(&buffer.bytes) => return Ok(()),
            Ok(0) => return Err(cut_short("the server closed it in the middle of a reply")),
            Ok(_) => {}
            Err(error) => return Err(error),
        }
        connection.reads.fetch_add(1, Ordering::Relaxed);
        let ended = take_replies(connection, &mut decoder, &mut buffer, &mut replies);
        if !replies.is_empty() && !connection.answered.load(Ordering::Relaxed) {
            connection.answered.store(true, Ordering::Relaxed);
        }
        buffer.expect(decoder.missing(&buffer.bytes));
        // What was whole before the damage is still a reply.
        connection.calls.complete(&mut replies);
        if ended? > TURN || buffer.is_turn_of_others() {
            // Their callers, and other connections, have their turn before more is read.
            tokio::task::yield_now().await;
        }
    }
}

/// Takes the whole frames off the buffer, and says how many they were.
fn take_replies(
    connection: &Connection,
    decoder: &mut Decoder,
    buffer: &mut ReadBuffer,
    replies: &mut Vec<Frame>,
) -> io::Result<usize> {
    let mut frames = 0;
    loop {
        let decoded = decoder.decode(&mut buffer.bytes);
        match decoded.map_err(|error| connection.malformed(error))? {
            Decoded::Incomplete => return Ok(frames),
            // Any byte from the server is an answer to a heartbeat.
            Decoded::Frame(frame) if frame.header.is_heartbeat() => {
                connection.heard_heartbeat();
                if let Some(error) = frame.metadata().error_text() {
                    connection.note_farewell(error);
                }
            }
            Decoded::Frame(frame) if frame.header.is_oneway() && !frame.header.is_response() => {
                if goaway::is(&frame) {
                    connection.asked_to_go(&goaway::reason(&frame));
                } else {
                    connection.pushed.pushed(frame);
                }
            }
            // A server asks nothing of its clients that would have to be answered.
            Decoded::Frame(frame) if !frame.header.is_response() => {}
            Decoded::Frame(frame) => replies.push(frame),
            Decoded::Refused(header, refusal) => {
                connection
                    .calls
                    .refuse_reply(header.seq, &refusal.to_string());
            }
        }
        frames += 1;
    }
}
