//! An idempotent call that is sent to a second server when the first does not answer soon.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Channel;
use super::endpoint::Endpoint;
use super::fleet::{Candidates, FailMode};
use super::nodes::Nodes;
use super::outgoing::Outgoing;
use super::repeat::{Attempts, try_until_done};
use super::run::Outcome;
use crate::error::{Error, ErrorKind};

/// Ends with the first reply. The other call is dropped, and so given up.
pub(super) async fn run(
    nodes: &Nodes,
    call: &mut Outgoing,
    channel: &Channel,
    attempts: &mut Attempts,
) -> Outcome {
    let latency = nodes.latencies.of(call.message.method.name());
    let began = Instant::now();
    let delay = match channel.options().fail_mode {
        FailMode::Failbackup(delay) => Some(delay),
        _ => latency.get(),
    };
    let outcome = hedge(call, channel, nodes, attempts, delay).await;
    if is_answer(&outcome) {
        latency.observe(began.elapsed());
    }
    outcome
}

/// `delay`: none if it is not known yet.
async fn hedge(
    call: &mut Outgoing,
    channel: &Channel,
    nodes: &dyn Candidates,
    attempts: &mut Attempts,
    delay: Option<Duration>,
) -> Outcome {
    channel.hedges().earn();
    let (Some(endpoint), Some(delay)) = (choose(call, channel, nodes).await?, delay) else {
        return try_until_done(call, channel, attempts).await;
    };
    attempts.plan(Arc::clone(&endpoint));
    let (mut backup, mut others) = (call.again(), attempts.beside(endpoint));
    let mut first = try_until_done(call, channel, attempts);
    if let Some(outcome) = within(delay, &mut first).await {
        return outcome;
    }
    // It is one more call, as a retry is, and nodes in trouble get no more of both than of one.
    if !channel.hedges().spend() || !channel.budget().spend() {
        return first.await;
    }
    let mut second = try_until_done(&mut backup, channel, &mut others);
    tokio::select! {
        outcome = &mut first => match is_answer(&outcome) {
            true => outcome,
            false => better(outcome, second.await),
        },
        outcome = &mut second => match is_answer(&outcome) {
            true => outcome,
            false => better(first.await, outcome),
        },
    }
}

/// Where the first of two is sent. None if there is nothing for a second one.
async fn choose(
    call: &Outgoing,
    channel: &Channel,
    nodes: &dyn Candidates,
) -> Result<Option<Arc<Endpoint>>, Error> {
    let route = &call.message.route;
    let wait = channel.options().connect_timeout;
    nodes.listed(&route.service, wait).await?;
    let endpoint = match nodes.count() {
        0 | 1 => None,
        _ => nodes.choose(&|| call.key(), &[]),
    };
    Ok(endpoint)
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
