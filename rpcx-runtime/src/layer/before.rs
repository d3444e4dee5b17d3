//! What a layer may say of a call before anything is made for it.

use std::fmt;
use std::future::ready;

use tokio::time::Instant;

use super::{Layer, LayerFuture, Next, Request};
use crate::context::{Extensions, Identity, Origin, Peer};
use crate::descriptor::MethodRef;
use crate::error::{Error, Result};
use crate::protocol::{Codec, Compression, Metadata};

/// A call as a layer sees it before it is around it: what [`Request`] says, without its memory.
pub struct Head<'a> {
    pub(crate) service: &'a str,
    pub(crate) method: &'a MethodRef,
    pub(crate) metadata: &'a mut Metadata,
    pub(crate) deadline: Option<Instant>,
    pub(crate) codec: Codec,
    pub(crate) compression: Compression,
    pub(crate) payload: &'a [u8],
    pub(crate) oneway: bool,
    /// On a server.
    pub(crate) origin: Option<&'a Origin>,
    pub(crate) extensions: &'a mut Extensions,
}

/// What becomes of a call as far as one layer is concerned: see [`Layer::before`].
#[derive(Debug)]
#[allow(clippy::exhaustive_enums, reason = "there is no fourth way")]
pub enum Before {
    /// The layer is around the call.
    Around,
    /// The layer has done what it had to do, and does not see what comes of the call. That costs next to nothing: neither a
    /// request nor a future is made for it.
    Pass,
    /// The call ends with this error, and nothing inside of the layer is run: see [`Error::refuse`].
    Refuse(Error),
}

impl Head<'_> {
    /// The service path: `Arith`.
    pub fn service(&self) -> &str {
        self.service
    }

    /// The method and its description.
    pub fn method(&self) -> &MethodRef {
        self.method
    }

    /// The other end of the connection that the request came in by; `None` on a client.
    pub fn peer(&self) -> Option<&Peer> {
        self.origin.map(|origin| &*origin.peer)
    }

    /// Who the peer has proved to be by a certificate; `None` on a client.
    pub fn identity(&self) -> Option<&Identity> {
        self.peer()?.identity.as_deref()
    }

    /// What travels beside the arguments.
    pub fn metadata(&self) -> &Metadata {
        self.metadata
    }

    /// The same, to be changed: the handler sees it, or the server.
    pub fn metadata_mut(&mut self) -> &mut Metadata {
        self.metadata
    }

    /// When the caller stops waiting.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// How the arguments are encoded.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// How the payload is compressed at this point.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// The encoded arguments, as [`Request::payload`] has them.
    pub fn payload(&self) -> &[u8] {
        self.payload
    }

    /// Whether no reply is awaited.
    pub fn is_oneway(&self) -> bool {
        self.oneway
    }

    /// Attaches a value for the layers inside of this one and, on a server, for the handler, as [`Request::insert`] does.
    pub fn insert<T: Clone + Send + Sync + 'static>(&mut self, value: T) {
        self.extensions.insert(value);
    }

    /// The value of this type that was attached.
    pub fn get<T: 'static>(&self) -> Option<&T> {
        self.extensions.get()
    }
}

impl fmt::Debug for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("service", &self.service)
            .field("method", &self.method.name())
            .field("metadata", &self.metadata)
            .field("payload_bytes", &self.payload.len())
            .finish_non_exhaustive()
    }
}

/// A [`Layer`] that is done before a call is made: made by [`before`].
#[derive(Clone, Debug)]
pub struct OnlyBefore<F>(F);

/// A layer that decides about a call and is done: it looks at it, changes what travels with it, or refuses it by an error. It does
/// not wait, and does not see what comes of the call, so that a call costs hardly more than without it.
///
/// ```
/// use rpcx::layer::{Head, before};
/// use rpcx::{Error, Rejection};
///
/// let tenants = before(|head: &mut Head| match head.metadata().get("tenant") {
///     Some(_) => Ok(()),
///     None => Err(Error::refuse(Rejection::Denied, "which tenant?")),
/// });
/// let server = rpcx::Server::builder().layer(tenants);
/// ```
pub fn before<F>(decide: F) -> OnlyBefore<F>
where
    F: Fn(&mut Head<'_>) -> Result<()> + Send + Sync + 'static,
{
    OnlyBefore(decide)
}

impl<F> Layer for OnlyBefore<F>
where
    F: Fn(&mut Head<'_>) -> Result<()> + Send + Sync + 'static,
{
    fn call(&self, mut request: Request, next: Next) -> LayerFuture {
        match (self.0)(&mut request.head()) {
            Ok(()) => Box::pin(next.run(request)),
            Err(error) => Box::pin(ready(error.into())),
        }
    }

    #[inline]
    fn before(&self, head: &mut Head<'_>) -> Before {
        match (self.0)(head) {
            Ok(()) => Before::Pass,
            Err(error) => Before::Refuse(error),
        }
    }
}
