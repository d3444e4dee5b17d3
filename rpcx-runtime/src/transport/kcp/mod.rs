//! `kcp@host:port`: an ordered, reliable stream over UDP that talks to Go rpcx.
//!
//! Made for links that lose packets: it sends again sooner than TCP, and with FEC a lost packet
//! often needs no second sending at all. On a good link TCP is faster and cheaper.
//!
//! Both ends must agree on two options, [`Kcp::crypt`] and [`Kcp::fec`]; all others may differ.
//!
//! # What it does not do
//!
//! * It authenticates no peer. With [`Crypt::none`], which is the least that Go rpcx needs, anyone
//!   on the way can add to a stream, and anyone at all can open sessions up to the limits, under
//!   any address. A key keeps out peers that have neither it nor a recording: a packet that opened a
//!   session opens another one when it is sent again, and the call in it runs again. There is no
//!   TLS over KCP.
//! * Until a peer has acknowledged something, it gets three times the bytes that came from it and
//!   480 bytes more at most, so a forged sender address turns little traffic into little more. Of an
//!   answer that is larger than half its request, the rest waits for the first acknowledgement.
//! * It has no end of stream but one of our own, for peers of this kind with crypt and FEC; Go takes
//!   no notice. Another peer that goes is noticed by its silence: after a third of [`Kcp::idle`] it
//!   is asked for a sign of life, which every KCP answers by itself. In the same way a server of this
//!   kind that was started again tells clients of this kind that it knows nothing of their sessions.
//! * It has no handshake. A channel begins each session with a heartbeat and sends no call before
//!   that was acknowledged: a call cannot begin a second session with another server, which would
//!   run it again.
//! * A new session from the address of an old one takes its place, as soon as its first segment
//!   arrives in a valid packet.
//!
//! # Layout
//!
//! `link` sends, through `packet` (headers), `fec` and `crypt`. `socket` is both the way out and the way in, with as few calls
//! to the system as it offers (`offload`). `connector` and `listener` receive:
//! `packet` opens, `guard` checks, and `session` keeps the `state` machine with its clock. `stream`
//! is the two ends that users hold. Rules on their own are in `silence`, `end_of_stream`, `reset` and `credit`.

mod clock;
mod connector;
mod counters;
mod credit;
mod crypt;
mod end;
mod end_of_stream;
mod erasure;
mod fec;
pub(super) mod fuzzing;
mod guard;
mod link;
mod listener;
mod nonce;
#[cfg_attr(not(target_os = "linux"), path = "no_offload.rs")]
mod offload;
mod packet;
mod reset;
mod session;
mod silence;
mod socket;
mod state;
mod stream;

use std::sync::Arc;
use std::time::Duration;

pub use counters::KcpCounters;
pub use crypt::{BlockCrypt, Crypt};

use connector::KcpConnector;
use listener::KcpListening;

use super::networks::Ways;
use super::own::NetworkOption;
use super::{Address, Connect, ConnectOptions, Listen, ListenOptions, Network};
use crate::error::Error;

pub(super) const WAYS: Ways = Ways {
    connect: Some(|address, options| {
        let options: Kcp = options.own.get().cloned().unwrap_or_default();
        Ok(Box::new(options.connector(address.location())?))
    }),
    listen: |address, options| {
        Box::pin(async move {
            let options: Kcp = options.own.get().cloned().unwrap_or_default();
            let listener = options.listen(address.location()).await?;
            Ok(Box::new(listener) as Box<dyn Listen>)
        })
    },
    listen_on: None,
    upgrade: None,
};

impl NetworkOption for Kcp {
    fn name(&self) -> &'static str {
        "the option `kcp`"
    }

    fn whose(&self) -> &'static str {
        "kcp"
    }

    fn fits(&self, address: &Address) -> bool {
        address.network() == Network::KCP
    }
}

/// The largest datagram that kcp-go receives.
const MAX_MTU: usize = 1500;

