//! Why a value could not be written or read.

use std::fmt;

use crate::protocol::Codec;

/// A value that cannot be encoded.
///
/// The output may then end with part of the value; the owner of the buffer truncates it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EncodeError(Box<EncodeErrorKind>);

/// What an [`EncodeError`] is about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeErrorKind {
    /// The codec is not compiled in, or the type does not travel in it. The text is Go's.
    #[error("can not find codec for {0}")]
    Codec(u8),
    /// A string, byte string, list or map of more than 2^32 - 1 bytes or elements.
    #[error("a {what} of {len} cannot be encoded: 4294967295 is the most")]
    TooLong {
        /// `string`, `byte string`, `list`, `map` or `extension`.
        what: &'static str,
        /// Its length, in bytes or elements.
        len: usize,
    },
    /// A list or map announced one length and delivered another: a faulty `Serialize`.
    #[error("a value announced {announced} elements and wrote {written}")]
    Count {
        /// What the header says.
        announced: usize,
        /// What followed.
        written: usize,
    },
    /// The value itself says no.
    #[error("{0}")]
    Value(String),
}

impl EncodeError {
    /// A value that the codec cannot express, with a text that says why: the error of a serializer, for example.
    #[cold]
    pub fn value(text: impl fmt::Display) -> Self {
        EncodeErrorKind::Value(text.to_string()).into()
    }

    /// What went wrong.
    pub fn kind(&self) -> &EncodeErrorKind {
        &self.0
    }

    /// The codec is not compiled in, or the type does not travel in it.
    pub fn codec(codec: Codec) -> Self {
        EncodeErrorKind::Codec(codec.number()).into()
    }
}

impl From<EncodeErrorKind> for EncodeError {
    #[cold]
    fn from(kind: EncodeErrorKind) -> Self {
        Self(Box::new(kind))
    }
}

impl serde::ser::Error for EncodeError {
    #[cold]
    fn custom<T: fmt::Display>(text: T) -> Self {
        EncodeErrorKind::Value(text.to_string()).into()
    }
}

/// Bytes that are not what the method takes.
///
/// One pointer wide, so that results of the decoder stay small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(Box<Fault>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Fault {
    kind: DecodeErrorKind,
    offset: Option<usize>,
}

/// What a [`DecodeError`] is about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The codec is not compiled in, or the type does not travel in it. The text is Go's.
    #[error("can not find codec for {0}")]
    Codec(u8),
    /// No bytes at all, where every value has at least one.
    #[error("the payload is empty")]
    Empty,
    /// A length goes beyond the end of the payload.
    #[error("the payload ends too early: {needed} more bytes announced, {left} left")]
    Truncated {
        /// Bytes that the value needs at least.
        needed: usize,
        /// Bytes that are there.
        left: usize,
    },
    /// More bytes than the value has.
    #[error("{extra} bytes follow the value")]
    Trailing {
        /// How many.
        extra: usize,
    },
    /// Lists and maps inside each other beyond the limit.
    #[error("values are nested deeper than {limit}")]
    TooDeep {
        /// Levels that are allowed.
        limit: usize,
    },
    /// The value would take more memory than [`Limits::decoded`](crate::Limits::decoded), or
    /// [`ClientLimits::decoded`](crate::ClientLimits::decoded), allows.
    #[error("the value is too large: decoded it takes more than {limit} bytes")]
    TooLarge {
        /// Bytes that are allowed.
        limit: usize,
    },
    /// [`Limits::memory`](crate::Limits::memory) was spent before the value was whole.
    #[error("the memory for requests is spent")]
    MemorySpent,
    /// A value of another type, out of range, or not well formed.
    #[error("{0}")]
    Value(String),
}

impl DecodeError {
    /// An error of this kind at this byte of the payload, counted from 0.
    #[cold]
    pub fn new(kind: DecodeErrorKind, offset: Option<usize>) -> Self {
        Self(Box::new(Fault { kind, offset }))
    }

    /// Bytes that are no value of the type, with a text that says why: the error of a deserializer, for example.
    #[cold]
    pub fn value(text: impl fmt::Display) -> Self {
        Self::new(DecodeErrorKind::Value(text.to_string()), None)
    }

    /// What went wrong.
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.0.kind
    }

    /// The byte of the payload, from 0, where the offending value begins; absent where no byte is
    /// to blame.
    pub fn offset(&self) -> Option<usize> {
        self.0.offset
    }

    /// The codec is not compiled in, or the type does not travel in it.
    pub fn codec(codec: Codec) -> Self {
        Self::new(DecodeErrorKind::Codec(codec.number()), None)
    }
}

impl DecodeError {
    /// The same error with a place, unless it has one.
    #[cold]
    pub(crate) fn at(mut self, offset: usize) -> Self {
        self.0.offset.get_or_insert(offset);
        self
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.offset {
            Some(offset) => write!(f, "{} at byte {offset}", self.0.kind),
            None => self.0.kind.fmt(f),
        }
    }
}

impl std::error::Error for DecodeError {}

impl serde::de::Error for DecodeError {
    #[cold]
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::new(DecodeErrorKind::Value(text.to_string()), None)
    }
}
