//! One accepted connection: read, dispatch every whole frame, write all replies at once.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::time::{Instant, Sleep, sleep_until};

use super::Shared;
use super::frames::{End, Frames};
use super::watchdog::{Fault, Watchdog};
use crate::connection::{Outbox, Pusher, ReadBuffer, goaway};
use crate::context::{Origin, Peer};
use crate::dispatch::{ConnectionCalls, count};
use crate::protocol::Decoder;
use crate::transport::Stream;

/// While draining, a connection that is quiet for this long is closed.
const QUIET: Duration = Duration::from_millis(50);

/// The same for one that has not sent anything yet: its first call may be on the way.
const FIRST_CALL: Duration = Duration::from_millis(500);

/// The same for one that was asked to go, and closes by itself when it has its answers.
const ASKED: Duration = Duration::from_secs(2);

/// How long the last bytes of a peer are read, and ignored, after this side has closed: a socket
/// closed with bytes unread would take the last replies with it.
const LINGER: Duration = Duration::from_secs(1);

type Reader = Box<dyn AsyncRead + Send + Unpin>;

/// Starts the tasks of a connection.
pub(super) fn start(stream: Stream, shared: Arc<Shared>) {
    let limits = &shared.limits();
    let outbox = Outbox::new(stream.writer, limits.queued_bytes);
    let pusher = Pusher::new(Arc::clone(&outbox));
    let peer = Peer::new(stream.peer, stream.identity, pusher);
    let open = Open {
        outbox: Arc::clone(&outbox),
        origin: Origin::new(peer),
        calls: ConnectionCalls::new(Arc::clone(&shared.dispatch.admission)),
    };
    count(&shared.counters().connections);
    let opened = &shared.counters().open_connections;
    opened.fetch_add(1, Ordering::Relaxed);
    let stall = limits.write_stall;
    let gone = Arc::clone(&open.origin.gone);
    let reading = tokio::spawn(read(stream.reader, Arc::clone(&shared), open));
    tokio::spawn(async move {
        let written = tokio::select! {
            written = outbox.run(stall) => {
                if written.as_ref().is_err_and(|error| error.kind() == ErrorKind::TimedOut) {
                    count(&shared.counters().stalled_writes);
                }
                written.is_ok()
            }
            () = shared.phase.cut() => false,
        };
        if !written {
            // Nothing can be answered any more, so nothing more is read.
            outbox.abort();
            reading.abort();
        }
        let _ended = reading.await;
        gone.set();
        let opened = &shared.counters().open_connections;
        opened.fetch_sub(1, Ordering::Relaxed);
        shared.phase.connection_ended();
    });
}

/// What the parts of an open connection have in common.
struct Open {
    outbox: Arc<Outbox>,
    origin: Origin,
    calls: Arc<ConnectionCalls>,
}

async fn read(reader: Reader, shared: Arc<Shared>, open: Open) {
    let (outbox, origin) = (Arc::clone(&open.outbox), open.origin.clone());
    let calls = Arc::clone(&open.calls);
    let mut reading = Reading {
        reader,
        buffer: ReadBuffer::new(),
        reads: 0,
        watchdog: Watchdog::new(Instant::now()),
        frames: Frames::new(Arc::clone(&shared), Arc::clone(&outbox), origin, calls),
        shared,
        open,
    };
    if let Stop::Peer = reading.run().await {
        // Nothing more comes, so nobody is there to wait; a peer that has only closed its sending
        // side still gets its answers.
        reading.open.origin.gone.set();
    }
    poll_fn(|cx| reading.open.calls.poll_idle(cx)).await;
    outbox.close();
    reading.linger().await;
}

struct Reading {
    reader: Reader,
    buffer: ReadBuffer,
    reads: u64,
    watchdog: Watchdog,
    frames: Frames,
    shared: Arc<Shared>,
    open: Open,
}

/// Who ended the reading.
enum Stop {
    Peer,
    Server,
}

/// What a wait for bytes brought.
enum Event {
    Bytes,
    /// The peer sends no more, or failed, or was too slow, or is no longer waited for.
    End,
    /// The server has begun to drain.
    Draining,
}

