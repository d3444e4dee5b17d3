//! What can be set about QUIC.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::super::own::NetworkOption;
use super::super::{Address, ConnectOptions, ListenOptions, Network};
use crate::error::Error;

const WINDOWS: RangeInclusive<u32> = (64 << 10)..=(256 << 20);
const IDLES: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(3600);
const LEAST_KEEP_ALIVE: Duration = Duration::from_millis(100);

/// How a QUIC socket behaves. [`Quic::default`] fits Go rpcx as it is; the two ends may differ.
///
/// Give it to [`ListenOptions::quic`] and [`ConnectOptions::quic`].
///
/// ```
/// # fn f() -> rpcx::Result<()> {
/// use rpcx::Channel;
/// use rpcx::transport::{ConnectOptions, quic::Quic};
///
/// let mut far = Quic::default();
/// far.window = 16 << 20;
/// let channel = Channel::builder()
///     .address("quic@far.example.org:8972")
///     .connect_options(ConnectOptions::new().quic(far))
///     .build_lazy()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quic {
    /// Bytes that the peer may send before they are read, 64 KiB to 256 MiB. Default 1 MiB. No more
    /// than this arrives in one round trip: at 100 ms, 10 MB in a second. The memory that a
    /// connection can take grows with it, though not before as much has been read. Of what is sent,
    /// twice as much, or 2 MiB, is kept until the peer has it.
    pub window: u32,
    /// Silence that ends a connection, 1 s to 1 h. Default 30 s; of the two ends the shorter one
    /// counts.
    pub idle: Duration,
    /// Silence after which a sign of life is sent, from 100 ms to half of `idle`. Default 10 s. It
    /// must be short for the other end's `idle` too, and keeps the way open that a NAT remembers.
    pub keep_alive: Duration,
}

impl Default for Quic {
    /// A window of 1 MiB, 30 s of silence, a sign of life every 10 s.
    fn default() -> Self {
        Self {
            window: 1 << 20,
            idle: Duration::from_secs(30),
            keep_alive: Duration::from_secs(10),
        }
    }
}

impl NetworkOption for Quic {
    fn name(&self) -> &'static str {
        "the option `quic`"
    }

    fn whose(&self) -> &'static str {
        "quic"
    }

    fn fits(&self, address: &Address) -> bool {
        address.network() == Network::QUIC
    }
}

impl Quic {
    /// What is out of range, by name.
    pub(super) fn check(&self) -> Result<(), Error> {
        let keep_alive = LEAST_KEEP_ALIVE..=self.idle / 2;
        let checks = [
            (
                WINDOWS.contains(&self.window),
                "`window` must be 64 KiB to 256 MiB",
            ),
            (IDLES.contains(&self.idle), "`idle` must be 1 s to 1 h"),
            (
                keep_alive.contains(&self.keep_alive),
                "`keep_alive` must be 100 ms to half of `idle`",
            ),
        ];
        match checks.iter().find(|(fine, _)| !fine) {
            Some((_, rule)) => Err(Error::setup(format!("QUIC options: {rule}"))),
            None => Ok(()),
        }
    }
}

impl ListenOptions {
    /// How a listener on the network `quic` behaves. Default: [`Quic::default`].
    #[must_use]
    pub fn quic(mut self, quic: Quic) -> Self {
        self.own.set(quic);
        self
    }
}

impl ConnectOptions {
    /// How connections on the network `quic` behave. Default: [`Quic::default`].
    #[must_use]
    pub fn quic(mut self, quic: Quic) -> Self {
        self.own.set(quic);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_out_of_range_are_named() {
        let wrong = |change: fn(&mut Quic)| {
            let mut options = Quic::default();
            change(&mut options);
            options.check().unwrap_err().to_string()
        };
        assert!(wrong(|options| options.window = 1000).contains("`window`"));
        assert!(wrong(|options| options.window = u32::MAX).contains("`window`"));
        assert!(wrong(|options| options.idle = Duration::MAX).contains("`idle`"));
        assert!(wrong(|options| options.keep_alive = Duration::ZERO).contains("`keep_alive`"));
        let late = |options: &mut Quic| options.keep_alive = Duration::from_secs(16);
        assert!(wrong(late).contains("half of `idle`"));
        Quic::default().check().unwrap();
    }
}
