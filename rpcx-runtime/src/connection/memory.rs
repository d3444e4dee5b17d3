//! What is held for peers, counted against one budget.
//!
//! Counted are receive buffers that have grown, requests that handlers wait with (the frame or the
//! buffer it stands in, what it was inflated to and what it was decoded to) and replies and pushes that
//! wait to be written. When the budget is spent, new requests are refused; what was admitted stays. Large ones do
//! not spend all of it.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

/// A frame of which more than this has arrived is counted: each connection may have so much.
pub(crate) const ARRIVING: usize = 64 << 10;

/// One part of so many is for requests that are not counted while they arrive: what waits with large ones cannot
/// keep small ones out.
const SMALL: usize = 16;

/// The most that a process holds for its peers by default.
const MOST: usize = 512 << 20;

/// Bytes that may be held for peers. Clones are the same budget: the servers of a process share one by
/// default, of a quarter of the memory that the machine or the cgroup has, or that `ulimit -v` allows,
/// and at most 512 MiB.
///
/// ```
/// use rpcx::{Limits, MemoryBudget};
///
/// let budget = MemoryBudget::new(64 << 20);
/// let mut limits = Limits::server();
/// limits.memory = budget.clone();
/// assert_eq!(budget.used(), 0);
/// ```
#[derive(Clone)]
pub struct MemoryBudget(Arc<Inner>);

struct Inner {
    limit: usize,
    used: AtomicUsize,
    /// The part of it that is for frames of which the rest has not arrived.
    arriving: AtomicUsize,
}

impl MemoryBudget {
    /// A budget of its own, of so many bytes.
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Inner {
            limit,
            used: AtomicUsize::new(0),
            arriving: AtomicUsize::new(0),
        }))
    }

    /// The one that servers of this process have unless they are given another.
    pub fn of_process() -> Self {
        static PROCESS: LazyLock<MemoryBudget> =
            LazyLock::new(|| MemoryBudget::new(MOST.min(available() / 4)));
        PROCESS.clone()
    }

    /// Its size, in bytes.
    pub fn limit(&self) -> usize {
        self.0.limit
    }

    /// Bytes that are held at this moment.
    pub fn used(&self) -> usize {
        self.0.used.load(Ordering::Relaxed)
    }

    #[inline]
    pub(crate) fn is_spent(&self) -> bool {
        self.used() >= self.0.limit
    }

    #[inline]
    pub(crate) fn add(&self, bytes: usize) {
        self.0.used.fetch_add(bytes, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn sub(&self, bytes: usize) {
        self.0.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl PartialEq for MemoryBudget {
    /// Whether they are the same budget.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for MemoryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBudget")
            .field("limit", &self.limit())
            .field("used", &self.used())
            .finish()
    }
}

/// What one queue has taken of a budget. It has one, or counts nothing.
#[derive(Debug, Default)]
pub(crate) struct Held {
    budget: Option<MemoryBudget>,
    bytes: usize,
}

impl Held {
    pub(crate) fn new(budget: MemoryBudget) -> Self {
        Self {
            budget: Some(budget),
            bytes: 0,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// So much is held now, whether the budget has it or not.
    pub(crate) fn set(&mut self, bytes: usize) {
        if let Some(budget) = &self.budget {
            budget.add(bytes);
            budget.sub(self.bytes);
            self.bytes = bytes;
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.set(0);
    }
}

/// What frames that are arriving have taken of a budget: of half of it, so that there is always some for
/// requests that are whole, and never of the last part, which is for requests that are small.
#[derive(Debug)]
pub(crate) struct Arriving {
    budget: MemoryBudget,
    bytes: usize,
}

impl Arriving {
    pub(crate) fn new(budget: MemoryBudget) -> Self {
        Self { budget, bytes: 0 }
    }

    /// So much has arrived. False, and nothing is taken, if the budget has not so much.
    #[must_use]
    pub(crate) fn set(&mut self, bytes: usize) -> bool {
        let inner = &*self.budget.0;
        if bytes > self.bytes {
            let more = bytes - self.bytes;
            let arriving = inner.arriving.fetch_add(more, Ordering::Relaxed) + more;
            let used = inner.used.fetch_add(more, Ordering::Relaxed) + more;
            self.bytes = bytes;
            if arriving > inner.limit / 2 || used > inner.limit - inner.limit / SMALL {
                self.give_back();
                return false;
            }
        } else {
            let less = self.bytes - bytes;
            inner.arriving.fetch_sub(less, Ordering::Relaxed);
            inner.used.fetch_sub(less, Ordering::Relaxed);
            self.bytes = bytes;
        }
        true
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    fn give_back(&mut self) {
        let inner = &*self.budget.0;
        inner.arriving.fetch_sub(self.bytes, Ordering::Relaxed);
        inner.used.fetch_sub(self.bytes, Ordering::Relaxed);
        self.bytes = 0;
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// The memory that this process can have, as far as the system says: of the machine, of its cgroup, and
/// of its address space.
fn available() -> usize {
    let parts = [machine(), cgroup(), address_space()];
    parts.into_iter().flatten().min().unwrap_or(usize::MAX)
}

fn machine() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
    let kilobytes: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// The least of the limits from its own cgroup upwards; in a container the own one is the root.
fn cgroup() -> Option<usize> {
    let own = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let mut least = None;
    for line in own.lines() {
        let mut parts = line.splitn(3, ':');
        let (_, controllers, path) = (parts.next(), parts.next()?, parts.next()?);
        let (root, file) = match controllers {
            "" => ("/sys/fs/cgroup", "memory.max"),
            "memory" => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
            _ => continue,
        };
        let mut path = path.trim_end_matches('/');
        loop {
            let text = std::fs::read_to_string(format!("{root}{path}/{file}"));
            let limit = text.ok().and_then(|text| text.trim().parse().ok());
            least = [least, limit].into_iter().flatten().min();
            match path.rfind('/') {
                Some(end) => path = &path[..end],
                None => break,
            }
        }
    }
    least
}

fn address_space() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = text
        .lines()
        .find(|line| line.starts_with("Max address space"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_given_back() {
        let budget = MemoryBudget::new(100);
        let mut held = Held::new(budget.clone());
        held.set(70);
        held.set(30);
        assert_eq!(budget.used(), 30);
        held.set(120);
        assert!(budget.is_spent());
        drop(held);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn frames_that_arrive_have_half_of_it() {
        let budget = MemoryBudget::new(100);
        let (mut one, mut other) = (Arriving::new(budget.clone()), Arriving::new(budget.clone()));
        assert!(one.set(40) && !other.set(20));
        assert_eq!(budget.used(), 40);
        assert!(one.set(10) && other.set(20));
        budget.add(65);
        assert!(!other.set(30), "the whole is spent");
        budget.sub(65);
        budget.add(60);
        assert!(!other.set(28), "the rest is for small ones");
        budget.sub(60);
        drop((one, other));
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn the_budget_of_the_process_is_one() {
        let (one, other) = (MemoryBudget::of_process(), MemoryBudget::of_process());
        assert_eq!(one, other);
        assert!((1..=MOST).contains(&one.limit()), "{one:?}");
    }
}
