//! The attempts of a call that could not be sent at once, or whose first attempt has failed: over
//! which connection, whether again, and when.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use tokio::time::{sleep, timeout_at};

use super::Channel;
use super::attempt::{Attempt, Sending};
use super::channel::Target;
use super::deadline::passed_before_sending;
use super::endpoint::{Endpoint, Picked};
use super::fleet::{Candidates, FailMode, Fleet};
use super::outgoing::Outgoing;
use super::response::Failure;
use super::retry::may_retry;
use super::run::Outcome;
use crate::error::{Error, ErrorKind, Rejection};
use crate::event::Event;
use crate::transport::BoxFuture;

/// Connections that one attempt tries: each may close between the moment at which it is found open and
/// the one at which it is given the call.
const CONNECTIONS: u32 = 3;

/// What is known of the attempts so far.
#[derive(Debug)]
pub(super) struct Attempts {
    made: u32,
    /// The last one is on its way.
    in_flight: bool,
    /// One has reached a connection.
    sent: bool,
    /// Nothing is known about the outcome of one of them.
    may_have_run: bool,
    /// How the last one ended.
    last: Option<Failure>,
    /// Where they were made, in a channel that selects.
    tried: Vec<Arc<Endpoint>>,
    /// Where the next one is to be made, if that is decided.
    planned: Option<Arc<Endpoint>>,
    /// They are made there and nowhere else.
    pinned: bool,
    /// Where it stands whether the same call at another endpoint may have run.
    backup: Option<Arc<AtomicBool>>,
    /// Where these say so, if they are of that call.
    says: Option<Arc<AtomicBool>>,
}

impl Attempts {
    fn none() -> Self {
        Self {
            made: 0,
            in_flight: false,
            sent: false,
            may_have_run: false,
            last: None,
            tried: Vec::new(),
            planned: None,
            pinned: false,
            backup: None,
            says: None,
        }
    }

    /// None yet. The first one goes to this endpoint, if one was selected.
    pub(super) fn at(endpoint: Option<Arc<Endpoint>>) -> Self {
        let mut attempts = Self::none();
        attempts.planned = endpoint;
        attempts
    }

    /// The first was sent, and ended like this.
    pub(super) fn failed(failure: Failure, endpoint: Option<Arc<Endpoint>>) -> Self {
        let mut attempts = Self::none();
        attempts.tried.extend(endpoint);
        attempts.begin();
        attempts.record(failure);
        attempts
    }

    /// Those of the same call beside these, which are at this endpoint. What may have run there may have run.
    pub(super) fn beside(&mut self, endpoint: Arc<Endpoint>) -> Self {
        let mut attempts = Self::none();
        attempts.tried.push(endpoint);
        let may_have_run = Arc::new(AtomicBool::new(false));
        self.backup = Some(Arc::clone(&may_have_run));
        attempts.says = Some(may_have_run);
        attempts
    }

    /// The only one goes to this endpoint.
    fn pinned(endpoint: Arc<Endpoint>) -> Self {
        let mut attempts = Self::at(Some(endpoint));
        attempts.pinned = true;
        attempts
    }

    /// The first one goes to this endpoint.
    pub(super) fn plan(&mut self, endpoint: Arc<Endpoint>) {
        self.planned = Some(endpoint);
    }

    fn begin(&mut self) {
        (self.in_flight, self.sent) = (true, true);
        self.say(true);
    }

    fn say(&self, may_have_run: bool) {
        if let Some(says) = &self.says {
            says.store(may_have_run, Ordering::Relaxed);
        }
    }

    fn record(&mut self, failure: Failure) {
        self.made += 1;
        self.in_flight = false;
        self.may_have_run |= failure.error.kind() == ErrorKind::Unknown;
        self.last = Some(failure);
        self.say(self.may_have_run);
    }

    /// The end of the whole call. If one attempt may have run the method, so may the call, whatever is
    /// known about the others.
    fn judge(&self, mut failure: Failure) -> Failure {
        let untrue = matches!(
            failure.error.kind(),
            ErrorKind::NotSent | ErrorKind::Rejected(_)
        );
        if untrue && self.may_have_run {
            failure.error = failure.error.with_kind(ErrorKind::Unknown);
        }
        failure
    }

    /// Whether there may be another one. A server that cannot be reached is an answer by itself, unless
    /// there are others: only what is idempotent waits for it to come back.
    fn allow(&self, call: &Outgoing, error: &Error, way: Way) -> bool {
        // The server has said that it is not the one; it would say so again.
        let stays =
            error.kind() == ErrorKind::Rejected(Rejection::Elsewhere) && way != Way::Elsewhere;
        self.made < call.attempts
            && may_retry(error, call.idempotent)
            && !stays
            && (self.sent || call.idempotent || way == Way::Elsewhere)
            && way != Way::Nowhere
    }

