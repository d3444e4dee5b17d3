//! How many calls of one connection, and of all connections of one address, are given at once to the threads of methods
//! that may block.
//!
//! These threads are a few hundred for the whole process, and take calls in the order in which they are given. A
//! connection with thousands of them would have every thread, and a queue before all that others give later. So would an
//! address with a few connections, or with one that it opens anew while the handlers of the last one go on.

use std::collections::HashMap;
use std::future::pending;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::unconstrained;
use tokio::time::{Instant, sleep_until};

use crate::address::Address;
use crate::connection::Limits;
use crate::pace::after;
use crate::sync::lock;
use crate::transport::host;

/// The places of one connection. Made for the first call that needs one.
#[derive(Debug, Default)]
pub(super) struct BlockingPlaces(OnceLock<Shares>);

/// Two of them, until it is dropped: one of the connection, and one of its address.
#[derive(Debug)]
pub(super) struct BlockingPlace {
    _of_connection: Taken,
    _of_address: Option<Taken>,
}

/// A call that has to wait for its place, and is in the queue already.
pub(super) struct Queued {
    /// Which share was taken, that of the connection or that of the address.
    pub(super) by: Full,
    pub(super) next: NextPlace,
    shares: Shares,
    since: Instant,
}

type NextPlace = Pin<Box<dyn Future<Output = BlockingPlace> + Send>>;

/// Which share had no place left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    Connection,
    Address,
}

/// Those that a connection takes part in.
#[derive(Clone, Debug)]
struct Shares {
    connection: Arc<Share>,
    /// None where the peer has no IP address, or where one may have as many as it likes.
    address: Option<Arc<Share>>,
}

/// So many calls at once.
#[derive(Debug)]
struct Share {
    places: Semaphore,
    /// When one of its calls has ended last.
    freed: Mutex<Instant>,
}

/// One place of a share, which lives as long.
#[derive(Debug)]
struct Taken(Arc<Share>);

impl BlockingPlaces {
    /// A place, or the end of the queue if there is none for a call of `peer`.
    pub(super) fn take(
        &self,
        peer: &Address,
        limits: &Limits,
        addresses: &BlockingShares,
    ) -> Result<BlockingPlace, Queued> {
        let shares = self.0.get_or_init(|| Shares {
            connection: Share::new(limits.blocking_calls),
            address: addresses.of(peer, limits.address_blocking_calls),
        });
        // There is none as long as others are in the queue.
        let Some(of_connection) = shares.connection.try_take() else {
            return enqueue(shares, Full::Connection, None);
        };
        let of_address = shares.address.as_ref().map(Share::try_take);
        match of_address {
            Some(None) => enqueue(shares, Full::Address, Some(of_connection)),
            none_or_taken => Ok(BlockingPlace {
                _of_connection: of_connection,
                _of_address: none_or_taken.flatten(),
            }),
        }
    }
}

/// It is polled here: calls are in the queue in the order in which they came, and not in the one in which their tasks
/// have their first turns.
#[cold]
fn enqueue(
    shares: &Shares,
    by: Full,
    of_connection: Option<Taken>,
) -> Result<BlockingPlace, Queued> {
    let (shares, since) = (shares.clone(), Instant::now());
    let mut next: NextPlace = Box::pin(unconstrained(shares.clone().next(of_connection)));
    let mut cx = Context::from_waker(Waker::noop());
    match next.as_mut().poll(&mut cx) {
        Poll::Ready(place) => Ok(place),
        Poll::Pending => Err(Queued {
            by,
            next,
            shares,
            since,
        }),
    }
}

impl Queued {
    /// Until no call of its connection or its address has ended for so long, so that it may be one that those wait for.
    pub(super) fn stalled(&self, wait: Duration) -> impl Future<Output = ()> + use<> {
        let (shares, since) = (self.shares.clone(), self.since);
        async move {
            loop {
                let at = after(shares.freed().max(since), wait);
                if at <= Instant::now() {
                    return;
                }
                sleep_until(at).await;
            }
        }
    }
}

impl Shares {
    async fn next(self, of_connection: Option<Taken>) -> BlockingPlace {
        let of_connection = match of_connection {
            Some(taken) => taken,
            None => self.connection.take().await,
        };
        BlockingPlace {
            _of_connection: of_connection,
            _of_address: match self.address {
                Some(address) => Some(address.take().await),
                None => None,
            },
        }
    }

