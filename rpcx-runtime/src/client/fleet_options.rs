//! Options of a channel that has its nodes from a registry, or several connections to each.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::discovered::Discovered;
use super::endpoint::Endpoint;
use super::fixed::Fixed;
use super::health::{Ejection, Needs, Policy};
use super::nodes::{Filter, Nodes, Terms};
use super::options::ChannelOptions;
use super::pool::{OptionsOf, Pool};
use super::pushes::Pushes;
use super::roster::{Choice, Member, Roster};
use super::turns::NodeLinks;
use super::{Channel, ChannelBuilder, Select};
use crate::address::Address;
use crate::discovery::{self, Coordinates, Discover, Node};
use crate::error::{Error, Result};
use crate::transport::ConnectOptions;

/// What a builder was told about its nodes.
#[derive(Clone, Default)]
pub(super) struct FleetOptions {
    /// Where the nodes come from, if they are not given.
    source: Option<Source>,
    /// An option asked for more than one way to go.
    fixed: Option<MakeFixed>,
    group: Option<String>,
    filters: Vec<Arc<Filter>>,
    sticky: bool,
    here: Option<Coordinates>,
    options_of: Option<Arc<OptionsOf>>,
    ejection: Ejection,
    slow_start: Option<Duration>,
    hash_load: Option<f64>,
    /// A fail mode was asked for.
    fails_over: bool,
}

/// Makes a channel to fixed nodes: the links of each, and its weight.
///
/// A pointer, as is that of [`Source`]: it is set by the options for which there has to be a fleet, and a program
/// without them has no machine code of one.
pub(super) type MakeFixed =
    fn(FleetOptions, Vec<(NodeLinks, u32)>, ChannelOptions, Arc<Pushes>) -> Channel;

/// Has the nodes of services, and makes a channel to them.
#[derive(Clone)]
struct Source {
    discover: Arc<dyn Discover>,
    make: fn(FleetOptions, Arc<dyn Discover>, ConnectOptions, ChannelOptions) -> Channel,
}

/// How long a new node takes to its whole share, unless it is said otherwise.
const SLOW_START: Duration = Duration::from_secs(5);

impl ChannelBuilder {
    /// Has its nodes from a registry by its URL, such as `etcd://10.0.0.1:2379,10.0.0.2:2379/rpcx_test`: the
    /// services that are called through the channel are watched, each from its first call on. That
    /// call waits for the list of nodes no longer than the connect timeout, and for its deadline. When the
    /// registry cannot be heard, the last list stays in use.
    ///
    /// The channel [selects](Self::select): [`Select::RoundRobin`] if nothing else is said. Nodes whose `state` is
    /// `inactive` are not called. Connections are opened when they are needed, and shared by the services
    /// that are at one address. A node that leaves the list answers the calls that it has, and
    /// its connection is closed.
    ///
    /// ```
    /// use rpcx::Channel;
    /// use rpcx::client::Select;
    ///
    /// let channel = Channel::builder()
    ///     .registry("mem://arith")
    ///     .group("blue")
    ///     .select(Select::LeastLoaded)
    ///     .build_lazy()?;
    /// # Ok::<(), rpcx::Error>(())
    /// ```
    pub fn registry(mut self, url: &str) -> Self {
        match discovery::open(url) {
            Ok(registry) => self.fleet.set().source = Some(Source::new(registry.discover)),
            Err(mistake) => self.mistake = self.mistake.or(Some(mistake)),
        }
        self
    }

    /// Has its nodes from this: as [`registry`](Self::registry).
    ///
    /// ```
    /// use rpcx::Channel;
    /// use rpcx::discovery::StaticNodes;
    ///
    /// let nodes = StaticNodes::new(["tcp@10.0.0.1:8972", "tcp@10.0.0.2:8972"])?;
    /// let channel = Channel::builder().discover(nodes.clone()).build_lazy()?;
    /// # Ok::<(), rpcx::Error>(())
    /// ```
    pub fn discover(mut self, discover: impl Discover) -> Self {
        self.fleet.set().source = Some(Source::new(Arc::new(discover)));
        self
    }

