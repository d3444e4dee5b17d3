//! Which calls have a lane of their own: those that are large, and those whose replies are expected to be.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::ChannelBuilder;
use super::select::Hash;

/// From this size on a payload is large, unless it is said otherwise.
const THRESHOLD: usize = 256 << 10;

/// So many smaller replies of a method behind each other make it forgotten that it had a large one.
const REPLIES: u32 = 16;

/// Methods whose replies are large that a channel remembers at most.
const METHODS: usize = 256;

/// A lane for large calls: connections of a channel beside its usual ones, over which large requests and replies travel, so
/// that small calls do not wait behind them. See [`ChannelBuilder::bulk`].
///
/// ```
/// use rpcx::Channel;
/// use rpcx::client::Bulk;
///
/// let channel = Channel::builder()
///     .address("tcp@127.0.0.1:8972")
///     .bulk(Bulk::new().threshold(1 << 20))
///     .build_lazy()?;
/// # Ok::<(), rpcx::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "settings do nothing until a channel has them"]
pub struct Bulk {
    threshold: usize,
    connections: usize,
}

impl Bulk {
    /// The defaults: one connection to each server, for payloads of 256 KiB and more.
    pub const fn new() -> Self {
        Self {
            threshold: THRESHOLD,
            connections: 1,
        }
    }

    /// From how many bytes on the payload of a request or a reply is large, as it travels: encoded and compressed. Default:
    /// 256 KiB.
    pub const fn threshold(mut self, bytes: usize) -> Self {
        self.threshold = bytes;
        self
    }

    /// How many connections to each server are for large calls, which take turns. They are opened when they are needed.
    /// Default: 1. Zero counts as 1.
    pub const fn connections(mut self, connections: usize) -> Self {
        self.connections = if connections == 0 { 1 } else { connections };
        self
    }
}

impl Default for Bulk {
    fn default() -> Self {
        Self::new()
    }
}

impl ChannelBuilder {
    /// Gives large calls connections of their own, to the same servers and in the same way as the usual ones. Default: none, and all calls share
    /// the connection.
    ///
    /// A frame is sent as a whole, so a small call waits for as long as the large one takes that is on its way over the same
    /// connection: 40 ms for 50 MB at 10 Gbit/s. Turn it on where one channel carries both. It costs a second connection to each
    /// server, which is opened by the first call that takes it, and nothing on the wire is different: any server will do.
    ///
    /// A call takes the lane if its request is at least as long as the [threshold](Bulk::threshold), if a reply of its method was, and
    /// fewer than 16 shorter ones have come since, or if [`Call::bulk`](super::Call::bulk) says so. The first large reply of a
    /// method thus comes over the usual connection. If the lane cannot be connected, its calls take the usual connection until it can;
    /// with [`most_connections`](Self::most_connections) it is not opened where it would take the place of another server's only one.
    ///
    /// Calls on different connections do not keep an order: a one-way call may be handled before a larger one that was sent before it. A server sees
    /// two connections of this client. One that pushes to all its connections reaches the channel over each of them.
    ///
    /// ```
    /// use rpcx::Channel;
    /// use rpcx::client::Bulk;
    ///
    /// let channel = Channel::builder()
    ///     .address("tcp@127.0.0.1:8972")
    ///     .bulk(Bulk::new())
    ///     .build_lazy()?;
    /// # Ok::<(), rpcx::Error>(())
    /// ```
    pub fn bulk(mut self, bulk: Bulk) -> Self {
        self.options.bulk = Some(Arc::new(BulkRules::new(bulk)));
        self
    }
}

/// Over which connections a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    Usual,
    Bulk,
}

/// The settings, and what the calls of a channel have shown.
pub(super) struct BulkRules {
    bulk: Bulk,
    sizes: Sizes,
}

impl BulkRules {
    fn new(bulk: Bulk) -> Self {
        Self {
            bulk,
            sizes: Sizes::new(),
        }
    }

    /// How many connections to each server are for large calls.
    pub(super) fn connections(&self) -> usize {
        self.bulk.connections
    }

    /// That of a call of this method with a request of this length.
    pub(super) fn lane(&self, service: &str, method: &str, request: usize) -> Lane {
        match request >= self.bulk.threshold || self.sizes.is_large(service, method) {
            true => Lane::Bulk,
            false => Lane::Usual,
        }
    }

