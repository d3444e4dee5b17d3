//! The payload of a request, and the request that a handler gets of it.

use bytes::Bytes;

use super::admission::NO_MEMORY;
use super::panics::Called;
use super::{Admission, Dispatch};
use crate::connection::Held;
use crate::context::Peer;
use crate::error::{Error, Rejection};
use crate::protocol::{Codec, Compression, Metadata};
use crate::service::{Execution, MethodRef, Request};

/// A payload as it came.
#[derive(Debug)]
pub(crate) struct Compressed {
    pub(crate) codec: Codec,
    pub(crate) compression: Compression,
    pub(crate) payload: Bytes,
}

impl Compressed {
    /// Whether it is inflated where the handler runs, and not where its request was read.
    #[inline]
    pub(super) fn is_for_later(&self, method: &MethodRef) -> bool {
        let options = method.options();
        self.compression != Compression::NONE
            && options.execution != Execution::Inline
            && !options.raw
    }
}

/// The request for a handler that runs where its request was read: inflated, unless the method takes it as it came.
#[inline]
pub(super) fn open(
    dispatch: &Dispatch,
    method: &MethodRef,
    peer: &Peer,
    payload: Compressed,
    metadata: Metadata,
) -> Result<Request, Error> {
    if payload.compression == Compression::NONE || method.options().raw {
        return Ok(as_it_came(dispatch, payload, metadata));
    }
    let inflated = inflate(dispatch, peer, payload.compression, &payload.payload)?;
    Ok(request(dispatch, payload.codec, inflated, metadata))
}

/// The same for a handler that runs elsewhere. What is inflated there is counted at once: other requests were admitted
/// since this one, and a handler that blocks gives no other occasion.
pub(super) fn open_later(
    dispatch: &Dispatch,
    called: Called<'_>,
    payload: Compressed,
    metadata: Metadata,
    held: &mut Held,
) -> Result<Request, Error> {
    let Called { peer, method, .. } = called;
    if !payload.is_for_later(method) {
        return open(dispatch, method, peer, payload, metadata);
    }
    let admission = &*dispatch.admission;
    let blocking = method.options().execution == Execution::Blocking;
    let _turn = blocking.then(|| admission.inflating.turn());
    if admission.limits.memory.is_spent() {
        admission.reached(&admission.counters.overloaded_memory, peer);
        return Err(Error::rejected(Rejection::Overloaded, NO_MEMORY));
    }
    let inflated = inflate(dispatch, peer, payload.compression, &payload.payload)?;
    held.set(inflated.len());
    Ok(request(dispatch, payload.codec, inflated, metadata))
}

#[inline]
fn as_it_came(dispatch: &Dispatch, payload: Compressed, metadata: Metadata) -> Request {
    let request = request(dispatch, payload.codec, payload.payload, metadata);
    match payload.compression {
        Compression::NONE => request,
        kind => request.compressed(kind),
    }
}

#[inline]
fn request(dispatch: &Dispatch, codec: Codec, payload: Bytes, metadata: Metadata) -> Request {
    Request::new(codec, metadata, payload).with_formats(&dispatch.formats)
}

/// Not inlined: most requests are not compressed.
#[inline(never)]
fn inflate(
    dispatch: &Dispatch,
    peer: &Peer,
    compression: Compression,
    payload: &[u8],
) -> Result<Bytes, Error> {
    let Admission {
        limits, counters, ..
    } = &*dispatch.admission;
    dispatch
        .formats
        .inflate(compression, payload, limits.inflated)
        .map(Bytes::from)
        .map_err(|error| {
            dispatch.admission.reached(&counters.inflate_failures, peer);
            Error::rejected(Rejection::Undecodable, error.to_string())
        })
}
