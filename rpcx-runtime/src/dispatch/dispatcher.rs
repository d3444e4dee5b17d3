//! One request, start to end.
//!
//! Every refusal is decided from names and metadata, before the payload is inflated.

use std::pin::Pin;
use std::sync::Arc;

use tokio::time::Instant;

use super::admitted::Admitted;
use super::deferred::{Decided, Deferred};
use super::handlers::{make_handler, memory_of, poll_once};
use super::in_place::InPlace;
use super::late::{Terms, Weighing, Weight, expired};
use super::layered::{Layered, Spare, Wanted, ask};
use super::panics::{Called, CalledLater, panicked};
use super::payload::{Compressed, open};
use super::router::{MOST_METHODS, Outermost, Route};
use super::{ConnectionCalls, Counter, Counters, Dispatch, LateCall, Sink};
use crate::context::{Cancel, Origin, Peer};
use crate::error::{Error, Rejection};
use crate::layer::{Link, Passing};
use crate::protocol::Metadata;
use crate::service::{CallFacts, CallSlot, Execution, Memory, MethodRef, Reply, ReplySink};

/// Calls of one connection that are started in tasks or on threads of their own, before others have their turns.
const STARTED: u32 = 16;

/// A request as it came, before anything was decided about it.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) service: &'a [u8],
    pub(crate) method: &'a [u8],
    pub(crate) metadata: Metadata,
    pub(crate) payload: Compressed,
    pub(crate) oneway: bool,
    /// Bytes that count as held until the handler has ended.
    pub(crate) held: usize,
}

/// Dispatches the requests of one peer.
pub(crate) struct Dispatcher {
    dispatch: Arc<Dispatch>,
    origin: Origin,
    calls: Arc<ConnectionCalls>,
    /// The services that were called here, in the order of their first calls.
    cached: Vec<CachedService>,
    /// Requests that are not counted yet.
    uncounted: u64,
    /// Calls that were started elsewhere in this turn.
    started: u32,
    /// The caller of the next request, where each has one of its own.
    caller: Option<Arc<Cancel>>,
    /// The stalls of the server by the time at which nothing was left to read, where that is known.
    seen_stalls: Option<u32>,
}

impl Drop for Dispatcher {
    fn drop(&mut self) {
        self.count();
    }
}

/// A service that was called here before: no look-up, and memory for its handlers.
struct CachedService {
    route: Route,
    memory: Vec<Memory>,
    /// What the last call of each method with layers was run in.
    layered: Vec<Option<Spare>>,
}

/// What the layers outside of the first that is around a call have made of it.
enum Outside {
    /// All let it pass, or there are none.
    Passed,
    /// There is one around it: that which is chosen for the method, or this.
    Around(Option<Arc<Link>>),
    /// It is answered.
    Ended,
}

impl Dispatcher {
    pub(crate) fn new(
        dispatch: Arc<Dispatch>,
        origin: Origin,
        calls: Arc<ConnectionCalls>,
    ) -> Self {
        Self {
            dispatch,
            origin,
            calls,
            cached: Vec::new(),
            uncounted: 0,
            started: 0,
            caller: None,
            seen_stalls: None,
        }
    }

    /// Everything that the peer has sent was read.
    #[inline]
    pub(crate) fn caught_up(&mut self) {
        self.seen_stalls = Some(self.dispatch.admission.stalls.number());
    }

    /// Whether as many calls were started elsewhere as one connection may start in its turn, which then begins anew: they wait
    /// among the tasks of all others, and are their work and not that of this one.
    #[inline]
    pub(crate) fn has_started_enough(&mut self) -> bool {
        self.started >= STARTED && {
            self.started = 0;
            true
        }
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.calls.in_flight()
    }

    pub(crate) fn peer(&self) -> &Peer {
        &self.origin.peer
    }

    /// Counts the requests since the last time.
    #[inline]
    pub(crate) fn count(&mut self) {
        let many = std::mem::take(&mut self.uncounted);
        self.dispatch.admission.came(many);
    }

