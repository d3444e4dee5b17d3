//! Calls from one connection, or from one request: to the dispatch and back.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tokio::time::Instant;

use super::activity::Activity;
use super::asked::{Fields, TRACE, text};
use super::body::expired;
use super::failure::Failure;
use super::reply::{Answer, HttpSink, Wanted};
use super::settings::Http;
use super::turns::Turns;
use super::upgrade::Upgrades;
use super::{names, query};
use crate::context::{Cancel, Origin, Peer};
use crate::dispatch::{
    Admitted, Compressed, ConnectionCalls, Dispatch, Dispatcher, Incoming, count,
};
use crate::error::{Error, Rejection, Result};
use crate::pace::Turn;
use crate::protocol::{Codec, Compression, Metadata};
use crate::server::Shared;
use crate::sync::lock;

/// What is the same for all requests of a server.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) http: Http,
    pub(super) upgrades: Upgrades,
}

impl Site {
    pub(super) fn new(http: Http) -> Arc<Self> {
        let upgrades = Upgrades::new(&http);
        Arc::new(Self { http, upgrades })
    }
}

/// Where requests come in: a connection, or one request that another HTTP server hands over.
pub(super) struct Entry {
    pub(super) site: Arc<Site>,
    pub(super) dispatch: Arc<Dispatch>,
    pub(super) peer: Arc<Peer>,
    pub(super) at_loopback: bool,
    pub(super) activity: Arc<Activity>,
    /// The server, to hand streams to that are upgraded.
    pub(super) shared: Arc<Shared>,
    pub(super) calls: Arc<ConnectionCalls>,
    /// The host that the last request was for and that was found to be one of this server: the next one names it, too.
    host: Mutex<Vec<u8>>,
    dispatching: Mutex<Dispatching>,
    pub(super) turns: Turns,
}

struct Dispatching {
    dispatcher: Dispatcher,
    turn: Turn,
}

/// A call, but for its payload.
#[derive(Debug)]
pub(super) struct Head<'r> {
    pub(super) service: Cow<'r, str>,
    pub(super) method: Cow<'r, str>,
    pub(super) metadata: Metadata,
    pub(super) codec: Codec,
    pub(super) compression: Compression,
    pub(super) oneway: bool,
}

impl Head<'_> {
    /// The metadata moves along, because a clone of it would be an allocation.
    fn incoming(&mut self, payload: Bytes) -> Incoming<'_> {
        Incoming {
            service: self.service.as_bytes(),
            method: self.method.as_bytes(),
            metadata: std::mem::take(&mut self.metadata),
            held: payload.len(),
            payload: Compressed {
                codec: self.codec,
                compression: self.compression,
                payload,
            },
            oneway: self.oneway,
        }
    }
}

/// A call that was dispatched. Dropping it tells the handler that its caller waits no more.
pub(super) struct Dispatched<'e> {
    sink: HttpSink<'e>,
    caller: Caller,
}

/// The client that has made a call, for as long as it waits.
struct Caller(Option<Arc<Cancel>>);

impl Caller {
    fn stay(&mut self) {
        self.0 = None;
    }

    /// The call has ended. Most times nothing looks at its caller any more, and it does for the next call.
    fn leave(&mut self) {
        // Beside this one, the dispatcher has two.
        let is_seen = |caller: &Arc<_>| Arc::strong_count(caller) > 3;
        if let Some(caller) = self.0.take().filter(is_seen) {
            caller.set();
        }
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        if let Some(gone) = &self.0 {
            gone.set();
        }
    }
}

impl Dispatched<'_> {
    /// Lets the call go on, whether its caller stays or not.
    pub(super) fn forget(mut self) {
        self.caller.stay();
    }

    /// What the call ended with, which is there once.
    pub(super) async fn answer(&mut self) -> Answer {
        let answer = self.sink.answer().await;
        self.caller.leave();
        answer
    }
}

impl Entry {
    pub(super) fn new(
        site: Arc<Site>,
        shared: Arc<Shared>,
        (peer, calls): (Arc<Peer>, Arc<ConnectionCalls>),
        at_loopback: bool,
    ) -> Arc<Self> {
        let dispatch = Arc::clone(&shared.dispatch);
        let origin = Origin::new(Arc::clone(&peer));
        let dispatcher = Dispatcher::new(Arc::clone(&dispatch), origin, Arc::clone(&calls));
        Arc::new(Self {
            site,
            dispatch,
            peer,
            at_loopback,
            activity: Activity::new(),
            shared,
            calls,
            host: Mutex::default(),
            dispatching: Mutex::new(Dispatching {
                dispatcher,
                turn: Turn::new(),
            }),
            turns: Turns::default(),
        })
    }

