//! How many calls of one connection are given at once to the threads of methods that may block.
//!
//! These threads are a few hundred for the whole process, and take calls in the order in which they are given. A
//! connection with thousands of them would have every thread, and a queue before all that others give later.

use std::future::pending;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::unconstrained;

/// The places of one connection. Made for the first call that needs one.
#[derive(Debug, Default)]
pub(super) struct BlockingPlaces(OnceLock<Arc<Semaphore>>);

/// One of them, until it is dropped.
pub(super) type BlockingPlace = OwnedSemaphorePermit;

/// The next one, for a call that is in the queue already.
pub(super) type NextPlace = Pin<Box<dyn Future<Output = BlockingPlace> + Send>>;

impl BlockingPlaces {
    /// A place, or the end of the queue if `most` calls have theirs.
    pub(super) fn take(&self, most: usize) -> Result<BlockingPlace, NextPlace> {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        let places = self.0.get_or_init(|| Arc::new(Semaphore::new(most)));
        // There is none as long as others are in the queue.
        let place = Arc::clone(places).try_acquire_owned();
        place.or_else(|_| enqueue(Arc::clone(places)))
    }
}

/// It is polled here: calls are in the queue in the order in which they came, and not in the one in which their tasks
/// have their first turns.
#[cold]
fn enqueue(places: Arc<Semaphore>) -> Result<BlockingPlace, NextPlace> {
    let mut next: NextPlace = Box::pin(unconstrained(async {
        match places.acquire_owned().await {
            Ok(place) => place,
            // It is never closed.
            Err(_) => pending().await,
        }
    }));
    let mut cx = Context::from_waker(Waker::noop());
    match next.as_mut().poll(&mut cx) {
        Poll::Ready(place) => Ok(place),
        Poll::Pending => Err(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_a_place_whatever_is_allowed() {
        for (most, at_once) in [(0, 1), (1, 1), (2, 2), (usize::MAX, 1_000)] {
            let places = BlockingPlaces::default();
            let taken: Vec<_> = (0..at_once).map_while(|_| places.take(most).ok()).collect();
            assert_eq!(taken.len(), at_once);
            assert_eq!(places.take(most).is_ok(), most == usize::MAX, "{most}");
        }
    }

    #[tokio::test]
    async fn places_are_given_in_order_and_not_to_who_has_left() {
        let places = BlockingPlaces::default();
        let first = places.take(1).ok().unwrap();
        let [second, third, fourth] = [(); 3].map(|()| places.take(1).unwrap_err());
        drop(third);
        let ended = tokio::spawn(fourth);
        tokio::task::yield_now().await;
        drop(first);
        let second = second.await;
        tokio::task::yield_now().await;
        assert!(!ended.is_finished());
        // No later call comes in between.
        let late = places.take(1).unwrap_err();
        drop(second);
        drop(ended.await.unwrap());
        drop(late.await);
        assert!(places.take(1).is_ok());
    }
}
