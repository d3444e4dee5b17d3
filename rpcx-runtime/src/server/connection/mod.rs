//! One accepted connection: read, dispatch every whole frame, write all replies at once.

mod leaving;

use std::future::poll_fn;
use std::io;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::AsyncRead;
use tokio::time::{Instant, sleep_until};

use super::Shared;
use super::alarms::{Alarm, Alarms};
use super::door;
use super::frames::{Frames, Progress};
use super::places::Place;
use super::watchdog::{self, Fault, Watchdog};
use crate::connection::{ARRIVING, Arriving, Held, Outbox, Pusher, ReadBuffer};
use crate::context::{Origin, Peer};
use crate::dispatch::{ConnectionCalls, count};
use crate::event::Event;
use crate::pace::Turn;
use crate::protocol::Decoder;
use crate::transport::Stream;

/// The same for one that has not sent anything yet: its first call may be on the way.
pub(super) const FIRST_CALL: Duration = Duration::from_millis(500);

/// What a peer is told that is asked to go.
const STOPPING: &str = "the server is stopping";

/// How long the handlers of a peer that has closed the connection, and had closed it in good order, may
/// take to end. It may have closed one half of it and read its replies.
const LAST_REPLIES: Duration = Duration::from_secs(1);

/// Why a connection is lost that is open when the time for a drain is over.
const CUT: &str = "the server stopped, and the time for a drain was over";

/// Why a connection is lost whose reading task has panicked or was cancelled.
const ENDED: &str = "the task that read it has ended";

type Reader = Box<dyn AsyncRead + Send + Unpin>;

/// Starts to serve a connection: of frames, unless its port is one that something else shares.
pub(super) fn start(stream: Stream, shared: Arc<Shared>) {
    door::enter(stream, shared);
}

/// Starts the tasks of a connection of frames, the first of which may be in `buffer`.
pub(super) fn frames(stream: Stream, buffer: ReadBuffer, shared: Arc<Shared>) {
    let limits = &shared.limits();
    let held = Held::new(limits.memory.clone());
    let outbox = Outbox::counted(stream.writer, limits.queued_bytes, held);
    let pusher = Pusher::new(Arc::clone(&outbox));
    let peer = Peer::new(stream.peer, stream.identity, pusher);
    let admission = Arc::clone(&shared.dispatch.admission);
    let calls = ConnectionCalls::new(admission, Arc::clone(&peer));
    let place = Place::enter(&shared, &peer.address, peer.standing(), Some(&calls));
    let open = Open {
        outbox: Arc::clone(&outbox),
        calls,
        origin: Origin::new(peer),
    };
    count(&shared.counters().connections);
    let peer = Arc::clone(&open.origin.peer);
    shared.events().emit(|tell| {
        tell(&Event::ConnectionOpened {
            peer: &peer.to_string(),
        });
    });
    let pace = limits.write_pace();
    let (gone, calls) = (Arc::clone(&open.origin.gone), Arc::clone(&open.calls));
    let mut reading = Reading::new((stream.reader, buffer), Arc::clone(&shared), open);
    // A captured variable is stored once in the memory of a task, an argument of an async function twice.
    let reading = tokio::spawn(async move { reading.until_the_end().await });
    tokio::spawn(async move {
        let unwritten = tokio::select! {
            written = outbox.run(pace) => written.err(),
            () = shared.phase.cut() => Some(io::Error::other(CUT)),
        };
        if let Some(error) = &unwritten {
            if error.kind() == io::ErrorKind::TimedOut {
                shared.reached(&shared.counters().stalled_writes, &*peer);
            }
            // Nothing can be answered any more, so nothing more is read.
            outbox.abort();
            reading.abort();
        }
        let unread = reading
            .await
            .unwrap_or_else(|_| Err(io::Error::other(ENDED)));
        gone.set();
        calls.lost.set();
        shared.ended(&peer, unwritten.or_else(|| unread.err()));
        drop(place);
    });
}

impl Shared {
    /// Tells how a connection has ended.
    pub(crate) fn ended(&self, peer: &Peer, lost: Option<io::Error>) {
        self.events().emit(|tell| {
            let peer = &peer.to_string();
            match &lost {
                Some(error) => tell(&Event::ConnectionLost { peer, error }),
                None => tell(&Event::ConnectionClosed { peer }),
            }
        });
    }
}

/// What the parts of an open connection have in common.
struct Open {
    outbox: Arc<Outbox>,
    origin: Origin,
    calls: Arc<ConnectionCalls>,
}

impl Open {
    /// Waits while too many replies wait to be written: a peer that does not take them is not asked for
    /// more requests.
    async fn room(&self, shared: &Shared) -> ControlFlow<io::Result<()>> {
        let mut paused = false;
        let room = poll_fn(|cx| {
            let room = self.outbox.poll_room(cx);
            // At once, because a peer that never reads ends this task while it waits.
            if room.is_pending() && !std::mem::replace(&mut paused, true) {
                let counters = shared.counters();
                shared.reached(&counters.unread_replies, &*self.origin.peer);
            }
            room
        });
        match room.await {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(Ok(())),
        }
    }

