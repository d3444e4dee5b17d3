//! The fields of a message while they are read: which one comes next.

use std::fmt;

use serde::de::{DeserializeSeed, Visitor};

use super::super::DecodeError;
use super::super::adapt::DecodeAs;
use super::super::message::{END, KeySeed, NONE, UNKNOWN};
use super::super::msgpack::{Reader, short_text};
use super::Slot;

type Result<T> = std::result::Result<T, DecodeError>;

/// What is known of a message when it is compiled.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::exhaustive_structs,
    reason = "generated code makes it, and changes with it"
)]
pub struct Layout {
    /// The name of the struct, for errors.
    pub name: &'static str,
    /// Its size in memory.
    pub size: usize,
    /// The names of its fields on the wire, in order.
    pub names: &'static [&'static str],
    /// The sizes of their values in memory.
    pub sizes: &'static [usize],
}

/// The fields that are left, as far as they do not come in order.
#[derive(Debug)]
pub struct Fields {
    /// Entries of a map that may be read; 0 for a list, and while a key is found.
    left: usize,
    /// Entries that follow the key that is found.
    behind: usize,
    /// The field whose key was read, and whose value follows; [`NONE`], or [`END`] behind the last.
    found: usize,
    /// The field whose turn it is, where they come as a list.
    turn: Option<usize>,
}

/// Where the next field is. By value, so that it stays in registers from field to field; [`Reader`] and [`Fields`]
/// know where it is only while they are asked for what is not read in place.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'de> {
    rest: &'de [u8],
    /// [`Fields::left`].
    left: usize,
}

impl<'de> Cursor<'de> {
    /// Whether a field follows whose key is this. Steps over the key.
    #[inline(always)]
    pub fn at<const N: usize>(&mut self, key: &'static [u8; N]) -> bool {
        // A value follows a key: a payload that ends here is as wrong as one that ends before.
        if let Some(left) = self.left.checked_sub(1)
            && self.rest.len() > N
            && let Some((found, rest)) = self.rest.split_first_chunk::<N>()
            && is_same(found, key)
        {
            *self = Self { rest, left };
            return true;
        }
        false
    }

    /// Reads a value in the form `F`: in place if it looks as most of its type do.
    ///
    /// # Errors
    /// Those of [`DecodeAs::read`].
    #[inline(always)]
    pub fn read<T, F: DecodeAs<'de, T>>(&mut self, reader: &mut Reader<'de>) -> Result<T> {
        if let Some((value, rest)) = F::read_in_place(self.rest) {
            self.rest = rest;
            return Ok(value);
        }
        self.with(reader, |reader| match F::IN_PLACE {
            true => elsewhere::<T, F>(reader),
            false => F::read(reader),
        })
    }

    /// The same for a value that may be a text, which is then left to be checked with others, where that pays. Counts the bytes
    /// that wait.
    ///
    /// # Errors
    /// Those of [`DecodeAs::hold`].
    #[inline(always)]
    pub fn hold<T, F: DecodeAs<'de, T>>(
        &mut self,
        reader: &mut Reader<'de>,
        slot: &mut Slot<'de, T>,
        waiting: &mut usize,
    ) -> Result<()> {
        if F::TEXT
            && let Some((bytes, rest)) = short_text(self.rest)
        {
            if F::is_worth_waiting(bytes) && slot.wait(bytes) {
                *waiting += bytes.len();
                self.rest = rest;
                return Ok(());
            }
            if slot.own::<F>(bytes) {
                self.rest = rest;
                return Ok(());
            }
        }
        self.with(reader, |reader| slot.hold::<F>(reader, waiting))
    }

    /// Lets the reader go on, and follows it.
    #[inline(always)]
    fn with<R>(&mut self, reader: &mut Reader<'de>, read: impl FnOnce(&mut Reader<'de>) -> R) -> R {
        reader.rest = self.rest;
        let read = read(reader);
        self.rest = reader.rest;
        read
    }
}

/// Whether a key is this one. What the compiler makes of `==` takes twice as many instructions for most lengths.
#[inline(always)]
fn is_same<const N: usize>(found: &[u8; N], key: &[u8; N]) -> bool {
    match (ends::<8, N>(found), ends::<8, N>(key)) {
        (Some(found), Some(key)) if N <= 16 => {
            found.map(u64::from_le_bytes) == key.map(u64::from_le_bytes)
        }
        _ => match (ends::<4, N>(found), ends::<4, N>(key)) {
            (Some(found), Some(key)) if N < 8 => {
                found.map(u32::from_le_bytes) == key.map(u32::from_le_bytes)
            }
            _ => found == key,
        },
    }
}

/// The first and the last `W` bytes, which may be the same in part.
#[inline(always)]
fn ends<const W: usize, const N: usize>(bytes: &[u8; N]) -> Option<[[u8; W]; 2]> {
    Some([*bytes.first_chunk()?, *bytes.last_chunk()?])
}

