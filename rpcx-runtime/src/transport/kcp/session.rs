//! A session as its tasks and its two halves see it: a state behind a lock, and the wakers that wait for it.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use tokio::io::ReadBuf;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::Kcp;
use super::counters::count;
use super::end::End;
use super::guard::Summary;
use super::link::Link;
use super::packet::Packet;
use super::state::State;
use crate::sync::lock;

/// Datagrams that are taken from a socket before anything is sent for them, give or take those that arrive together.
pub(super) const BATCH: usize = 32;

pub(super) struct Session {
    pub(super) conv: u32,
    pub(super) born: Instant,
    pub(super) link: Arc<Link>,
    inner: Mutex<Inner>,
    clock: Notify,
}

struct Inner {
    state: State,
    reader: Option<Waker>,
    writer: Option<Waker>,
    /// Waits until everything is acknowledged, which is not the same as having room to write.
    drained: Option<Waker>,
    /// When the clock will look; `None` while it is awake.
    alarm: Option<Instant>,
}

/// What is to be woken once the lock is free.
struct Woken {
    reader: Option<Waker>,
    writer: Option<Waker>,
    drained: Option<Waker>,
    clock: bool,
}

impl Inner {
    fn woken(&mut self, now: Instant) -> Woken {
        let over = self.state.end().is_some();
        let readable = self.state.readable() || self.state.is_at_end();
        let writable = self.state.writable();
        let drained = self.state.drained();
        let sooner = |alarm: Instant| over || self.state.deadline(now) < alarm;
        let clock = self.alarm.is_some_and(sooner);
        if clock {
            self.alarm = None;
        }
        Woken {
            reader: self.reader.take_if(|_| over || readable),
            writer: self.writer.take_if(|_| over || writable),
            drained: self.drained.take_if(|_| over || drained),
            clock,
        }
    }

