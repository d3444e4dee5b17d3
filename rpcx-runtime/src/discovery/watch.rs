//! Keeps a watch of a service alive.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

use super::known::Known;
use super::updates::{Skipped, Updates};
use super::{Discover, Node};
use crate::error::{Error, Result};
use crate::event::{Event, Events};
use crate::pace::Backoff;
use crate::task;

/// The pauses before a registry is asked again that could not be heard.
pub(super) const AGAIN: Backoff =
    Backoff::new(Duration::from_millis(100), Duration::from_secs(1)).jitter(0.5);

/// The nodes of one service, followed for as long as this lives. A channel has one for each of its
/// services; by itself it is for programs that show them.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> rpcx::Result<()> {
/// use std::sync::Arc;
/// use rpcx::discovery::{StaticNodes, Watch};
///
/// let nodes = StaticNodes::new(["tcp@10.0.0.1:8972", "tcp@10.0.0.2:8972"])?;
/// let mut watch = Watch::start(Arc::new(nodes), "Arith");
/// assert_eq!(watch.first().await.len(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Watch {
    known: watch::Receiver<Known>,
    task: AbortHandle,
}

impl Watch {
    /// Begins to watch.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, on which the watch runs.
    pub fn start(discover: Arc<dyn Discover>, service: &str) -> Self {
        Self::with_events(discover, service, Events::default())
    }

    /// The same, and tells what happens.
    pub(crate) fn with_events(discover: Arc<dyn Discover>, service: &str, events: Events) -> Self {
        let updates = Arc::new(Updates::new(service, events));
        let known = updates.subscribe();
        let task = task::spawn(follow(discover, updates)).abort_handle();
        Self { known, task }
    }

    /// The nodes as they are known now; none if the registry has not answered yet.
    pub fn nodes(&self) -> Option<Arc<[Node]>> {
        self.known.borrow().nodes.clone()
    }

    /// Waits until the registry has answered.
    pub async fn first(&mut self) -> Arc<[Node]> {
        loop {
            let nodes = self.known.borrow_and_update().nodes.clone();
            match nodes {
                Some(nodes) => return nodes,
                None => self.changed().await,
            }
        }
    }

    /// Waits until something has changed: the nodes, what is skipped, or whether the registry can be
    /// heard.
    pub async fn changed(&mut self) {
        if self.known.changed().await.is_err() {
            // The task is gone, with its runtime: nothing changes any more.
            std::future::pending().await
        }
    }

    /// All that is known now. [`changed`](Self::changed) waits for something newer.
    pub(crate) fn known(&mut self) -> Known {
        self.known.borrow_and_update().clone()
    }

    /// What of the last list was left out.
    pub fn skipped(&self) -> Skipped {
        self.known.borrow().skipped
    }

    /// Whether the registry has no nodes any more, and those that it had [stay in use](super::Updates) for 30 s.
    pub fn is_emptied(&self) -> bool {
        self.known.borrow().emptied.is_some()
    }

    /// Why the registry cannot be heard at the moment, if that is so.
    pub fn error(&self) -> Option<Arc<Error>> {
        self.known.borrow().error.clone()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Calls [`Discover::watch`] again and again.
async fn follow(discover: Arc<dyn Discover>, updates: Arc<Updates>) {
    tokio::join!(updates.believe_empty(), async {
        let mut failures = 0u32;
        loop {
            let lists = updates.lists();
            let error = watch_once(&discover, &updates).await;
            let heard = updates.lists() != lists;
            failures = if heard { 1 } else { failures.saturating_add(1) };
            let pause = AGAIN.pause(failures);
            updates.events().emit(|tell| {
                tell(&Event::WatchFailed {
                    service: updates.service(),
                    failures,
                    pause,
                    error: &error,
                });
            });
            updates.fail(error);
            sleep(pause).await;
        }
    });
}

/// Ends with the reason. A task of its own, because a registry that panics is one that failed.
async fn watch_once(discover: &Arc<dyn Discover>, updates: &Arc<Updates>) -> Error {
    let (discover, updates) = (Arc::clone(discover), Arc::clone(updates));
    let mut watching = JoinSet::new();
    task::join(&mut watching, async move {
        discover.watch(updates.service(), &updates).await
    });
    ended(watching.join_next().await, "the watch of the registry")
}

/// The error of something that was not to end.
pub(super) fn ended(
    outcome: Option<Result<Result<()>, tokio::task::JoinError>>,
    what: &str,
) -> Error {
    match outcome {
        Some(Ok(Err(error))) => error,
        Some(Err(panicked)) => {
            Error::not_sent(format!("{what} has failed: {panicked}")).with_source(panicked)
        }
        Some(Ok(Ok(()))) | None => Error::not_sent(format!("{what} has ended")),
    }
}
