//! An idempotent call that is sent to a second server when the first does not answer soon.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::time::sleep;

use super::Channel;
use super::channel::Target;
use super::fleet::FailMode;
use super::outgoing::Outgoing;
use super::repeat::{Attempts, try_until_done};
use super::run::Outcome;
use crate::error::ErrorKind;

/// Ends with the first reply. The other call is dropped, and so given up.
pub(super) async fn run(
    call: &mut Outgoing,
    channel: &Channel,
    attempts: &mut Attempts,
) -> Outcome {
    let (Target::Fleet { fleet, .. }, FailMode::Failbackup(delay)) =
        (channel.target(), channel.options().fail_mode)
    else {
        return try_until_done(call, channel, attempts).await;
    };
    channel.hedges().earn();
    let node = fleet.choose(|| call.key(), &[]);
    attempts.plan(node);
    let (mut backup, mut others) = (call.again(), Attempts::beside(node));
    let mut first = pin!(try_until_done(call, channel, attempts));
    if let Some(outcome) = within(delay, first.as_mut()).await {
        return outcome;
    }
    if !channel.hedges().spend() {
        return first.await;
    }
    let mut second = pin!(try_until_done(&mut backup, channel, &mut others));
    tokio::select! {
        outcome = first.as_mut() => match is_answer(&outcome) {
            true => outcome,
            false => better(outcome, second.await),
        },
        outcome = second.as_mut() => match is_answer(&outcome) {
            true => outcome,
            false => better(first.await, outcome),
        },
    }
}

async fn within(delay: Duration, call: impl Future<Output = Outcome>) -> Option<Outcome> {
    tokio::select! {
        biased;
        outcome = call => Some(outcome),
        () = sleep(delay) => None,
    }
}

/// Whether the method itself has answered.
fn is_answer(outcome: &Outcome) -> bool {
    match outcome {
        Ok(_) => true,
        Err(failure) => failure.error.kind() == ErrorKind::Service,
    }
}

/// Of two ends the one that says more; of two failures the one that does not claim that nothing ran.
fn better(first: Outcome, second: Outcome) -> Outcome {
    let unknown = |outcome: &Outcome| {
        let failure = outcome.as_ref().err();
        failure.is_some_and(|failure| failure.error.kind() == ErrorKind::Unknown)
    };
    if is_answer(&second) || (unknown(&second) && !is_answer(&first)) {
        return second;
    }
    first
}