/// Below, headers are most of a packet.
const MIN_MTU: usize = 256;

/// The least receive window of the state machine.
const MIN_RECEIVE_WINDOW: u16 = 128;

/// How a KCP socket behaves. [`Kcp::default`] fits Go rpcx as it is.
///
/// Give it to [`ListenOptions::kcp`] and [`ConnectOptions::kcp`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Kcp {
    /// Hides and marks the packets; the same on both ends. Default [`Crypt::none`].
    pub crypt: Crypt,
    /// Three parity packets after every ten, from which any three lost ones come back; on or off on
    /// both ends. Default on, as in Go rpcx. Costs 30 % more bytes under load.
    pub fec: bool,
    /// Segments that may be on their way or wait to be sent; then writing waits. Default 32.
    pub send_window: u16,
    /// Segments that wait to be read or to be put in order; then the peer waits. Default 128, also
    /// the least. (Go's is 32; the window of the sender decides if it is smaller.)
    pub receive_window: u16,
    /// How often what is due is sent, 10 ms to 5 s. New data goes at once. Default 100 ms.
    pub interval: Duration,
    /// Sends again after 30 ms at least, not 100 ms, and doubles the time less. Default off.
    pub nodelay: bool,
    /// Sends again at once what this many later segments have overtaken; 0 is off, the default.
    pub fast_resend: u8,
    /// Slows down when packets are lost. Default on; without it KCP is unfair to other traffic.
    pub congestion_control: bool,
    /// Acknowledges what arrives at once, not at the next interval. Default off. More packets, a
    /// better measured round trip.
    pub ack_no_delay: bool,
    /// The largest datagram in bytes with all headers of KCP, 256 to 1,500. Default 1,400.
    pub mtu: usize,
    /// A session ends after this long without a valid packet, 1 s to 24 h. Default 30 s. The peer
    /// is asked for one after one third of it and after two. A peer of this kind answers at once,
    /// others at their next interval: below three times that and the round trip, it ends sessions
    /// of peers that are alive.
    pub idle: Duration,
    /// How long a closed session goes on until all is acknowledged that was written, at most 24 h.
    /// Default 10 s. A peer that is silent meanwhile, though it is asked, is given up after 6 s and
    /// two round trips.
    pub linger: Duration,
    /// Sessions of one listener. Default 4,096.
    pub sessions: usize,
    /// Sessions of one IP address (IPv6: of one /64 network) with one listener. Default 64. From
    /// half of it on, those that are silent are asked, and end if they do not answer within 6 s and
    /// two round trips.
    pub sessions_per_ip: usize,
    counters: Arc<counters::Counters>,
}

impl ListenOptions {
    /// How a listener on the network `kcp` behaves. Default: [`Kcp::default`].
    #[must_use]
    pub fn kcp(mut self, kcp: Kcp) -> Self {
        self.own.set(kcp);
        self
    }
}

impl ConnectOptions {
    /// How connections on the network `kcp` behave. Default: [`Kcp::default`].
    #[must_use]
    pub fn kcp(mut self, kcp: Kcp) -> Self {
        self.own.set(kcp);
        self
    }
}

impl Default for Kcp {
    /// The settings that Go rpcx has unless told otherwise.
    fn default() -> Self {
        Self {
            crypt: Crypt::none(),
            fec: true,
            send_window: 32,
            receive_window: MIN_RECEIVE_WINDOW,
            interval: Duration::from_millis(100),
            nodelay: false,
            fast_resend: 0,
            congestion_control: true,
            ack_no_delay: false,
            mtu: 1400,
            idle: Duration::from_secs(30),
            linger: Duration::from_secs(10),
            sessions: 4096,
            sessions_per_ip: 64,
            counters: Arc::default(),
        }
    }
}

