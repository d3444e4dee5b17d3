//! What drives the connection of a client: one task.
//!
//! quinn has a task for a socket and one for each connection on it. A client has a socket for one
//! connection, so each datagram would only go from the one to the other, and that hand-over costs
//! more than anything else of a lone call. Here both are parts of the same task.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use quinn::{AsyncTimer, AsyncUdpSocket, Runtime, TokioRuntime};

use crate::sync::lock;

type Part = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Somebody polls the parts, and looks at the other bits before he stops.
const POLLING: u32 = 1 << 31;

/// There are parts that the task does not know yet.
const NEW: u32 = 1 << 30;

/// Parts of one task at most; there are two as a rule. Others get a task of their own.
const MOST: usize = 16;

/// How often the parts may wake each other before other tasks have their turn.
const ROUNDS: usize = 8;

/// What quinn starts with this becomes a part of one task, which ends with the last of them.
#[derive(Debug, Default)]
pub(super) struct OneTask(Arc<Shared>);

impl Runtime for OneTask {
    fn new_timer(&self, at: Instant) -> Pin<Box<dyn AsyncTimer>> {
        TokioRuntime.new_timer(at)
    }

    fn spawn(&self, part: Part) {
        let mut parts = self.0.lock();
        if parts.count == MOST {
            // Where the runtime ends the part is dropped at once, and may wake others.
            drop(parts);
            tokio::spawn(part);
            return;
        }
        parts.count += 1;
        parts.new.push(part);
        let running = std::mem::replace(&mut parts.running, true);
        drop(parts);
        self.0.wake(NEW);
        if !running {
            tokio::spawn(Task {
                shared: Arc::clone(&self.0),
                parts: Vec::new(),
            });
        }
    }

    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        TokioRuntime.wrap_udp_socket(socket)
    }

    fn now(&self) -> Instant {
        TokioRuntime.now()
    }
}

#[derive(Debug, Default)]
struct Shared {
    /// A bit for each part that has been woken, and the ones above. While it is 0, nobody is at
    /// work, and the task has to be woken.
    woken: AtomicU32,
    parts: Mutex<Parts>,
}

#[derive(Default)]
struct Parts {
    new: Vec<Part>,
    count: usize,
    running: bool,
    task: Option<Waker>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Parts> {
        lock(&self.parts)
    }

    fn wake(&self, bit: u32) {
        if self.woken.fetch_or(bit, Ordering::AcqRel) != 0 {
            return;
        }
        let task = self.lock().task.clone();
        if let Some(task) = task {
            task.wake();
        }
    }
}

/// Wakes one part.
struct PartWaker {
    shared: Arc<Shared>,
    bit: u32,
}

impl Wake for PartWaker {
    fn wake(self: Arc<Self>) {
        self.shared.wake(self.bit);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.shared.wake(self.bit);
    }
}

struct Task {
    shared: Arc<Shared>,
    /// None for those that have ended.
    parts: Vec<Option<(Part, Waker)>>,
}

