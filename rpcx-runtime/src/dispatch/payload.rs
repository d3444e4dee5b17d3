//! The payload of a request, and the request that a handler gets of it.

use bytes::Bytes;

use super::{Admission, Dispatch};
use crate::context::Peer;
use crate::error::{Error, Rejection};
use crate::protocol::{Codec, Compression, Metadata};
use crate::service::{MethodRef, Request};

/// A payload as it came.
#[derive(Debug)]
pub(crate) struct Compressed {
    pub(crate) codec: Codec,
    pub(crate) compression: Compression,
    pub(crate) payload: Bytes,
}

/// The request for a handler: inflated, unless the method takes it as it came.
#[inline]
pub(super) fn open(
    dispatch: &Dispatch,
    method: &MethodRef,
    peer: &Peer,
    payload: Compressed,
    metadata: Metadata,
) -> Result<Request, Error> {
    let Compressed {
        codec,
        compression,
        payload,
    } = payload;
    let formats = &dispatch.formats;
    let request = |payload| Request::new(codec, metadata, payload).with_formats(formats);
    if compression == Compression::NONE {
        return Ok(request(payload));
    }
    if method.options().raw {
        return Ok(request(payload).compressed(compression));
    }
    inflated(dispatch, peer, compression, &payload).map(request)
}

/// Not inlined: most requests are not compressed.
#[inline(never)]
fn inflated(
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
