//! Which node of a fleet a call takes.

mod closest;
mod custom;
mod hash;
mod load;
mod pinged;
mod ring;
mod stride;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use closest::Closest;
pub use custom::{Candidates, Choose, Custom, Selector as UserSelector};
pub(super) use hash::Hash;
pub(super) use load::Load;
use pinged::Pinged;
use ring::Ring;
use stride::Stride;

use crate::discovery::{Coordinates, Node};

/// How a channel with several addresses chooses one for each call. Addresses that cannot be reached are
/// passed over, and dialled again in the background.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Select {
    /// The first that answers, in their order; the others are there for when it does not. Calls go on
    /// over a connection for as long as it is open.
    #[default]
    First,
    /// Any, at random, each as often as the others.
    Random,
    /// One after the other.
    RoundRobin,
    /// One after the other, each as often as its weight says, and spread evenly.
    Weighted,
    /// The same one for the same key, as long as it can be reached: see
    /// [`Call::hash_key`](super::Call::hash_key). Without a key the service path, the method and the
    /// encoded arguments are the key. When an address is added or taken away, no keys move but those
    /// that it gets or had. Clients agree, whatever the order of their lists.
    ConsistentHash,
    /// Of two at random the one that is likely to answer sooner: by the latency of its last calls, which
    /// goes up at once and comes down slowly, and by its calls in flight.
    LeastLoaded,
    /// The one that is closest to [`location`](super::ChannelBuilder::location), of several at one place
    /// any. Nodes whose place is not known come last.
    Closest,
    /// One after the other, those more often that answer heartbeats sooner: all nodes are connected to and asked when the first call
    /// chooses, and every 10 s. Up to 10 ms are the best, and a node that takes 1 s or does not answer is chosen as
    /// rarely as possible.
    Pinged,
    /// As the program says: made by [`Select::custom`].
    Custom(Custom),
}

impl Select {
    /// The choice of the program: see [`Selector`](UserSelector).
    pub fn custom(selector: impl UserSelector) -> Self {
        Self::Custom(Custom(Arc::new(selector)))
    }
}

/// What a [`Select`] needs to choose. Nothing here takes a lock.
pub(super) enum Selector {
    First,
    Random,
    RoundRobin(AtomicUsize),
    Weighted(Stride),
    ConsistentHash(Ring),
    LeastLoaded,
    Closest(Closest),
    Pinged(Pinged),
    Custom(Box<dyn Choose>),
}

/// A node as a selector sees it.
pub(super) trait Candidate {
    fn name(&self) -> &str;
    fn weight(&self) -> u32;
    fn load(&self) -> &Load;
    fn coordinates(&self) -> Option<Coordinates>;
    fn node(&self) -> Node;
}

/// Draws before the nodes are gone through one after the other.
const DRAWS: usize = 16;

impl Selector {
    /// For these nodes, of which there is at least one, and for a client at this place.
    pub(super) fn new(
        select: &Select,
        here: Option<Coordinates>,
        nodes: &[impl Candidate],
    ) -> Self {
        match select {
            Select::First => Self::First,
            Select::Random => Self::Random,
            Select::RoundRobin => Self::RoundRobin(AtomicUsize::new(fastrand::usize(..))),
            Select::Weighted => Self::Weighted(Stride::new(nodes.iter().map(Candidate::weight))),
            Select::ConsistentHash => {
                let named = nodes.iter().map(|node| (node.name(), node.weight()));
                Self::ConsistentHash(Ring::new(named))
            }
            Select::LeastLoaded => Self::LeastLoaded,
            Select::Closest => {
                let places = nodes.iter().map(Candidate::coordinates);
                Self::Closest(Closest::new(here, places))
            }
            Select::Pinged => Self::Pinged(Pinged::new(nodes.len())),
            Select::Custom(custom) => {
                let nodes: Vec<_> = nodes.iter().map(Candidate::node).collect();
                Self::Custom(custom.0.among(&nodes))
            }
        }
    }

    /// A node that is usable, or any if none is. `key` is asked for if it matters.
    pub(super) fn pick(
        &self,
        nodes: &[impl Candidate],
        key: impl Fn() -> u64,
        usable: impl Fn(usize) -> bool,
    ) -> usize {
        match self {
            Self::Custom(choose) => return choice_of(&**choose, nodes, &key, &usable),
            Self::ConsistentHash(ring) => return ring.pick(key(), usable),
            Self::Closest(closest) => return closest.pick(usable),
            Self::First => return (0..nodes.len()).find(|at| usable(*at)).unwrap_or(0),
            Self::Random
            | Self::RoundRobin(_)
            | Self::Weighted(_)
            | Self::Pinged(_)
            | Self::LeastLoaded => {}
        }
        let first = self.draw(nodes);
        if usable(first) {
            return first;
        }
        let drawn = (1..DRAWS).map(|_| self.draw(nodes)).find(|at| usable(*at));
        drawn.unwrap_or_else(|| any(nodes.len(), usable).unwrap_or(first))
    }

    fn draw(&self, nodes: &[impl Candidate]) -> usize {
        let count = nodes.len();
        match self {
            Self::RoundRobin(next) => next.fetch_add(1, Ordering::Relaxed) % count,
            Self::Weighted(stride) => stride.next(),
            Self::Pinged(pinged) => pinged.next(),
            Self::LeastLoaded if count > 1 => {
                let one = fastrand::usize(..count);
                let other = (one + fastrand::usize(1..count)) % count;
                let cost = |at: usize| nodes[at].load().cost();
                if cost(other) < cost(one) { other } else { one }
            }
            Self::Random
            | Self::LeastLoaded
            | Self::First
            | Self::ConsistentHash(_)
            | Self::Custom(_)
            | Self::Closest(_) => fastrand::usize(..count),
        }
    }
}

