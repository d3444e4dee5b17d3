//! When an endpoint is not to be chosen for a while, and how it comes back.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::median::Median;
use super::notes::{Note, Notes};
use crate::event::{Event, Events};
use crate::pace::Backoff;

/// The share of calls that a new node begins with.
const COLD: f64 = 0.1;

/// The time in which the share of failures is counted, in nanoseconds.
const WINDOW: u64 = 10_000_000_000;

/// Calls after which the latency of a node is known.
const SEEN: u32 = 100;

/// When a node that fails is passed over: a circuit breaker for each node of a channel that
/// [selects](super::ChannelBuilder::select).
///
/// After a number of calls in a row that were lost, timed out, or were refused because the node was overloaded, or when most of its
/// calls of some time were, it is ejected: calls go to other nodes. When its pause is over it is asked for a sign of life, by a heartbeat, and
/// when that is answered one call is sent to it. If that succeeds the node is
/// back, and gets its share [by and by](super::ChannelBuilder::slow_start); if not the pause is twice as long. What a
/// method answers is no failure. A node that cannot be connected to is passed over from the first failed dial on,
/// whatever is set here, until a dial in the background succeeds.
///
/// If all nodes are ejected or unreachable, calls go to them as if none were.
///
/// ```
/// use std::time::Duration;
/// use rpcx::{Backoff, Channel};
/// use rpcx::client::Ejection;
///
/// let ejection = Ejection::new()
///     .failures(10)
///     .pauses(Backoff::new(Duration::from_secs(5), Duration::from_secs(60)))
///     .at_most(0.3);
/// let channel = Channel::builder().registry("mem://arith").ejection(ejection);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use = "settings do nothing until a channel has them"]
pub struct Ejection {
    failures: u32,
    /// Which share of at least so many calls.
    rate: (f64, u32),
    /// How many times as long as those of other nodes.
    latency: Option<f64>,
    pauses: Backoff,
    most: f64,
}

impl Ejection {
    /// The defaults: after 5 failures in a row, or 85 % of 50 calls or more within 10 s, for 1 s at first and 30 s at most, half of it random, and no more than
    /// half of the nodes.
    pub const fn new() -> Self {
        Self {
            failures: 5,
            rate: (0.85, 50),
            latency: None,
            pauses: Backoff::new(Duration::from_secs(1), Duration::from_secs(30)).jitter(0.5),
            most: 0.5,
        }
    }

    /// No node is ejected.
    pub const fn never() -> Self {
        Self::new().failures(u32::MAX).error_rate(1.0, u32::MAX)
    }

    /// After how many failures in a row. Zero counts as 1.
    pub const fn failures(mut self, failures: u32) -> Self {
        self.failures = if failures == 0 { 1 } else { failures };
        self
    }

    /// Also when this share of its calls has failed, from 0 to 1, within 10 s in which it had at least so many. Default: 0.85
    /// of 50.
    pub const fn error_rate(mut self, share: f64, calls: u32) -> Self {
        self.rate = (
            if share.is_nan() {
                1.0
            } else {
                share.clamp(0.0, 1.0)
            },
            if calls == 0 { 1 } else { calls },
        );
        self
    }

    /// Also when one in two of its calls takes more than so many times as long as one in two of all calls of the channel,
    /// seen over 100 calls or more. Less than 2 counts as 2. For methods that take
    /// about the same everywhere; default: never.
    pub const fn latency(mut self, times: f64) -> Self {
        self.latency = Some(if times >= 2.0 { times } else { 2.0 });
        self
    }

    /// For how long.
    pub const fn pauses(mut self, pauses: Backoff) -> Self {
        self.pauses = pauses;
        self
    }

    /// Which share of the nodes may be ejected at once, from 0 to 1; of several nodes it is one at least.
    pub const fn at_most(mut self, share: f64) -> Self {
        self.most = if share.is_nan() {
            0.5
        } else {
            share.clamp(0.0, 1.0)
        };
        self
    }
}

impl Default for Ejection {
    fn default() -> Self {
        Self::new()
    }
}

/// What the endpoints of a channel have in common.
#[derive(Debug)]
pub(super) struct Policy {
    ejection: Ejection,
    slow_start: Duration,
    events: Events,
    endpoints: AtomicUsize,
    ejected: AtomicUsize,
    /// Of all calls, if it matters.
    latency: Median,
    /// Calls in flight to all nodes, if they are bounded.
    in_flight: Option<AtomicUsize>,
    /// How many connections there may be to all nodes.
    connections: Option<usize>,
    /// Whether every call is timed.
    timed: bool,
}