    /// Calls only the nodes of this group: those whose metadata has `group=` and this. Default: all.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.fleet.set().group = Some(group.into());
        self
    }

    /// Calls only nodes for which `filter` is true, beside the other conditions. Asked for each node of
    /// each list; may be given several times. A filter that panics has refused the node.
    ///
    /// ```
    /// # let builder = rpcx::Channel::builder();
    /// let builder = builder.filter(|node| node.get("zone").as_deref() == Some("eu"));
    /// ```
    pub fn filter(mut self, filter: impl Fn(&Node) -> bool + Send + Sync + 'static) -> Self {
        self.fleet.set().filters.push(Arc::new(filter));
        self
    }

    /// How a node is connected to, in place of [`connect_options`](Self::connect_options). TLS of the
    /// channel is for those that do not say otherwise. What a node cannot honour makes it unusable, which
    /// [`Event::NodeUnusable`](crate::Event::NodeUnusable) tells.
    pub fn node_options(
        mut self,
        options: impl Fn(&Node) -> ConnectOptions + Send + Sync + 'static,
    ) -> Self {
        self.fleet.set().options_of = Some(Arc::new(options));
        self
    }

    /// Stays with the node that was selected for as long as it can be reached and is in the list, and selects
    /// another one then. Each service has its own.
    pub fn sticky(mut self) -> Self {
        self.fleet.set().sticky = true;
        self.fleet.set().select();
        self
    }

    /// Where this side is, in degrees, for [`Select::Closest`].
    pub fn location(mut self, latitude: f64, longitude: f64) -> Self {
        let here = Coordinates::new(latitude, longitude);
        self.fleet.set().here = here;
        if here.is_none() {
            let text = format!("{latitude}, {longitude} is no place: degrees are asked for");
            self.mistake = self.mistake.or_else(|| Some(Error::setup(text)));
        }
        self
    }

    /// When a node that fails is passed over, and how it comes back. Default: [`Ejection::new`].
    pub fn ejection(mut self, ejection: Ejection) -> Self {
        self.fleet.set().ejection = ejection;
        self
    }

    /// How long it takes until a node has its whole share of the calls that joins others, or comes back after an
    /// [ejection](Self::ejection): it begins with a tenth. Nodes that come while the first ones are not yet known for
    /// as long are all new, and begin with their whole share. Not with
    /// [`Select::ConsistentHash`], where each key has its node. Default: 5 s. Zero: at once.
    pub fn slow_start(mut self, time: Duration) -> Self {
        self.fleet.set().slow_start = Some(time);
        self
    }

    /// With [`Select::ConsistentHash`], a node that has this many times its fair share of the calls in flight of the channel, rounded up, gets no
    /// more of them: calls with its keys go to the node that comes next for their key, which is the same for all
    /// clients. 1.25 keeps hot keys from drowning a node; less than 1 counts as 1. Default: no bound.
    pub fn hash_load(mut self, times: f64) -> Self {
        self.fleet.set().hash_load = Some(if times >= 1.0 { times } else { 1.0 });
        self
    }

    /// How many connections there are to each node at most: they take turns, and are opened one after the
    /// other as calls come. Default: 1, which carries any number of calls at once; more help if
    /// one core does not keep up with a connection. Zero counts as 1.
    pub fn connections(mut self, connections: usize) -> Self {
        self.options.connections = connections.max(1);
        self.fleet.set().select();
        self
    }
}

impl FleetOptions {
    /// Refuses options that nothing would come of.
    pub(super) fn check(&self, options: &ChannelOptions) -> Result<()> {
        let closest = matches!(options.select, Some(Select::Closest));
        if self.hash_load.is_some() && !matches!(options.select, Some(Select::ConsistentHash)) {
            return Err(Error::setup("`hash_load` is for `Select::ConsistentHash`"));
        }
        let in_vain = [
            (self.group.is_some(), "group"),
            (!self.filters.is_empty(), "filter"),
            (self.options_of.is_some(), "node_options"),
            (self.here.is_some() || closest, "location"),
        ];
        let in_vain = in_vain.iter().find(|(given, _)| *given);
        match (&self.source, in_vain) {
            (None, Some((_, option))) => Err(Error::setup(format!(
                "`{option}` is for nodes of a registry: use `registry` or `discover`"
            ))),
            (Some(_), _) if closest && self.here.is_none() => {
                Err(Error::setup("`Select::Closest` needs a `location`"))
            }
            _ => Ok(()),
        }
    }

