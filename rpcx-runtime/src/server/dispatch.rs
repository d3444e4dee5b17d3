//! One request, start to end.
//!
//! Every refusal is decided from header, names and metadata, before the payload is inflated.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::time::Instant;

use super::{Lane, Shared};
use crate::error::{Error, Rejection};
use crate::protocol::{
    Compression, Decoded, Decoder, Frame, FrameEncoder, Header, Refusal, inflate,
};
use crate::service::{CallSlot, MethodInfo, Parked, Reply, ReplyHead, Request, Service, count};

/// Why dispatching stopped before the buffer was empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// As many calls are in flight as may be.
    Full,
    /// The connection cannot go on.
    Close,
}

/// The dispatch of one connection.
pub(super) struct Dispatcher {
    shared: Arc<Shared>,
    lane: Arc<Lane>,
    /// The replies that are written together.
    replies: Vec<u8>,
    /// The services this connection has called, the last one first.
    known: Vec<Known>,
    heartbeats: Bucket,
    /// Whether the peer can be asked to go elsewhere.
    pub(super) knows_goaway: bool,
}

/// A service this connection has called before: no look-up, and memory for its handlers.
struct Known {
    path: Bytes,
    service: Arc<dyn Service>,
    parked: Vec<Parked>,
}

/// A request that is going to be run.
struct Admitted {
    /// Where the service stands in `known`.
    service: usize,
    method: &'static MethodInfo,
    deadline: Option<Instant>,
    inflated: Option<Bytes>,
}

impl Dispatcher {
    pub(super) fn new(shared: Arc<Shared>, lane: Arc<Lane>) -> Self {
        let heartbeats = Bucket::new(shared.load.limits.heartbeat_rate);
        Self {
            shared,
            lane,
            replies: Vec::new(),
            known: Vec::new(),
            heartbeats,
            knows_goaway: false,
        }
    }

    /// Takes every whole frame off the buffer.
    pub(super) fn dispatch_all(
        &mut self,
        decoder: &mut Decoder,
        buffer: &mut BytesMut,
    ) -> Result<(), End> {
        loop {
            if !self.lane.has_room() {
                return Err(End::Full);
            }
            match decoder.decode(buffer) {
                Ok(Decoded::Incomplete) => return Ok(()),
                Ok(Decoded::Frame(frame)) => self.dispatch(frame)?,
                Ok(Decoded::Refused(header, refusal)) => self.refuse(header, &refusal),
                Err(_) => {
                    count(&self.shared.load.counters.malformed_frames);
                    return Err(End::Close);
                }
            }
        }
    }

    /// Writes the replies so far.
    pub(super) fn flush(&mut self) -> ControlFlow<()> {
        if self.replies.is_empty() {
            return ControlFlow::Continue(());
        }
        match self.lane.outbox.write(&mut self.replies) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }

    fn dispatch(&mut self, frame: Frame) -> Result<(), End> {
        if frame.header.is_heartbeat() {
            return self.echo(&frame);
        }
        if frame.header.is_response() {
            count(&self.shared.load.counters.malformed_frames);
            return Err(End::Close);
        }
        if !self.knows_goaway && frame.has_metadata() {
            self.knows_goaway = frame.metadata().announces_goaway();
        }
        match self.admit(&frame) {
            Ok(admitted) => self.call(frame, admitted),
            Err(error) => {
                let head = ReplyHead::of(&frame);
                Reply::new(&mut self.replies, &head, None).error(error);
            }
        }
        Ok(())
    }

    /// Decides whether the request is run, from the cheapest question to the dearest.
    fn admit(&mut self, frame: &Frame) -> Result<Admitted, Error> {
        let room = self.shared.load.admit();
        room.map_err(|reason| Error::rejected(Rejection::Overloaded, reason))?;
        let deadline = self.deadline(frame)?;
        let service = self.service(frame)?;
        let method = self.method(service, frame)?;
        let counters = &self.shared.load.counters;
        let authorizer = &self.shared.authorizer;
        authorizer.check(frame, method, &self.lane.peer, counters)?;
        let inflated = self.inflate(frame)?;
        Ok(Admitted {
            service,
            method,
            deadline,
            inflated,
        })
    }

