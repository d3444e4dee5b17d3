//! The fields of a message while they are read: which one comes next.

use std::fmt;

use serde::de::{DeserializeSeed, Visitor};

use super::super::DecodeError;
use super::super::message::{END, KeySeed, NONE, UNKNOWN};
use super::super::msgpack::Reader;

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

/// The fields that are left.
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
    /// Bytes of text that wait around this message for their check.
    outer: usize,
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
            outer: reader.start_texts(),
        })
    }

    /// Whether a field follows whose key is this. Steps over the key.
    #[inline(always)]
    pub fn at<const N: usize>(&mut self, reader: &mut Reader<'_>, key: &'static [u8; N]) -> bool {
        if self.left > 0
            && let Some((found, rest)) = reader.rest.split_first_chunk::<N>()
            && found == key
        {
            self.left -= 1;
            reader.rest = rest;
            return true;
        }
        false
    }

    /// Whether this field follows, when it is not known that it does: fields may be missing, or come in any
    /// order. A key that is read stays found until it is asked for its field.
    ///
    /// # Errors
    /// A key that is none.
    #[inline(never)]
    pub fn find(
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
    #[inline]
    pub fn more(&mut self, reader: &mut Reader<'_>, layout: &'static Layout) -> Result<bool> {
        if self.found == NONE && (self.left == 0 || layout.names.is_empty()) {
            self.look(reader, layout)?;
        }
        Ok(self.found != END)
    }

    /// Reads the next key.
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

    /// All fields are read. Gives the bytes of their texts that wait for a check.
    #[inline(always)]
    pub fn leave(self, reader: &mut Reader<'_>) -> usize {
        reader.leave();
        reader.end_texts(self.outer)
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