impl Future for Task {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // Before the first look, so that who comes after the last one finds it.
        self.shared.lock().task = Some(cx.waker().clone());
        for _ in 0..ROUNDS {
            let woken = self.shared.woken.swap(POLLING, Ordering::AcqRel);
            if self.poll_parts(woken) {
                return Poll::Ready(());
            }
            let (done, failed) = (Ordering::AcqRel, Ordering::Acquire);
            let woken = &self.shared.woken;
            if woken.compare_exchange(POLLING, 0, done, failed).is_ok() {
                return Poll::Pending;
            }
        }
        self.shared.woken.fetch_and(!POLLING, Ordering::AcqRel);
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Task {
    /// Polls those that were woken. Says whether all have ended.
    fn poll_parts(&mut self, mut woken: u32) -> bool {
        if woken & NEW != 0 {
            woken |= self.adopt();
        }
        for (at, place) in self.parts.iter_mut().enumerate() {
            let Some((part, waker)) = place.as_mut().filter(|_| woken & 1 << at != 0) else {
                continue;
            };
            let ended = part.as_mut().poll(&mut Context::from_waker(waker));
            if ended.is_ready() {
                *place = None;
            }
        }
        self.parts.iter().all(Option::is_none) && self.end()
    }

    /// Takes the new parts over. Their bits, for they have not been polled yet.
    fn adopt(&mut self) -> u32 {
        let new = std::mem::take(&mut self.shared.lock().new);
        let mut bits = 0;
        for part in new {
            let bit = 1 << self.parts.len();
            let shared = Arc::clone(&self.shared);
            let waker = Waker::from(Arc::new(PartWaker { shared, bit }));
            self.parts.push(Some((part, waker)));
            bits |= bit;
        }
        bits
    }

    /// Ends the task unless a part has come; the next one starts another.
    fn end(&self) -> bool {
        let mut parts = self.shared.lock();
        if !parts.new.is_empty() {
            return false;
        }
        (parts.running, parts.count, parts.task) = (false, 0, None);
        self.shared.woken.store(0, Ordering::Release);
        true
    }
}

impl Drop for Task {
    /// Its runtime may end before it.
    fn drop(&mut self) {
        if !self.parts.iter().all(Option::is_none) {
            self.shared.lock().running = false;
        }
    }
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("count", &self.count).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use tokio::sync::{mpsc, oneshot};

    use super::*;

    /// A part that passes on what it gets, so many times.
    fn passing(
        mut from: mpsc::UnboundedReceiver<()>,
        to: mpsc::UnboundedSender<()>,
        times: usize,
        polls: Arc<AtomicUsize>,
    ) -> Part {
        let mut left = times;
        Box::pin(std::future::poll_fn(move |cx| {
            polls.fetch_add(1, Ordering::Relaxed);
            while left > 0 {
                match from.poll_recv(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(_) => left -= 1,
                }
                // The other one may have ended.
                let _ = to.send(());
            }
            Poll::Ready(())
        }))
    }

    /// In either kind of runtime: a wake that is lost would leave them waiting for ever.
    async fn pass(times: usize) {
        let (runtime, polls) = (OneTask::default(), Arc::<AtomicUsize>::default());
        let ((first, there), (back, last)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        let (mut done, ended) = oneshot::channel::<()>();
        first.send(()).unwrap();
        runtime.spawn(passing(there, back, times, Arc::clone(&polls)));
        tokio::task::yield_now().await;
        runtime.spawn(passing(last, first, times, Arc::clone(&polls)));
        runtime.spawn(Box::pin(async move { done.closed().await }));
        while polls.load(Ordering::Relaxed) < times {
            tokio::task::yield_now().await;
        }
        drop(ended);
        while runtime.0.lock().running {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn parts_wake_each_other() {
        pass(1000).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn parts_are_woken_from_other_threads() {
        for _ in 0..20 {
            pass(100).await;
        }
    }

    #[tokio::test]
    async fn a_part_that_is_never_done_leaves_others_their_turn() {
        let runtime = OneTask::default();
        runtime.spawn(Box::pin(std::future::poll_fn(|cx| {
            cx.waker().wake_by_ref();
            Poll::Pending
        })));
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_task_that_has_ended_is_followed_by_another() {
        let runtime = OneTask::default();
        for round in 0..3 * MOST {
            let (sender, receiver) = oneshot::channel();
            runtime.spawn(Box::pin(async move { sender.send(round).unwrap() }));
            assert_eq!(receiver.await.unwrap(), round);
        }
        // More than fit in one.
        let (sender, mut receiver) = mpsc::unbounded_channel();
        for round in 0..3 * MOST {
            let sender = sender.clone();
            runtime.spawn(Box::pin(async move { sender.send(round).unwrap() }));
        }
        for _ in 0..3 * MOST {
            receiver.recv().await.unwrap();
        }
    }
}
