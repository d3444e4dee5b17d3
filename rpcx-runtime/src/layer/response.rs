//! What came of a call, as a layer sees it.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex};

use super::kept::Memory;
use super::{Exchange, Payload};
use crate::address::Address;
use crate::error::{Error, ErrorKind, Rejection};
use crate::protocol::{Codec, Compression, Metadata};
use crate::sync::unlocked;

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
// Boxed, as a request is: it moves through the futures of all layers.
pub struct Response {
    pub(crate) came: Box<Came>,
}

/// What a [`Response`] is made of.
pub(crate) struct Came {
    pub(crate) result: Result<Answer, Error>,
    pub(crate) metadata: Metadata,
    /// On a client: where the last attempt went.
    pub(crate) reached: Option<Arc<Reached>>,
    /// The request it answers, for its memory. Behind a lock that is never taken, so that a response can be looked
    /// at by several threads.
    request: Mutex<Option<Box<Exchange>>>,
}

/// Where an attempt of a call goes.
#[derive(Debug)]
pub(crate) struct Reached {
    /// The server, as the channel or its registry names it.
    pub(crate) server: Option<Address>,
    /// The other end of the connection, if there was one.
    pub(crate) peer: Option<Address>,
}

/// The payload of a reply.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) codec: Codec,
    pub(crate) compression: Compression,
    pub(crate) payload: Payload,
}

/// No answer yet.
impl Default for Came {
    fn default() -> Self {
        Self {
            result: Ok(Answer::EMPTY),
            metadata: Metadata::new(),
            reached: None,
            request: Mutex::new(None),
        }
    }
}

impl Answer {
    const EMPTY: Self = Self {
        codec: Codec::RAW,
        compression: Compression::NONE,
        payload: Payload::Made(Vec::new()),
    };
}

impl Came {
    /// The outcome, and nothing in its place.
    pub(crate) fn take(&mut self) -> Result<Answer, Error> {
        std::mem::replace(&mut self.result, Ok(Answer::EMPTY))
    }

    /// Sets what travels beside the answer: as a rule nothing, where nothing was before.
    #[inline]
    pub(crate) fn beside(&mut self, metadata: &Metadata) {
        if !(metadata.is_empty() && self.metadata.is_empty()) {
            self.metadata = metadata.clone();
        }
    }
}

impl Response {
    /// What came of the request that `parts` were those of.
    pub(super) fn to(parts: Box<Exchange>, mut came: Box<Came>) -> Self {
        *unlocked(&mut came.request) = Some(parts);
        Self { came }
    }

    /// Takes back the memory of a layer that is done.
    pub(super) fn give_back(&mut self, memory: Memory) {
        if let Some(parts) = unlocked(&mut self.came.request) {
            parts.memories.push(memory);
        }
    }

    /// The parts of the request, with all that this one was made of.
    pub(crate) fn into_parts(mut self) -> Option<Box<Exchange>> {
        let mut parts = unlocked(&mut self.came.request).take()?;
        parts.came = Some(self.came);
        Some(parts)
    }

    /// Refuses a call that the rest was not run for. The caller learns the reason, and may make the call
    /// again where the reason allows that. After the rest has run, it learns of an error of the
    /// method's.
    pub fn refuse(reason: Rejection, text: impl Into<Cow<'static, str>>) -> Self {
        Error::refuse(reason, text).into()
    }

    /// How the call ended: `Ok`, or what is known of it.
    pub fn outcome(&self) -> Result<(), ErrorKind> {
        match &self.came.result {
            Ok(_) => Ok(()),
            Err(error) => Err(error.kind()),
        }
    }

    /// The error that the call ended with. On a server its source is there too.
    pub fn error(&self) -> Option<&Error> {
        self.came.result.as_ref().err()
    }

    /// Whether the call may be made again without running the method twice.
    pub fn is_retryable(&self) -> bool {
        self.error().is_some_and(Error::is_retryable)
    }

    /// How the reply is encoded, if there is one.
    pub fn codec(&self) -> Option<Codec> {
        self.came.result.as_ref().ok().map(|answer| answer.codec)
    }

    /// The encoded reply, if there is one; that of a one-way call is empty.
    pub fn payload(&self) -> Option<&[u8]> {
        let answer = self.came.result.as_ref().ok()?;
        Some(answer.payload.as_slice())
    }

    /// On a client: the server that the last attempt was for, by the address that the channel was given or that its
    /// registry has. `None` on a server, before a server was chosen, and for what has no address, such as
    /// [`InProcess`](crate::InProcess).
    pub fn server_address(&self) -> Option<&Address> {
        self.came.reached.as_ref()?.server.as_ref()
    }

    /// On a client: the other end of the connection that the last attempt went over. `None` on a server, and if none
    /// was sent.
    pub fn peer_address(&self) -> Option<&Address> {
        self.came.reached.as_ref()?.peer.as_ref()
    }

    /// What travels beside the reply or the error.
    pub fn metadata(&self) -> &Metadata {
        &self.came.metadata
    }

    /// The same, to be changed.
    pub fn metadata_mut(&mut self) -> &mut Metadata {
        &mut self.came.metadata
    }
}

/// The call ends with this error.
impl From<Error> for Response {
    fn from(error: Error) -> Self {
        Self {
            came: Box::new(Came {
                result: Err(error),
                ..Came::default()
            }),
        }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("outcome", &self.outcome())
            .field("metadata", &self.came.metadata)
            .finish_non_exhaustive()
    }
}
