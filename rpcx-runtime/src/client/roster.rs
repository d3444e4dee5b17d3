//! The nodes of one service at one time, and the choice among them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::endpoint::Endpoint;
use super::measure;
use super::notes::Notes;
use super::select::{Candidate, Load, Select, Selector};
use crate::discovery::{Coordinates, Node};

/// The nodes of one service. It does not change: a newer list is another one.
#[derive(Debug)]
pub(super) struct Roster {
    members: Box<[Member]>,
    /// What a choice looks at of each of them, closely packed.
    notes: Box<[Arc<Notes>]>,
    endpoints: Box<[Arc<Endpoint>]>,
    /// The connections of the channel have a limit.
    limited: bool,
    /// None if there are no members.
    selector: Option<Arc<Selector>>,
    /// The place of the one that was chosen last, if that is to be taken again.
    sticky: Option<AtomicUsize>,
    /// Calls may go elsewhere while a node is new: no key belongs to it.
    spread: bool,
    /// How many times its fair share of calls a node may have.
    most: Option<f64>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) node: Node,
}

/// How one of a list is chosen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Choice {
    pub(super) select: Select,
    pub(super) sticky: bool,
    /// Where this side is.
    pub(super) here: Option<Coordinates>,
    /// How many times its fair share of calls a node may have, where it is chosen by a hash.
    pub(super) hash_load: Option<f64>,
}

impl Candidate for Member {
    fn name(&self) -> &str {
        self.endpoint.name()
    }
    fn weight(&self) -> u32 {
        self.node.weight
    }
    fn load(&self) -> &Load {
        self.endpoint.load()
    }
    fn coordinates(&self) -> Option<Coordinates> {
        self.node.coordinates
    }
    fn node(&self) -> Node {
        self.node.clone()
    }
}

/// No place.
const NONE: usize = usize::MAX;

impl Roster {
    pub(super) fn empty() -> Arc<Self> {
        Arc::new(Self {
            members: Box::default(),
            notes: Box::default(),
            endpoints: Box::default(),
            limited: false,
            selector: None,
            sticky: None,
            spread: true,
            most: None,
        })
    }

    /// Of these members, after another list, of which the choice goes on as far as it can.
    pub(super) fn new(members: Box<[Member]>, choice: &Choice, before: &Self) -> Arc<Self> {
        // Servers publish new load figures all the time: those matter to a choice of the program alone.
        let figures = matches!(choice.select, Select::Custom(_));
        let same = |one: &Member, other: &Member| {
            Arc::ptr_eq(&one.endpoint, &other.endpoint)
                && one.node.weight == other.node.weight
                && one.node.coordinates == other.node.coordinates
                && (!figures || one.node == other.node)
        };
        let unchanged = members.len() == before.members.len()
            && members
                .iter()
                .zip(&before.members)
                .all(|(one, other)| same(one, other));
        let selector = match &before.selector {
            Some(selector) if unchanged => Some(Arc::clone(selector)),
            _ => (!members.is_empty())
                .then(|| Arc::new(Selector::new(&choice.select, choice.here, &members))),
        };
        let sticky = choice.sticky.then(|| {
            let stuck = before.stuck();
            let place = members
                .iter()
                .position(|member| stuck.is_some_and(|stuck| Arc::ptr_eq(stuck, &member.endpoint)));
            AtomicUsize::new(place.unwrap_or(NONE))
        });
        let each = || members.iter().map(|member| &member.endpoint);
        Arc::new(Self {
            notes: each().map(|one| Arc::clone(one.notes())).collect(),
            endpoints: each().cloned().collect(),
            limited: each().any(|one| one.has_limited_room()),
            members,
            selector,
            sticky,
            spread: choice.select != Select::ConsistentHash,
            most: choice.hash_load,
        })
    }

    fn stuck(&self) -> Option<&Arc<Endpoint>> {
        let place = self.sticky.as_ref()?.load(Ordering::Relaxed);
        self.members.get(place).map(|member| &member.endpoint)
    }

    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Whether there is one that is not among `tried`, and that can be connected to.
    pub(super) fn has_other_than(&self, tried: &[Arc<Endpoint>]) -> bool {
        let is_other =
            |member: &Member| !is_among(member, tried) && !member.endpoint.is_out_of_room();
        self.members.iter().any(is_other)
    }