    /// Where another one would go.
    fn way(&self, call: &Outgoing, channel: &Channel) -> Way {
        let Target::Fleet { fleet, .. } = channel.target() else {
            return Way::Same;
        };
        let is_elsewhere = || {
            let nodes = fleet.nodes(&call.message.route);
            nodes.is_ok_and(|nodes| nodes.has_other_than(&self.tried))
        };
        match channel.options().fail_mode {
            FailMode::Failfast => Way::Nowhere,
            FailMode::Failtry => Way::Same,
            _ if is_elsewhere() => Way::Elsewhere,
            _ => Way::Same,
        }
    }

    /// Where the next one is made. None if there is no node. An endpoint that was decided on and has left the
    /// list meanwhile is not gone to.
    fn next(
        &mut self,
        call: &Outgoing,
        channel: &Channel,
        nodes: &dyn Candidates,
    ) -> Option<Arc<Endpoint>> {
        let same = channel.options().fail_mode == FailMode::Failtry;
        if !same && !nodes.has_other_than(&self.tried) {
            self.tried.clear();
        }
        let last = self.tried.last().filter(|_| same).cloned();
        let decided = self.planned.take().or(last);
        let is_good = |endpoint: &Arc<Endpoint>| self.pinned || !endpoint.is_retired();
        let endpoint = match decided.filter(is_good) {
            Some(decided) => decided,
            None => nodes.choose(&|| call.key(), &self.tried)?,
        };
        self.tried.push(Arc::clone(&endpoint));
        Some(endpoint)
    }

    /// The error of a call whose deadline has passed.
    fn late(&mut self) -> Failure {
        if self.in_flight
            && let Some(endpoint) = self.tried.last()
        {
            endpoint.timed_out();
        }
        let backup = self.backup.as_ref();
        let beside = backup.is_some_and(|may_have_run| may_have_run.load(Ordering::Relaxed));
        if self.in_flight || self.may_have_run || beside {
            return Error::unknown("the deadline passed before the reply came").into();
        }
        let last = self.last.take();
        last.unwrap_or_else(|| passed_before_sending().into())
    }
}

/// Where another attempt would go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// To the same server, or to whichever answers.
    Same,
    /// To a server that none of them has tried.
    Elsewhere,
    Nowhere,
}

/// Makes one attempt at this endpoint.
pub(super) async fn run_at(mut call: Outgoing, endpoint: Arc<Endpoint>) -> Outcome {
    call.prepare()?;
    call.attempts = 1;
    run(call, Attempts::pinned(endpoint)).await
}

/// Carries a call on until it has an outcome, or its deadline passes.
pub(super) async fn run(mut call: Outgoing, mut attempts: Attempts) -> Outcome {
    let channel = call.message.route.channel.clone();
    let _pass = match channel.gate().enter() {
        Ok(pass) => pass,
        Err(closed) => return Err(attempts.last.unwrap_or_else(|| closed.into())),
    };
    let deadline = call.ends_at();
    let outcome = async {
        if let Some(fleet) = call.hedged_among(&channel)
            && attempts.made == 0
            && !attempts.pinned
        {
            let nodes = Arc::clone(fleet.nodes(&call.message.route)?);
            return nodes.hedge(&mut call, &channel, &mut attempts).await;
        }
        try_until_done(&mut call, &channel, &mut attempts).await
    };
    let Some(deadline) = deadline else {
        return outcome.await;
    };
    match timeout_at(deadline, outcome).await {
        Ok(outcome) => outcome,
        Err(_) => Err(attempts.late()),
    }
}

/// The attempts until one has an outcome, or none may follow.
///
/// In a box, because it holds all that a call may have to wait for, and would be compiled again wherever it is awaited.
pub(super) fn try_until_done<'a>(
    call: &'a mut Outgoing,
    channel: &'a Channel,
    attempts: &'a mut Attempts,
) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        loop {
            if attempts.last.is_some()
                && let Err(failure) = wait_for_next(call, channel, attempts).await
            {
                return Err(attempts.judge(failure));
            }
            if let Err(error) = call.fetch_token().await {
                return Err(attempts.judge(error.into()));
            }
            match try_once(call, channel, attempts).await {
                Ok(response) => return Ok(response),
                Err(failure) => attempts.record(failure),
            }
        }
    })
}

