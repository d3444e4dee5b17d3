//! Tokens that calls present, fetched before they are needed.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::error::{Error, Result};
use crate::pace::Backoff;
use crate::sync::lock;
use crate::task;
use crate::transport::BoxFuture;

/// The pauses after a source has failed. Calls that need a token meanwhile end with its error.
const PAUSES: Backoff =
    Backoff::new(Duration::from_millis(100), Duration::from_secs(10)).jitter(0.5);

/// A token is fetched anew when less than this share of its life is left.
const REFRESH_AT: u32 = 5;

/// What a caller presents to be let in, and until when it is good. Its text is never shown.
#[derive(Clone)]
pub struct Token {
    text: Arc<str>,
    /// Counted from the moment at which it was made.
    life: Option<Duration>,
}

impl Token {
    /// A token that does not expire.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self {
            text: text.into(),
            life: None,
        }
    }

    /// How long it is good for, from now on.
    #[must_use]
    pub fn expires_in(mut self, life: Duration) -> Self {
        self.life = Some(life);
        self
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("text", &"***")
            .field("life", &self.life)
            .finish()
    }
}

/// Where a channel has its tokens from. An async closure that returns a [`Token`] is one.
pub trait TokenSource: Send + Sync + 'static {
    /// Fetches a token: when there is none, when the last one is about to expire, or when a server has
    /// refused it. Never called while an earlier fetch of the channel is under way.
    fn fetch(&self) -> BoxFuture<'_, Result<Token>>;
}

impl<F, R> TokenSource for F
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = Result<Token>> + Send + 'static,
{
    fn fetch(&self) -> BoxFuture<'_, Result<Token>> {
        Box::pin(self())
    }
}

/// The tokens of a channel, as its calls see them. A trait: a program without a source of tokens has no machine code for it.
pub(super) trait Presents: fmt::Debug + Send + Sync {
    /// The token, if it is there. One that is about to expire is fetched anew meanwhile.
    fn ready(&self) -> Option<Presented>;

    /// The token, which may have to be fetched first.
    fn get(&self) -> BoxFuture<'_, Result<Presented>>;

    /// A server has refused the token with this number.
    fn refused(&self, number: u64);
}

/// The tokens that a source gives.
pub(super) struct Tokens(Arc<Inner>);

struct Inner {
    source: Box<dyn TokenSource>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    current: Option<Current>,
    /// Counts the tokens that were fetched.
    fetched: u64,
    /// The fetch that is under way.
    fetch: Option<watch::Receiver<Fetched>>,
    failures: u32,
    /// The last error, and until when no other fetch is begun.
    failed: Option<(Instant, Failed)>,
}

struct Current {
    presented: Presented,
    /// When another one is to be fetched, and when this one is good for nothing.
    ends: Option<(Instant, Instant)>,
}

/// A token, and which of those of its channel it is.
#[derive(Clone)]
pub(super) struct Presented {
    pub(super) text: Arc<str>,
    pub(super) number: u64,
}

type Failed = Arc<Error>;
type Fetched = Option<Result<Presented, Failed>>;

/// What a call that needs a token has to do.
enum Need {
    Present(Presented),
    Wait(watch::Receiver<Fetched>),
    Fail(Failed),
}

impl Tokens {
    pub(super) fn new(source: impl TokenSource) -> Arc<Self> {
        Arc::new(Self(Arc::new(Inner {
            source: Box::new(source),
            state: Mutex::default(),
        })))
    }

    fn need(&self) -> Need {
        let now = Instant::now();
        let mut state = lock(&self.0.state);
        state.forget_expired(now);
        let Some(current) = &state.current else {
            return match state.begin(now) {
                Begin::Pausing(failed) => Need::Fail(failed),
                Begin::UnderWay(fetch) => Need::Wait(fetch),
                Begin::Now(sender, fetch) => {
                    self.spawn(sender);
                    Need::Wait(fetch)
                }
            };
        };
        let token = current.presented.clone();
        if current.is_due(now)
            && let Begin::Now(sender, _) = state.begin(now)
        {
            self.spawn(sender);
        }
        Need::Present(token)
    }

    /// In a task of its own: a fetch must not end with the call that happened to be first.
    fn spawn(&self, sender: watch::Sender<Fetched>) {
        let tokens = Arc::clone(&self.0);
        task::spawn(async move {
            let fetched = tokens.source.fetch().await;
            let outcome = lock(&tokens.state).fetched(fetched);
            // All that waited may have given up.
            let _ = sender.send(Some(outcome));
        });
    }
}

impl Presents for Tokens {
    fn ready(&self) -> Option<Presented> {
        match self.need() {
            Need::Present(token) => Some(token),
            Need::Wait(_) | Need::Fail(_) => None,
        }
    }

    fn get(&self) -> BoxFuture<'_, Result<Presented>> {
        Box::pin(async move {
            let outcome = match self.need() {
                Need::Present(token) => return Ok(token),
                Need::Wait(mut fetch) => match fetch.wait_for(Option::is_some).await {
                    Ok(outcome) => outcome.clone(),
                    Err(_) => None,
                },
                Need::Fail(failed) => Some(Err(failed)),
            };
            match outcome {
                Some(Ok(token)) => Ok(token),
                Some(Err(failed)) => {
                    let text = format!("there is no token to present: {failed}");
                    Err(Error::not_sent(text).with_source(failed))
                }
                None => Err(Error::not_sent("the fetch of the token was given up")),
            }
        })
    }

    fn refused(&self, number: u64) {
        let mut state = lock(&self.0.state);
        let current = &mut state.current;
        current.take_if(|current| current.presented.number == number);
    }
}