    /// Whether there is a registry.
    pub(super) fn discovers(&self) -> bool {
        self.source.is_some()
    }

    /// What makes the channel, if one to these addresses is more than one to the first that answers.
    pub(super) fn selects(&self, options: &ChannelOptions, addresses: usize) -> Option<MakeFixed> {
        let first = matches!(options.select, None | Some(Select::First));
        let by_mode = self.fails_over && addresses > 1;
        self.fixed
            .filter(|_| !first || self.sticky || options.connections > 1 || by_mode)
    }

    /// There is a choice among nodes, however they are known.
    pub(super) fn select(&mut self) {
        self.fixed = Some(Self::fixed);
    }

    /// The further attempts of a call may go to other nodes.
    pub(super) fn fail_over(&mut self) {
        self.fails_over = true;
        self.select();
    }

    fn fixed(
        self,
        nodes: Vec<(NodeLinks, u32)>,
        options: ChannelOptions,
        pushes: Arc<Pushes>,
    ) -> Channel {
        let choice = self.choice(options.select.clone().unwrap_or_default());
        let policy = self.policy(&options);
        let member = |(links, weight)| {
            let endpoint = Endpoint::new(links, &policy);
            let name = endpoint.name();
            // That of a connector of the program may be none.
            let address = name
                .parse()
                .unwrap_or_else(|_| Address::custom("custom", name));
            let mut node = Node::new(address);
            node.weight = weight;
            Member { endpoint, node }
        };
        let members = nodes.into_iter().map(member).collect();
        let roster = Roster::new(members, &choice, &Roster::empty());
        Channel::to_fleet(Fixed(Nodes::fixed(roster)), options, pushes)
    }

    /// A channel to what the registry says, if there is one.
    pub(super) fn discovered(
        mut self,
        network: ConnectOptions,
        options: ChannelOptions,
    ) -> Result<Channel> {
        match self.source.take() {
            Some(Source { discover, make }) => Ok(make(self, discover, network, options)),
            None => Err(Error::setup("a channel needs an address or a registry")),
        }
    }

    fn follow(
        self,
        discover: Arc<dyn Discover>,
        network: ConnectOptions,
        options: ChannelOptions,
    ) -> Channel {
        let select = options.select.clone();
        let choice = self.choice(select.unwrap_or(Select::RoundRobin));
        let policy = self.policy(&options);
        let pushes = Pushes::new("registry", &options.connection);
        let own = self.options_of;
        let pool = Pool::new(network, own, &options, Arc::clone(&pushes), policy);
        let terms = Terms {
            choice,
            group: self.group,
            filters: self.filters,
        };
        let events = options.connection.events.clone();
        let fleet = Discovered::new(discover, pool, terms, events);
        Channel::to_fleet(fleet, options, pushes)
    }

    fn policy(&self, options: &ChannelOptions) -> Arc<Policy> {
        let slow_start = self.slow_start.unwrap_or(SLOW_START);
        let events = options.connection.events.clone();
        let needs = Needs {
            bounded: self.hash_load.is_some(),
            connections: options.most_connections,
            timed: matches!(
                options.select,
                Some(Select::LeastLoaded | Select::Custom(_))
            ),
        };
        Policy::new(self.ejection, slow_start, events, needs)
    }

    fn choice(&self, select: Select) -> Choice {
        Choice {
            select,
            sticky: self.sticky,
            here: self.here,
            hash_load: self.hash_load,
        }
    }
}

impl Source {
    fn new(discover: Arc<dyn Discover>) -> Self {
        Self {
            discover,
            make: FleetOptions::follow,
        }
    }
}

impl fmt::Debug for FleetOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FleetOptions")
            .field(
                "discover",
                &self.source.as_ref().map(|source| &source.discover),
            )
            .field("group", &self.group)
            .field("filters", &self.filters.len())
            .field("sticky", &self.sticky)
            .field("here", &self.here)
            .finish_non_exhaustive()
    }
}
