//! What drives the connection of a client: one task.
//!
//! quinn has a task for a socket and one for each connection on it. A client has a socket for one
//! connection, so each datagram would only go from the one to the other, and that hand-over costs
//! more than anything else of a lone call. Here both are [`parts`](super::parts) of the same task.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use quinn::{AsyncTimer, AsyncUdpSocket, Runtime, TokioRuntime};

use super::parts::{Added, Part, Parts};

/// What quinn starts with this becomes a part of one task.
#[derive(Debug, Default)]
pub(super) struct OneTask(Parts);

impl Runtime for OneTask {
    fn new_timer(&self, at: Instant) -> Pin<Box<dyn AsyncTimer>> {
        TokioRuntime.new_timer(at)
    }

    fn spawn(&self, part: Part) {
        // No lock is held: where the runtime ends, a task is dropped at once, and may wake others.
        match self.0.add(part) {
            Added::Joined => {}
            Added::Task(task) => drop(tokio::spawn(task)),
            Added::Apart(part) => drop(tokio::spawn(part)),
        }
    }

    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        TokioRuntime.wrap_udp_socket(socket)
    }

    fn now(&self) -> Instant {
        TokioRuntime.now()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Poll;

    use tokio::sync::{mpsc, oneshot};

    use super::super::parts::MOST;
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
        while runtime.0.is_running() {
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

    /// The first runtime ends before it has polled anything.
    #[test]
    fn a_runtime_that_ends_is_followed_by_another() {
        let tasks = OneTask::default();
        let start = || {
            let runtime = tokio::runtime::Builder::new_current_thread();
            { runtime }.build().unwrap()
        };
        let first = start();
        first.block_on(async { tasks.spawn(Box::pin(std::future::pending())) });
        drop(first);
        let (sender, receiver) = oneshot::channel();
        let second = start();
        let came = second.block_on(async {
            tasks.spawn(Box::pin(async { sender.send(()).unwrap() }));
            receiver.await
        });
        assert_eq!(came, Ok(()));
    }
}