    /// Runs the handler as far as it comes without waiting, or refuses the request.
    // One function for the usual way of a request, with the rare ones apart: what its steps hand each
    // other would otherwise go through memory.
    pub(crate) fn dispatch(&mut self, incoming: Incoming<'_>, sink: &mut dyn Sink) {
        self.uncounted += 1;
        let admitted = match self.admit(&incoming) {
            Ok(admitted) => admitted,
            Err(error) => return refuse(sink, error),
        };
        self.serve(incoming, admitted, sink);
    }

    /// Decides about a request of which the payload has yet to come.
    pub(crate) fn admit_ahead(&mut self, incoming: &Incoming<'_>) -> Result<Admitted, Error> {
        self.uncounted += 1;
        self.admit(incoming)
    }

    /// Runs the handler of a request that was admitted here. Between the two steps an entrance may
    /// have waited for the payload.
    #[inline]
    pub(crate) fn serve(
        &mut self,
        mut incoming: Incoming<'_>,
        mut admitted: Admitted,
        sink: &mut dyn Sink,
    ) {
        let elsewhere = admitted.method.options().execution != Execution::Inline;
        self.started += u32::from(elsewhere);
        let route = &self.cached[admitted.service].route;
        let outside = match route.around(&admitted.method) {
            Outermost::None => Outside::Passed,
            Outermost::OfMethod(outermost) if !outermost.decides() => Outside::Around(None),
            Outermost::OfMethod(outermost) => {
                self.pass(outermost, &mut incoming, &mut admitted, sink)
            }
            Outermost::OfCall(own) => match self.pass(&own, &mut incoming, &mut admitted, sink) {
                Outside::Around(None) => Outside::Around(Some(own)),
                outside => outside,
            },
        };
        match outside {
            Outside::Passed if incoming.payload.is_for_later(&admitted.method) => {
                self.run_deferred(incoming, admitted, sink);
            }
            Outside::Passed => self.run(incoming, admitted, sink),
            Outside::Around(own) => self.run_layered(incoming, admitted, own, sink),
            Outside::Ended => {}
        }
    }

    /// Passes a call through its layers as far as they let it. One that ends there is answered.
    #[inline(never)]
    fn pass(
        &self,
        outermost: &Arc<Link>,
        incoming: &mut Incoming<'_>,
        admitted: &mut Admitted,
        sink: &mut dyn Sink,
    ) -> Outside {
        let path = &self.cached[admitted.service].route.path;
        match ask(&self.origin, path, outermost, (incoming, admitted)) {
            Ok(Passing::Passed) => return Outside::Passed,
            // As a rule it is the first, which is found again.
            Ok(Passing::Stopped(link)) => {
                let is_first = Arc::ptr_eq(link, outermost);
                return Outside::Around((!is_first).then(|| Arc::clone(link)));
            }
            Ok(Passing::Refused(error)) => Reply::new(sink, None).error(error),
            Err(panic) => {
                let called = Called::new(&self.origin.peer, path, &admitted.method);
                panicked(&self.dispatch.admission, Some(called), &*panic);
                Reply::new(sink, None).panicked();
            }
        }
        Outside::Ended
    }

    /// Decides whether the request is run, from the cheapest question to the dearest.
    #[inline]
    pub(crate) fn admit(&mut self, incoming: &Incoming<'_>) -> Result<Admitted, Error> {
        let room = self.calls.admit();
        room.map_err(|reason| Error::rejected(Rejection::Overloaded, reason))?;
        let deadline = self.deadline(&incoming.metadata)?;
        let (service, method) = self.find(incoming)?;
        let extensions = self.dispatch.authorizer.check(
            incoming,
            &method,
            &self.origin.peer,
            &self.dispatch.admission,
        )?;
        Ok(Admitted {
            service,
            method,
            deadline,
            extensions,
        })
    }

