//! One call to all nodes of a service.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::call::{Call, Finish, State};
use super::channel::Target;
use super::endpoint::Endpoint;
use super::outgoing::Outgoing;
use super::run::Outcome;
use crate::codec::Formats;
use crate::error::{Error, ErrorKind, Result};
use crate::service::MethodRef;
use crate::task;

/// What one node has made of a call to all: see [`Call::inform`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Receipt<T, E> {
    /// The address of the node.
    pub address: String,
    /// What came of it. An error says what is known: [`NotSent`](ErrorKind::NotSent) from a node that could not be
    /// reached.
    pub outcome: std::result::Result<T, E>,
    /// How long that took.
    pub took: Duration,
}

impl<T, E> Call<std::result::Result<T, E>>
where
    T: Send + 'static,
    E: Send + 'static,
{
    /// Sends the call to every node of the service at once, and ends when all have answered, with the first
    /// reply. If one of them fails, its error is that of the call, though others have run it. Each node gets the
    /// call once: it is not made again. Needs a channel that [selects](super::ChannelBuilder::select).
    ///
    /// Nodes that cannot be reached fail as well. Inactive ones, and those of other groups, are not asked.
    pub fn broadcast(self) -> impl Future<Output = std::result::Result<T, E>> + Send + use<T, E> {
        let parts = self.into_parts();
        async move {
            let fan = match FanOut::new(parts).await {
                Ok(fan) => fan,
                Err(outcome) => return outcome,
            };
            let (mut first, mut failed) = (None, None);
            let (mut running, end) = (fan.running, fan.end);
            while let Some(answer) = next(&mut running).await {
                match answer.outcome {
                    Ok(response) => _ = first.get_or_insert(Ok(response)),
                    failure => _ = failed.get_or_insert(failure),
                }
            }
            end.of(failed.or(first).unwrap_or_else(lost))
        }
    }

    /// Sends the call to every node of the service at once, and ends with the first that succeeds; the
    /// others are given up, and may have run it too. If none does, the error is that of a node that may have run it,
    /// if there is one. Each node gets the call once.
    pub fn fork(self) -> impl Future<Output = std::result::Result<T, E>> + Send + use<T, E> {
        let parts = self.into_parts();
        async move {
            let fan = match FanOut::new(parts).await {
                Ok(fan) => fan,
                Err(outcome) => return outcome,
            };
            let (mut running, end) = (fan.running, fan.end);
            let mut failed: Option<Outcome> = None;
            while let Some(answer) = next(&mut running).await {
                if answer.outcome.is_ok() {
                    return end.of(answer.outcome);
                }
                failed = Some(match failed.take() {
                    Some(before) if weight(&before) >= weight(&answer.outcome) => before,
                    _ => answer.outcome,
                });
            }
            end.of(failed.unwrap_or_else(lost))
        }
    }

    /// Sends the call to every node of the service at once, and ends when all have answered, with a receipt for
    /// each: the order is that of their addresses. Each node gets the call once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotSent`] if there is no node, or no list of them.
    pub fn inform(self) -> impl Future<Output = Result<Vec<Receipt<T, E>>>> + Send + use<T, E> {
        let parts = self.into_parts();
        async move {
            let fan = FanOut::start(parts).await.map_err(|(error, _)| error)?;
            let (mut running, end) = (fan.running, fan.end);
            let mut receipts = Vec::new();
            while let Some(answer) = next(&mut running).await {
                receipts.push(Receipt {
                    address: answer.address,
                    outcome: end.of(answer.outcome),
                    took: answer.took,
                });
            }
            receipts.sort_by(|one, other| one.address.cmp(&other.address));
            Ok(receipts)
        }
    }
}

/// What makes the method's result.
pub(super) struct End<R> {
    pub(super) method: MethodRef,
    pub(super) formats: Formats,
    pub(super) finish: Finish<R>,
}

impl<R> End<R> {
    fn of(&self, outcome: Outcome) -> R {
        let formats = self.formats.clone();
        let outcome = outcome.map(|response| response.with_formats(formats));
        (self.finish)(&self.method, outcome.map_err(|failure| failure.error))
    }
}

/// A call before it is sent, and what is made of its outcomes.
pub(super) type CallParts<R> = (State, End<R>);

/// The calls to all nodes.
struct FanOut<R> {
    running: JoinSet<Answer>,
    end: End<R>,
}

struct Answer {
    address: String,
    outcome: Outcome,
    took: Duration,
}

impl<R> FanOut<R> {
    /// Or what is the end of the whole.
    async fn new(parts: CallParts<R>) -> std::result::Result<Self, R> {
        let started = Self::start(parts).await;
        started.map_err(|(error, end)| end.of(Err(error.into())))
    }

    async fn start(parts: CallParts<R>) -> std::result::Result<Self, (Error, End<R>)> {
        let (mut state, end) = parts;
        let calls = match state.unsent() {
            Some(call) => copies(call).await,
            None => Err(state.failed()),
        };
        let calls = match calls {
            Ok(calls) => calls,
            Err(error) => return Err((error, end)),
        };
        let mut running = JoinSet::new();
        for (address, call, endpoint) in calls {
            let mut state = state.like(call, endpoint);
            task::join(&mut running, async move {
                let began = Instant::now();
                let outcome = poll_fn(|cx| state.poll(cx)).await;
                Answer {
                    address,
                    outcome,
                    took: began.elapsed(),
                }
            });
        }
        Ok(Self { running, end })
    }
}

type Copies = Vec<(String, Outgoing, Option<Arc<Endpoint>>)>;

/// The call once for each node.
async fn copies(call: &mut Outgoing) -> Result<Copies> {
    let route = Arc::clone(&call.message.route);
    call.attempts = 1;
    match route.channel.target() {
        Target::Servers { links, .. } if links.all().count() == 1 => {
            Ok(vec![(links.names(), call.again(), None)])
        }
        Target::Servers { .. } | Target::Peer(_) => Err(Error::not_sent(
            "a call to all nodes needs a channel that selects: call `select`",
        )),
        Target::Fleet { fleet, .. } => {
            let nodes = fleet.nodes(&route)?;
            let wait = route.channel.options().connect_timeout;
            nodes.listed(&route.service, wait).await?;
            let endpoints = nodes.endpoints().into_iter();
            let calls: Copies = endpoints
                .map(|endpoint| (endpoint.name().to_owned(), call.again(), Some(endpoint)))
                .collect();
            match calls.is_empty() {
                true => Err(nodes.none(&route.service)),
                false => Ok(calls),
            }
        }
    }
}

/// The next one that has ended.
async fn next(running: &mut JoinSet<Answer>) -> Option<Answer> {
    loop {
        // A layer that panics is contained, so an error means that the runtime is ending.
        if let Ok(answer) = running.join_next().await? {
            return Some(answer);
        }
    }
}

fn lost() -> Outcome {
    Err(Error::unknown("the runtime is shutting down").into())
}

/// How much an error says: that of a node that may have run the call weighs most.
fn weight(outcome: &Outcome) -> u8 {
    match outcome.as_ref().err().map(|failure| failure.error.kind()) {
        None | Some(ErrorKind::Service) => 2,
        Some(ErrorKind::Unknown) => 3,
        Some(ErrorKind::Rejected(_)) => 1,
        Some(_) => 0,
    }
}
