//! Tokens that come back.

use tokio::time::Instant;

/// A rate with room for bursts: tokens come back with time, or are added, up to a most.
#[derive(Debug)]
pub(crate) struct TokenBucket {
    per_second: f64,
    most: f64,
    tokens: f64,
    filled: Instant,
}

impl TokenBucket {
    /// A full bucket: `most` tokens now, and `per_second` more as they are taken.
    pub(crate) fn full(per_second: f64, most: f64) -> Self {
        Self {
            per_second,
            most,
            tokens: most,
            filled: Instant::now(),
        }
    }

    /// The same with no more than `tokens` to begin with.
    pub(crate) fn holding(mut self, tokens: f64) -> Self {
        self.tokens = tokens.min(self.most);
        self
    }

    /// Adds tokens beside those that time brings, and says how many found no room.
    pub(crate) fn add(&mut self, tokens: f64) -> f64 {
        let all = self.tokens + tokens;
        self.tokens = all.min(self.most);
        all - self.tokens
    }

    /// Takes a token, if a whole one is there.
    pub(crate) fn take(&mut self) -> bool {
        let now = Instant::now();
        let elapsed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.filled = now;
        self.add(elapsed * self.per_second);
        let taken = self.tokens >= 1.0;
        if taken {
            self.tokens -= 1.0;
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn taken(bucket: &mut TokenBucket) -> usize {
        (0..1000).take_while(|_| bucket.take()).count()
    }

    #[tokio::test(start_paused = true)]
    async fn tokens_run_out_and_come_back_up_to_the_most() {
        let mut bucket = TokenBucket::full(10.0, 30.0).holding(5.0);
        assert_eq!(taken(&mut bucket), 5);
        tokio::time::advance(Duration::from_millis(510)).await;
        assert_eq!(taken(&mut bucket), 5);
        bucket.add(2.5);
        assert_eq!(taken(&mut bucket), 2);
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(taken(&mut bucket), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_of_zero_gives_what_is_added() {
        let mut bucket = TokenBucket::full(0.0, 3.0).holding(0.0);
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert!(!bucket.take());
        bucket.add(1.0);
        assert!(bucket.take() && !bucket.take());
    }
}
