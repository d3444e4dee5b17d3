//! Several futures as one task: each is polled when it was woken, and only then.
//!
//! The protocol is one word of bits, [`Shared::woken`]. Each part has a bit, set by its waker;
//! `NEW` says that there are parts to adopt; `POLLING` says that the task is running, or was when it
//! was last seen. The word is 0 only while the task sleeps, so that the one waker that changes it from
//! 0 wakes the task, and every other waker knows that the bits will be seen:
//!
//! ```text
//!            first bit set: wakes the task                 takes the bits
//!   0 (asleep) ------------------------> bits (scheduled) ---------------> POLLING (running)
//!   ^                                                                       |          ^  |
//!   |            no bit was set meanwhile: compare_exchange(POLLING, 0)     |          |  | bits were set:
//!   +-----------------------------------------------------------------------+          +--+ takes them
//! ```
//!
//! A task that ends, or that lets others run and wakes itself, leaves the word as it is: the next poll
//! takes the bits without having been woken by one.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::{Mutex, MutexGuard, lock};

pub(crate) type Part = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The task is running, and looks at the other bits before it sleeps.
const POLLING: u32 = 1 << 31;

/// There are parts that the task has not adopted yet.
const NEW: u32 = 1 << 30;

/// Parts of one task at most, each with a bit below those above. A client's endpoint has two as a
/// rule: the socket's and the connection's.
pub(crate) const MOST: usize = 16;

/// How often the parts may wake each other before other tasks of the runtime have their turn.
const ROUNDS: usize = 8;

/// Where parts are added. They run as one task, which ends with the last of them; the next part
/// begins another one.
#[derive(Debug, Default)]
pub(crate) struct Parts(Arc<Shared>);

/// What became of a part that was added.
pub(crate) enum Added {
    /// The running task polls it.
    Joined,
    /// There was no task: this is one, to be spawned.
    Task(Task),
    /// The task has as many as it can have; this one has to be spawned by itself.
    Apart(Part),
}

impl Parts {
    pub(crate) fn add(&self, part: Part) -> Added {
        let running = {
            let mut table = self.0.lock();
            if table.count == MOST {
                return Added::Apart(part);
            }
            table.count += 1;
            table.new.push(part);
            // Under the same lock as the part: a task that ends has either seen the part, and goes
            // on, or has said before that it does not run any more.
            std::mem::replace(&mut table.running, true)
        };
        self.0.wake(NEW);
        if running {
            Added::Joined
        } else {
            Added::Task(Task {
                shared: Arc::clone(&self.0),
                parts: Vec::new(),
                ended: false,
            })
        }
    }

    #[cfg(test)]
    pub(crate) fn is_running(&self) -> bool {
        self.0.lock().running
    }
}

#[derive(Debug)]
struct Shared {
    woken: AtomicU32,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    new: Vec<Part>,
    /// Parts since the task began, those that have ended included: each has used up a bit.
    count: usize,
    /// There is a task, if only in the hands of the one that spawns it.
    running: bool,
    task: Option<Waker>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            woken: AtomicU32::new(0),
            table: Mutex::new(Table::default()),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Table> {
        lock(&self.table)
    }

    fn wake(&self, bit: u32) {
        if self.woken.fetch_or(bit, Ordering::AcqRel) != 0 {
            return;
        }
        // None before the first poll of a task, which takes the bits without being woken.
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

/// The future of all parts.
pub(crate) struct Task {
    shared: Arc<Shared>,
    /// By bit; `None` for those that have ended.
    parts: Vec<Option<(Part, Waker)>>,
    ended: bool,
}

impl Future for Task {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // Before the bits are taken. A waker that sets one after they were taken for the last time
        // finds 0, and so must find this waker too.
        self.shared.lock().task = Some(cx.waker().clone());
        for _ in 0..ROUNDS {
            let woken = self.shared.woken.swap(POLLING, Ordering::AcqRel);
            if self.poll_parts(woken) {
                self.ended = true;
                return Poll::Ready(());
            }
            let (done, failed) = (Ordering::AcqRel, Ordering::Acquire);
            let woken = &self.shared.woken;
            if woken.compare_exchange(POLLING, 0, done, failed).is_ok() {
                return Poll::Pending;
            }
        }
        // The last exchange failed, so there are bits. They stay, and with them the word is not 0:
        // nothing else wakes the task, which does so itself.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Task {
    /// Polls the parts that were woken. True if all have ended, and the task with them.
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

    /// Takes the new parts over. The result is their bits: a part has to be polled once before it can
    /// be woken.
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

    /// Ends the task unless a part has been added; the next one begins another task.
    fn end(&self) -> bool {
        let mut table = self.shared.lock();
        if !table.new.is_empty() {
            return false;
        }
        // A late waker of a part that has ended may set a bit of the next task; its part is polled
        // once in vain.
        (table.running, table.count, table.task) = (false, 0, None);
        true
    }
}

impl Drop for Task {
    /// A runtime that ends drops its tasks, and with this one the parts it has adopted. The next part
    /// begins another task, in another runtime.
    fn drop(&mut self) {
        if !self.ended {
            let mut table = self.shared.lock();
            (table.running, table.count, table.task) = (false, table.new.len(), None);
        }
    }
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("count", &self.count).finish()
    }
}
