//! Which of the addresses of a host is connected to: the first that answers.
//!
//! As in RFC 8305. An address that is not reachable may be as silent as one that is far away, so
//! the next one is not kept waiting for it, and since a whole family may be unreachable, the
//! families take turns.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::Poll;
use std::time::Duration;

use tokio::time::timeout;

use super::BoxFuture;

/// After how long the next address of a host is tried beside those that have not answered.
const STAGGER: Duration = Duration::from_millis(250);

/// An attempt, and whether it is the first one.
type Attempt<'f, T> = (bool, BoxFuture<'f, io::Result<T>>);

/// What `open` makes of the first candidate that it succeeds with; the other attempts are dropped.
///
/// # Errors
/// If all fail, that of the first candidate: the one that the system prefers.
pub(super) async fn first<'f, T>(
    candidates: Vec<SocketAddr>,
    open: impl Fn(SocketAddr) -> BoxFuture<'f, io::Result<T>>,
) -> io::Result<T> {
    let mut waiting = taking_turns(candidates).into_iter().enumerate();
    let mut attempts = Vec::new();
    let mut failed = None;
    loop {
        match waiting.next() {
            Some((at, candidate)) => attempts.push((at == 0, open(candidate))),
            None if attempts.is_empty() => {
                return Err(failed.unwrap_or_else(|| io::Error::other("the host has no address")));
            }
            None => {}
        }
        let ended = any(&mut attempts);
        let ended = match waiting.len() {
            0 => Ok(ended.await),
            _ => timeout(STAGGER, ended).await,
        };
        match ended {
            Ok((_, Ok(opened))) => return Ok(opened),
            Ok((true, Err(error))) => failed = Some(error),
            Ok((false, Err(error))) => failed = failed.or(Some(error)),
            Err(_) => {}
        }
    }
}

/// Waits for one of the attempts to end, and takes it out.
async fn any<T>(attempts: &mut Vec<Attempt<'_, T>>) -> (bool, io::Result<T>) {
    poll_fn(|cx| {
        for at in 0..attempts.len() {
            if let Poll::Ready(outcome) = attempts[at].1.as_mut().poll(cx) {
                let (first, _) = attempts.swap_remove(at);
                return Poll::Ready((first, outcome));
            }
        }
        Poll::Pending
    })
    .await
}

/// The same addresses, one of each family in turn, beginning with that of the first.
fn taking_turns(candidates: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let v4_first = candidates.first().is_some_and(SocketAddr::is_ipv4);
    let (one, other): (Vec<_>, Vec<_>) = candidates
        .into_iter()
        .partition(|candidate| candidate.is_ipv4() == v4_first);
    let mut other = other.into_iter();
    let mut turns = Vec::with_capacity(one.len() + other.len());
    for candidate in one {
        turns.push(candidate);
        turns.extend(other.next());
    }
    turns.extend(other);
    turns
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::time::{Instant, sleep};

    use super::*;

    fn addresses(ports: impl IntoIterator<Item = u16>) -> Vec<SocketAddr> {
        let v4 = |port| SocketAddr::from(([127, 0, 0, 1], port));
        ports.into_iter().map(v4).collect()
    }

    /// What becomes of an address.
    #[derive(Clone, Copy)]
    enum Fate {
        Silent,
        Refuses,
        Answers(u64),
    }

    /// Dials addresses with these fates; the ports that were tried, and after how long the end came.
    async fn dial(fates: &[Fate]) -> (io::Result<u16>, Vec<u16>, u128) {
        let (began, tried) = (Instant::now(), Mutex::default());
        let open = |candidate: SocketAddr| -> BoxFuture<'_, io::Result<u16>> {
            let port = candidate.port();
            Vec::push(&mut tried.lock().unwrap(), port);
            let fate = fates[usize::from(port)];
            Box::pin(async move {
                match fate {
                    Fate::Silent => std::future::pending().await,
                    Fate::Refuses => Err(io::Error::other(format!("{port} refuses"))),
                    Fate::Answers(after) => {
                        sleep(Duration::from_millis(after)).await;
                        Ok(port)
                    }
                }
            })
        };
        let outcome = first(addresses(0..fates.len() as u16), open).await;
        let took = began.elapsed().as_millis();
        (outcome, tried.into_inner().unwrap(), took)
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_is_silent_does_not_keep_the_next_one_waiting() {
        use Fate::{Answers, Refuses, Silent};
        for (fates, winner, tried, took) in [
            (&[Answers(10), Silent][..], 0, 1, 10),
            (&[Silent, Answers(10)], 1, 2, 260),
            (&[Silent, Silent, Answers(10)], 2, 3, 510),
            // The one that is preferred, though it is slow.
            (&[Answers(300), Answers(100)], 0, 2, 300),
            (&[Answers(900), Answers(100)], 1, 2, 350),
            // Who refuses has not to be waited for.
            (&[Refuses, Answers(10)], 1, 2, 10),
            (&[Silent, Refuses, Answers(10)], 2, 3, 260),
            (&[Refuses, Refuses, Silent, Answers(10)], 3, 4, 260),
        ] {
            let (outcome, ports, after) = dial(fates).await;
            assert_eq!(
                (outcome.unwrap(), ports.len(), after),
                (winner, tried, took)
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_error_is_that_of_the_first_address() {
        let (outcome, ports, _) = dial(&[Fate::Refuses, Fate::Refuses]).await;
        assert_eq!(outcome.unwrap_err().to_string(), "0 refuses");
        assert_eq!(ports, [0, 1]);
        let (outcome, ..) = dial(&[]).await;
        assert!(outcome.unwrap_err().to_string().contains("no address"));
    }

    #[test]
    fn families_take_turns() {
        let v6 = |port| SocketAddr::from(([0; 8], port));
        let mut all: Vec<_> = (1..4).map(v6).collect();
        all.extend(addresses(4..6));
        let ports: Vec<_> = taking_turns(all).iter().map(SocketAddr::port).collect();
        assert_eq!(ports, [1, 4, 2, 5, 3]);
    }
}