impl Reading {
    async fn run(&mut self) -> Stop {
        let shared = Arc::clone(&self.shared);
        let draining = shared.phase.draining();
        tokio::pin!(draining);
        let mut decoder = Decoder::new(shared.limits().frame);
        let clock = sleep_until(self.watchdog.next(Instant::now(), shared.limits()));
        tokio::pin!(clock);
        loop {
            match self.wait(draining.as_mut(), clock.as_mut()).await {
                Event::Bytes => {}
                Event::End => return Stop::Peer,
                Event::Draining => {
                    self.drain(&mut decoder).await;
                    return Stop::Server;
                }
            }
            if self.work_off(&mut decoder).await.is_break() {
                return Stop::Peer;
            }
        }
    }

    async fn wait(
        &mut self,
        draining: Pin<&mut impl Future<Output = ()>>,
        mut clock: Pin<&mut Sleep>,
    ) -> Event {
        let Self {
            reader,
            buffer,
            watchdog,
            reads,
            shared,
            ..
        } = self;
        let limits = &shared.limits();
        if watchdog.is_hurried() {
            let next = watchdog.next(Instant::now(), limits);
            if next < clock.deadline() {
                clock.as_mut().reset(next);
            }
        }
        let mut fill = std::pin::pin!(buffer.fill(&mut **reader));
        let mut draining = draining;
        loop {
            tokio::select! {
                biased;
                read = &mut fill => {
                    *reads += 1;
                    return if matches!(read, Ok(1..)) { Event::Bytes } else { Event::End };
                }
                () = &mut draining => return Event::Draining,
                () = &mut clock => {
                    let now = Instant::now();
                    if let Some(fault) = watchdog.check(now, *reads, limits) {
                        let counters = &shared.counters();
                        count(match fault {
                            Fault::Silent => &counters.silent_connections,
                            Fault::Idle => &counters.idle_connections,
                            Fault::SlowFrame => &counters.slow_frames,
                        });
                        return Event::End;
                    }
                    clock.as_mut().reset(watchdog.next(now, limits));
                }
            }
        }
    }

    /// Dispatches every whole frame in the buffer and writes the replies.
    async fn work_off(&mut self, decoder: &mut Decoder) -> ControlFlow<()> {
        let mut whole = false;
        loop {
            let before = self.buffer.bytes.len();
            let outcome = self.frames.take_all(decoder, &mut self.buffer.bytes);
            whole |= self.buffer.bytes.len() != before;
            self.frames.flush()?;
            match outcome {
                Ok(()) => break,
                Err(End::Full) => {
                    count(&self.shared.counters().full_connections);
                    poll_fn(|cx| self.open.calls.poll_room(cx)).await;
                }
                Err(End::Close) => return ControlFlow::Break(()),
            }
        }
        self.watchdog.after_read(self.buffer.bytes.len(), whole);
        self.buffer.expect(decoder.missing(&self.buffer.bytes));
        // A peer that does not take its replies is not asked for more requests.
        let mut paused = false;
        let room = poll_fn(|cx| {
            let room = self.open.outbox.poll_room(cx);
            // At once, because a peer that never reads ends this task while it waits.
            if room.is_pending() && !std::mem::replace(&mut paused, true) {
                count(&self.shared.counters().unread_replies);
            }
            room
        });
        match room.await {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }

    /// Goes on until the peer has gone, or nothing is in flight and nothing comes.
    async fn drain(&mut self, decoder: &mut Decoder) {
        let mut asked = false;
        loop {
            // A connection that was accepted last says with its first call what it understands.
            asked = asked || (self.frames.knows_goaway && self.ask_to_go());
            let quiet = match self.reads {
                _ if asked => ASKED,
                0 => FIRST_CALL,
                _ => QUIET,
            };
            let read = self.buffer.fill(&mut *self.reader);
            match tokio::time::timeout(quiet, read).await {
                Ok(Ok(1..)) => {
                    self.reads += 1;
                    if self.work_off(decoder).await.is_break() {
                        return;
                    }
                }
                Ok(_) => return,
                Err(_) if self.open.calls.in_flight() == 0 => return,
                Err(_) => {}
            }
        }
    }

    fn ask_to_go(&self) -> bool {
        let way = self.open.origin.peer.way();
        // One that cannot be told now is told after its next request.
        way.push(&mut |seq, out| goaway::append(seq, out)).is_ok()
    }

    async fn linger(&mut self) {
        let ignored = async {
            loop {
                self.buffer.bytes.clear();
                if !matches!(self.buffer.fill(&mut *self.reader).await, Ok(1..)) {
                    return;
                }
            }
        };
        let _peer_closed = tokio::time::timeout(LINGER, ignored).await;
    }
}