    /// Whether a host is known to be one of this server.
    pub(super) fn knows_host(&self, host: Option<&[u8]>) -> bool {
        host.is_some_and(|host| !host.is_empty() && *lock(&self.host) == host)
    }

    pub(super) fn note_host(&self, host: Option<&[u8]>) {
        let mut known = lock(&self.host);
        known.clear();
        known.extend_from_slice(host.unwrap_or_default());
    }

    /// Decides, from names and metadata, whether a call may run: before its payload is read.
    pub(super) fn admit(&self, head: &mut Head<'_>) -> Result<Admitted> {
        self.dispatch.admission.came(1);
        let limits = &self.dispatch.admission.limits;
        let longest = head.service.len().max(head.method.len());
        if longest > limits.frame.name {
            let text = format!(
                "a name of {longest} bytes: the limit is {}",
                limits.frame.name
            );
            return Err(Error::rejected(Rejection::Undecodable, text));
        }
        let incoming = head.incoming(Bytes::new());
        let admitted = lock(&self.dispatching).dispatcher.admit(&incoming);
        head.metadata = incoming.metadata;
        admitted
    }

    /// Runs a call that was admitted, as far as its handler comes without waiting: when [others](Self::turns) have had
    /// their turn. It takes the metadata of `head`.
    pub(super) fn dispatch(
        &self,
        head: &mut Head<'_>,
        admitted: Admitted,
        payload: Bytes,
        wanted: Wanted,
    ) -> Result<Dispatched<'_>> {
        let is_late = |deadline| deadline <= Instant::now();
        if admitted.deadline().is_some_and(is_late) {
            count(&self.dispatch.admission.counters.expired);
            return Err(expired());
        }
        let mut sink = HttpSink::new(&self.dispatch.formats, wanted);
        let mut dispatching = lock(&self.dispatching);
        let Dispatching { dispatcher, turn } = &mut *dispatching;
        if self.turns.begins() {
            turn.begin();
        }
        let caller = dispatcher.next_caller();
        dispatcher.serve(head.incoming(payload), admitted, &mut sink);
        if turn.is_over() || dispatcher.has_started_enough() {
            self.turns.end();
        }
        Ok(Dispatched {
            sink,
            caller: Caller(Some(caller)),
        })
    }

    /// The metadata that headers stand for.
    pub(super) fn metadata(
        &self,
        fields: &Fields<'_>,
        request_id: Option<&str>,
    ) -> Result<Metadata, Failure> {
        let mut metadata = metadata(fields).map_err(|text| {
            let error = Error::rejected(Rejection::Undecodable, text);
            Failure::from(error)
        })?;
        if let Some(timeout) = timeout(fields.timeout.value)? {
            metadata.set_server_timeout(timeout);
        }
        if let Some(id) = request_id {
            metadata.insert(names::REQUEST_ID, id);
        }
        let limits = &self.dispatch.admission.limits.frame;
        let longest = metadata.as_bytes().len();
        if longest > limits.metadata || metadata.len() > limits.metadata_pairs {
            let text = format!(
                "metadata of {} pairs and {longest} bytes: the limits are {} and {}",
                metadata.len(),
                limits.metadata_pairs,
                limits.metadata
            );
            return Err(Error::rejected(Rejection::Undecodable, text).into());
        }
        Ok(metadata)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}

/// How long the caller still waits, by our own header.
fn timeout(value: Option<&[u8]>) -> Result<Option<std::time::Duration>, Failure> {
    let Some(value) = value else {
        return Ok(None);
    };
    let milliseconds = text(value).and_then(|text| text.trim().parse().ok());
    match milliseconds {
        None => {
            let text = "X-RPCX-Timeout-Ms must be a number of milliseconds";
            Err(Error::rejected(Rejection::Undecodable, text).into())
        }
        Some(0) => Err(expired().into()),
        Some(milliseconds) => Ok(Some(std::time::Duration::from_millis(milliseconds))),
    }
}

fn metadata(fields: &Fields<'_>) -> Result<Metadata, String> {
    let mut metadata = match fields.meta.value {
        Some(meta) => {
            let wrong = || "X-RPCX-Meta must be a query of a URL".to_owned();
            query::metadata(text(meta).ok_or_else(wrong)?)?
        }
        None => Metadata::new(),
    };
    for (name, field) in TRACE.iter().zip(fields.trace) {
        if let Some(value) = field.value {
            metadata.insert(name, value);
        }
    }
    if let Some(token) = fields.authorization.value {
        // With two of them this server and one in front of it may each look at another.
        if fields.authorization.times > 1 {
            return Err("the header Authorization is there twice".to_owned());
        }
        let wrong = || "the header Authorization must be ASCII".to_owned();
        metadata.set_auth(text(token).ok_or_else(wrong)?);
    }
    Ok(metadata)
}
