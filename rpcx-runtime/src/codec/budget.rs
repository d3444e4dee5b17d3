//! How much memory one payload may become.
//!
//! A payload of a few bytes can stand for much: nil is a whole struct, one byte is an integer of eight.
//! What a decoder makes is therefore counted while it makes it, by the size that a value has in memory:
//! each element of a list, each entry of a map, and each struct, which may stand behind a pointer. What
//! an allocator adds is not counted, and a struct in a list counts twice.

use std::cell::Cell;

#[cfg(any(feature = "json", feature = "custom-codec"))]
use super::DecodeError;
use super::DecodeErrorKind;
use super::counted;

/// What is allowed where nothing else is set: all that a body of 16 MiB can honestly be.
pub(crate) const DECODED: usize = 256 << 20;

/// Values up to this size are not counted by themselves, but where they are an element: their pointer
/// is counted there.
const SMALL: usize = 16;

/// What a map keeps beside each of its entries.
const ENTRY: usize = 16;

/// Values up to this size are not worth a note.
const NOTED: usize = 1024;

thread_local! {
    /// Where the payload was that this thread has decoded last, and what it became.
    static LAST: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// What the payload at this address was decoded to, in bytes, if it was the last one of this thread,
/// became much and was not [counted](super::counted) meanwhile. Asked once for each decoding.
pub(crate) fn made_of(payload: usize) -> usize {
    match LAST.get() {
        (last, made) if last == payload => {
            LAST.set((0, 0));
            made
        }
        _ => 0,
    }
}

/// So much is taken at once of the memory for requests, as a payload becomes more.
const STEP: usize = 256 << 10;

/// What is left for the values of one payload.
#[derive(Debug)]
pub(super) struct Budget {
    /// Where the payload is.
    payload: usize,
    limit: usize,
    /// The part of it that was asked for.
    granted: Cell<usize>,
    /// What is left of that part.
    left: Cell<usize>,
    exceeded: Cell<Exceeded>,
}

/// What there was not enough of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exceeded {
    Nothing,
    /// It would become more than one payload may.
    Limit,
    /// The memory for all requests is spent.
    Memory,
}

impl Budget {
    #[inline]
    pub(super) fn new(payload: &[u8], limit: usize) -> Self {
        let granted = limit.min(STEP);
        Self {
            payload: payload.as_ptr().addr(),
            limit,
            granted: Cell::new(granted),
            left: Cell::new(granted),
            exceeded: Cell::new(Exceeded::Nothing),
        }
    }

    /// Takes so many bytes; false if they are not there.
    #[inline]
    pub(super) fn take(&self, bytes: usize) -> bool {
        match self.left.get().checked_sub(bytes) {
            Some(left) => {
                self.left.set(left);
                true
            }
            None => self.take_more(bytes),
        }
    }

    /// More than is left of the granted part.
    #[cold]
    fn take_more(&self, bytes: usize) -> bool {
        let (left, granted) = (self.left.get(), self.granted.get());
        let (missing, most) = (bytes - left, self.limit - granted);
        if missing > most || self.exceeded.get() != Exceeded::Nothing {
            return self.exceed(Exceeded::Limit);
        }
        let step = missing.max(STEP).min(most);
        if !counted::hold(self.payload, step) {
            return self.exceed(Exceeded::Memory);
        }
        self.granted.set(granted + step);
        self.left.set(step - missing);
        true
    }

    fn exceed(&self, what: Exceeded) -> bool {
        if self.exceeded.get() == Exceeded::Nothing {
            self.exceeded.set(what);
        }
        self.left.set(0);
        false
    }

    /// An element of a list.
    #[inline]
    pub(super) fn element<T>(&self) -> Result<(), DecodeErrorKind> {
        self.charge(size_of::<T>())
    }

    /// The key of a map's entry.
    #[inline]
    pub(super) fn key<T>(&self) -> Result<(), DecodeErrorKind> {
        self.key_of(size_of::<T>())
    }

    /// The same for a key of this size.
    #[inline]
    pub(super) fn key_of(&self, size: usize) -> Result<(), DecodeErrorKind> {
        self.charge(size + ENTRY)
    }

    /// A struct or an array, which may stand behind a pointer.
    #[inline]
    pub(super) fn compound<T>(&self) -> Result<(), DecodeErrorKind> {
        self.compound_of(size_of::<T>())
    }

    /// The same for a value of this size.
    #[inline]
    pub(super) fn compound_of(&self, size: usize) -> Result<(), DecodeErrorKind> {
        if size <= SMALL {
            return Ok(());
        }
        self.charge(size)
    }

    #[inline]
    pub(super) fn charge(&self, bytes: usize) -> Result<(), DecodeErrorKind> {
        match self.take(bytes) {
            true => Ok(()),
            false => Err(self.error()),
        }
    }

    /// Counts what the payload has become with its request, or notes it for [`made_of`].
    #[inline]
    pub(super) fn note(&self) {
        let made = self.granted.get() - self.left.get();
        if made > NOTED && self.exceeded.get() == Exceeded::Nothing {
            note(self.payload, made);
        }
    }

    /// Says what the limit was.
    #[cold]
    pub(super) fn error(&self) -> DecodeErrorKind {
        match self.exceeded.get() {
            Exceeded::Memory => DecodeErrorKind::MemorySpent,
            Exceeded::Nothing | Exceeded::Limit => DecodeErrorKind::TooLarge { limit: self.limit },
        }
    }
}

#[cold]
fn note(payload: usize, made: usize) {
    if !counted::settle(payload, made) {
        LAST.set((payload, made));
    }
}

#[cfg(feature = "protobuf")]
impl Budget {
    /// Whether more was wanted than there was.
    pub(super) fn is_exceeded(&self) -> bool {
        self.exceeded.get() != Exceeded::Nothing
    }
}

#[cfg(any(feature = "json", feature = "custom-codec"))]
impl Budget {
    /// The error of a decoder that does not know this one, or this one if it was the reason.
    pub(super) fn explain(&self, error: DecodeError) -> DecodeError {
        match self.exceeded.get() {
            Exceeded::Nothing => error,
            Exceeded::Limit | Exceeded::Memory => DecodeError::new(self.error(), error.offset()),
        }
    }
}