    /// Its callers wait no longer, as far as can be known. In good order it may have closed its sending
    /// half alone.
    async fn caller_has_gone(&self, in_order: bool) {
        self.origin.gone.set();
        let replies_are_read = in_order
            && tokio::time::timeout(LAST_REPLIES, self.idle())
                .await
                .is_ok();
        if !replies_are_read {
            self.calls.lost.set();
        }
    }

    /// Waits until no request is in flight.
    async fn idle(&self) {
        poll_fn(|cx| self.calls.poll_idle(cx)).await;
    }
}

struct Reading {
    reader: Reader,
    buffer: ReadBuffer,
    reads: u64,
    /// Begins anew when others have run.
    turn: Turn,
    /// What a frame has taken of which only a part has arrived.
    arriving: Arriving,
    watchdog: Watchdog,
    frames: Frames,
    shared: Arc<Shared>,
    open: Open,
}

/// Which side ended the reading.
enum Stop {
    /// The peer has closed it, or this was wrong with it.
    Peer(io::Result<()>),
    Server,
    /// The server, because of this. What runs is answered.
    Refused(io::Error),
}

/// What a wait for bytes brought.
enum Heard {
    Bytes,
    /// The peer sends no more, or the connection failed, or was silent or slow for too long.
    End(io::Result<()>),
    /// The server has begun to drain.
    Draining,
    /// The server wants no more of it.
    Leave(Fault),
    /// The same, of one that has no calls which it could wait for.
    Evicted(Fault),
}

impl Reading {
    fn new((reader, buffer): (Reader, ReadBuffer), shared: Arc<Shared>, open: Open) -> Self {
        let (outbox, calls) = (Arc::clone(&open.outbox), Arc::clone(&open.calls));
        Self {
            reader,
            reads: u64::from(!buffer.bytes.is_empty()),
            buffer,
            turn: Turn::new(),
            arriving: Arriving::new(shared.limits().memory.clone()),
            watchdog: Watchdog::new(Instant::now(), watchdog::sooner()),
            frames: Frames::new(Arc::clone(&shared), outbox, open.origin.clone(), calls),
            shared,
            open,
        }
    }

    /// Reads until the connection ends. An error is one that has ended it.
    async fn until_the_end(&mut self) -> io::Result<()> {
        let stop = self.run().await;
        let standing = self.open.origin.peer.standing();
        let sent_away = standing.crowded.is_set() && !standing.is_known();
        if let Stop::Peer(ended) = &stop {
            self.open.caller_has_gone(ended.is_ok()).await;
        }
        self.open.idle().await;
        self.open.outbox.close();
        if !sent_away {
            self.linger().await;
        }
        match stop {
            Stop::Peer(Err(error)) | Stop::Refused(error) => Err(error),
            Stop::Peer(Ok(())) | Stop::Server => Ok(()),
        }
    }

    async fn run(&mut self) -> Stop {
        let shared = Arc::clone(&self.shared);
        let draining = std::pin::pin!(shared.phase.draining());
        let mut decoder = Decoder::new(shared.limits().frame);
        let first = self.watchdog.next(Instant::now(), shared.limits());
        let clock = std::pin::pin!(sleep_until(first));
        let peer = Arc::clone(&self.open.origin.peer);
        let crowded = std::pin::pin!(peer.standing().crowded.wait());
        let mut alarms = Alarms::new(&shared.phase, draining, clock, (peer.standing(), crowded));
        if !self.buffer.bytes.is_empty()
            && let ControlFlow::Break(why) = self.work_off(&mut decoder).await
        {
            return Stop::Peer(why);
        }
        loop {
            match self.wait(&mut alarms).await {
                Heard::Bytes => {}
                Heard::End(Ok(())) => return Stop::Peer(self.is_whole(&decoder)),
                Heard::End(Err(error)) => {
                    if error.kind() == io::ErrorKind::TimedOut {
                        self.tell_slow(&mut decoder);
                    }
                    return Stop::Peer(Err(error));
                }
                Heard::Draining => {
                    self.leave(&mut decoder, STOPPING, None).await;
                    return Stop::Server;
                }
                Heard::Evicted(fault) => return Stop::Peer(Err(self.evict(fault))),
                Heard::Leave(fault) => {
                    let end = Instant::now() + leaving::LEAVING;
                    self.leave(&mut decoder, fault.text(), Some(end)).await;
                    return Stop::Server;
                }
            }
            if let ControlFlow::Break(why) = self.work_off(&mut decoder).await {
                return Stop::Peer(why);
            }
            if let Some(error) = self.struck_out() {
                return Stop::Refused(error);
            }
        }
    }