    fn poll_drained(&mut self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        if self.state.drained() {
            return Poll::Ready(Ok(()));
        }
        if let Some(end) = self.state.end() {
            return Poll::Ready(Err(end.into()));
        }
        self.drained = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Session {
    pub(super) fn new(conv: u32, options: &Kcp, link: Link) -> Arc<Self> {
        let link = Arc::new(link);
        count(&link.counters().sessions);
        count(&link.counters().open_sessions);
        let state = State::new(conv, options, Arc::clone(&link));
        Arc::new(Self {
            conv,
            born: Instant::now(),
            link,
            inner: Mutex::new(Inner {
                state,
                reader: None,
                writer: None,
                drained: None,
                alarm: None,
            }),
            clock: Notify::new(),
        })
    }

    /// Changes the session, then wakes the tasks for which that makes a difference.
    fn act<T>(&self, change: impl FnOnce(&mut Inner, Instant) -> T) -> T {
        let mut inner = lock(&self.inner);
        let now = Instant::now();
        let result = change(&mut inner, now);
        let woken = inner.woken(now);
        drop(inner);
        self.link.flush();
        woken.reader.into_iter().for_each(Waker::wake);
        woken.writer.into_iter().for_each(Waker::wake);
        woken.drained.into_iter().for_each(Waker::wake);
        if woken.clock {
            self.clock.notify_one();
        }
        result
    }

    /// Takes a packet that was checked. [`settle`](Self::settle) must follow.
    pub(super) fn input(&self, packet: &mut Packet<'_>, summary: Option<Summary>) {
        let mut inner = lock(&self.inner);
        inner.state.input(packet, summary, Instant::now());
    }

    /// After a batch of packets: answers them, and wakes the tasks that waited for them.
    pub(super) fn settle(&self) {
        self.act(|inner, now| inner.state.settle(now));
    }

    /// Ends the session for a reason that it does not know by itself.
    pub(super) fn finish(&self, end: End) {
        self.act(|inner, _| inner.state.finish(end));
    }

    /// Our side has dropped both halves: what was written is still sent.
    pub(super) fn drop_halves(&self) {
        self.act(|inner, now| inner.state.drop_halves(now));
    }

    /// Others want the place of this session: if its peer does not answer, it is over soon.
    pub(super) fn evict_if_silent(&self) {
        self.act(|inner, now| inner.state.evict_if_silent(now));
    }

    /// Does what is due and says when to come back; `None` once the session is over.
    fn tick(&self) -> Option<Instant> {
        self.act(|inner, now| {
            let next = inner.state.tick(now);
            inner.alarm = next;
            next
        })
    }

    /// Runs the clock of the session for as long as it lasts.
    pub(super) async fn keep_time(&self) {
        while let Some(next) = self.tick() {
            tokio::select! {
                () = sleep_until(next) => {}
                () = self.clock.notified() => {}
            }
        }
    }

    pub(super) fn poll_read(
        &self,
        cx: &Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.act(|inner, _| {
            if buffer.remaining() == 0 || inner.state.read(buffer) {
                return Poll::Ready(Ok(()));
            }
            if inner.state.is_at_end() {
                return Poll::Ready(Ok(()));
            }
            if let Some(end) = inner.state.end() {
                return Poll::Ready(Err(end.into()));
            }
            inner.reader = Some(cx.waker().clone());
            Poll::Pending
        })
    }

    pub(super) fn poll_write(&self, cx: &Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.act(|inner, now| {
            if let Some(end) = inner.state.end() {
                return Poll::Ready(Err(end.into()));
            }
            if inner.state.closing() {
                return Poll::Ready(Err(End::Closed.into()));
            }
            if bytes.is_empty() {
                return Poll::Ready(Ok(0));
            }
            if inner.state.writable()
                && let written @ 1.. = inner.state.write(bytes, now)
            {
                return Poll::Ready(Ok(written));
            }
            inner.writer = Some(cx.waker().clone());
            Poll::Pending
        })
    }

    /// What was written is on its way already.
    pub(super) fn poll_flush(&self) -> Poll<io::Result<()>> {
        self.act(|inner, _| match inner.state.end() {
            Some(end) => Poll::Ready(Err(end.into())),
            None => Poll::Ready(Ok(())),
        })
    }

    /// Waits until the peer has acknowledged everything.
    pub(super) fn poll_drained(&self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        self.act(|inner, _| inner.poll_drained(cx))
    }

    /// Ends the writing and waits until the peer has acknowledged everything.
    pub(super) fn poll_shutdown(&self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        self.act(|inner, now| {
            inner.state.close(now);
            inner.poll_drained(cx)
        })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.link
            .counters()
            .open_sessions
            .fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;

    use super::super::guard::tests::segment;
    use super::super::packet::Wire;
    use super::super::socket::Socket;
    use super::*;

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The time and the number of the first segment of a plain datagram.
    fn first_segment(datagram: &[u8]) -> (u32, u32) {
        let word = |at: usize| u32::from_le_bytes(*datagram[at..].first_chunk().unwrap());
        (word(8), word(12))
    }

    /// It was woken by its own poll, for as long as there was room to write.
    #[tokio::test]
    async fn a_shutdown_that_waits_is_not_woken_before_all_is_acknowledged() {
        let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
        let options = Kcp::plain();
        let wire = Arc::new(Wire::new(&options));
        let udp = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        udp.connect(peer.local_addr().unwrap()).await.unwrap();
        udp.writable().await.unwrap();
        let socket = Socket::new(udp, Arc::clone(&wire), &options.counters);
        let link = Link::new(socket, None, options.receive_window);
        let session = Session::new(7, &options, link);
        let wakes = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&wakes));
        let cx = Context::from_waker(&waker);
        assert!(session.poll_write(&cx, b"a word").is_ready());
        for _ in 0..10 {
            assert!(session.poll_shutdown(&cx).is_pending());
            session.settle();
            session.tick();
        }
        assert_eq!(wakes.0.load(Ordering::Relaxed), 0);

        let mut datagram = [0; 1500];
        let length = peer.recv(&mut datagram).unwrap();
        let (time, number) = first_segment(&datagram[..length]);
        let mut ack = segment(7, (82, time, number, number + 1), b"");
        let mut packet = wire.open(&mut ack).unwrap();
        let summary = super::super::guard::check(packet.segments());
        session.input(&mut packet, summary);
        session.settle();
        assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
        assert!(session.poll_shutdown(&cx).is_ready());
    }
}
