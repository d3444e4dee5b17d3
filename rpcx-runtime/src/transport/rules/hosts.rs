//! What is counted for each host: its open connections, and how fast new ones come.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::cidr::masked;
use crate::sync::lock;

/// A host has a whole /64 network of IPv6 addresses to itself, so that is what is counted.
const HOST_BITS: u8 = 64;

/// Hosts whose arrivals are remembered. Who has more networks than this is not held back by a rate
/// for each of them; the memory of the server must have an end.
const MOST_ARRIVALS: usize = 1 << 16;

/// What stands for a host.
pub(crate) fn host(peer: SocketAddr) -> IpAddr {
    match peer.ip().to_canonical() {
        v6 @ IpAddr::V6(_) => masked(v6, HOST_BITS),
        v4 => v4,
    }
}

/// Open connections by host.
#[derive(Debug, Default)]
pub(super) struct Open(Mutex<HashMap<IpAddr, usize>>);

impl Open {
    /// Counts one connection more until the place is dropped; none if there are `most` already.
    pub(super) fn enter(self: &Arc<Self>, host: IpAddr, most: usize) -> Option<Place> {
        let mut open = lock(&self.0);
        let count = open.entry(host).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Place {
            open: Arc::clone(self),
            host,
        })
    }

    #[cfg(test)]
    fn hosts(&self) -> usize {
        lock(&self.0).len()
    }
}

/// A connection that is counted.
#[derive(Debug)]
pub(super) struct Place {
    open: Arc<Open>,
    host: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = lock(&self.open.0);
        if let Some(count) = open.get_mut(&self.host) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.host);
            }
        }
    }
}

/// How fast new connections may come from a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    /// The time that one connection costs.
    pub(super) interval: Duration,
    /// How much of it a host may use ahead.
    pub(super) burst: Duration,
}

/// Until when each host has used its time: the token bucket in one number (GCRA). A host whose time
/// is over is forgotten.
#[derive(Debug, Default)]
pub(super) struct Arrivals(Mutex<HashMap<IpAddr, Instant>>);

impl Arrivals {
    pub(super) fn allow(&self, host: IpAddr, rate: Rate, now: Instant) -> bool {
        let mut used = lock(&self.0);
        if used.len() >= MOST_ARRIVALS && !used.contains_key(&host) {
            used.retain(|_, until| *until > now);
            if used.len() >= MOST_ARRIVALS {
                return true;
            }
        }
        let until = used.get(&host).map_or(now, |until| (*until).max(now));
        let after = until + rate.interval;
        if after.duration_since(now) > rate.burst {
            return false;
        }
        used.insert(host, after);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        host(SocketAddr::new(text.parse().unwrap(), 1))
    }

    #[test]
    fn a_host_is_an_ipv4_address_or_a_64_of_ipv6() {
        assert_eq!(ip("2001:db8:1:2::1"), ip("2001:db8:1:2:ffff::9"));
        assert_ne!(ip("2001:db8:1:2::1"), ip("2001:db8:1:3::1"));
        assert_eq!(ip("::ffff:1.2.3.4"), ip("1.2.3.4"));
        assert_ne!(ip("1.2.3.5"), ip("1.2.3.4"));
    }

    #[test]
    fn open_connections_are_counted_until_they_end() {
        let open = Arc::new(Open::default());
        let one = open.enter(ip("1.2.3.4"), 2).unwrap();
        let other = open.enter(ip("1.2.3.4"), 2).unwrap();
        assert!(open.enter(ip("1.2.3.4"), 2).is_none());
        assert!(open.enter(ip("1.2.3.5"), 2).is_some(), "another host");
        drop(one);
        let again = open.enter(ip("1.2.3.4"), 2).unwrap();
        drop((other, again));
        assert_eq!(open.hosts(), 0);
    }

    #[test]
    fn a_host_may_use_its_burst_and_then_its_rate() {
        let rate = Rate {
            interval: Duration::from_secs(1),
            burst: Duration::from_secs(3),
        };
        let (arrivals, start) = (Arrivals::default(), Instant::now());
        let at = |host: &str, seconds: f64| {
            let now = start + Duration::from_secs_f64(seconds);
            arrivals.allow(ip(host), rate, now)
        };
        assert_eq!(
            [0.0; 4].map(|now| at("1.2.3.4", now)),
            [true, true, true, false]
        );
        assert!(at("1.2.3.5", 0.0), "another host");
        assert!(!at("1.2.3.4", 0.9));
        assert!(at("1.2.3.4", 1.0));
        assert!(!at("1.2.3.4", 1.1), "those that were refused cost nothing");
        assert!(at("1.2.3.4", 2.0));
        assert_eq!(
            [9.0; 4].map(|now| at("1.2.3.4", now)),
            [true, true, true, false]
        );
    }

    #[test]
    fn what_is_remembered_has_an_end() {
        let rate = Rate {
            interval: Duration::from_secs(1),
            burst: Duration::from_secs(1),
        };
        let (arrivals, start) = (Arrivals::default(), Instant::now());
        for number in 0..MOST_ARRIVALS as u32 + 10 {
            let host = std::net::Ipv4Addr::from(number).into();
            assert!(arrivals.allow(host, rate, start));
        }
        assert_eq!(lock(&arrivals.0).len(), MOST_ARRIVALS);
        assert!(arrivals.allow(ip("9.9.9.9"), rate, start + Duration::from_secs(2)));
        assert_eq!(lock(&arrivals.0).len(), 1, "the others are forgotten");
    }
}
