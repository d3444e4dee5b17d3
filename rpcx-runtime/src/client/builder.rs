//! What a channel is made of.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::fleet_options::FleetOptions;
use super::link::Link;
use super::links::Links;
use super::options::ChannelOptions;
use super::pushes::Pushes;
use super::token::Tokens;
use super::turns::NodeLinks;
use super::{Channel, FailMode, Retry, Select, TokenSource};
use crate::connection::ClientLimits;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::layer::Layer;
use crate::pace::Backoff;
use crate::protocol::{Codec, Compression, Metadata, RegisterError};
use crate::seldom::Seldom;
#[cfg(not(feature = "_tls"))]
use crate::transport::NoTls as ClientTls;
#[cfg(feature = "_tls")]
use crate::transport::tls::ClientTls;
use crate::transport::{Address, Connect, ConnectOptions, connector};

/// Collects the address and the options of a [`Channel`].
#[must_use = "a builder does nothing until it is built"]
pub struct ChannelBuilder {
    /// Each with the options that are its own, if it has any.
    addresses: Vec<(Address, Option<ConnectOptions>)>,
    /// Places in the list above, and the weights of these addresses.
    weights: Vec<(usize, u32)>,
    /// The first address, or URL, that could not be read.
    pub(super) mistake: Option<Error>,
    pub(super) fleet: Seldom<FleetOptions>,
    custom: Option<(String, Box<dyn Connect>)>,
    network: ConnectOptions,
    security: Option<ClientTls>,
    pub(super) options: ChannelOptions,
    /// What could not be registered.
    pub(super) mistakes: Vec<RegisterError>,
}

impl ChannelBuilder {
    pub(super) fn new() -> Self {
        Self {
            addresses: Vec::new(),
            weights: Vec::new(),
            mistake: None,
            fleet: Seldom::default(),
            custom: None,
            network: ConnectOptions::new(),
            security: None,
            options: ChannelOptions::default(),
            mistakes: Vec::new(),
        }
    }

    /// Connects to `network@address`, a text or an [`Address`]. Given several times: to the first
    /// that answers, in their order.
    pub fn address(self, address: impl TryInto<Address, Error: Into<Error>>) -> Self {
        self.add(address, None)
    }

    /// Adds several addresses, on whatever networks they are: the first that answers is connected to,
    /// in their order. Each may take the connect timeout.
    pub fn addresses(
        self,
        addresses: impl IntoIterator<Item = impl TryInto<Address, Error: Into<Error>>>,
    ) -> Self {
        let addresses = addresses.into_iter();
        addresses.fold(self, |builder, address| builder.add(address, None))
    }

    /// Adds an address with options of its own: [`connect_options`](Self::connect_options) are not
    /// for it, and neither is `tls` if its options say otherwise. An option that it
    /// cannot honour is an error.
    ///
    /// ```
    /// use rpcx::Channel;
    /// use rpcx::transport::ConnectOptions;
    ///
    /// let here = ConnectOptions::new().plaintext();
    /// let channel = Channel::builder()
    ///     .address("tcp@arith.example.org:8972")
    ///     .address_with("mem@arith", here);
    /// ```
    pub fn address_with(
        self,
        address: impl TryInto<Address, Error: Into<Error>>,
        options: ConnectOptions,
    ) -> Self {
        self.add(address, Some(options))
    }

    fn add(
        mut self,
        address: impl TryInto<Address, Error: Into<Error>>,
        own: Option<ConnectOptions>,
    ) -> Self {
        match address.try_into() {
            Ok(address) => self.addresses.push((address, own)),
            Err(mistake) => self.mistake = self.mistake.or_else(|| Some(mistake.into())),
        }
        self
    }

    /// How connections are opened, for addresses that have no options of their own. Default: nothing
    /// special. An option that none of them can honour is an error.
    pub fn connect_options(mut self, options: ConnectOptions) -> Self {
        self.network = options;
        self
    }

    /// Connects through something that is not a built-in network; `name` is for errors and logs.
    /// Addresses and options of built-in networks, TLS among them, are an error with it.
    pub fn connector(mut self, name: impl Into<String>, connector: impl Connect) -> Self {
        self.custom = Some((name.into(), Box::new(connector)));
        self
    }

    /// How arguments are encoded, where a method can travel in this codec. Default: the first choice of each
    /// method, which is [`Codec::MSGPACK`] as in Go, and that of its `codec = ".."` where it has one. The
    /// reply is read in whatever codec it names.
    pub fn codec(mut self, codec: Codec) -> Self {
        self.options.codec = Some(codec);
        self
    }

