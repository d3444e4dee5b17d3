//! How many events of each kind are logged.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::event::Event;
use crate::pace::TokenBucket;
use crate::sync::lock;

/// Lines a second of one kind, and ten times as many at once.
const RATE: f64 = 5.0;
const BURST: f64 = 50.0;

/// The kinds of events that were seen. There are as many as [`Event`] has, and as limits have counters.
#[derive(Default)]
pub(super) struct Rates(Mutex<HashMap<(&'static str, &'static str), Kind>>);

struct Kind {
    tokens: TokenBucket,
    left_out: u64,
}

impl Rates {
    /// Whether an event is logged, and then how many of its kind before it were not.
    pub(super) fn admit(&self, event: &Event<'_>) -> Option<u64> {
        let counter = match *event {
            Event::LimitReached { counter, .. } => counter,
            _ => "",
        };
        let mut kinds = lock(&self.0);
        let kind = kinds
            .entry((event.name(), counter))
            .or_insert_with(|| Kind {
                tokens: TokenBucket::full(RATE, BURST),
                left_out: 0,
            });
        if kind.tokens.take() {
            Some(std::mem::take(&mut kind.left_out))
        } else {
            kind.left_out += 1;
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const OVERLOADED: Event<'_> = Event::LimitReached {
        counter: "overloaded",
        peer: "tcp@127.0.0.1:5000",
    };

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_one_kind_is_cut_and_counted_and_hides_no_other() {
        let rates = Rates::default();
        let logged = (0..20_000).filter(|_| rates.admit(&OVERLOADED).is_some());
        assert_eq!(logged.count(), 50);
        assert_eq!(rates.admit(&Event::Stopping), Some(0));
        let idle = Event::LimitReached {
            counter: "idle_connections",
            peer: "tcp@127.0.0.1:5000",
        };
        assert_eq!(rates.admit(&idle), Some(0));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(rates.admit(&OVERLOADED), Some(19_950));
        assert_eq!(rates.admit(&OVERLOADED), Some(0));
    }
}