    /// A reply of this length came.
    pub(super) fn learn(&self, service: &str, method: &str, reply: usize) {
        self.sizes
            .learn(service, method, reply >= self.bulk.threshold);
    }
}

impl fmt::Debug for BulkRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bulk.fmt(f)
    }
}

/// The methods whose replies are large. A method has one place, by its hash, and takes it from one that was there: the worst that
/// comes of it is that a method has to be learned again.
struct Sizes {
    /// The number of a method, and in the last byte how many smaller replies make it forgotten.
    places: Box<[AtomicU32]>,
    /// How often a method was learned: as long as it is zero there is nothing to look for.
    learned: AtomicU32,
}

impl Sizes {
    fn new() -> Self {
        Self {
            places: (0..METHODS).map(|_| AtomicU32::new(0)).collect(),
            learned: AtomicU32::new(0),
        }
    }

    /// The place of a method, and its number there.
    fn place(&self, service: &str, method: &str) -> (&AtomicU32, u32) {
        let hash = Hash::new()
            .bytes(service.as_bytes())
            .bytes(b"/")
            .bytes(method.as_bytes())
            .finish();
        let place = &self.places[hash as usize % METHODS];
        // 24 other bits of it.
        (place, (hash >> 40) as u32)
    }

    #[inline]
    fn is_large(&self, service: &str, method: &str) -> bool {
        if self.learned.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let (place, number) = self.place(service, method);
        left_of(place.load(Ordering::Relaxed), number) > 0
    }

    #[inline]
    fn learn(&self, service: &str, method: &str, large: bool) {
        if !large && self.learned.load(Ordering::Relaxed) == 0 {
            return;
        }
        let (place, number) = self.place(service, method);
        let seen = place.load(Ordering::Relaxed);
        let left = left_of(seen, number);
        if large {
            if left != REPLIES {
                place.store(number << 8 | REPLIES, Ordering::Relaxed);
            }
            if left == 0 {
                self.learned.store(1, Ordering::Relaxed);
            }
        } else if left > 0 {
            // If another reply was quicker, this one does not count.
            let _ = place.compare_exchange(seen, seen - 1, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}

/// How many smaller replies make the method of this number forgotten; 0 if the place is not its own.
fn left_of(place: u32, number: u32) -> u32 {
    match place >> 8 == number {
        true => place & 0xff,
        false => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_large_until_enough_small_replies_have_come() {
        let rules = BulkRules::new(Bulk::new().threshold(100));
        assert_eq!(rules.lane("A", "Get", 99), Lane::Usual);
        assert_eq!(rules.lane("A", "Get", 100), Lane::Bulk);
        rules.learn("A", "Get", 100);
        for _ in 0..REPLIES - 1 {
            rules.learn("A", "Get", 99);
            assert_eq!(rules.lane("A", "Get", 0), Lane::Bulk);
            assert_eq!(rules.lane("A", "Put", 0), Lane::Usual);
            assert_eq!(rules.lane("B", "Get", 0), Lane::Usual);
        }
        rules.learn("A", "Get", 1 << 20);
        rules.learn("A", "Get", 0);
        assert_eq!(rules.lane("A", "Get", 0), Lane::Bulk);
        (1..REPLIES).for_each(|_| rules.learn("A", "Get", 0));
        assert_eq!(rules.lane("A", "Get", 0), Lane::Usual);
    }

    #[test]
    fn many_methods_are_remembered_and_none_is_mistaken_for_another() {
        let rules = BulkRules::new(Bulk::new().threshold(100));
        let names: Vec<_> = (0..2 * METHODS).map(|at| format!("Get{at}")).collect();
        let (large, small) = names.split_at(METHODS / 4);
        large.iter().for_each(|name| rules.learn("A", name, 100));
        let is_large = |name: &&String| rules.lane("A", name, 0) == Lane::Bulk;
        let known = large.iter().filter(is_large).count();
        // Some share a place.
        assert!(known > METHODS / 5, "{known}");
        assert_eq!(small.iter().filter(is_large).count(), 0);
    }
}