    /// How arguments longer than 1,024 bytes are compressed. Default: not at all. A server
    /// compresses its reply only if the request was.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.options.compression = compression;
        self
    }

    /// How long a call may take. It is also sent to the server, which does not start a call whose
    /// time has passed. Default: 60 s, which is not sent.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// Lets calls wait without a limit, unless they have a timeout of their own. A dead server is then
    /// only noticed by heartbeats.
    pub fn no_timeout(mut self) -> Self {
        (self.options.timeout, self.options.patience) = (None, None);
        self
    }

    /// Sends `value` under `key` with every call.
    pub fn metadata(mut self, key: impl AsRef<str>, value: impl AsRef<[u8]>) -> Self {
        self.options.metadata.insert(key, value);
        self
    }

    /// Sends these pairs with every call.
    pub fn all_metadata(mut self, metadata: &Metadata) -> Self {
        self.options.metadata.merge(metadata);
        self
    }

    /// How long opening a connection may take. Default: 3 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.options.connect_timeout = timeout;
        self
    }

    /// After how much silence the server is asked for a sign of life, and how long it may take to
    /// give one. A server that has vanished is given up no later than both together after the last byte
    /// that came from it; it may be asked sooner by a quarter of the interval. Default: 30 s each.
    pub fn heartbeat(mut self, interval: Duration, timeout: Duration) -> Self {
        self.options.connection.heartbeat_interval = Some(interval);
        self.options.connection.heartbeat_timeout = timeout;
        self
    }

    /// How long the server may be silent while calls wait for it. It is asked for a sign of life after two
    /// fifths of this; if none comes in the rest, the connection is lost, its calls end as
    /// [`Unknown`](crate::ErrorKind::Unknown), and the next ones go over a new one. Calls that their
    /// deadlines have ended since the last byte count as well; time in which the server takes a long request
    /// does not. Default: 10 s. [`Duration::MAX`] leaves it to [`heartbeat`](Self::heartbeat).
    ///
    /// Servers answer heartbeats while handlers run. One whose threads are all blocked by a handler does not.
    pub fn dead_after(mut self, silence: Duration) -> Self {
        self.options.connection.server_patience = silence;
        self
    }

    /// Sends no heartbeats. A server that vanished is then noticed by TCP, or by timeouts.
    pub fn no_heartbeat(mut self) -> Self {
        self.options.connection.heartbeat_interval = None;
        self
    }

    /// Closes a connection that has carried no call for this long, and opens another one when it is needed. Messages that a
    /// server pushes count as calls; a server whose pushes are waited for is to be called now and then, or this left out.
    /// Zero counts as 1 ms. Default: never.
    pub fn idle_after(mut self, time: Duration) -> Self {
        self.options.connection.idle_after = Some(time.max(Duration::from_millis(1)));
        self
    }

    /// How many connections the channel has at most, to all nodes together. When it has so many, a channel that
    /// [selects](Self::select) calls the nodes that it is connected to, as long as one of them may be called; a call that needs another
    /// connection ends as [`NotSent`](crate::ErrorKind::NotSent). Zero counts as 1. Default: no limit.
    pub fn most_connections(mut self, connections: usize) -> Self {
        let room = connections.clamp(1, Semaphore::MAX_PERMITS);
        self.options.room = Some(Arc::new(Semaphore::new(room)));
        self.options.most_connections = Some(room);
        self
    }

    /// The token that every call presents, unless it has one of its own. Servers read it with
    /// [`Metadata::auth`]; Go servers get it in their `AuthFunc`.
    pub fn token(mut self, token: impl AsRef<str>) -> Self {
        self.options.metadata.set_auth(token);
        self.options.tokens = None;
        self
    }

    /// Where the channel has its tokens from. One is fetched when the first call needs it, and anew, while
    /// calls go on with the old one, when less than a fifth of its life is left. A call that a server
    /// rejects as [`Unauthenticated`](crate::Rejection::Unauthenticated) is made once more with a token
    /// fetched for it. Only one fetch is under way at a time. After a failure the source is left alone for
    /// 100 ms to 10 s; calls that need a token then end as [`NotSent`](crate::ErrorKind::NotSent), with
    /// the error of the source as their cause.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # async fn ask_the_desk() -> rpcx::Result<String> { Ok(String::new()) }
    /// use rpcx::Channel;
    /// use rpcx::client::Token;
    ///
    /// let channel = Channel::builder()
    ///     .address("tcp@127.0.0.1:8972")
    ///     .token_source(|| async {
    ///         let text = ask_the_desk().await?;
    ///         Ok(Token::new(text).expires_in(Duration::from_secs(300)))
    ///     })
    ///     .build_lazy()?;
    /// # Ok::<(), rpcx::Error>(())
    /// ```
    pub fn token_source(mut self, source: impl TokenSource) -> Self {
        self.options.tokens = Some(Tokens::new(source));
        self
    }

    /// Puts a layer around every call of the channel, inside of the layers that were added before and
    /// outside of those of a client: see [`layer`](crate::layer).
    pub fn layer(mut self, layer: impl Layer) -> Self {
        self.options.layers = self.options.layers.with(layer);
        self
    }

    /// Tells `sink` what happens beside the calls: connections, dials, retries, panics of handlers that a
    /// server pushes to. See [`event`](crate::event). It runs where the event happens, so it must not
    /// block. Given again, each is told. One that panics is not heard, and the channel goes on.
    ///
    /// ```
    /// let channel = rpcx::Channel::builder()
    ///     .address("tcp@127.0.0.1:8972")
    ///     .on_event(|event| eprintln!("{event}"));
    /// ```
    pub fn on_event(mut self, sink: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        let events = &mut self.options.connection.events;
        *events = std::mem::take(events).with(sink);
        self
    }

    /// How each call chooses one of several nodes. Default: for addresses [`Select::First`], which is no choice:
    /// calls go to the first that answers; with a [registry](Self::registry) [`Select::RoundRobin`].
    ///
    /// ```
    /// use rpcx::Channel;
    /// use rpcx::client::{FailMode, Select};
    ///
    /// let channel = Channel::builder()
    ///     .addresses(["tcp@10.0.0.1:8972", "tcp@10.0.0.2:8972"])
    ///     .weighted("tcp@10.0.0.3:8972", 3)
    ///     .select(Select::Weighted)
    ///     .fail_mode(FailMode::Failover)
    ///     .build_lazy()?;
    /// # Ok::<(), rpcx::Error>(())
    /// ```
    pub fn select(mut self, select: Select) -> Self {
        self.options.select = Some(select);
        self.fleet.set().select();
        self
    }

    /// Where further attempts of a call go in a channel with several nodes. How many there are, and
    /// how fast, says [`retry`](Self::retry). Default: [`FailMode::Failover`] in a channel that [selects](Self::select); one to addresses
    /// without a choice among them goes to the first that answers, and with a mode to the first that can be reached and was not tried.
    pub fn fail_mode(mut self, mode: FailMode) -> Self {
        self.options.fail_mode = mode;
        self.fleet.set().fail_over();
        self
    }

    /// Adds an address with a weight, for [`Select::Weighted`] and [`Select::ConsistentHash`]. Those without
    /// have 1; one of 0 is chosen as rarely as possible.
    pub fn weighted(
        mut self,
        address: impl TryInto<Address, Error: Into<Error>>,
        weight: u32,
    ) -> Self {
        self.weights.push((self.addresses.len(), weight));
        self.add(address, None)
    }

    /// Which calls are made again, how often and how fast. Default: [`Retry::new`].
    pub fn retry(mut self, retry: Retry) -> Self {
        self.options.retry = retry;
        self
    }

    /// The least time between two dials of one address, which grows while it does not answer.
    /// Default: 50 ms at first, 2 s at most, half of it random.
    pub fn reconnect(mut self, backoff: Backoff) -> Self {
        self.options.reconnect = backoff;
        self
    }

    /// Replaces the limits. Default: [`ClientLimits::new`].
    pub fn limits(mut self, limits: ClientLimits) -> Self {
        self.options.connection.limits = limits;
        self
    }

    /// A channel that connects at its first call.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if the address or an option cannot be used.
    pub fn build_lazy(mut self) -> Result<Channel> {
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        let heartbeat = self.options.connection.heartbeat_interval;
        if heartbeat.is_some_and(|interval| interval.is_zero()) {
            return Err(Error::setup(
                "the heartbeat interval is zero: use `no_heartbeat`",
            ));
        }
        if self.options.connection.server_patience.is_zero() {
            return Err(Error::setup(
                "`dead_after` is zero: a server needs time to answer",
            ));
        }
        self.options.retry.check()?;
        self.check_formats()?;
        let connection = &mut self.options.connection;
        connection.formats.set_decoded(connection.limits.decoded);
        let fleet = self.fleet.take();
        fleet.check(&self.options)?;
        if fleet.discovers() {
            return self.build_discovered(fleet);
        }
        let connectors = self.connectors()?;
        let names: Vec<_> = connectors.iter().map(|(name, _)| name.as_str()).collect();
        let pushes = Pushes::new(&names.join(", "), &self.options.connection);
        let selects = fleet.selects(&self.options, connectors.len());
        let links = connectors.into_iter().map(|(name, connector)| {
            let connector = Arc::<dyn Connect>::from(connector);
            NodeLinks::new(&self.options, || {
                let (name, connector) = (name.clone(), Box::new(Arc::clone(&connector)));
                Ok(Link::new(
                    name,
                    connector,
                    Arc::clone(&pushes),
                    &self.options,
                ))
            })
        });
        let links = links.collect::<Result<Vec<_>>>()?;
        if let Some(make) = selects
            && !links.is_empty()
        {
            let nodes = links.into_iter().enumerate();
            let nodes = nodes.map(|(at, links)| (links, weight_of(&self.weights, at)));
            return Ok(make(fleet, nodes.collect(), self.options, pushes));
        }
        match Links::new(links) {
            Some(links) => Ok(Channel::to_servers(links, self.options, pushes)),
            None => Err(Error::setup("a channel needs an address or a registry")),
        }
    }

    /// A channel to the nodes of a registry.
    fn build_discovered(self, fleet: FleetOptions) -> Result<Channel> {
        if !self.addresses.is_empty() || self.custom.is_some() {
            return Err(Error::setup(
                "a channel has a registry, or addresses or a connector, not both",
            ));
        }
        let network = self.network.inherit(self.security.as_ref());
        fleet.discovered(network, self.options)
    }

    /// One for each address, in their order.
    fn connectors(&mut self) -> Result<Vec<Named>> {
        let network = self.network.clone().inherit(self.security.as_ref());
        let addresses = std::mem::take(&mut self.addresses);
        match self.custom.take() {
            None => own_options(addresses, &network, self.security.as_ref())?
                .into_iter()
                .map(|(address, options)| Ok((address.to_string(), connector(&address, &options)?)))
                .collect(),
            Some((name, _)) if !addresses.is_empty() => Err(Error::setup(format!(
                "a channel has addresses or the connector `{name}`, not both"
            ))),
            Some((name, connector)) => {
                network.check_custom(&name)?;
                Ok(vec![(name, connector)])
            }
        }
    }

    /// A channel that is connected.
    ///
    /// # Errors
    ///
    /// As [`build_lazy`](Self::build_lazy), and [`ErrorKind::NotSent`](crate::ErrorKind::NotSent)
    /// if the server cannot be reached.
    pub async fn build(self) -> Result<Channel> {
        let channel = self.build_lazy()?;
        channel.connect_first().await?;
        Ok(channel)
    }
}

