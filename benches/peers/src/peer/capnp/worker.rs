//! Threads that each have a runtime of one thread and a `LocalSet`.

use std::future::Future;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result};
use tokio::runtime::{Builder, Handle};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{LocalSet, spawn_local};

type Job = Box<dyn FnOnce() + Send>;

/// One of these threads.
pub(super) struct Worker {
    jobs: mpsc::UnboundedSender<Job>,
}

impl Worker {
    /// The one whose turn it is, of as many as the runtime of the caller has workers.
    pub(super) fn next() -> Result<&'static Self> {
        static ALL: OnceLock<Vec<Worker>> = OnceLock::new();
        static TURN: AtomicUsize = AtomicUsize::new(0);
        let all = ALL.get_or_init(|| {
            let count = Handle::current().metrics().num_workers();
            std::iter::repeat_with(Self::start).take(count).collect()
        });
        let turn = TURN.fetch_add(1, Ordering::Relaxed);
        all.get(turn % all.len())
            .context("a runtime has a worker at least")
    }

    /// For the rest of the process.
    fn start() -> Self {
        let (jobs, mut next) = mpsc::unbounded_channel::<Job>();
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("a runtime can be had");
            LocalSet::new().block_on(&runtime, async {
                while let Some(job) = next.recv().await {
                    job();
                }
            });
        });
        Self { jobs }
    }

    /// What `task` gives, run as a task of the thread.
    pub(super) async fn run<T, F>(&self, task: impl FnOnce() -> F + Send + 'static) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + 'static,
    {
        let (done, result) = oneshot::channel();
        let job: Job = Box::new(move || {
            spawn_local(async move {
                // what waited for it may have gone
                let _ = done.send(task().await);
            });
        });
        self.jobs.send(job).ok().context("the thread has ended")?;
        result.await.context("a task of the thread panicked")
    }
}