    /// The endpoint for a call that was not at any of `tried`, unless it was at all of them. One that
    /// could not be reached lately is taken if there is no other, and looked at again meanwhile. None if
    /// there are no nodes.
    pub(super) fn choose(
        &self,
        key: &dyn Fn() -> u64,
        tried: &[Arc<Endpoint>],
    ) -> Option<&Arc<Endpoint>> {
        let selector = self.selector.as_ref()?;
        if let Selector::Pinged(_) = **selector {
            let members = self.members.iter();
            measure::start(
                selector,
                members.map(|member| Arc::downgrade(&member.endpoint)),
            );
        }
        let most = self
            .most
            .map(|times| self.members[0].endpoint.most_calls(times));
        let usual = tried.is_empty() && most.is_none() && !self.limited;
        let usable = |at: usize| {
            if usual && self.notes[at].none() {
                return true;
            }
            let member = &self.members[at];
            if most.is_some_and(|most| member.endpoint.load().in_flight() >= most) {
                return false;
            }
            if member.endpoint.is_out_of_room() {
                return false;
            }
            if is_among(member, tried) || !member.endpoint.is_reachable() {
                member.endpoint.look_again();
                return false;
            }
            member.endpoint.admits(self.spread)
        };
        let stuck = self.sticky.as_ref().map(|at| at.load(Ordering::Relaxed));
        if let Some(at) = stuck.filter(|at| *at < self.members.len() && usable(*at)) {
            return Some(&self.endpoints[at]);
        }
        let mut at = selector.pick(&self.members, key, usable);
        if !tried.is_empty() && is_among(&self.members[at], tried) {
            // None is reachable: any that was not tried.
            let mut all = 0..self.members.len();
            at = all
                .find(|at| !is_among(&self.members[*at], tried))
                .unwrap_or(at);
        }
        if self.limited && self.members[at].endpoint.is_out_of_room() {
            // None is usable, and only those that are connected can have the call.
            let mut all = self.members.iter().enumerate();
            let connected = all
                .find(|(_, member)| !member.endpoint.is_out_of_room() && !is_among(member, tried));
            at = connected.map_or(at, |(at, _)| at);
        }
        if let Some(sticky) = &self.sticky {
            sticky.store(at, Ordering::Relaxed);
        }
        Some(&self.endpoints[at])
    }
}

fn is_among(member: &Member, tried: &[Arc<Endpoint>]) -> bool {
    tried
        .iter()
        .any(|tried| Arc::ptr_eq(tried, &member.endpoint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Channel;
    use crate::client::channel::Target;
    use crate::transport::Address;

    fn choice_of(select: Select) -> Choice {
        Choice {
            select,
            sticky: false,
            here: None,
            hash_load: None,
        }
    }

    fn roster_of<'a>(addresses: impl IntoIterator<Item = &'a str>, select: Select) -> Arc<Roster> {
        let channel = Channel::builder().addresses(addresses);
        let channel = channel.select(select.clone()).build_lazy().unwrap();
        let Target::Fleet { fleet, .. } = channel.target() else {
            panic!("it selects");
        };
        let members = fleet.endpoints().into_iter().map(|endpoint| Member {
            node: Node::new(endpoint.name().parse::<Address>().unwrap()),
            endpoint,
        });
        Roster::new(members.collect(), &choice_of(select), &Roster::empty())
    }

    /// The members of `before`, with other load figures.
    fn with_figures(before: &Roster, figures: &str) -> Box<[Member]> {
        let members = before.members.iter().map(|member| Member {
            endpoint: Arc::clone(&member.endpoint),
            node: Node::parse(member.endpoint.name(), figures.as_bytes()).unwrap(),
        });
        members.collect()
    }

    /// Each list began the round again, and the ring of a hash was made anew.
    #[test]
    fn a_list_with_other_load_figures_goes_on_with_the_round() {
        let before = roster_of(["mem@one", "mem@other"], Select::RoundRobin);
        let choice = choice_of(Select::RoundRobin);
        let mut roster = before;
        let mut chosen = Vec::new();
        for figures in ["calls=1", "calls=2", "calls=3", "calls=4"] {
            roster = Roster::new(with_figures(&roster, figures), &choice, &roster);
            chosen.push(roster.choose(&|| 0, &[]).unwrap().name().to_owned());
        }
        // Where a round begins is left to chance.
        assert_ne!(chosen[0], chosen[1]);
        assert_eq!(chosen[..2], chosen[2..]);
    }

    /// What a choice takes. In release: `cargo test --release -p rpcx-runtime --all-features --lib choices_take -- --nocapture`.
    #[test]
    fn choices_take_as_long_among_many_as_among_few() {
        const CHOICES: u64 = if cfg!(debug_assertions) {
            2_000
        } else {
            2_000_000
        };
        for count in [3, 100, 10_000] {
            for select in [
                Select::Random,
                Select::RoundRobin,
                Select::Weighted,
                Select::ConsistentHash,
                Select::LeastLoaded,
                Select::Pinged,
            ] {
                let addresses = (0..count).map(|at| format!("mem@select-{at}"));
                let addresses: Vec<_> = addresses.collect();
                let roster = roster_of(addresses.iter().map(String::as_str), select.clone());
                let began = std::time::Instant::now();
                let mut seen = 0;
                for call in 0..CHOICES {
                    let key = || call.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                    seen += usize::from(roster.choose(&key, &[]).is_some());
                }
                let each = began.elapsed().as_nanos() / u128::from(CHOICES);
                println!("{count:>6} nodes, {select:?}: {each} ns");
                assert_eq!(seen as u64, CHOICES);
            }
        }
    }
}
