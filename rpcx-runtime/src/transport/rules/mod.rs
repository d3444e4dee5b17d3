//! Which peers may connect: rules that are applied where connections are accepted, before any work is
//! done for them.

mod cidr;
mod filtered;
mod hosts;

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, ReadBuf};

use self::cidr::Cidr;
pub(crate) use self::filtered::Filter;
pub use self::filtered::Filtered;
pub(crate) use self::hosts::host;
use self::hosts::{Arrivals, Open, Place, Rate};
use super::{Address, Network, Stream};
use crate::context::Identity;
use crate::error::Error;
use crate::event::{Event, Events};

type AddressHook = Arc<dyn Fn(&Address) -> bool + Send + Sync>;
type IdentityHook = Arc<dyn Fn(&Address, Option<&Identity>) -> bool + Send + Sync>;

/// Which peers may connect to a server: for
/// [`ServerBuilder::connections`](crate::server::ServerBuilder::connections) and [`Filtered`].
///
/// A peer is refused where it is accepted: on the networks over TCP its connection is reset before
/// TLS, HTTP or a frame is read; on QUIC it is refused before the handshake; on KCP its packets are
/// not answered. In this order: deny list, allow list, hook, connections per address, rate; after the
/// handshake the hook by identity. Each refusal is counted by its reason ([`refused`](Self::refused)), and a
/// server tells of it by [`Event::ConnectionRefused`](crate::Event::ConnectionRefused).
///
/// The rules by IP address are for peers that have one. Those of `unix` and `mem` are on the same
/// machine and pass them; of a network from outside this crate a peer whose address is not
/// `ip:port` is refused as soon as there is an allow list. IPv4 peers of a dual-stack socket are
/// IPv4 peers here.
///
/// Clones share what they count.
///
/// ```
/// use rpcx::Server;
/// use rpcx::transport::ConnectionRules;
///
/// # fn f() -> rpcx::Result<()> {
/// let rules = ConnectionRules::new()
///     .allow("10.0.0.0/8")?
///     .deny("10.66.0.0/16")?
///     .per_address(100)
///     .rate(20.0, 50)?
///     .identity_hook(|_, identity| identity.is_some_and(|who| !who.dns_names.is_empty()));
/// let server = Server::builder().connections(rules);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct ConnectionRules {
    allow: Vec<Cidr>,
    deny: Vec<Cidr>,
    per_address: Option<usize>,
    rate: Option<Rate>,
    hook: Option<AddressHook>,
    identity_hook: Option<IdentityHook>,
    open: Arc<Open>,
    arrivals: Arc<Arrivals>,
    counters: Arc<Counters>,
    events: Events,
}

/// Connections that [`ConnectionRules`] have refused, by their reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedConnections {
    /// On the deny list, or not on the allow list.
    pub by_list: u64,
    /// By the hook, or because it panicked.
    pub by_hook: u64,
    /// Too many connections of one address.
    pub by_count: u64,
    /// Too many new connections of one address.
    pub by_rate: u64,
    /// By the hook by identity, or because it panicked.
    pub by_identity: u64,
}

#[derive(Debug, Default)]
struct Counters {
    by_list: AtomicU64,
    by_hook: AtomicU64,
    by_count: AtomicU64,
    by_rate: AtomicU64,
    by_identity: AtomicU64,
}

/// Why a peer may not connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    List,
    Hook,
    Count,
    Rate,
    Identity,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::List => "refused by the allow or deny list",
            Self::Hook => "refused by the hook of the connection rules",
            Self::Count => "refused: too many connections of one address",
            Self::Rate => "refused: too many new connections of one address",
            Self::Identity => "refused by the identity hook of the connection rules",
        })
    }
}

impl std::error::Error for Refused {}

impl From<Refused> for io::Error {
    fn from(refused: Refused) -> Self {
        Self::new(io::ErrorKind::PermissionDenied, refused)
    }
}

/// What a peer that was let in holds for as long as its connection lives.
#[derive(Debug, Default)]
pub(crate) struct Pass(Option<Place>);

