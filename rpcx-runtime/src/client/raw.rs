//! Calls by name, with payloads that are encoded already.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::call::Call;
use super::deadline::TimeLimit;
use super::layered::{CallLayers, Outermost};
use super::message::{Message, Payload};
use super::outgoing::{Credential, Outgoing};
use super::response::inflate_reply;
use super::stub::Route;
use super::{Channel, Response};
use crate::codec::Formats;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::protocol::{Codec, Compression, Metadata};
use crate::service::{MethodOptions, MethodRef};

/// A method that is called by its name, with bytes: for proxies, command lines and tests, which know no
/// types. Made by [`Channel::raw`]; can be called any number of times.
///
/// ```no_run
/// # async fn f(channel: rpcx::Channel) -> rpcx::Result<()> {
/// use rpcx::protocol::Codec;
///
/// let mul = channel.raw("Arith", "Mul").codec(Codec::JSON);
/// let reply = mul.call(r#"{"A":10,"B":20}"#).await?;
/// assert_eq!(reply.codec, Codec::JSON);
/// println!("{}", String::from_utf8_lossy(&reply.payload));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a method is called with `call`"]
pub struct RawMethod {
    route: Arc<Route>,
    method: MethodRef,
    codec: Codec,
    compression: Compression,
    metadata: Metadata,
    attempts: u32,
    bulk: bool,
    limit: TimeLimit,
}

/// A reply as it came: neither decoded nor inflated.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RawReply {
    /// The encoded reply, compressed as [`compression`](Self::compression) says. Empty for a one-way
    /// method.
    pub payload: Bytes,
    /// How the payload is encoded: the server's choice. [`Codec::RAW`] for a one-way method.
    pub codec: Codec,
    /// How the payload is compressed.
    pub compression: Compression,
    /// What came with the reply.
    pub metadata: Metadata,
    formats: Formats,
}

impl Channel {
    /// The method `method` of the service path `service`, to be called with encoded payloads. The layers
    /// of the channel are around its calls.
    pub fn raw(&self, service: impl Into<Arc<str>>, method: impl Into<Box<str>>) -> RawMethod {
        let options = self.options();
        RawMethod {
            route: Route::new(self.clone(), service),
            method: MethodRef::owned(0, method, raw_options(MethodOptions::new())),
            codec: options.codec.unwrap_or(Codec::MSGPACK),
            compression: Compression::NONE,
            metadata: options.metadata.clone(),
            attempts: options.retry.most_attempts(),
            bulk: false,
            limit: TimeLimit::new(options.timeout),
        }
    }
}

fn raw_options(mut options: MethodOptions) -> MethodOptions {
    options.raw = true;
    options
}

impl RawMethod {
    fn with_options(mut self, set: impl FnOnce(&mut MethodOptions)) -> Self {
        let mut options = *self.method.options();
        set(&mut options);
        self.method = MethodRef::owned(0, self.method.name(), options);
        self
    }

    /// How the payloads are encoded. Default: the codec of the channel, or else [`Codec::MSGPACK`].
    pub fn codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// How the payloads are compressed already. Default: not at all. A server compresses its reply only if
    /// the request was.
    pub fn compressed(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Sends `value` under `key`, in place of what the channel sends under it.
    pub fn metadata(mut self, key: impl AsRef<str>, value: impl AsRef<[u8]>) -> Self {
        self.metadata.insert(key, value);
        self
    }

    /// Sends these pairs, in place of what the channel sends under their keys.
    pub fn all_metadata(mut self, metadata: &Metadata) -> Self {
        self.metadata.merge(metadata);
        self
    }

    /// The token that the caller presents, in place of that of the channel.
    pub fn auth(mut self, token: impl AsRef<str>) -> Self {
        self.metadata.set_auth(token);
        self
    }

    /// How long a call may take; the server is told. Default: that of the channel.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limit.set(timeout);
        self
    }

    /// Lets calls wait for as long as the connection lives.
    pub fn no_timeout(mut self) -> Self {
        self.limit.remove();
        self
    }

    /// Ends calls no later than the one that is served with `context`, as
    /// [`Call::parent`](super::Call::parent).
    pub fn parent(mut self, context: &Context) -> Self {
        self.limit.belong_to(context);
        self
    }

    /// Says that running the method twice is the same as running it once.
    pub fn idempotent(self) -> Self {
        self.with_options(|options| options.idempotent = true)
    }

    /// Says that the method is not answered: a call ends when its frame is being written.
    pub fn oneway(self) -> Self {
        self.with_options(|options| options.oneway = true)
    }

    /// How often a call is tried at most, as [`Call::attempts`](super::Call::attempts).
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// Says that the calls are large, as [`Call::bulk`](super::Call::bulk).
    pub fn bulk(mut self) -> Self {
        self.bulk = true;
        self
    }

    /// Calls the method. The payload is sent as it is; one of 32 KiB and more is not copied.
    ///
    /// # Errors
    ///
    /// Those of every call, see [`ErrorKind`](crate::ErrorKind).
    pub fn call(&self, payload: impl Into<Bytes>) -> Call<Result<RawReply>> {
        let call = Outgoing {
            message: Message {
                route: Arc::clone(&self.route),
                method: self.method.clone(),
                codec: self.codec,
                compress: self.compression,
                metadata: self.metadata.clone(),
                payload: Payload::Shared(payload.into()),
            },
            idempotent: self.method.options().idempotent,
            bulk: self.bulk,
            unasked: false,
            attempts: self.attempts,
            limit: self.limit,
            key: None,
            credential: Credential::default(),
            deadline: None,
            told: None,
        };
        Call::new(call, self.around(), to_reply)
    }

    fn around(&self) -> Option<Outermost> {
        let layers = &self.route.channel.options().layers;
        layers.outermost(&CallLayers::new(), &self.route.service, &self.method)
    }
}

fn to_reply(_: &MethodRef, outcome: Result<Response, Error>) -> Result<RawReply> {
    let response = outcome?;
    Ok(RawReply {
        codec: response.codec(),
        compression: response.compression(),
        metadata: response.metadata(),
        formats: response.formats().clone(),
        payload: response.into_payload().into_bytes(),
    })
}

impl RawReply {
    /// The encoded reply, inflated to at most `limit` bytes if it is compressed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unknown`](crate::ErrorKind::Unknown) if it cannot be inflated, or only to more bytes.
    pub fn inflated(&self, limit: usize) -> Result<Bytes> {
        match self.compression {
            Compression::NONE => Ok(self.payload.clone()),
            kind => inflate_reply(&self.formats, kind, &self.payload, limit),
        }
    }
}

impl fmt::Debug for RawMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawMethod")
            .field("service", &self.route.service)
            .field("method", &self.method.name())
            .field("codec", &self.codec)
            .finish_non_exhaustive()
    }
}