/// What the options of a channel ask for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Needs {
    /// The calls of all nodes are counted.
    pub(super) bounded: bool,
    /// How many connections there may be to all nodes.
    pub(super) connections: Option<usize>,
    /// What calls take decides where they go.
    pub(super) timed: bool,
}

/// Of so many calls one is timed, where what they take is only told.
const SAMPLE: u32 = 8;

impl Policy {
    pub(super) fn new(
        ejection: Ejection,
        slow_start: Duration,
        events: Events,
        needs: Needs,
    ) -> Arc<Self> {
        Arc::new(Self {
            timed: needs.timed || ejection.latency.is_some(),
            ejection,
            slow_start,
            events,
            endpoints: AtomicUsize::new(0),
            ejected: AtomicUsize::new(0),
            latency: Median::default(),
            in_flight: needs.bounded.then(|| AtomicUsize::new(0)),
            connections: needs.connections,
        })
    }

    pub(super) fn begin(&self) {
        if let Some(in_flight) = &self.in_flight {
            in_flight.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn end(&self) {
        if let Some(in_flight) = &self.in_flight {
            in_flight.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// How many connections a node may have, so that each can have one.
    pub(super) fn most_connections(&self) -> usize {
        let endpoints = self.endpoints.load(Ordering::Relaxed).max(1);
        self.connections
            .map_or(usize::MAX, |most| (most / endpoints).max(1))
    }

    /// How many calls a node may have in flight that has no more than so many times its fair share.
    pub(super) fn most_calls(&self, times: f64) -> u32 {
        let in_flight = self.in_flight.as_ref();
        let calls = in_flight.map_or(0, |calls| calls.load(Ordering::Relaxed)) + 1;
        let fair = calls as f64 / self.endpoints.load(Ordering::Relaxed).max(1) as f64;
        (times * fair).ceil() as u32
    }

    /// Whether a node that joins those that have been known since then is new among old ones. Where all are new,
    /// as at the start of a fleet, none of them is spared.
    pub(super) fn is_settled(&self, since: Instant) -> bool {
        since.elapsed() >= self.slow_start
    }

    /// Takes one more out of the choice, if that is not too many.
    fn eject(&self) -> bool {
        let endpoints = self.endpoints.load(Ordering::Relaxed);
        let share = (endpoints as f64 * self.ejection.most) as usize;
        let most = if endpoints > 1 { share.max(1) } else { 0 };
        let one_more = |ejected| (ejected < most).then_some(ejected + 1);
        let ejected = self
            .ejected
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        ejected.is_ok()
    }
}

/// How one endpoint does. All times are nanoseconds on the clock of its load.
pub(super) struct Health {
    policy: Arc<Policy>,
    notes: Arc<Notes>,
    /// Failures in a row.
    failures: AtomicU32,
    /// Calls and failures since then.
    window: AtomicU64,
    calls: AtomicU32,
    failed: AtomicU32,
    latency: Median,
    /// While it is ejected: whether it has given a sign of life since.
    alive: AtomicBool,
    /// Failures in a row of the calls that were to bring it back, and the ejection itself.
    ejections: AtomicU32,
    /// Zero: it is not ejected.
    ejected_until: AtomicU64,
    ejected_at: AtomicU64,
    /// Zero: it gets its whole share.
    warming_since: AtomicU64,
}

impl Health {
    pub(super) fn new(policy: Arc<Policy>, notes: Arc<Notes>) -> Self {
        policy.endpoints.fetch_add(1, Ordering::Relaxed);
        Self {
            policy,
            notes,
            failures: AtomicU32::new(0),
            window: AtomicU64::new(0),
            calls: AtomicU32::new(0),
            failed: AtomicU32::new(0),
            latency: Median::default(),
            alive: AtomicBool::new(false),
            ejections: AtomicU32::new(0),
            ejected_until: AtomicU64::new(0),
            ejected_at: AtomicU64::new(0),
            warming_since: AtomicU64::new(0),
        }
    }

    /// Whether the next call may come here. `spread`: calls may go elsewhere while it is new.
    #[inline]
    pub(super) fn admits(&self, spread: bool, now: impl Fn() -> u64) -> bool {
        let until = self.ejected_until.load(Ordering::Relaxed);
        if until != 0 {
            return self.alive.load(Ordering::Relaxed) && self.tries(until, now());
        }
        let since = self.warming_since.load(Ordering::Relaxed);
        since == 0 || !spread || self.is_warm_enough(since, now())
    }

    /// Whether this call is the one that may bring it back. There is no other one until the next pause is over.
    fn tries(&self, until: u64, now: u64) -> bool {
        let next = self.after_pause(now);
        let order = Ordering::Relaxed;
        now >= until
            && self
                .ejected_until
                .compare_exchange(until, next, order, order)
                .is_ok()
    }

    fn after_pause(&self, now: u64) -> u64 {
        let ejections = self.ejections.load(Ordering::Relaxed);
        let pause = self.policy.ejection.pauses.pause(ejections).as_nanos();
        now.saturating_add(u64::try_from(pause).unwrap_or(u64::MAX))
            .max(1)
    }

    fn is_warm_enough(&self, since: u64, now: u64) -> bool {
        let (age, whole) = (now.saturating_sub(since), self.policy.slow_start.as_nanos());
        if u128::from(age) >= whole {
            self.warming_since.store(0, Ordering::SeqCst);
            self.unnote(Note::Warming, &self.warming_since);
            return true;
        }
        let share = COLD + (1.0 - COLD) * age as f64 / whole as f64;
        fastrand::f64() < share
    }

    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// It is new beside others, and gets its share by and by.
    pub(super) fn warm_up(&self, now: u64) {
        if !self.policy.slow_start.is_zero() {
            self.warming_since.store(now.max(1), Ordering::SeqCst);
            self.notes.set(Note::Warming);
        }
    }

    /// Whether the next call is to be timed: to look at the clock twice costs a twentieth of a small call. While something is
    /// noted, it has to be known which calls were sent before.
    #[inline]
    pub(super) fn times(&self) -> bool {
        self.policy.timed
            || self.calls.load(Ordering::Relaxed).is_multiple_of(SAMPLE)
            || !self.notes.none()
    }

    /// A call that began at `began` has been answered; 0 for one that was not timed, before something was noted. Says whether that made it ejected.
    #[inline]
    pub(super) fn succeed(&self, name: &str, began: u64, now: u64) -> bool {
        // Of two at once one may be lost, which a share does not notice; to count both costs more than all else here.
        let calls = self.calls.load(Ordering::Relaxed);
        self.calls.store(calls.wrapping_add(1), Ordering::Relaxed);
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
        if self.ejected_until.load(Ordering::Relaxed) != 0
            && began != 0
            && began >= self.ejected_at.load(Ordering::Relaxed)
        {
            self.readmit(name, now);
        }
        match self.policy.ejection.latency {
            None => false,
            Some(times) => self.is_slow(
                name,
                Duration::from_nanos(now.saturating_sub(began)),
                times,
                now,
            ),
        }
    }

    fn is_slow(&self, name: &str, latency: Duration, times: f64, now: u64) -> bool {
        self.latency.observe(latency);
        self.policy.latency.observe(latency);
        if self.calls.load(Ordering::Relaxed) < SEEN {
            return false;
        }
        let slower = self.latency.over(&self.policy.latency);
        slower.is_some_and(|slower| {
            slower > times
                && self.eject(name, now, || {
                    format!("its calls take {slower:.0} times as long as those of all nodes")
                })
        })
    }

    /// A call has failed in a way that says something about the node. Says whether that made it ejected.
    pub(super) fn fail(&self, name: &str, began: u64, now: u64) -> bool {
        if self.ejected_until.load(Ordering::Relaxed) != 0 {
            // One that was sent before says nothing new.
            if began >= self.ejected_at.load(Ordering::Relaxed) {
                self.prolong(now);
            }
            return false;
        }
        let count = |counter: &AtomicU32| counter.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let failures = count(&self.failures);
        if failures >= self.policy.ejection.failures {
            return self.eject(name, now, || {
                format!("{failures} calls in a row have failed")
            });
        }
        if now.saturating_sub(self.window.load(Ordering::Relaxed)) > WINDOW {
            self.window.store(now, Ordering::Relaxed);
            self.calls.store(1, Ordering::Relaxed);
            self.failed.store(1, Ordering::Relaxed);
            return false;
        }
        let (calls, failed) = (count(&self.calls), count(&self.failed));
        let (share, least) = self.policy.ejection.rate;
        calls >= least
            && f64::from(failed) >= share * f64::from(calls)
            && self.eject(name, now, || {
                format!("{failed} of {calls} calls have failed")
            })
    }

    /// It is out for longer, and has to give another sign of life.
    pub(super) fn prolong(&self, now: u64) {
        self.alive.store(false, Ordering::Relaxed);
        self.ejections.fetch_add(1, Ordering::Relaxed);
        let until = self.after_pause(now);
        self.ejected_until.store(until, Ordering::SeqCst);
        self.notes.set(Note::Ejected);
    }

    /// Takes a note away, unless what it says has become true again meanwhile.
    fn unnote(&self, note: Note, since: &AtomicU64) {
        self.notes.remove(note);
        if since.load(Ordering::SeqCst) != 0 {
            self.notes.set(note);
        }
    }

    /// It has given a sign of life, or there is nothing that could ask for one.
    pub(super) fn is_alive(&self) {
        self.alive.store(true, Ordering::Relaxed);
    }

    /// When the pause is over. None if it is not ejected.
    pub(super) fn ejected_until(&self) -> Option<u64> {
        let until = self.ejected_until.load(Ordering::Relaxed);
        (until != 0).then_some(until)
    }

    /// Unless too many are.
    fn eject(&self, name: &str, now: u64, why: impl FnOnce() -> String) -> bool {
        if self.is_ejected() || !self.policy.eject() {
            return false;
        }
        let failures = self.failures.swap(0, Ordering::Relaxed);
        self.alive.store(false, Ordering::Relaxed);
        self.ejections.store(1, Ordering::Relaxed);
        self.ejected_at.store(now, Ordering::Relaxed);
        let until = self.after_pause(now);
        let before = self.ejected_until.swap(until, Ordering::SeqCst);
        self.notes.set(Note::Ejected);
        if before != 0 {
            // Two calls have ended at once.
            self.policy.ejected.fetch_sub(1, Ordering::Relaxed);
            return false;
        }
        self.policy.events.emit(|tell| {
            let pause = Duration::from_nanos(until.saturating_sub(now));
            tell(&Event::NodeEjected {
                address: name,
                failures,
                reason: &why(),
                pause,
            });
        });
        true
    }

    fn readmit(&self, name: &str, now: u64) {
        if self.ejected_until.swap(0, Ordering::SeqCst) == 0 {
            return;
        }
        self.unnote(Note::Ejected, &self.ejected_until);
        self.policy.ejected.fetch_sub(1, Ordering::Relaxed);
        self.calls.store(0, Ordering::Relaxed);
        self.failed.store(0, Ordering::Relaxed);
        self.latency.set(&self.policy.latency);
        self.warm_up(now);
        self.policy
            .events
            .emit(|tell| tell(&Event::NodeReadmitted { address: name }));
    }

    pub(super) fn is_ejected(&self) -> bool {
        self.ejected_until.load(Ordering::Relaxed) != 0
    }

    pub(super) fn is_warming(&self, now: u64) -> bool {
        let since = self.warming_since.load(Ordering::Relaxed);
        let age = u128::from(now.saturating_sub(since));
        since != 0 && age < self.policy.slow_start.as_nanos()
    }
}

impl Drop for Health {
    fn drop(&mut self) {
        self.policy.endpoints.fetch_sub(1, Ordering::Relaxed);
        if self.is_ejected() {
            self.policy.ejected.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Health")
            .field("failures", &self.failures)
            .field("ejected", &self.is_ejected())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn policy() -> Arc<Policy> {
        let pauses = Backoff::new(Duration::from_secs(1), Duration::from_secs(8)).jitter(0.0);
        let ejection = Ejection::new().failures(3).pauses(pauses);
        Policy::new(
            ejection,
            Duration::from_secs(10),
            Events::default(),
            Needs {
                bounded: true,
                ..Needs::default()
            },
        )
    }

    fn several(policy: &Arc<Policy>, count: usize) -> Vec<Health> {
        (0..count)
            .map(|_| Health::new(Arc::clone(policy), Arc::default()))
            .collect()
    }

    #[test]
    fn failures_in_a_row_eject_and_one_call_at_a_time_tries_again() {
        let policy = policy();
        let nodes = several(&policy, 2);
        let node = &nodes[0];
        node.fail("a", 1, 1);
        node.fail("a", 2, 2);
        node.succeed("a", 3, 3);
        for at in 4..6 {
            node.fail("a", at, at);
        }
        assert!(node.admits(true, || 6), "an answer has come in between");
        node.fail("a", 7, SECOND);
        assert!(node.is_ejected() && !node.admits(true, || SECOND + 1));
        // Calls that were under way say nothing.
        node.succeed("a", SECOND - 1, SECOND + 1);
        node.fail("a", SECOND - 1, SECOND + 2);
        assert!(node.is_ejected());
        let over = 2 * SECOND;
        assert!(!node.admits(true, || over), "no sign of life yet");
        node.is_alive();
        assert!(
            node.admits(true, || over) && !node.admits(true, || over),
            "one alone"
        );
        node.fail("a", over, over + 1);
        assert!(!node.admits(true, || over + SECOND + 2), "twice as long");
        let over = over + 2 * SECOND + 1;
        assert!(
            !node.admits(true, || over),
            "another sign of life is asked for"
        );
        node.is_alive();
        assert!(node.admits(true, || over));
        node.succeed("a", over, over + 1);
        assert!(!node.is_ejected() && node.is_warming(over + 2));
    }

    #[test]
    fn a_share_of_failures_ejects_and_what_is_long_ago_does_not_count() {
        // Two of three, never three in a row.
        let rate = Ejection::new().failures(1000).error_rate(0.6, 20);
        let policy = Policy::new(rate, Duration::ZERO, Events::default(), Needs::default());
        let nodes = several(&policy, 3);
        let mut last = None;
        for at in 0..60 {
            let ejected = match at % 3 {
                0 => nodes[0].succeed("a", at, at),
                _ => nodes[0].fail("a", at, at),
            };
            if ejected {
                last = Some(at);
                break;
            }
        }
        assert!(last.is_some_and(|at| (18..30).contains(&at)), "{last:?}");
        for at in 0..60 {
            let now = at * 6 * SECOND;
            let ejected = match at % 3 {
                0 => nodes[1].succeed("a", now, now),
                _ => nodes[1].fail("a", now, now),
            };
            assert!(!ejected, "never twenty within ten seconds");
        }
    }

    #[test]
    fn a_node_that_is_much_slower_than_all_is_ejected() {
        let slow = Ejection::new().latency(5.0);
        let policy = Policy::new(slow, Duration::ZERO, Events::default(), Needs::default());
        let nodes = several(&policy, 3);
        let mut ejected = None;
        for at in 0..400u64 {
            let now = at * SECOND;
            for (place, node) in nodes.iter().enumerate() {
                let took = if place == 1 {
                    SECOND / 10
                } else {
                    SECOND / 1000
                };
                if node.succeed("a", now, now + took) {
                    assert_eq!(place, 1);
                    ejected = ejected.or(Some(at));
                }
            }
        }
        assert!(ejected.is_some_and(|at| at >= 98), "{ejected:?}");
    }

    #[test]
    fn the_most_calls_of_a_node_are_a_multiple_of_its_share() {
        let policy = policy();
        let _nodes = several(&policy, 4);
        assert_eq!(policy.most_calls(1.25), 1);
        (0..39).for_each(|_| policy.begin());
        assert_eq!(policy.most_calls(1.25), 13);
        policy.end();
        assert_eq!(policy.most_calls(1.0), 10);
    }

    #[test]
    fn no_more_than_a_share_is_ejected_and_never_the_only_one() {
        let policy = policy();
        let mut nodes = several(&policy, 5);
        for node in &nodes {
            for at in 0..10 {
                node.fail("a", at, at);
            }
        }
        let ejected = |nodes: &[Health]| nodes.iter().filter(|node| node.is_ejected()).count();
        assert_eq!(ejected(&nodes), 2);
        // One that leaves makes room for another one.
        nodes.retain(|node| !node.is_ejected());
        for at in 0..10 {
            nodes[0].fail("a", at, at);
        }
        assert_eq!(ejected(&nodes), 1);
        nodes.truncate(1);
        let alone = several(&self::policy(), 1);
        for at in 0..10 {
            alone[0].fail("a", at, at);
        }
        assert_eq!(ejected(&alone), 0);
    }

    #[test]
    fn a_new_node_gets_its_share_by_and_by() {
        let nodes = several(&policy(), 2);
        nodes[0].warm_up(SECOND);
        let share = |now: u64| {
            (0..10_000)
                .filter(|_| nodes[0].admits(true, || now))
                .count()
        };
        assert!((700..1400).contains(&share(SECOND)), "a tenth at first");
        assert!((5000..6000).contains(&share(6 * SECOND)), "half way");
        assert_eq!(share(11 * SECOND), 10_000);
        assert_eq!(share(12 * SECOND), 10_000);
        nodes[1].warm_up(SECOND);
        assert!((0..100).all(|_| nodes[1].admits(false, || SECOND)));
    }
}