impl Pass {
    /// Whether nothing has to be held.
    fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The stream that holds it from now on.
    pub(super) fn held_by(self, mut stream: Stream) -> Stream {
        if let Some(place) = self.0 {
            let reader = stream.reader;
            stream.reader = Box::new(Counted {
                reader,
                _place: place,
            });
        }
        stream
    }
}

impl ConnectionRules {
    /// Rules that let everything in.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets in only peers of this network, in CIDR notation, and of the others that are allowed. May be
    /// given several times. Default: every peer is allowed.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if the text is no IP network.
    pub fn allow(mut self, network: &str) -> Result<Self, Error> {
        self.allow.push(parse(network)?);
        Ok(self)
    }

    /// Refuses peers of this network, in CIDR notation, also where a wider one is allowed. May be given
    /// several times.
    ///
    /// # Errors
    /// As [`allow`](Self::allow).
    pub fn deny(mut self, network: &str) -> Result<Self, Error> {
        self.deny.push(parse(network)?);
        Ok(self)
    }

    /// The most connections of one IPv4 address, or of one /64 network of IPv6, open or in their
    /// handshake, at all listeners together. Default: no limit but
    /// [`Limits::connections`](crate::Limits::connections).
    ///
    /// Behind a proxy or a NAT many peers have one address. On KCP, which has no handshake, a sender
    /// can forge its address and take the places of another; on QUIC it has to show first that the
    /// address is its own, which costs new connections a round trip.
    #[must_use]
    pub fn per_address(mut self, most: usize) -> Self {
        self.per_address = Some(most);
        self
    }

    /// How many new connections an address, as in [`per_address`](Self::per_address), may begin in a
    /// second in the long run, and how many at once. Default: no limit. Of more than 65,536 addresses
    /// at a time those that come last are not counted.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if `per_second` is not above 0 and at most
    /// 1,000,000, or `burst` is 0.
    pub fn rate(mut self, per_second: f64, burst: u32) -> Result<Self, Error> {
        if !(per_second > 0.0 && per_second <= 1e6) || burst == 0 {
            return Err(Error::setup(format!(
                "the rate of new connections is {per_second} in a second and {burst} at once: expected more than 0, \
                 at most 1000000 in a second, and at least 1 at once"
            )));
        }
        // A year at most: a limit, and no overflow.
        let interval = (1.0 / per_second).min(365.0 * 86_400.0);
        let interval = Duration::from_secs_f64(interval);
        let burst = interval.saturating_mul(burst);
        self.rate = Some(Rate { interval, burst });
        Ok(self)
    }

    /// Asks `allows` about each peer before anything is read of it. It runs where connections are
    /// accepted, so it must not block; a panic refuses the peer. On KCP the address may be forged.
    #[must_use]
    pub fn hook(mut self, allows: impl Fn(&Address) -> bool + Send + Sync + 'static) -> Self {
        self.hook = Some(Arc::new(allows));
        self
    }