/// Any that is usable, from a random place on.
fn any(count: usize, usable: impl Fn(usize) -> bool) -> Option<usize> {
    let start = fastrand::usize(..count);
    (start..count).chain(0..start).find(|at| usable(*at))
}

/// What the program says, if it can be used.
fn choice_of(
    choose: &dyn Choose,
    nodes: &[impl Candidate],
    key: &dyn Fn() -> u64,
    usable: &dyn Fn(usize) -> bool,
) -> usize {
    let seen = std::cell::Cell::new(None);
    // Asked twice, a node that is new may give two answers.
    let remembered = |at: usize| {
        let answer = usable(at);
        if answer {
            seen.set(Some(at));
        }
        answer
    };
    let call = Candidates {
        count: nodes.len(),
        key,
        usable: &remembered,
        load: &|at| nodes[at].load(),
    };
    let chosen = choose.choose(&call).filter(|at| *at < nodes.len());
    let chosen = chosen.filter(|at| seen.get() == Some(*at) || usable(*at));
    chosen.or_else(|| any(nodes.len(), usable)).unwrap_or(0)
}

impl std::fmt::Debug for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::First => "First",
            Self::Random => "Random",
            Self::RoundRobin(_) => "RoundRobin",
            Self::Weighted(_) => "Weighted",
            Self::ConsistentHash(_) => "ConsistentHash",
            Self::LeastLoaded => "LeastLoaded",
            Self::Closest(_) => "Closest",
            Self::Pinged(_) => "Pinged",
            Self::Custom(_) => "Custom",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    struct Node(String, u32, Load);

    impl Candidate for Node {
        fn name(&self) -> &str {
            &self.0
        }
        fn weight(&self) -> u32 {
            self.1
        }
        fn load(&self) -> &Load {
            &self.2
        }
        fn coordinates(&self) -> Option<Coordinates> {
            None
        }
        fn node(&self) -> crate::discovery::Node {
            crate::discovery::Node::new(self.0.parse().unwrap())
        }
    }

    fn nodes(weights: &[u32]) -> Vec<Node> {
        let node =
            |(at, weight): (usize, &u32)| Node(format!("tcp@10.0.0.{at}:1"), *weight, Load::new());
        weights.iter().enumerate().map(node).collect()
    }

    /// How often each node was picked.
    fn shares(select: &Select, nodes: &[Node], usable: impl Fn(usize) -> bool) -> Vec<u32> {
        let selector = Selector::new(select, None, nodes);
        let mut shares = vec![0; nodes.len()];
        for key in 0..12_000u64 {
            let key = || Hash::new().bytes(&key.to_be_bytes()).finish();
            shares[selector.pick(nodes, key, &usable)] += 1;
        }
        shares
    }

    #[test]
    fn every_way_of_selecting_gives_each_node_its_share() {
        for select in [
            Select::Random,
            Select::RoundRobin,
            Select::Weighted,
            Select::ConsistentHash,
        ] {
            let shares = shares(&select, &nodes(&[1, 1, 1]), |_| true);
            assert!(
                shares.iter().all(|share| (3200..4800).contains(share)),
                "{select:?}: {shares:?}"
            );
        }
    }

    #[test]
    fn a_node_that_is_not_usable_gets_nothing_and_the_others_share_evenly() {
        for select in [
            Select::Random,
            Select::RoundRobin,
            Select::Weighted,
            Select::LeastLoaded,
        ] {
            let shares = shares(&select, &nodes(&[1, 1, 1, 1]), |at| at != 1);
            assert_eq!(shares[1], 0);
            let others = [shares[0], shares[2], shares[3]];
            assert!(
                others.iter().all(|share| (3400..4600).contains(share)),
                "{select:?}: {shares:?}"
            );
        }
    }

    #[test]
    fn of_many_nodes_the_only_usable_one_is_found() {
        let many = nodes(&[1; 1000]);
        for select in [
            Select::Random,
            Select::RoundRobin,
            Select::Weighted,
            Select::ConsistentHash,
            Select::LeastLoaded,
        ] {
            let selector = Selector::new(&select, None, &many);
            assert_eq!(
                selector.pick(&many, || 7, |at| at == 678),
                678,
                "{select:?}"
            );
            // If there is none, one is picked all the same.
            assert!(selector.pick(&many, || 7, |_| false) < 1000);
        }
    }

    #[test]
    fn weights_are_kept_and_absurd_ones_do_no_harm() {
        let shares = shares(&Select::Weighted, &nodes(&[4, 2, 0, u32::MAX]), |_| true);
        assert!(shares[3] > 11_000, "{shares:?}");
        let hashed = self::shares(&Select::ConsistentHash, &nodes(&[3, 1]), |_| true);
        assert!((7800..10_200).contains(&hashed[0]), "{hashed:?}");
    }

    #[test]
    fn the_slower_of_two_nodes_is_spared() {
        let nodes = nodes(&[1, 1]);
        nodes[0].2.observe(Duration::from_millis(10), 0);
        nodes[1].2.observe(Duration::from_millis(1), 0);
        let shares = shares(&Select::LeastLoaded, &nodes, |_| true);
        assert_eq!(shares, [0, 12_000]);
    }
}