    /// Drains, in memory of its own: there is no need for it before the end.
    fn leave<'a>(
        &'a mut self,
        decoder: &'a mut Decoder,
        why: &'a str,
        last: Option<Instant>,
    ) -> Pin<Box<impl Future<Output = ()> + use<'a>>> {
        Box::pin(self.drain(decoder, why, last))
    }

    async fn wait(
        &mut self,
        alarms: &mut Alarms<'_, impl Future<Output = ()>, impl Future<Output = ()>>,
    ) -> Heard {
        let Self {
            reader,
            buffer,
            watchdog,
            reads,
            turn,
            shared,
            frames,
            open,
            ..
        } = self;
        let standing = open.origin.peer.standing();
        let limits = shared.limits();
        if watchdog.is_hurried() {
            alarms.hurry(watchdog.next(Instant::now(), limits));
        }
        loop {
            let woken = poll_fn(|cx| match buffer.poll_fill(&mut **reader, cx) {
                Poll::Ready(read) => Poll::Ready(Ok(read)),
                Poll::Pending => {
                    turn.begin();
                    frames.caught_up();
                    alarms.poll(cx).map(Err)
                }
            });
            match woken.await {
                Ok(read) => {
                    *reads += 1;
                    return match read {
                        Ok(1..) => {
                            standing.heard(shared.places.now());
                            Heard::Bytes
                        }
                        Ok(0) => Heard::End(Ok(())),
                        Err(error) => Heard::End(Err(error)),
                    };
                }
                Err(Alarm::Draining) => return Heard::Draining,
                Err(Alarm::Crowded) => return leaving::crowded_out(frames, standing),
                Err(Alarm::Clock) => {
                    if watchdog.is_quiet(*reads) {
                        buffer.rest();
                    }
                    let now = Instant::now();
                    if let Some(fault) = watchdog.check(now, *reads, limits) {
                        return leaving::overdue(frames, fault);
                    }
                    alarms.set(watchdog.next(now, limits));
                }
            }
        }
    }

    /// Whether the peer has closed the connection between two frames.
    fn is_whole(&self, decoder: &Decoder) -> io::Result<()> {
        match decoder.is_at_frame_start(&self.buffer.bytes) {
            true => Ok(()),
            false => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the peer closed it in the middle of a request",
            )),
        }
    }

    /// Dispatches every whole frame in the buffer and writes the replies. Ends with what ends the
    /// connection; the writing task knows why it cannot be written to.
    async fn work_off(&mut self, decoder: &mut Decoder) -> ControlFlow<io::Result<()>> {
        let mut whole = false;
        loop {
            let before = self.buffer.bytes.len();
            let bytes = &mut self.buffer.bytes;
            let outcome = self.frames.take_some(decoder, bytes, &mut self.turn);
            whole |= self.buffer.bytes.len() != before;
            if self.frames.flush().is_break() {
                return ControlFlow::Break(Ok(()));
            }
            match outcome {
                Ok(Progress::Done) => break,
                Ok(Progress::TurnOver) => {
                    self.open.room(&self.shared).await?;
                    tokio::task::yield_now().await;
                    self.turn.begin();
                }
                Err(why) => return ControlFlow::Break(Err(why)),
            }
        }
        if self.buffer.bytes.len() > ARRIVING || !self.arriving.is_empty() {
            self.count_arriving(decoder)?;
        }
        self.watchdog.after_read(self.buffer.bytes.len(), whole);
        self.buffer.expect(decoder.missing(&self.buffer.bytes));
        if self.buffer.is_turn_of_others() {
            tokio::task::yield_now().await;
            self.turn.begin();
        }
        self.open.room(&self.shared).await
    }

    /// Takes memory for a large frame of which a part has arrived, or refuses it.
    #[cold]
    fn count_arriving(&mut self, decoder: &mut Decoder) -> ControlFlow<io::Result<()>> {
        if self.frames.look_ahead(decoder, &self.buffer.bytes) {
            decoder.skip(&mut self.buffer.bytes);
            self.buffer.bytes = BytesMut::new();
        }
        let bytes = &self.buffer.bytes;
        let held = match bytes.len() > ARRIVING {
            // What is reserved counts too where it is much more: address space can be short.
            true => bytes.len().max(bytes.capacity() / 4),
            false => 0,
        };
        if !self.arriving.set(held)
            && let Some(header) = decoder.skip(&mut self.buffer.bytes)
        {
            self.buffer.bytes = BytesMut::new();
            self.frames.refuse_arriving(header);
        }
        match self.frames.flush() {
            ControlFlow::Continue(()) => ControlFlow::Continue(()),
            ControlFlow::Break(()) => ControlFlow::Break(Ok(())),
        }
    }
}