    fn call(&mut self, frame: Frame, admitted: Admitted) {
        let method = admitted.method;
        let Known {
            service, parked, ..
        } = &mut self.known[admitted.service];
        let id = method.id as usize;
        if parked.len() <= id {
            parked.resize_with(id + 1, || None);
        }
        let mut slot = CallSlot {
            method,
            head: ReplyHead::of(&frame),
            deadline: admitted.deadline,
            bytes: frame.as_bytes().len(),
            lane: &self.lane,
            out: &mut self.replies,
            parked: &mut parked[id],
            context: None,
            answered: false,
        };
        slot.dispatch(&**service, Request::new(frame, admitted.inflated));
    }

    /// When the caller stops waiting, counted from now: the frame has just become whole.
    fn deadline(&self, frame: &Frame) -> Result<Option<Instant>, Error> {
        if !frame.has_metadata() {
            return Ok(None);
        }
        match frame.metadata().server_timeout() {
            Some(left) if left.is_zero() => {
                count(&self.shared.load.counters.expired);
                let message = "the deadline passed before the method was started";
                Err(Error::rejected(Rejection::Expired, message))
            }
            left => Ok(left.map(|left| Instant::now() + left)),
        }
    }

    fn service(&mut self, frame: &Frame) -> Result<usize, Error> {
        let path = frame.path();
        if let Some(at) = self.known.iter().position(|known| known.path == path) {
            return Ok(at);
        }
        let Some(service) = self.shared.router.get(path) else {
            count(&self.shared.load.counters.unknown_methods);
            let message = format!("rpcx: can't find service {}", lossy(path));
            return Err(Error::rejected(Rejection::UnknownMethod, message));
        };
        let service = Arc::clone(service);
        // At most as many as are registered, so the list stays short.
        self.known.push(Known {
            path: Bytes::copy_from_slice(path),
            service,
            parked: Vec::new(),
        });
        Ok(self.known.len() - 1)
    }

    fn method(&self, at: usize, frame: &Frame) -> Result<&'static MethodInfo, Error> {
        self.known[at].service.find(frame.method()).ok_or_else(|| {
            count(&self.shared.load.counters.unknown_methods);
            let message = format!("rpcx: can't find method {}", lossy(frame.method()));
            Error::rejected(Rejection::UnknownMethod, message)
        })
    }

    fn inflate(&self, frame: &Frame) -> Result<Option<Bytes>, Error> {
        let kind = frame.header.compress();
        if kind == Compression::NONE {
            return Ok(None);
        }
        let limit = self.shared.load.limits.inflated;
        inflate(kind, frame.payload(), limit)
            .map(|bytes| Some(bytes.into()))
            .map_err(|error| {
                count(&self.shared.load.counters.inflate_failures);
                Error::rejected(Rejection::Undecodable, error.to_string())
            })
    }

    /// Answers a frame over a limit. Its names are not repeated: they may be what was too long.
    fn refuse(&mut self, header: Header, refusal: &Refusal) {
        count(&self.shared.load.counters.oversized_requests);
        let error = Error::rejected(Rejection::Undecodable, refusal.to_string());
        Reply::new(&mut self.replies, &ReplyHead::nameless(header), None).error(error);
    }

    /// A heartbeat comes back as it was, with the response bit. (Source: Go rpcx,
    /// server_conn.go; it echoes whatever codec and names the frame has.)
    fn echo(&mut self, frame: &Frame) -> Result<(), End> {
        let limits = &self.shared.load.limits;
        if frame.payload().len() > limits.heartbeat_bytes || !self.heartbeats.take() {
            count(&self.shared.load.counters.heartbeat_floods);
            return Err(End::Close);
        }
        FrameEncoder::echo(&mut self.replies, frame);
        Ok(())
    }
}

fn lossy(name: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(name)
}

/// So many a second, and ten times as many at once.
struct Bucket {
    rate: f64,
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    fn new(rate: u32) -> Self {
        let rate = f64::from(rate);
        Self {
            rate,
            tokens: rate * 10.0,
            filled: Instant::now(),
        }
    }

    fn take(&mut self) -> bool {
        let now = Instant::now();
        let earned = now.saturating_duration_since(self.filled).as_secs_f64() * self.rate;
        self.tokens = (self.tokens + earned).min(self.rate * 10.0);
        self.filled = now;
        let taken = self.tokens >= 1.0;
        if taken {
            self.tokens -= 1.0;
        }
        taken
    }
}
