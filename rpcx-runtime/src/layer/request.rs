//! A call as a layer sees it.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::task::{self, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::kept::{Memory, polled_after_end};
use super::{Came, Head, Link, Response};
use crate::context::{Extensions, Identity, Origin, Peer};
use crate::descriptor::MethodRef;
use crate::protocol::{Codec, Compression, Metadata};

/// A call on its way: to its handler on a server, to the network on a client.
// Boxed: it moves through the futures of all layers, and the box is used again by the next call.
pub struct Request {
    pub(crate) parts: Box<Exchange>,
}

/// A request and what comes after the last layer, which are one piece of memory.
pub(crate) struct Exchange {
    pub(crate) parts: Parts,
    /// The handler, or the network: none where it is in other hands.
    pub(crate) behind: Option<Box<dyn Behind>>,
}

impl Deref for Exchange {
    type Target = Parts;

    #[inline]
    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl DerefMut for Exchange {
    #[inline]
    fn deref_mut(&mut self) -> &mut Parts {
        &mut self.parts
    }
}

/// What a [`Request`] is made of.
pub(crate) struct Parts {
    pub(crate) service: Arc<str>,
    pub(crate) method: MethodRef,
    pub(crate) metadata: Metadata,
    pub(crate) deadline: Option<Instant>,
    pub(crate) codec: Codec,
    pub(crate) compression: Compression,
    pub(crate) payload: Payload,
    pub(crate) oneway: bool,
    /// On a server.
    pub(crate) origin: Option<Origin>,
    pub(crate) extensions: Extensions,
    /// What comes after the last layer has begun.
    pub(crate) begun: bool,
    /// Where the answer is put.
    pub(crate) came: Option<Box<Came>>,
    /// For the futures of the layers that are yet to be called: the outermost one's is the last.
    pub(crate) memories: Vec<Memory>,
    /// The layers that it has passed, for the next call through them.
    pub(crate) outermost: Option<Arc<Link>>,
}

impl Parts {
    /// Where the answer is put.
    pub(crate) fn came(&mut self) -> &mut Came {
        self.came.get_or_insert_default()
    }
}

/// What comes after the last layer: the handler, or the network. It goes along with its request, so that nothing
/// has to be shared with the layers, and its memory is used again with that of the request.
pub(crate) trait Behind: Send {
    /// Begins with the request, or goes on; in the end the answer is in [`Parts::came`].
    fn poll(&mut self, parts: &mut Parts, cx: &mut task::Context<'_>) -> Poll<()>;

    /// The same call once more, which only a client can make.
    fn again(&self) -> Option<Box<dyn Behind>> {
        None
    }

    /// The call is done: its memory, and that of its request, is for the next one. On a server the dispatch keeps both.
    fn keep(self: Box<Self>, parts: Box<Exchange>);
}

/// An encoded payload: a part of what was received, or made here.
#[derive(Debug)]
pub(crate) enum Payload {
    Received(Bytes),
    Made(Vec<u8>),
}

impl Payload {
    /// The payload, and nothing in its place.
    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::Made(Vec::new()))
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Received(bytes) => bytes,
            Self::Made(bytes) => bytes,
        }
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        match self {
            Self::Received(bytes) => bytes,
            Self::Made(bytes) => bytes.into(),
        }
    }
}

impl Request {
    pub(crate) fn new(parts: Box<Exchange>) -> Self {
        Self { parts }
    }

    /// Memory for the future of the layer that is called now, if an earlier call has left some.
    #[inline]
    pub(crate) fn take_memory(&mut self) -> Option<Memory> {
        self.parts.memories.pop()
    }

