//! The frames of one connection: requests to the dispatch, heartbeats and refusals answered here.

use std::error::Error as StdError;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use bytes::BytesMut;

use super::Shared;
use super::replies::{FrameSink, refuse};
use crate::connection::Outbox;
use crate::context::Origin;
use crate::dispatch::{
    Admitted, Compressed, ConnectionCalls, Counter, Counters, Dispatcher, Incoming, NO_MEMORY,
    count,
};
use crate::error::{Error, Rejection};
use crate::event::Event;
use crate::pace::{TokenBucket, Turn};
use crate::protocol::{Decoded, Decoder, Frame, FrameEncoder, Header, Refusal};

/// Heartbeats that may come at once, in seconds of their rate.
const HEARTBEAT_BURST: f64 = 10.0;

/// Calls that wait on a connection before small requests get memory of their own: a request of a few bytes
/// would otherwise hold the buffer of the whole read, and many of them many buffers.
const SHARING: usize = 16;

/// What a request holds beside its own bytes where others share its buffer: the part of the buffer that
/// counts for it.
const SMALL_BUFFER: usize = 4 << 10;

/// Requests from this size on are not copied for that.
const COPIED: usize = 16 << 10;

/// Replies that are made before they are written and others have their turn, in bytes.
const REPLIES: usize = 256 << 10;

/// How far dispatching came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// No whole frame is left.
    Done,
    /// There may be more, and it is the turn of other connections.
    TurnOver,
}

/// The frames that one connection receives, and their replies.
pub(super) struct Frames {
    shared: Arc<Shared>,
    outbox: Arc<Outbox>,
    dispatcher: Dispatcher,
    /// The replies that are written together.
    replies: Vec<u8>,
    heartbeats: TokenBucket,
    /// What was decided about a large request whose payload has yet to come.
    ahead: Option<Admitted>,
    /// Whether the peer can be asked to go elsewhere.
    pub(super) knows_goaway: bool,
}

impl Frames {
    pub(super) fn new(
        shared: Arc<Shared>,
        outbox: Arc<Outbox>,
        origin: Origin,
        calls: Arc<ConnectionCalls>,
    ) -> Self {
        let rate = f64::from(shared.limits().heartbeat_rate);
        Self {
            heartbeats: TokenBucket::full(rate, rate * HEARTBEAT_BURST),
            dispatcher: Dispatcher::new(Arc::clone(&shared.dispatch), origin, calls),
            shared,
            outbox,
            replies: Vec::new(),
            ahead: None,
            knows_goaway: false,
        }
    }

    /// Takes whole frames off the buffer: all of them, or as many as `turn` and the replies allow. An
    /// error is why the connection cannot go on.
    pub(super) fn take_some(
        &mut self,
        decoder: &mut Decoder,
        buffer: &mut BytesMut,
        turn: &mut Turn,
    ) -> io::Result<Progress> {
        loop {
            match decoder.decode(buffer) {
                Ok(Decoded::Incomplete) => return Ok(Progress::Done),
                Ok(Decoded::Frame(mut frame)) => {
                    let mut held = SMALL_BUFFER;
                    if self.dispatcher.in_flight() > SHARING {
                        held = self.detach(&mut frame);
                    }
                    self.take(&frame, held)?;
                }
                Ok(Decoded::Refused(header, refusal)) => self.refuse(header, &refusal),
                Err(error) => return Err(self.malformed(error)),
            }
            let over = self.replies.len() >= REPLIES || self.dispatcher.has_started_enough();
            if over || turn.is_over() {
                return Ok(Progress::TurnOver);
            }
            if buffer.is_empty() {
                return Ok(Progress::Done);
            }
        }
    }

    /// One of many requests that may have to wait. Says what it holds beside its own bytes.
    #[cold]
    fn detach(&self, frame: &mut Frame) -> usize {
        if frame.as_bytes().len() < COPIED {
            frame.detach();
        }
        0
    }

    /// Everything that the peer has sent was read.
    #[inline]
    pub(super) fn caught_up(&mut self) {
        self.dispatcher.caught_up();
    }

    /// Decides about a large request from what stands in front of its payload, once that is there. Says
    /// whether it is refused, so that the rest need not be kept.
    #[cold]
    pub(super) fn look_ahead(&mut self, decoder: &Decoder, buffer: &[u8]) -> bool {
        if self.ahead.is_some() {
            return false;
        }
        let head = match decoder.head(buffer) {
            Some(Ok(head)) if !head.header.is_heartbeat() && !head.header.is_response() => head,
            _ => return false,
        };
        match self.dispatcher.admit_ahead(&incoming(&head, 0)) {
            Ok(admitted) => {
                self.ahead = Some(admitted);
                false
            }
            Err(error) => {
                refuse(&mut self.replies, head.header, &error);
                true
            }
        }
    }