    /// Asks `allows` about each peer when its handshake is done, with the identity that its certificate
    /// has proved; none if it was not asked for one, or has none. It must not block; a panic refuses
    /// the peer.
    #[must_use]
    pub fn identity_hook(
        mut self,
        allows: impl Fn(&Address, Option<&Identity>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.identity_hook = Some(Arc::new(allows));
        self
    }

    /// How many were refused so far, here and by clones.
    pub fn refused(&self) -> RefusedConnections {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        RefusedConnections {
            by_list: read(&self.counters.by_list),
            by_hook: read(&self.counters.by_hook),
            by_count: read(&self.counters.by_count),
            by_rate: read(&self.counters.by_rate),
            by_identity: read(&self.counters.by_identity),
        }
    }

    /// The same, and refusals are told of.
    pub(crate) fn telling(self, events: Events) -> Self {
        Self { events, ..self }
    }

    /// Whether there is nothing to check.
    pub(crate) fn is_empty(&self) -> bool {
        self.allow.is_empty()
            && self.deny.is_empty()
            && !self.counts()
            && self.hook.is_none()
            && self.identity_hook.is_none()
    }

    /// Whether peers are counted by their address, so that a forged one would harm its owner.
    pub(super) fn counts(&self) -> bool {
        self.per_address.is_some() || self.rate.is_some()
    }

    pub(super) fn asks_identity(&self) -> bool {
        self.identity_hook.is_some()
    }

    /// Lets a peer in that is about to connect, or counts why not.
    pub(super) fn admit(&self, peer: &Address) -> Result<Pass, Refused> {
        self.check(peer).inspect_err(|why| self.refuse(peer, *why))
    }

    fn check(&self, peer: &Address) -> Result<Pass, Refused> {
        let socket = peer.socket_addr();
        if !self.lists_allow(peer, socket.map(|socket| socket.ip().to_canonical())) {
            return Err(Refused::List);
        }
        if let Some(hook) = &self.hook
            && !contained(|| hook(peer))
        {
            return Err(Refused::Hook);
        }
        let Some(host) = socket.map(host) else {
            return Ok(Pass::default());
        };
        let mut pass = Pass::default();
        if let Some(most) = self.per_address {
            let place = self.open.enter(host, most).ok_or(Refused::Count)?;
            pass = Pass(Some(place));
        }
        match self.rate {
            Some(rate) if !self.arrivals.allow(host, rate, Instant::now()) => Err(Refused::Rate),
            _ => Ok(pass),
        }
    }

    fn lists_allow(&self, peer: &Address, ip: Option<IpAddr>) -> bool {
        let Some(ip) = ip else {
            let here = matches!(peer.network(), Network::UNIX | Network::MEM);
            return here || self.allow.is_empty();
        };
        let holds = |list: &[Cidr]| list.iter().any(|network| network.contains(ip));
        !holds(&self.deny) && (self.allow.is_empty() || holds(&self.allow))
    }

    /// Lets a peer in whose handshake is done, or counts why not.
    pub(super) fn check_identity(
        &self,
        peer: &Address,
        identity: Option<&Identity>,
    ) -> Result<(), Refused> {
        match &self.identity_hook {
            Some(hook) if !contained(|| hook(peer, identity)) => {
                self.refuse(peer, Refused::Identity);
                Err(Refused::Identity)
            }
            _ => Ok(()),
        }
    }

    /// The stream of a peer whose handshake is done, or why it is refused after all.
    pub(super) fn identified(&self, stream: Stream, pass: Pass) -> io::Result<Stream> {
        self.check_identity(&stream.peer, stream.identity.as_deref())?;
        Ok(pass.held_by(stream))
    }

    /// Counts a refusal, and tells of it.
    fn refuse(&self, peer: &Address, why: Refused) {
        let counter = match why {
            Refused::List => &self.counters.by_list,
            Refused::Hook => &self.counters.by_hook,
            Refused::Count => &self.counters.by_count,
            Refused::Rate => &self.counters.by_rate,
            Refused::Identity => &self.counters.by_identity,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        self.events.emit(|tell| {
            tell(&Event::ConnectionRefused {
                peer: &peer.to_string(),
                reason: &why.to_string(),
            });
        });
    }
}

/// What a hook says. It is code of the application, and a panic of it must not end the listener.
fn contained(hook: impl FnOnce() -> bool) -> bool {
    catch_unwind(AssertUnwindSafe(hook)).unwrap_or(false)
}

fn parse(network: &str) -> Result<Cidr, Error> {
    Cidr::parse(network).map_err(|why| {
        let shown = network.escape_debug();
        Error::setup(format!(
            "`{shown}` cannot be used in a connection rule: {why}"
        ))
    })
}

impl fmt::Debug for ConnectionRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionRules")
            .field("allow", &self.allow)
            .field("deny", &self.deny)
            .field("per_address", &self.per_address)
            .field("rate", &self.rate)
            .field("hook", &self.hook.is_some())
            .field("identity_hook", &self.identity_hook.is_some())
            .finish_non_exhaustive()
    }
}