    /// As layers see it that are not around it.
    pub(super) fn head(&mut self) -> Head<'_> {
        let parts = &mut self.parts.parts;
        Head {
            service: &parts.service,
            method: &parts.method,
            metadata: &mut parts.metadata,
            deadline: parts.deadline,
            codec: parts.codec,
            compression: parts.compression,
            payload: parts.payload.as_slice(),
            oneway: parts.oneway,
            origin: parts.origin.as_ref(),
            extensions: &mut parts.extensions,
        }
    }

    /// Runs what comes after the last layer.
    #[inline]
    pub(super) fn poll_rest(&mut self, cx: &mut task::Context<'_>) -> Poll<()> {
        let Exchange { parts, behind } = &mut *self.parts;
        match behind {
            Some(behind) => behind.poll(parts, cx),
            None => {
                parts.came().result = Err(polled_after_end());
                Poll::Ready(())
            }
        }
    }

    /// What came of it.
    #[inline]
    pub(super) fn into_response(mut self) -> Response {
        let came = self.parts.came.take().unwrap_or_default();
        Response::to(self.parts, came)
    }

    /// The service path: `Arith`.
    pub fn service(&self) -> &str {
        &self.parts.service
    }

    /// The method and its description.
    pub fn method(&self) -> &MethodRef {
        &self.parts.method
    }

    /// Service and method as logs and metrics write them: `Arith/Mul`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.service(), self.parts.method.name())
    }

    /// The other end of the connection that the request came in by; `None` on a client.
    pub fn peer(&self) -> Option<&Peer> {
        self.parts.origin.as_ref().map(|origin| &*origin.peer)
    }

    /// Who the peer has proved to be by a certificate; `None` on a client.
    pub fn identity(&self) -> Option<&Identity> {
        self.peer()?.identity.as_deref()
    }

    /// What travels beside the arguments.
    pub fn metadata(&self) -> &Metadata {
        &self.parts.metadata
    }

    /// The same, to be changed: the handler sees it, or the server.
    pub fn metadata_mut(&mut self) -> &mut Metadata {
        &mut self.parts.metadata
    }

    /// When the caller stops waiting.
    pub fn deadline(&self) -> Option<Instant> {
        self.parts.deadline
    }

    /// How long the caller still waits: zero once it has stopped.
    pub fn remaining(&self) -> Option<Duration> {
        let deadline = self.parts.deadline?;
        Some(deadline.saturating_duration_since(Instant::now()))
    }

    /// Whether the reply would go nowhere: the deadline has passed, or the connection is gone.
    pub fn is_cancelled(&self) -> bool {
        let gone = self
            .parts
            .origin
            .as_ref()
            .is_some_and(|origin| origin.gone.is_set());
        gone || self.remaining().is_some_and(|left| left.is_zero())
    }

    /// How the arguments are encoded.
    pub fn codec(&self) -> Codec {
        self.parts.codec
    }

    /// How the payload is compressed at this point.
    pub fn compression(&self) -> Compression {
        self.parts.compression
    }

    /// The encoded arguments, still compressed on a server whose peer has compressed them, and not yet
    /// on a client.
    pub fn payload(&self) -> &[u8] {
        self.parts.payload.as_slice()
    }

    /// Whether no reply is awaited.
    pub fn is_oneway(&self) -> bool {
        self.parts.oneway
    }

    /// Attaches a value for the layers inside of this one and, on a server, for the handler, which
    /// reads it with [`Context::get`](crate::Context::get). It takes the place of one of its type.
    pub fn insert<T: Clone + Send + Sync + 'static>(&mut self, value: T) {
        self.parts.extensions.insert(value);
    }

    /// The value of this type that was attached.
    pub fn get<T: 'static>(&self) -> Option<&T> {
        self.parts.extensions.get()
    }

    /// The same request once more, for a layer that runs the rest again; `None` on a server, where a
    /// request is run once. Attached values stay with the first.
    ///
    /// Repeating what may have run is only safe for methods that are
    /// [idempotent](crate::service::MethodOptions::idempotent): see [`Response::is_retryable`].
    ///
    /// [`Response::is_retryable`]: super::Response::is_retryable
    pub fn again(&self) -> Option<Self> {
        let parts = &self.parts;
        let behind = parts.behind.as_ref()?.again()?;
        let parts = Parts {
            service: Arc::clone(&parts.service),
            method: parts.method.clone(),
            metadata: parts.metadata.clone(),
            deadline: parts.deadline,
            codec: parts.codec,
            compression: parts.compression,
            payload: Payload::Made(parts.payload.as_slice().to_vec()),
            oneway: parts.oneway,
            origin: None,
            extensions: Extensions::default(),
            begun: false,
            came: None,
            memories: Vec::new(),
            outermost: None,
        };
        let behind = Some(behind);
        Some(Self::new(Box::new(Exchange { parts, behind })))
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("service", &self.service())
            .field("method", &self.parts.method.name())
            .field("metadata", &self.parts.metadata)
            .field("payload_bytes", &self.payload().len())
            .finish_non_exhaustive()
    }
}