enum Begin {
    Pausing(Failed),
    UnderWay(watch::Receiver<Fetched>),
    Now(watch::Sender<Fetched>, watch::Receiver<Fetched>),
}

impl State {
    fn forget_expired(&mut self, now: Instant) {
        self.current
            .take_if(|current| current.ends.is_some_and(|(_, end)| end <= now));
    }

    fn begin(&mut self, now: Instant) -> Begin {
        // A fetch that panicked, or whose runtime has ended, says nothing any more.
        let under_way = self.fetch.as_ref();
        if let Some(fetch) = under_way.filter(|fetch| fetch.has_changed().is_ok()) {
            return Begin::UnderWay(fetch.clone());
        }
        if let Some((until, failed)) = &self.failed
            && *until > now
        {
            return Begin::Pausing(Arc::clone(failed));
        }
        let (sender, fetch) = watch::channel(None);
        self.fetch = Some(fetch.clone());
        Begin::Now(sender, fetch)
    }

    fn fetched(&mut self, outcome: Result<Token>) -> Result<Presented, Failed> {
        self.fetch = None;
        let now = Instant::now();
        match outcome {
            Ok(token) => {
                (self.failures, self.failed) = (0, None);
                self.fetched += 1;
                let presented = Presented {
                    text: token.text,
                    number: self.fetched,
                };
                let ends = token.life.and_then(|life| {
                    let due = now.checked_add(life - life / REFRESH_AT)?;
                    Some((due, now.checked_add(life)?))
                });
                let current = Current {
                    presented: presented.clone(),
                    ends,
                };
                self.current = Some(current);
                Ok(presented)
            }
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                let failed = Arc::new(error);
                self.failed = now
                    .checked_add(PAUSES.pause(self.failures))
                    .map(|until| (until, Arc::clone(&failed)));
                Err(failed)
            }
        }
    }
}

impl Current {
    fn is_due(&self, now: Instant) -> bool {
        self.ends.is_some_and(|(due, _)| due <= now)
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = lock(&self.0.state);
        f.debug_struct("Tokens")
            .field("fetched", &state.fetched)
            .field("failures", &state.failures)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Tokens named by their numbers, good for 100 s; every call of the source takes 1 s.
    fn counting(good: impl Fn(u32) -> bool + Send + Sync + 'static) -> Arc<Tokens> {
        let fetched = AtomicU32::new(0);
        Tokens::new(move || {
            let number = fetched.fetch_add(1, Ordering::Relaxed) + 1;
            let good = good(number);
            async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                match good {
                    true => Ok(Token::new(number.to_string()).expires_in(Duration::from_secs(100))),
                    false => Err(Error::service("the desk is closed")),
                }
            }
        })
    }

    async fn text(tokens: &Arc<Tokens>) -> String {
        tokens.get().await.unwrap().text.to_string()
    }

    #[tokio::test(start_paused = true)]
    async fn calls_share_one_fetch() {
        let tokens = counting(|_| true);
        let calls: Vec<_> = (0..100)
            .map(|_| {
                let tokens = Arc::clone(&tokens);
                tokio::spawn(async move { text(&tokens).await })
            })
            .collect();
        for call in calls {
            assert_eq!(call.await.unwrap(), "1");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_fetched_anew_before_it_expires_and_no_call_waits() {
        let tokens = counting(|_| true);
        assert_eq!(text(&tokens).await, "1");
        tokio::time::sleep(Duration::from_secs(79)).await;
        assert_eq!(&*tokens.ready().unwrap().text, "1");
        tokio::time::sleep(Duration::from_secs(2)).await;
        // Due: the old one is presented while the new one is fetched.
        assert_eq!(&*tokens.ready().unwrap().text, "1");
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(&*tokens.ready().unwrap().text, "2");
    }

    #[tokio::test(start_paused = true)]
    async fn an_expired_token_is_not_presented() {
        let tokens = counting(|_| true);
        text(&tokens).await;
        tokio::time::sleep(Duration::from_secs(101)).await;
        assert!(tokens.ready().is_none());
        assert_eq!(text(&tokens).await, "2");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_refresh_leaves_the_token_in_use_and_is_not_hurried() {
        let tokens = counting(|number| number == 1 || number == 4);
        text(&tokens).await;
        tokio::time::sleep(Duration::from_secs(85)).await;
        for _ in 0..10 {
            assert_eq!(&*tokens.ready().unwrap().text, "1");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_secs(20)).await;
        let error = tokens.get().await.err().unwrap();
        assert!(error.message().contains("the desk is closed"), "{error}");
        // While it pauses no other fetch is begun.
        assert!(tokens.get().await.is_err());
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert_eq!(text(&tokens).await, "4");
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_token_that_was_refused_is_dropped() {
        let tokens = counting(|_| true);
        let first = tokens.get().await.unwrap();
        tokens.refused(first.number);
        let second = tokens.get().await.unwrap();
        assert_eq!(&*second.text, "2");
        // A call that was under way with the first one hears of it later.
        tokens.refused(first.number);
        assert_eq!(&*tokens.ready().unwrap().text, "2");
    }

    #[test]
    fn nothing_shows_the_text() {
        let token = Token::new("geheim").expires_in(Duration::from_secs(1));
        let tokens = Tokens::new(|| async { Ok(Token::new("geheim")) });
        let shown = format!("{token:?} {tokens:?}");
        assert!(!shown.contains("geheim"), "{shown}");
    }
}