/// The pause before another attempt, or the end of the call if there is none.
async fn wait_for_next(
    call: &mut Outgoing,
    channel: &Channel,
    attempts: &mut Attempts,
) -> Result<(), Failure> {
    let Some(failure) = attempts.last.take() else {
        return Ok(());
    };
    if call.may_renew(&failure.error) {
        call.renew_token();
        return Ok(());
    }
    let way = attempts.way(call, channel);
    // Nothing has reached a server: another one can have the call at once, and none has more work.
    let kind = failure.error.kind();
    let at_once = way == Way::Elsewhere && kind == ErrorKind::NotSent;
    let is_redirect = kind == ErrorKind::Rejected(Rejection::Elsewhere);
    let pause = match at_once || is_redirect {
        true => Duration::ZERO,
        false => channel.options().retry.pause(attempts.made),
    };
    let again = attempts.allow(call, &failure.error, way)
        && !call
            .deadline
            .is_some_and(|deadline| deadline.is_within(pause))
        // The budget keeps nodes in trouble from having more work. What no server has seen is no work for one, and
        // a redirect is no trouble: it is how the method finds its node, and no node is asked twice.
        && (kind == ErrorKind::NotSent || is_redirect || has_budget(channel, way, kind));
    if !again {
        return Err(failure);
    }
    tell_retry(call, channel, attempts.made, pause, &failure.error);
    attempts.last = Some(failure);
    sleep(pause).await;
    // The timer may be late, and the deadline pass in the pause.
    call.tell_deadline().map_err(|_| attempts.late())
}

/// Whether the budget allows another attempt.
fn has_budget(channel: &Channel, way: Way, kind: ErrorKind) -> bool {
    match (way, kind) {
        // Its node is gone, or its connection; another one has no part in that.
        (Way::Elsewhere, ErrorKind::Unknown) => channel.budget().spend_for_lost(),
        _ => channel.budget().spend(),
    }
}

fn tell_retry(call: &Outgoing, channel: &Channel, attempts: u32, pause: Duration, error: &Error) {
    let events = &channel.options().connection.events;
    events.emit(|tell| {
        tell(&Event::Retrying {
            service: &call.message.route.service,
            method: call.message.method.name(),
            attempts,
            pause,
            error,
        });
    });
}

async fn try_once(call: &mut Outgoing, channel: &Channel, attempts: &mut Attempts) -> Outcome {
    let mut closed = None;
    for _ in 0..CONNECTIONS {
        let picked = reach(call, channel, attempts).await?;
        let connection = Arc::clone(&picked.connection);
        match start(call, picked).await {
            Some(mut attempt) => {
                attempts.begin();
                call.note(attempt.reached());
                let outcome = poll_fn(|cx| attempt.poll(cx)).await;
                // Once more: the same call may have been sent to another server meanwhile.
                call.note(attempt.reached());
                call.learn(&outcome);
                return outcome;
            }
            None => closed = connection.reason(),
        }
    }
    let text = format!("gave up after {CONNECTIONS} connections");
    let error = match closed {
        Some(reason) => Error::not_sent(format!("{text}: {reason}")).with_cause(reason),
        None => Error::not_sent(text),
    };
    Err(error.into())
}

/// The connection for the next attempt.
async fn reach(
    call: &Outgoing,
    channel: &Channel,
    attempts: &mut Attempts,
) -> Result<Picked, Failure> {
    match channel.target() {
        Target::Servers { links, .. } => {
            if let Some(goal) = links.goal() {
                call.note(goal);
            }
            Ok(Picked::only(links.connect(call.lane()).await?))
        }
        Target::Fleet { fleet, .. } => Ok(reach_one(call, channel, &**fleet, attempts).await?),
        Target::Peer(_) => Err(Error::setup("a channel to a peer does not connect").into()),
    }
}

/// The same in a channel that selects.
async fn reach_one(
    call: &Outgoing,
    channel: &Channel,
    fleet: &dyn Fleet,
    attempts: &mut Attempts,
) -> Result<Picked, Error> {
    let route = &call.message.route;
    let nodes = fleet.nodes(route)?;
    let wait = channel.options().connect_timeout;
    nodes.listed(&route.service, wait).await?;
    match attempts.next(call, channel, &**nodes) {
        Some(endpoint) => {
            call.note(endpoint.goal());
            endpoint.connect(nodes.count() == 1, call.lane()).await
        }
        None => Err(nodes.none(&route.service)),
    }
}

/// Waits for room and sends the message; nothing comes of a connection that takes no calls any more.
async fn start(call: &mut Outgoing, mut picked: Picked) -> Option<Attempt> {
    let deadline = call.ends_at();
    poll_fn(
        |cx| match Attempt::start(&mut picked, &mut call.message, deadline, cx) {
            Sending::Full => Poll::Pending,
            Sending::Sent(attempt) => Poll::Ready(Some(attempt)),
            Sending::Closed => Poll::Ready(None),
        },
    )
    .await
}