#[cfg(feature = "_tls")]
impl ChannelBuilder {
    /// TLS on every connection, but for addresses whose options say otherwise. A network that cannot
    /// carry it is an error.
    pub fn tls(mut self, tls: ClientTls) -> Self {
        self.security = Some(tls);
        self
    }
}

fn weight_of(weights: &[(usize, u32)], at: usize) -> u32 {
    let own = weights.iter().find(|(place, _)| *place == at);
    own.map_or(1, |(_, weight)| *weight)
}

/// An address and how it is connected to.
type Way = (Address, ConnectOptions);

/// What opens connections, and its name in errors.
type Named = (String, Box<dyn Connect>);

/// Each address with the options that are for it: its own, or those of the channel, of which each has
/// to be of use to one at least.
fn own_options(
    addresses: Vec<(Address, Option<ConnectOptions>)>,
    network: &ConnectOptions,
    security: Option<&ClientTls>,
) -> Result<Vec<Way>> {
    let (mut ways, mut others) = (Vec::with_capacity(addresses.len()), Vec::new());
    for (address, own) in addresses {
        let options = match own {
            Some(own) => {
                let own = own.inherit(security);
                own.check_list(std::slice::from_ref(&address))?;
                own
            }
            None => {
                others.push(address.clone());
                network.clone()
            }
        };
        ways.push((address, options));
    }
    network.check_list(&others)?;
    Ok(ways)
}

impl fmt::Debug for ChannelBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses = self.addresses.iter().map(|(name, _)| name.to_string());
        let custom = self.custom.iter().map(|(name, _)| name.clone());
        f.debug_struct("ChannelBuilder")
            .field("target", &addresses.chain(custom).collect::<Vec<_>>())
            .field("options", &self.options)
            .finish()
    }
}