    fn freed(&self) -> Instant {
        let of_address = self.address.as_ref().map(|address| *lock(&address.freed));
        let of_connection = *lock(&self.connection.freed);
        of_address.map_or(of_connection, |of_address| of_address.max(of_connection))
    }
}

impl Share {
    fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            places: Semaphore::new(most.clamp(1, Semaphore::MAX_PERMITS)),
            freed: Mutex::new(Instant::now()),
        })
    }

    fn try_take(self: &Arc<Self>) -> Option<Taken> {
        self.places.try_acquire().ok()?.forget();
        Some(Taken(Arc::clone(self)))
    }

    async fn take(self: Arc<Self>) -> Taken {
        match self.places.acquire().await {
            Ok(place) => place.forget(),
            // It is never closed.
            Err(_) => pending().await,
        }
        Taken(self)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        *lock(&self.0.freed) = Instant::now();
        self.0.places.add_permits(1);
    }
}

/// The shares of addresses: each for as long as it has connections with such calls, or handlers that outlive them.
#[derive(Debug, Default)]
pub(super) struct BlockingShares(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    by_host: HashMap<IpAddr, Weak<Share>>,
    /// How many may be there before those that have ended are looked for.
    most: usize,
}

/// So many may always have ended.
const ENDED: usize = 64;