    #[inline]
    fn run(&mut self, incoming: Incoming<'_>, admitted: Admitted, sink: &mut dyn Sink) {
        let (payload, metadata) = (incoming.payload, incoming.metadata);
        let mut in_place = InPlace::of(&payload);
        let (peer, received) = (&self.origin.peer, payload.payload.as_ptr().addr());
        let request = match open(&self.dispatch, &admitted.method, peer, payload, metadata) {
            Ok(request) => request,
            Err(error) => return refuse(sink, error),
        };
        let weight = Weight::of(received, request.payload());
        let Self {
            dispatch,
            origin,
            calls,
            cached,
            caller,
            ..
        } = self;
        let Admitted {
            service,
            method,
            deadline,
            extensions,
        } = admitted;
        let (admission, cached) = (&*dispatch.admission, &mut cached[service]);
        let called = Called::new(&origin.peer, &cached.route.path, &method);
        let memory = memory_of(&mut cached.memory, method.id());
        let facts = CallFacts {
            origin,
            service: incoming.service,
            method: incoming.method,
            deadline,
            oneway: incoming.oneway,
        };
        let slot = CallSlot::new(memory, &facts, extensions);
        let made = make_handler(&*cached.route.service, request, slot, called, admission);
        let Some(context) = made else {
            return Reply::new(sink, None).panicked();
        };
        let inline = method.options().execution == Execution::Inline;
        if inline && let Some(handler) = memory {
            let polling = in_place.begin(calls, || Some(weight));
            let polled = poll_once(handler.as_mut(), sink, context.as_ref(), called, admission);
            if in_place.end(polling, calls, polled).is_ready() {
                return;
            }
        }
        let (held, weighing) = weight.of_late(incoming.held, inline);
        if let Some(handler) = memory.take() {
            sink.start(LateCall {
                called: CalledLater::new(admission, origin, &cached.route.path, &method),
                handler,
                context,
                deadline,
                terms: Terms::of(method.options(), incoming.oneway),
                weighing,
                in_flight: calls.enter_with(held, in_place.held),
                caller: caller.clone(),
            });
        }
    }

    /// What is compressed is inflated where a handler runs that does not run here.
    #[cold]
    fn run_deferred(&mut self, incoming: Incoming<'_>, admitted: Admitted, sink: &mut dyn Sink) {
        let Self {
            dispatch, origin, ..
        } = self;
        let cached = &mut self.cached[admitted.service];
        let (route, method, deadline) = (&cached.route, admitted.method, admitted.deadline);
        let call = LateCall {
            called: CalledLater::new(&dispatch.admission, origin, &route.path, &method),
            context: None,
            deadline,
            terms: Terms::of(method.options(), incoming.oneway),
            weighing: Weighing::ByHandler,
            in_flight: self.calls.enter(incoming.held),
            caller: self.caller.clone(),
            handler: Box::pin(Deferred::new(
                dispatch,
                origin,
                incoming,
                Decided {
                    route: route.clone(),
                    deadline,
                    extensions: admitted.extensions,
                    memory: memory_of(&mut cached.memory, method.id()).take(),
                    method,
                },
            )),
        };
        sink.start(call);
    }

    /// `own` are layers that were chosen for this call alone.
    #[inline(never)]
    fn run_layered(
        &mut self,
        incoming: Incoming<'_>,
        admitted: Admitted,
        own: Option<Arc<Link>>,
        sink: &mut dyn Sink,
    ) {
        let Self {
            dispatch,
            origin,
            calls,
            cached,
            caller,
            ..
        } = self;
        let method = admitted.method;
        let CachedService { route, layered, .. } = &mut cached[admitted.service];
        let spare = memory_of(layered, method.id());
        let mut in_place = InPlace::of(&incoming.payload);
        let outermost = match (&own, route.around(&method)) {
            (Some(own), _) => own,
            (None, Outermost::OfMethod(outermost)) => outermost,
            // Cannot be: it was found there just now.
            (None, _) => return refuse(sink, Error::service("internal error")),
        };
        let wanted = Wanted {
            service: &route.path,
            method: &method,
            metadata: incoming.metadata,
            deadline: admitted.deadline,
            payload: incoming.payload,
            oneway: incoming.oneway,
            origin,
            extensions: admitted.extensions,
        };
        let service = &route.service;
        let mut layered = Layered::new(spare.take(), dispatch, service, outermost, wanted);
        let admission = &*dispatch.admission;
        let terms = Terms::of(method.options(), incoming.oneway);
        let called = Called::new(&origin.peer, &route.path, &method);
        if terms.execution == Execution::Inline {
            let handler = Pin::new(&mut layered);
            let polling = in_place.begin(calls, || None);
            let polled = poll_once(handler, sink, None, called, admission);
            if in_place.end(polling, calls, polled).is_ready() {
                *spare = layered.into_spare();
                return;
            }
        }
        sink.start(LateCall {
            called: CalledLater::new(admission, origin, &route.path, &method),
            handler: Box::pin(layered),
            context: None,
            deadline: admitted.deadline,
            terms,
            weighing: Weighing::ByHandler,
            in_flight: calls.enter_with(incoming.held, in_place.held),
            caller: caller.clone(),
        });
    }