impl Kcp {
    /// For speed, at the cost of other traffic and of some bytes: large windows, an interval of
    /// 10 ms, `nodelay`, fast resend at 2, acknowledgements at once, no congestion control. Still
    /// fits every peer with the same crypt and FEC.
    pub fn fast() -> Self {
        Self {
            send_window: 256,
            receive_window: 256,
            interval: Duration::from_millis(10),
            nodelay: true,
            fast_resend: 2,
            congestion_control: false,
            ack_no_delay: true,
            ..Self::default()
        }
    }

    /// The bare protocol, no crypt header and no FEC: for programs other than Go rpcx. A peer that
    /// guesses a few numbers can add to a stream.
    pub fn plain() -> Self {
        Self {
            crypt: Crypt::plain(),
            fec: false,
            ..Self::default()
        }
    }

    /// The same with this crypt.
    #[must_use]
    pub fn crypt(mut self, crypt: Crypt) -> Self {
        self.crypt = crypt;
        self
    }

    /// What happened so far on everything dialled or bound with these options or clones of them.
    pub fn counters(&self) -> KcpCounters {
        self.counters.read()
    }

    /// The way to open sessions to `location`, `host:port`.
    ///
    /// A channel is connected once the peer has acknowledged its [greeting](Connect::greet). Plain
    /// [`connect`](Connect::connect) sends nothing before the first byte is written, so it succeeds
    /// even where there is no listener.
    ///
    /// # Errors
    /// If an option is out of range.
    pub fn connector(&self, location: &str) -> Result<impl Connect + use<>, Error> {
        self.check()?;
        Ok(KcpConnector::new(location.to_owned(), self.clone()))
    }

    /// Listens on `location`, `host:port`; without a host on every interface.
    ///
    /// Dropping the listener ends the accepting. Sessions that are open go on.
    ///
    /// # Errors
    /// If an option is out of range or the address cannot be bound.
    pub async fn listen(&self, location: &str) -> Result<impl Listen + use<>, Error> {
        self.check()?;
        KcpListening::bind(location, self.clone()).await
    }

    /// What is out of range, by name.
    fn check(&self) -> Result<(), Error> {
        let interval = Duration::from_millis(10)..=Duration::from_secs(5);
        let day = Duration::from_secs(24 * 3600);
        let checks = [
            (
                (MIN_MTU..=MAX_MTU).contains(&self.mtu),
                "`mtu` must be 256 to 1500 bytes",
            ),
            (
                interval.contains(&self.interval),
                "`interval` must be 10 ms to 5 s",
            ),
            (self.send_window > 0, "`send_window` must be at least 1"),
            (
                self.receive_window >= MIN_RECEIVE_WINDOW,
                "`receive_window` must be at least 128",
            ),
            (
                (Duration::from_secs(1)..=day).contains(&self.idle),
                "`idle` must be 1 s to 24 h",
            ),
            (self.linger <= day, "`linger` must be at most 24 h"),
        ];
        match checks.iter().find(|(fine, _)| !fine) {
            Some((_, rule)) => Err(Error::setup(format!("KCP options: {rule}"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_out_of_range_are_named() {
        let wrong = |change: fn(&mut Kcp)| {
            let mut options = Kcp::default();
            change(&mut options);
            options.check().unwrap_err().to_string()
        };
        assert!(wrong(|options| options.mtu = 1501).contains("`mtu`"));
        assert!(wrong(|options| options.interval = Duration::ZERO).contains("`interval`"));
        assert!(wrong(|options| options.send_window = 0).contains("`send_window`"));
        assert!(wrong(|options| options.receive_window = 32).contains("`receive_window`"));
        assert!(wrong(|options| options.idle = Duration::ZERO).contains("`idle`"));
        assert!(wrong(|options| options.idle = Duration::MAX).contains("`idle`"));
        assert!(wrong(|options| options.linger = Duration::MAX).contains("`linger`"));
        for options in [Kcp::default(), Kcp::fast(), Kcp::plain()] {
            options.check().unwrap();
        }
    }
}
