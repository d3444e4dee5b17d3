//! The nodes of one service at one time, and the choice among them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::endpoint::Endpoint;
use super::select::{Candidate, Load, Select, Selector};
use crate::discovery::Coordinates;

/// The nodes of one service. It does not change: a newer list is another one.
#[derive(Debug)]
pub(super) struct Roster {
    members: Box<[Member]>,
    /// None if there are no members.
    selector: Option<Arc<Selector>>,
    /// The place of the one that was chosen last, if that is to be taken again.
    sticky: Option<AtomicUsize>,
    /// Calls may go elsewhere while a node is new: no key belongs to it.
    spread: bool,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) weight: u32,
    pub(super) coordinates: Option<Coordinates>,
}

/// How one of a list is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Choice {
    pub(super) select: Select,
    pub(super) sticky: bool,
    /// Where this side is.
    pub(super) here: Option<Coordinates>,
}

impl Candidate for Member {
    fn name(&self) -> &str {
        self.endpoint.name()
    }
    fn weight(&self) -> u32 {
        self.weight
    }
    fn load(&self) -> &Load {
        self.endpoint.load()
    }
    fn coordinates(&self) -> Option<Coordinates> {
        self.coordinates
    }
}

/// No place.
const NONE: usize = usize::MAX;

impl Roster {
    pub(super) fn empty() -> Arc<Self> {
        Arc::new(Self {
            members: Box::default(),
            selector: None,
            sticky: None,
            spread: true,
        })
    }

    /// Of these members, after another list, of which the choice goes on as far as it can.
    pub(super) fn new(members: Box<[Member]>, choice: Choice, before: &Self) -> Arc<Self> {
        let same = |one: &Member, other: &Member| {
            Arc::ptr_eq(&one.endpoint, &other.endpoint)
                && one.weight == other.weight
                && one.coordinates == other.coordinates
        };
        let unchanged = members.len() == before.members.len()
            && members
                .iter()
                .zip(&before.members)
                .all(|(one, other)| same(one, other));
        let selector = match &before.selector {
            Some(selector) if unchanged => Some(Arc::clone(selector)),
            _ => (!members.is_empty())
                .then(|| Arc::new(Selector::new(choice.select, choice.here, &members))),
        };
        let sticky = choice.sticky.then(|| {
            let stuck = before.stuck();
            let place = members
                .iter()
                .position(|member| stuck.is_some_and(|stuck| Arc::ptr_eq(stuck, &member.endpoint)));
            AtomicUsize::new(place.unwrap_or(NONE))
        });
        Arc::new(Self {
            members,
            selector,
            sticky,
            spread: choice.select != Select::ConsistentHash,
        })
    }

    fn stuck(&self) -> Option<&Arc<Endpoint>> {
        let place = self.sticky.as_ref()?.load(Ordering::Relaxed);
        self.members.get(place).map(|member| &member.endpoint)
    }

    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Whether there is one that is not among `tried`.
    pub(super) fn has_other_than(&self, tried: &[Arc<Endpoint>]) -> bool {
        self.members.iter().any(|member| !is_among(member, tried))
    }

    /// The endpoint for a call that was not at any of `tried`, unless it was at all of them. One that
    /// could not be reached lately is taken if there is no other, and looked at again meanwhile. None if
    /// there are no nodes.
    pub(super) fn choose(
        &self,
        key: impl FnOnce() -> u64,
        tried: &[Arc<Endpoint>],
    ) -> Option<&Arc<Endpoint>> {
        let selector = self.selector.as_ref()?;
        let usable = |at: usize| {
            let member = &self.members[at];
            if is_among(member, tried) || !member.endpoint.is_reachable() {
                member.endpoint.look_again();
                return false;
            }
            member.endpoint.admits(self.spread)
        };
        let stuck = self.sticky.as_ref().map(|at| at.load(Ordering::Relaxed));
        if let Some(at) = stuck.filter(|at| *at < self.members.len() && usable(*at)) {
            return Some(&self.members[at].endpoint);
        }
        let mut at = selector.pick(&self.members, key, usable);
        if is_among(&self.members[at], tried) {
            // None is reachable: any that was not tried.
            let mut all = 0..self.members.len();
            at = all
                .find(|at| !is_among(&self.members[*at], tried))
                .unwrap_or(at);
        }
        if let Some(sticky) = &self.sticky {
            sticky.store(at, Ordering::Relaxed);
        }
        Some(&self.members[at].endpoint)
    }
}

fn is_among(member: &Member, tried: &[Arc<Endpoint>]) -> bool {
    tried
        .iter()
        .any(|tried| Arc::ptr_eq(tried, &member.endpoint))
}