    /// Counts, and tells, a limit that this peer has reached.
    fn reached(&self, which: fn(&Counters) -> &Counter) {
        let admission = &self.dispatch.admission;
        admission.reached(which(&admission.counters), &self.origin.peer);
    }

    /// When the caller stops waiting, counted from now: the request has just become whole. If the server did
    /// not run before that, it may have waited for as long.
    #[inline]
    fn deadline(&self, metadata: &Metadata) -> Result<Option<Instant>, Error> {
        if metadata.is_empty() {
            return Ok(None);
        }
        match metadata.server_timeout() {
            Some(left) if left.is_zero() => Err(self.expired()),
            None => Ok(None),
            Some(left) => {
                let now = Instant::now();
                let waited = self.dispatch.admission.stalls.waited(self.seen_stalls, now);
                match left.checked_sub(waited) {
                    Some(left) if !left.is_zero() => Ok(Some(now + left)),
                    _ => Err(self.expired()),
                }
            }
        }
    }

    #[cold]
    fn expired(&self) -> Error {
        self.reached(|counters| &counters.expired);
        expired()
    }

    /// The place of the service in `cached`, and the method.
    #[inline]
    fn find(&mut self, incoming: &Incoming<'_>) -> Result<(usize, MethodRef), Error> {
        let (path, name) = (incoming.service, incoming.method);
        for (at, CachedService { route, .. }) in self.cached.iter().enumerate() {
            // A raw handler is looked up each time, because it may have been replaced.
            if route.path.as_bytes() == path
                && route.is_service()
                && let Some(method) = route.service.find(name)
                && method.id() < MOST_METHODS
            {
                return Ok((at, method));
            }
        }
        self.find_uncached(path, name)
    }

    #[cold]
    fn find_uncached(&mut self, path: &[u8], name: &[u8]) -> Result<(usize, MethodRef), Error> {
        let found = self.dispatch.router.find(path, name);
        let unknown = || self.reached(|counters| &counters.unknown_methods);
        let (route, method) = found.inspect_err(|_| unknown())?;
        // A service may find other methods than those it was registered with.
        if method.id() >= MOST_METHODS {
            self.reached(|counters| &counters.panics);
            return Err(Error::refuse(Rejection::Other, "internal error"));
        }
        Ok((self.cache(route), method))
    }

    fn cache(&mut self, mut route: Route) -> usize {
        if let Some(own) = route.service.for_connection() {
            route.service = own;
        }
        let known = self
            .cached
            .iter()
            .position(|cached| cached.route.is_like(&route));
        if let Some(at) = known {
            self.cached[at].route = route;
            return at;
        }
        // At most as many as are registered, so the list stays short. Most connections have one, and a list
        // would grow by room for four.
        self.cached.reserve_exact(1);
        self.cached.push(CachedService {
            route,
            memory: Vec::new(),
            layered: Vec::new(),
        });
        self.cached.len() - 1
    }
}

#[cfg(feature = "http")]
impl Dispatcher {
    /// The caller of the next request, which has one of its own that may go while others stay: that of the last one,
    /// unless it has gone or something still looks at it.
    pub(crate) fn next_caller(&mut self) -> Arc<Cancel> {
        let last = &self.origin.gone;
        // Here it is twice.
        let is_free = self.caller.is_some() && Arc::strong_count(last) == 2 && !last.is_set();
        if !is_free {
            let next = Arc::new(Cancel::default());
            self.origin.gone = Arc::clone(&next);
            self.caller = Some(next);
        }
        Arc::clone(&self.origin.gone)
    }
}

#[cold]
fn refuse(sink: &mut dyn ReplySink, error: Error) {
    Reply::new(sink, None).refuse(error);
}