/// A value that does not look as most of its type do.
#[cold]
#[inline(never)]
fn elsewhere<'de, T, F: DecodeAs<'de, T>>(reader: &mut Reader<'de>) -> Result<T> {
    F::read(reader)
}

impl Fields {
    /// Into a message: a map, nil for an empty one, or a list of all fields.
    ///
    /// # Errors
    /// Any other value, and one that is too deep or too large.
    #[inline(never)]
    pub fn enter(reader: &mut Reader<'_>, layout: &'static Layout) -> Result<Self> {
        reader.compound_of(layout.size)?;
        let mut turn = None;
        let left = match reader.map()? {
            Some(len) => len,
            None if reader.nil() => 0,
            None => {
                turn = Some(0);
                list(reader, layout)?
            }
        };
        reader.enter()?;
        Ok(Self {
            left,
            behind: 0,
            found: NONE,
            turn,
        })
    }

    /// Where the first field is.
    #[inline(always)]
    pub fn first<'de>(&self, reader: &Reader<'de>) -> Cursor<'de> {
        Cursor {
            rest: reader.rest,
            left: self.left,
        }
    }

    /// Whether this field follows, when it is not known that it does: fields may be missing, or come in any
    /// order. A key that is read stays found until it is asked for its field.
    ///
    /// # Errors
    /// A key that is none.
    #[inline(always)]
    pub fn find<'de>(
        &mut self,
        reader: &mut Reader<'de>,
        cursor: &mut Cursor<'de>,
        index: usize,
        layout: &'static Layout,
    ) -> Result<bool> {
        self.with(reader, cursor, |fields, reader| {
            fields.find_key(reader, index, layout)
        })
    }

    /// Asks the reader for keys, and lets the cursor follow it.
    #[inline(always)]
    fn with<'de, R>(
        &mut self,
        reader: &mut Reader<'de>,
        cursor: &mut Cursor<'de>,
        ask: impl FnOnce(&mut Self, &mut Reader<'de>) -> R,
    ) -> R {
        self.left = cursor.left;
        let answer = cursor.with(reader, |reader| ask(self, reader));
        cursor.left = self.left;
        answer
    }

    #[cold]
    #[inline(never)]
    fn find_key(
        &mut self,
        reader: &mut Reader<'_>,
        index: usize,
        layout: &'static Layout,
    ) -> Result<bool> {
        if self.found == NONE {
            self.look(reader, layout)?;
        }
        if self.found != index {
            return Ok(false);
        }
        self.found = NONE;
        self.left = self.behind;
        Ok(true)
    }

    /// Whether there is a field that was not read.
    ///
    /// # Errors
    /// A key that is none.
    #[inline(always)]
    pub fn more<'de>(
        &mut self,
        reader: &mut Reader<'de>,
        cursor: &mut Cursor<'de>,
        layout: &'static Layout,
    ) -> Result<bool> {
        if self.found == NONE && (cursor.left == 0 || layout.names.is_empty()) {
            self.with(reader, cursor, |fields, reader| fields.look(reader, layout))?;
        }
        Ok(self.found != END)
    }

    /// Reads the next key.
    #[inline(never)]
    fn look(&mut self, reader: &mut Reader<'_>, layout: &'static Layout) -> Result<()> {
        self.found = self.next(reader, layout)?;
        self.behind = std::mem::take(&mut self.left);
        Ok(())
    }

    /// The next field that the message has, or [`END`].
    fn next(&mut self, reader: &mut Reader<'_>, layout: &'static Layout) -> Result<usize> {
        if let Some(turn) = &mut self.turn {
            let Some(size) = layout.sizes.get(*turn) else {
                return Ok(END);
            };
            let index = *turn;
            *turn += 1;
            reader.element_of(*size)?;
            return Ok(index);
        }
        while self.left > 0 {
            self.left -= 1;
            if layout.names.is_empty() {
                // nothing is asked of the keys, as nothing is of the values
                reader.skip()?;
                reader.skip()?;
                continue;
            }
            let index = KeySeed::any(layout.names).deserialize(&mut *reader)?;
            if index != UNKNOWN {
                return Ok(index);
            }
            reader.skip()?;
        }
        Ok(END)
    }

    /// All fields are read, or there was an error, at which the reader stands.
    #[inline(always)]
    pub fn leave(reader: &mut Reader<'_>) {
        reader.leave();
    }
}

/// An array for a struct, which has to have one element for each field. It has no entries.
#[cold]
fn list(reader: &mut Reader<'_>, layout: &Layout) -> Result<usize> {
    let (start, count) = (reader.position(), layout.names.len());
    match reader.array()? {
        Some(len) if len == count => Ok(0),
        Some(len) => Err(reader.wrong_list(start, len, count)),
        None => reader.other(Never(layout.name)),
    }
}

/// Takes no value: its errors are those of a struct.
struct Never(&'static str);

impl Visitor<'_> for Never {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "struct {}", self.0)
    }
}