impl BlockingShares {
    fn of(&self, peer: &Address, most: usize) -> Option<Arc<Share>> {
        let host = host(peer.socket_addr().filter(|_| most < usize::MAX)?);
        let mut table = lock(&self.0);
        if let Some(share) = table.by_host.get(&host).and_then(Weak::upgrade) {
            return Some(share);
        }
        if table.by_host.len() >= table.most {
            table.by_host.retain(|_, share| share.strong_count() > 0);
            table.most = 2 * table.by_host.len() + ENDED;
        }
        let share = Share::new(most);
        table.by_host.insert(host, Arc::downgrade(&share));
        Some(share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One address, and what its connections may have.
    struct One {
        peer: Address,
        limits: Limits,
        addresses: BlockingShares,
    }

    impl One {
        fn new(peer: &str, of_connection: usize, of_address: usize) -> Self {
            let mut limits = Limits::server();
            limits.blocking_calls = of_connection;
            limits.address_blocking_calls = of_address;
            Self {
                peer: peer.parse().unwrap(),
                limits,
                addresses: BlockingShares::default(),
            }
        }

        fn take(&self, connection: &BlockingPlaces) -> Result<BlockingPlace, Queued> {
            self.take_as(&self.peer, connection)
        }

        fn take_as(
            &self,
            peer: &Address,
            connection: &BlockingPlaces,
        ) -> Result<BlockingPlace, Queued> {
            connection.take(peer, &self.limits, &self.addresses)
        }

        /// Which share is taken, if one is.
        fn full(&self, peer: &str, connection: &BlockingPlaces) -> Option<Full> {
            let taken = self.take_as(&peer.parse().unwrap(), connection);
            taken.err().map(|queued| queued.by)
        }
    }

    fn without_address(of_connection: usize) -> One {
        One::new("unix@/run/x.sock", of_connection, 1)
    }

    #[test]
    fn one_has_a_place_whatever_is_allowed() {
        for (most, at_once) in [(0, 1), (1, 1), (2, 2), (usize::MAX, 1_000)] {
            for one in [
                without_address(most),
                One::new("tcp@10.0.0.1:1", most, usize::MAX),
                One::new("tcp@10.0.0.1:1", usize::MAX, most),
            ] {
                let places = BlockingPlaces::default();
                let taken: Vec<_> = (0..at_once).map_while(|_| one.take(&places).ok()).collect();
                assert_eq!(taken.len(), at_once);
                assert_eq!(one.take(&places).is_ok(), most == usize::MAX, "{most}");
            }
        }
    }

    #[tokio::test]
    async fn places_are_given_in_order_and_not_to_those_that_have_left() {
        for one in [without_address(1), One::new("tcp@10.0.0.1:1", 9, 1)] {
            let places = BlockingPlaces::default();
            let first = one.take(&places).ok().unwrap();
            let [second, third, fourth] = [(); 3].map(|()| one.take(&places).err().unwrap());
            drop(third);
            let ended = tokio::spawn(fourth.next);
            tokio::task::yield_now().await;
            drop(first);
            let second = second.next.await;
            tokio::task::yield_now().await;
            assert!(!ended.is_finished());
            // No later call comes in between.
            let late = one.take(&places).err().unwrap();
            drop(second);
            drop(ended.await.unwrap());
            drop(late.next.await);
            assert!(one.take(&places).is_ok());
        }
    }

    #[test]
    fn connections_of_one_address_share_its_places_and_others_have_theirs() {
        let one = One::new("tcp@10.0.0.1:1", 2, 3);
        let [first, second, third] = [(); 3].map(|()| BlockingPlaces::default());
        let taken = [&first, &first, &second].map(|of| one.take(of).ok().unwrap());
        assert_eq!(one.full("tcp@10.0.0.1:1", &first), Some(Full::Connection));
        assert_eq!(one.full("tcp@10.0.0.1:2", &second), Some(Full::Address));
        assert_eq!(one.full("quic@10.0.0.1:3", &third), Some(Full::Address));
        let other = |peer: &str| one.full(peer, &BlockingPlaces::default());
        assert_eq!(other("tcp@[::ffff:10.0.0.1]:1"), Some(Full::Address));
        for peer in ["tcp@10.0.0.2:1", "unix@/run/x.sock", "mem@x"] {
            assert_eq!(other(peer), None, "{peer}");
        }
        drop(taken);
        assert_eq!(one.full("tcp@10.0.0.1:3", &third), None);
    }

    #[test]
    fn an_address_of_ipv6_is_its_network() {
        let one = One::new("tcp@[2001:db8:0:1::1]:1", 9, 1);
        let first = BlockingPlaces::default();
        let _taken = one.take(&first).ok().unwrap();
        let other = |peer: &str| one.full(peer, &BlockingPlaces::default());
        assert_eq!(other("tcp@[2001:db8:0:1:ffff::2]:1"), Some(Full::Address));
        assert_eq!(other("tcp@[2001:db8:0:2::1]:1"), None);
    }

    #[test]
    fn an_address_that_connects_again_has_the_handlers_that_it_left() {
        let one = One::new("tcp@10.0.0.1:1", 2, 2);
        let first = BlockingPlaces::default();
        let running = one.take(&first).ok().unwrap();
        let _another = one.take(&first).ok().unwrap();
        drop(first);
        let again = BlockingPlaces::default();
        assert_eq!(one.full("tcp@10.0.0.1:2", &again), Some(Full::Address));
        drop(running);
        assert_eq!(one.full("tcp@10.0.0.1:2", &again), None);
    }

    #[test]
    fn addresses_that_have_gone_are_forgotten() {
        let one = One::new("tcp@10.0.0.1:1", 2, 2);
        let stays = BlockingPlaces::default();
        let _taken = one.take(&stays).ok().unwrap();
        for number in 0..10_000 {
            let peer = format!("tcp@10.1.{}.{}:1", number / 250, number % 250);
            assert_eq!(one.full(&peer, &BlockingPlaces::default()), None);
        }
        let table = lock(&one.addresses.0);
        assert!(table.by_host.len() <= ENDED + 2, "{}", table.by_host.len());
        assert!(table.by_host.contains_key(&"10.0.0.1".parse().unwrap()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_is_stalled_when_no_call_has_ended_for_long() {
        const WAIT: Duration = Duration::from_secs(60);
        let one = One::new("tcp@10.0.0.1:1", 2, 2);
        let (first, second) = (BlockingPlaces::default(), BlockingPlaces::default());
        let taken = one.take(&first).ok().unwrap();
        let _stays = one.take(&first).ok().unwrap();
        tokio::time::sleep(2 * WAIT).await;
        let queued = one.take(&second).err().unwrap();
        let began = Instant::now();
        let stalled = tokio::spawn({
            let stalled = queued.stalled(WAIT);
            async move {
                stalled.await;
                Instant::now()
            }
        });
        let never = tokio::spawn(queued.stalled(Duration::MAX));
        tokio::time::sleep(WAIT / 2).await;
        // Another call of the address, though of another connection.
        drop(taken);
        let ended = stalled.await.unwrap() - began;
        assert!(ended >= WAIT + WAIT / 2 && ended < 2 * WAIT, "{ended:?}");
        assert!(!never.is_finished());
    }
}