/// A reader that holds the place of its connection. It lives as long as the connection is read.
struct Counted {
    reader: Box<dyn AsyncRead + Send + Unpin>,
    _place: Place,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.reader).poll_read(cx, buf)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> Address {
        text.parse().unwrap()
    }

    fn outcome(rules: &ConnectionRules, text: &str) -> Option<Refused> {
        rules.admit(&peer(text)).err()
    }

    #[test]
    fn the_deny_list_goes_before_the_allow_list() {
        let rules = ConnectionRules::new();
        let rules = rules.allow("10.0.0.0/8").unwrap().allow("::1").unwrap();
        let rules = rules.deny("10.66.0.0/16").unwrap();
        for (text, expected) in [
            ("tcp@10.1.2.3:4", None),
            ("tcp@[::ffff:10.1.2.3]:4", None),
            ("quic@[::1]:4", None),
            ("tcp@10.66.2.3:4", Some(Refused::List)),
            ("ws@11.1.2.3:4", Some(Refused::List)),
            ("tcp@[::2]:4", Some(Refused::List)),
            ("unix@/run/a", None),
            ("mem@a", None),
        ] {
            assert_eq!(outcome(&rules, text), expected, "{text}");
        }
        let custom = |location: &str| rules.admit(&Address::custom("serial", location)).err();
        assert_eq!(custom("10.1.2.3:4"), None);
        assert_eq!(custom("/dev/ttyS0"), Some(Refused::List));
        assert_eq!(rules.refused().by_list, 4);
    }

    #[test]
    fn without_an_allow_list_all_but_the_denied_are_allowed() {
        let rules = ConnectionRules::new().deny("10.0.0.0/8").unwrap();
        assert_eq!(outcome(&rules, "tcp@11.1.2.3:4"), None);
        assert_eq!(outcome(&rules, "tcp@10.1.2.3:4"), Some(Refused::List));
        assert!(rules.admit(&Address::custom("serial", "x")).is_ok());
    }

    #[test]
    fn a_hook_that_panics_refuses() {
        let rules = ConnectionRules::new().hook(|peer| {
            assert!(
                peer.location() != "10.0.0.1:1",
                "a panic of the application"
            );
            peer.location() != "10.0.0.2:1"
        });
        for (text, expected) in [
            ("tcp@10.0.0.1:1", Some(Refused::Hook)),
            ("tcp@10.0.0.2:1", Some(Refused::Hook)),
            ("tcp@10.0.0.3:1", None),
        ] {
            assert_eq!(outcome(&rules, text), expected);
        }
        assert_eq!(rules.refused().by_hook, 2);
    }

    /// One that is refused by its number does not use up its rate, and the other way round.
    #[test]
    fn what_is_refused_takes_nothing() {
        let rules = ConnectionRules::new()
            .per_address(2)
            .rate(0.001, 3)
            .unwrap();
        let at = peer("tcp@10.0.0.1:1");
        let (one, two) = (rules.admit(&at).unwrap(), rules.admit(&at).unwrap());
        for _ in 0..5 {
            assert_eq!(rules.admit(&at).unwrap_err(), Refused::Count);
        }
        drop((one, two));
        let three = rules.admit(&at).unwrap();
        for _ in 0..5 {
            assert_eq!(rules.admit(&at).unwrap_err(), Refused::Rate);
        }
        drop(three);
        let refused = rules.refused();
        assert_eq!((refused.by_count, refused.by_rate), (5, 5));
    }

    #[test]
    fn rules_that_cannot_be_are_errors() {
        let rules = ConnectionRules::new;
        for error in [
            rules().allow("10.0.0.1/8").unwrap_err(),
            rules().deny("everything").unwrap_err(),
            rules().rate(0.0, 1).unwrap_err(),
            rules().rate(f64::NAN, 1).unwrap_err(),
            rules().rate(1.0, 0).unwrap_err(),
            rules().rate(f64::INFINITY, 1).unwrap_err(),
        ] {
            assert_eq!(error.kind(), crate::ErrorKind::Setup, "{error}");
        }
        assert!(rules().rate(1e-300, u32::MAX).is_ok());
        assert!(rules().is_empty());
        assert!(!rules().rate(1.0, 1).unwrap().is_empty());
    }
}
