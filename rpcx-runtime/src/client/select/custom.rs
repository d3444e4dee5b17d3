//! A choice that the program makes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Load;
use crate::discovery::Node;

/// How a channel chooses nodes, by code of the program: given to [`Select::custom`](super::Select::custom).
///
/// ```
/// use rpcx::Channel;
/// use rpcx::client::{Candidates, Choose, Select, Selector};
/// use rpcx::discovery::Node;
///
/// /// Nodes of one zone, as long as one of them can be called.
/// struct Near(&'static str);
///
/// /// Which of the nodes are in it.
/// struct InZone(Vec<usize>);
///
/// impl Selector for Near {
///     fn among(&self, nodes: &[Node]) -> Box<dyn Choose> {
///         let near = |at: &usize| nodes[*at].get("zone").as_deref() == Some(self.0);
///         Box::new(InZone((0..nodes.len()).filter(near).collect()))
///     }
/// }
///
/// impl Choose for InZone {
///     fn choose(&self, call: &Candidates<'_>) -> Option<usize> {
///         let usable = self.0.iter().copied().filter(|at| call.is_usable(*at));
///         usable.min_by_key(|at| call.in_flight(*at))
///     }
/// }
///
/// let channel = Channel::builder()
///     .registry("mem://arith")
///     .select(Select::custom(Near("eu")))
///     .build_lazy()?;
/// # Ok::<(), rpcx::Error>(())
/// ```
pub trait Selector: Send + Sync + 'static {
    /// Prepares the choice among these nodes, of which there is at least one: called for each list, before a call sees it. What takes
    /// long belongs here.
    fn among(&self, nodes: &[Node]) -> Box<dyn Choose>;
}

/// The choice among the nodes of one list. Many calls choose at once.
pub trait Choose: Send + Sync + 'static {
    /// The place in the list of the node for a call. For `None`, or for a node that is not usable, any that is usable is
    /// taken, and if none is, any.
    fn choose(&self, call: &Candidates<'_>) -> Option<usize>;
}

/// The nodes of a list as they are seen by a call, by their places in it.
pub struct Candidates<'a> {
    pub(super) count: usize,
    pub(super) key: &'a dyn Fn() -> u64,
    pub(super) usable: &'a dyn Fn(usize) -> bool,
    pub(super) load: &'a dyn Fn(usize) -> &'a Load,
}

impl Candidates<'_> {
    /// How many nodes there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// A hash of what the call has in common with others that should go to the same node: see
    /// [`Call::hash_key`](crate::client::Call::hash_key). Without a key it is computed from the arguments.
    pub fn key(&self) -> u64 {
        (self.key)()
    }

    /// Whether a node may have the call: it can be reached, is not [ejected](crate::client::Ejection), was not tried by the same call, and
    /// is not new. A node that is new is usable at some of the questions, so ask once for a call.
    ///
    /// # Panics
    ///
    /// If there is no such place.
    pub fn is_usable(&self, at: usize) -> bool {
        (self.usable)(at)
    }

    /// Calls that wait for their replies there.
    ///
    /// # Panics
    ///
    /// If there is no such place.
    pub fn in_flight(&self, at: usize) -> u32 {
        (self.load)(at).in_flight()
    }

    /// What its calls take: goes up at once and comes down slowly. `None` if none has ended.
    ///
    /// # Panics
    ///
    /// If there is no such place.
    pub fn latency(&self, at: usize) -> Option<Duration> {
        (self.load)(at).latency()
    }
}

impl fmt::Debug for Candidates<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidates")
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

/// A selector of the program: made by [`Select::custom`](super::Select::custom). Equal to its clones and to nothing else.
#[derive(Clone)]
pub struct Custom(pub(super) Arc<dyn Selector>);

impl PartialEq for Custom {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Custom {}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Custom")
    }
}
