//! What came of a call, as a layer sees it.

use std::borrow::Cow;
use std::fmt;

use super::Payload;
use crate::error::{Error, ErrorKind, Rejection};
use crate::protocol::{Codec, Compression, Metadata};

/// What came of a call: a reply or an error, and what travels beside it.
///
/// ```
/// use rpcx::layer::Response;
/// use rpcx::{Error, ErrorKind, Rejection};
///
/// let response = Response::refuse(Rejection::Overloaded, "too many reports at once");
/// assert_eq!(response.outcome(), Err(ErrorKind::Rejected(Rejection::Overloaded)));
/// assert!(response.is_retryable());
/// ```
pub struct Response {
    pub(crate) result: Result<Answer, Error>,
    pub(crate) metadata: Metadata,
}

/// The payload of a reply.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) codec: Codec,
    pub(crate) compression: Compression,
    pub(crate) payload: Payload,
}

impl Response {
    pub(crate) fn new(result: Result<Answer, Error>, metadata: Metadata) -> Self {
        Self { result, metadata }
    }

    /// Refuses a call that the rest was not run for. The caller learns the reason, and may make the call
    /// again where the reason allows that. After the rest has run, it learns of an error of the
    /// method's.
    pub fn refuse(reason: Rejection, text: impl Into<Cow<'static, str>>) -> Self {
        Error::refuse(reason, text).into()
    }

    /// How the call ended: `Ok`, or what is known of it.
    pub fn outcome(&self) -> Result<(), ErrorKind> {
        match &self.result {
            Ok(_) => Ok(()),
            Err(error) => Err(error.kind()),
        }
    }

    /// The error that the call ended with. On a server its source is there too.
    pub fn error(&self) -> Option<&Error> {
        self.result.as_ref().err()
    }

    /// Whether the call may be made again without running the method twice.
    pub fn is_retryable(&self) -> bool {
        self.error().is_some_and(Error::is_retryable)
    }

    /// How the reply is encoded, if there is one.
    pub fn codec(&self) -> Option<Codec> {
        self.result.as_ref().ok().map(|answer| answer.codec)
    }

    /// The encoded reply, if there is one; that of a one-way call is empty.
    pub fn payload(&self) -> Option<&[u8]> {
        let answer = self.result.as_ref().ok()?;
        Some(answer.payload.as_slice())
    }

    /// What travels beside the reply or the error.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The same, to be changed.
    pub fn metadata_mut(&mut self) -> &mut Metadata {
        &mut self.metadata
    }
}

/// The call ends with this error.
impl From<Error> for Response {
    fn from(error: Error) -> Self {
        Self::new(Err(error), Metadata::new())
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("outcome", &self.outcome())
            .field("metadata", &self.metadata)
            .finish_non_exhaustive()
    }
}