    /// Refuses a frame of which the rest has not arrived: there is no memory for it.
    pub(super) fn refuse_arriving(&mut self, header: Header) {
        self.ahead = None;
        self.reached(|counters| &counters.overloaded_memory);
        let error = Error::rejected(Rejection::Overloaded, NO_MEMORY);
        refuse(&mut self.replies, header, &error);
    }

    /// Refuses a frame of which the rest came too slowly. The connection ends.
    pub(super) fn refuse_slow(&mut self, header: Header) {
        let text = "the request came too slowly, and the connection was closed";
        refuse(
            &mut self.replies,
            header,
            &Error::rejected(Rejection::Undecodable, text),
        );
    }

    /// Counts, and tells, a limit that the peer has reached.
    pub(super) fn reached(&self, which: fn(&Counters) -> &Counter) {
        let counter = which(self.shared.counters());
        self.shared.reached(counter, self.dispatcher.peer());
    }

    /// The connection ends: nothing after these bytes can be understood.
    #[cold]
    fn malformed(&self, why: impl Into<Box<dyn StdError + Send + Sync>>) -> io::Error {
        count(&self.shared.counters().malformed_frames);
        let error = io::Error::new(io::ErrorKind::InvalidData, why);
        self.shared.events().emit(|tell| {
            tell(&Event::MalformedFrame {
                peer: &self.dispatcher.peer().to_string(),
                error: &error,
            });
        });
        error
    }

    /// Writes the replies so far.
    pub(super) fn flush(&mut self) -> ControlFlow<()> {
        self.dispatcher.count();
        if self.replies.is_empty() {
            return ControlFlow::Continue(());
        }
        match self.outbox.write(&mut self.replies) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }

    #[inline]
    fn take(&mut self, frame: &Frame, beside: usize) -> io::Result<()> {
        if frame.header.is_heartbeat() {
            return self.echo(frame);
        }
        if frame.header.is_response() {
            return Err(self.malformed("it is the reply to a call, and nothing was called"));
        }
        let incoming = incoming(frame, beside);
        let metadata = &incoming.metadata;
        if !self.knows_goaway && !metadata.is_empty() {
            self.knows_goaway = metadata.announces_goaway();
        }
        let mut sink = FrameSink::new(&mut self.replies, frame, &self.shared, &self.outbox);
        if self.ahead.is_none() {
            self.dispatcher.dispatch(incoming, &mut sink);
        } else if let Some(admitted) = self.ahead.take() {
            self.dispatcher.serve(incoming, admitted, &mut sink);
        }
        Ok(())
    }

    /// Answers a frame over a limit. Its names are not repeated: they may be what was too long.
    fn refuse(&mut self, header: Header, refusal: &Refusal) {
        self.reached(|counters| &counters.oversized_requests);
        let error = Error::rejected(Rejection::Undecodable, refusal.to_string());
        refuse(&mut self.replies, header, &error);
    }

    /// A heartbeat comes back as it was, with the response bit. (Source: Go rpcx,
    /// server_conn.go; it echoes whatever codec and names the frame has.)
    fn echo(&mut self, frame: &Frame) -> io::Result<()> {
        let limits = self.shared.limits();
        if frame.payload().len() > limits.heartbeat_bytes || !self.heartbeats.take() {
            self.reached(|counters| &counters.heartbeat_floods);
            let text = "it sent too many or too large heartbeats";
            let error = Error::rejected(
                Rejection::Overloaded,
                format!("the connection is closed: {text}"),
            );
            refuse(&mut self.replies, frame.header, &error);
            return Err(io::Error::other(text));
        }
        FrameEncoder::echo(&mut self.replies, frame);
        Ok(())
    }
}

/// The request in a frame, which holds `beside` bytes beside its own.
#[inline]
fn incoming(frame: &Frame, beside: usize) -> Incoming<'_> {
    Incoming {
        service: frame.path(),
        method: frame.method(),
        metadata: frame.metadata(),
        payload: Compressed {
            codec: frame.header.codec(),
            compression: frame.header.compress(),
            payload: frame.payload_bytes(),
        },
        oneway: frame.header.is_oneway(),
        held: frame.as_bytes().len() + beside,
    }
}
