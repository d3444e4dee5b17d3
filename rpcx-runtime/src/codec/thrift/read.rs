//! TBinary to values, trusting neither the bytes nor the type that reads them.
//!
//! Code of the thrift compiler reads a field by its number alone, so bytes could make it take a number
//! for the length of a list. It also reserves memory for every length it is told. This reader therefore
//! knows at each step what the bytes say comes next, refuses to read it as anything else, and tells no
//! length that the bytes behind it cannot hold.

use thrift::protocol::{
    TFieldIdentifier, TInputProtocol, TListIdentifier, TMapIdentifier, TMessageIdentifier,
    TSetIdentifier, TStructIdentifier, TType,
};

use super::{DEEPEST, kind};
use crate::codec::budget::Budget;
use crate::codec::{DecodeError, DecodeErrorKind, utf8};

/// Reads one struct from the whole of some bytes.
pub(super) struct Reader<'de> {
    bytes: &'de [u8],
    /// The next byte.
    at: usize,
    /// Where the value begins that was begun or ended last.
    began: usize,
    /// The structs and containers around the next byte, at most [`DEEPEST`].
    open: Vec<Open>,
    /// The bytes that all of them still need at least. Lengths inside each other share what is left
    /// of the payload, so that together they announce no more than it has.
    claimed: usize,
    /// What the values may still take.
    budget: Budget,
}

/// A struct or container that has begun.
struct Open {
    start: usize,
    inside: Inside,
}

/// What comes next in it.
#[derive(Clone, Copy)]
enum Inside {
    /// A field, or the end of the struct.
    Fields,
    /// The value of a field.
    Field(TType),
    /// Nothing: the end of the struct was read.
    Stopped,
    /// So many elements of a list or set.
    Elements(TType, usize),
    /// So many keys and values of a map, a key if the number is even.
    Entries(TType, TType, usize),
}

impl<'de> Reader<'de> {
    pub(super) fn new(bytes: &'de [u8], decoded: usize) -> Self {
        Self {
            budget: Budget::new(bytes, decoded),
            bytes,
            at: 0,
            began: 0,
            open: Vec::new(),
            claimed: 0,
        }
    }

    /// Where the value begins that was begun or ended last.
    pub(super) fn began(&self) -> usize {
        self.began
    }

    /// Notes what the bytes have become.
    pub(super) fn note(&self) {
        self.budget.note();
    }

    /// Checks that the type has read everything.
    pub(super) fn finish(self) -> Result<(), DecodeError> {
        let extra = self.bytes.len() - self.at;
        if extra == 0 && self.open.is_empty() {
            return Ok(());
        }
        let kind = match self.open.last() {
            None => DecodeErrorKind::Trailing { extra },
            Some(_) => DecodeErrorKind::Value("the type stopped inside a value".to_owned()),
        };
        Err(DecodeError::new(kind, Some(self.at)))
    }

    /// The next `count` bytes.
    fn take(&mut self, count: usize) -> thrift::Result<&'de [u8]> {
        self.ensure(count)?;
        let taken = &self.bytes[self.at..self.at + count];
        self.at += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> thrift::Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// Whether `count` bytes are there beside those that others need.
    fn ensure(&self, count: usize) -> thrift::Result<()> {
        let needed = count.saturating_add(self.claimed);
        let left = self.bytes.len() - self.at;
        if needed <= left {
            return Ok(());
        }
        if self.bytes.is_empty() {
            let empty = DecodeError::new(DecodeErrorKind::Empty, None);
            return Err(thrift::Error::User(Box::new(empty)));
        }
        Err(wrong(DecodeErrorKind::Truncated { needed, left }, self.at))
    }

    /// What the bytes say comes next, and steps on behind it.
    fn step(&mut self) -> Option<TType> {
        let Some(open) = self.open.last_mut() else {
            return (self.at == 0).then_some(TType::Struct);
        };
        let (next, element) = match open.inside {
            Inside::Fields | Inside::Stopped => return None,
            Inside::Field(kind) => {
                open.inside = Inside::Fields;
                return Some(kind);
            }
            Inside::Elements(kind, left) => (Inside::Elements(kind, left.checked_sub(1)?), kind),
            Inside::Entries(key, value, left) => {
                let next = Inside::Entries(key, value, left.checked_sub(1)?);
                (next, if left % 2 == 0 { key } else { value })
            }
        };
        open.inside = next;
        // the element itself asks for its bytes from here on
        self.claimed -= kind::least(element);
        Some(element)
    }

    /// Begins a value of the type `wanted`.
    fn begin(&mut self, wanted: TType) -> thrift::Result<()> {
        self.began = self.at;
        let found = self.step();
        if found == Some(wanted) {
            return Ok(());
        }
        let wanted = kind::name(wanted);
        let text = match found {
            Some(found) => format!(
                "the payload has {} where {wanted} is wanted",
                kind::name(found)
            ),
            None => format!("the payload has no value where {wanted} is wanted"),
        };
        Err(value(text, self.at))
    }

    /// Goes into a struct or container that needs at least `least` more bytes.
    fn enter(&mut self, inside: Inside, least: usize) -> thrift::Result<()> {
        if self.open.len() >= DEEPEST {
            let kind = DecodeErrorKind::TooDeep { limit: DEEPEST };
            return Err(wrong(kind, self.began));
        }
        self.ensure(least)?;
        self.claimed += least;
        let start = self.began;
        self.open.push(Open { start, inside });
        Ok(())
    }

    fn leave(&mut self) -> thrift::Result<()> {
        let done = |open: &Open| match open.inside {
            Inside::Stopped => true,
            Inside::Fields | Inside::Field(_) => false,
            Inside::Elements(_, left) | Inside::Entries(_, _, left) => left == 0,
        };
        match self.open.pop_if(|open| done(open)) {
            Some(open) => self.began = open.start,
            None => return Err(value("the type stopped inside a value".to_owned(), self.at)),
        }
        Ok(())
    }

    /// The type of a value to come.
    fn kind(&mut self) -> thrift::Result<TType> {
        let at = self.at;
        let [number] = self.array()?;
        kind::from_number(number).ok_or_else(|| no_kind(number, at))
    }

    /// The type of the elements of a container, which says nothing if there are none.
    fn element(&mut self, count: i32) -> thrift::Result<TType> {
        match count {
            0 => {
                self.take(1)?;
                Ok(TType::Void)
            }
            _ => self.kind(),
        }
    }

    /// The length behind `skipped` bytes, of `what`.
    fn length(&self, skipped: usize, what: &str) -> thrift::Result<i32> {
        self.ensure(skipped + 4)?;
        let at = self.at + skipped;
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&self.bytes[at..at + 4]);
        let length = i32::from_be_bytes(bytes);
        match length {
            0.. => Ok(length),
            _ => Err(value(format!("{what} has the length {length}"), at)),
        }
    }

    fn sequence(&mut self, kind: TType) -> thrift::Result<(TType, i32)> {
        self.begin(kind)?;
        let count = self.length(1, kind::name(kind))?;
        let element = self.element(count)?;
        self.take(4)?;
        let left = count as usize;
        let least = left.saturating_mul(kind::least(element));
        self.enter(Inside::Elements(element, left), least)?;
        // Before the type is told how many: it reserves memory for them.
        self.charge(left, kind::size(element))?;
        Ok((element, count))
    }

    /// So many values of this size are going to be made.
    fn charge(&self, count: usize, size: usize) -> thrift::Result<()> {
        let charged = self.budget.charge(count.saturating_mul(size));
        charged.map_err(|kind| wrong(kind, self.began))
    }

    fn binary(&mut self) -> thrift::Result<&'de [u8]> {
        self.begin(TType::String)?;
        let length = self.length(0, "a string")?;
        self.take(4)?;
        self.take(length as usize)
    }
}

/// An error of ours, on its way through code that knows those of the thrift crate.
#[cold]
fn wrong(kind: DecodeErrorKind, at: usize) -> thrift::Error {
    thrift::Error::User(Box::new(DecodeError::new(kind, Some(at))))
}

#[cold]
fn value(text: String, at: usize) -> thrift::Error {
    wrong(DecodeErrorKind::Value(text), at)
}

#[cold]
fn no_kind(number: u8, at: usize) -> thrift::Error {
    value(format!("{number} is no type of the binary protocol"), at)
}

impl TInputProtocol for Reader<'_> {
    fn read_message_begin(&mut self) -> thrift::Result<TMessageIdentifier> {
        let text = "a payload is a struct without a message around it";
        Err(value(text.to_owned(), self.at))
    }

    fn read_message_end(&mut self) -> thrift::Result<()> {
        Ok(())
    }

    fn read_struct_begin(&mut self) -> thrift::Result<Option<TStructIdentifier>> {
        self.begin(TType::Struct)?;
        self.enter(Inside::Fields, kind::least(TType::Struct))?;
        Ok(None)
    }

    fn read_struct_end(&mut self) -> thrift::Result<()> {
        self.leave()
    }

    fn read_field_begin(&mut self) -> thrift::Result<TFieldIdentifier> {
        let at = self.at;
        let Some(open) = self.open.last_mut() else {
            return Err(value("a field outside of a struct".to_owned(), at));
        };
        let Inside::Fields = open.inside else {
            let text = "a field is wanted where the payload has none";
            return Err(value(text.to_owned(), at));
        };
        // of the byte that the struct needs for its end
        let number = self.bytes[at];
        if number == 0 {
            self.at += 1;
            self.claimed -= 1;
            open.inside = Inside::Stopped;
            return Ok(TFieldIdentifier::new::<_, String, _>(None, TType::Stop, 0));
        }
        let kind = kind::from_number(number).ok_or_else(|| no_kind(number, at))?;
        open.inside = Inside::Field(kind);
        self.take(1)?;
        let id = i16::from_be_bytes(self.array()?);
        Ok(TFieldIdentifier::new::<_, String, _>(None, kind, id))
    }

    fn read_field_end(&mut self) -> thrift::Result<()> {
        Ok(())
    }

    /// A byte that is neither 0 nor 1 is true for some readers and false for others.
    fn read_bool(&mut self) -> thrift::Result<bool> {
        self.begin(TType::Bool)?;
        match self.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            [other] => Err(value(format!("a bool is 0 or 1, not {other}"), self.began)),
        }
    }

    fn read_bytes(&mut self) -> thrift::Result<Vec<u8>> {
        self.binary().map(<[u8]>::to_vec)
    }

    fn read_i8(&mut self) -> thrift::Result<i8> {
        self.begin(TType::I08)?;
        self.array().map(i8::from_be_bytes)
    }

    fn read_i16(&mut self) -> thrift::Result<i16> {
        self.begin(TType::I16)?;
        self.array().map(i16::from_be_bytes)
    }

    fn read_i32(&mut self) -> thrift::Result<i32> {
        self.begin(TType::I32)?;
        self.array().map(i32::from_be_bytes)
    }

    fn read_i64(&mut self) -> thrift::Result<i64> {
        self.begin(TType::I64)?;
        self.array().map(i64::from_be_bytes)
    }

    fn read_double(&mut self) -> thrift::Result<f64> {
        self.begin(TType::Double)?;
        self.array().map(f64::from_be_bytes)
    }

    fn read_uuid(&mut self) -> thrift::Result<uuid::Uuid> {
        self.begin(TType::Uuid)?;
        self.array().map(uuid::Uuid::from_bytes)
    }

    fn read_string(&mut self) -> thrift::Result<String> {
        let bytes = self.binary()?;
        match utf8::text(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(valid) => {
                let at = self.at - bytes.len() + valid;
                Err(value("a string is not UTF-8".to_owned(), at))
            }
        }
    }

    fn read_list_begin(&mut self) -> thrift::Result<TListIdentifier> {
        let (element, count) = self.sequence(TType::List)?;
        Ok(TListIdentifier::new(element, count))
    }

    fn read_list_end(&mut self) -> thrift::Result<()> {
        self.leave()
    }

    fn read_set_begin(&mut self) -> thrift::Result<TSetIdentifier> {
        let (element, count) = self.sequence(TType::Set)?;
        Ok(TSetIdentifier::new(element, count))
    }

    fn read_set_end(&mut self) -> thrift::Result<()> {
        self.leave()
    }

    fn read_map_begin(&mut self) -> thrift::Result<TMapIdentifier> {
        self.begin(TType::Map)?;
        let count = self.length(2, "a map")?;
        let (key, element) = (self.element(count)?, self.element(count)?);
        self.take(4)?;
        let left = (count as usize).saturating_mul(2);
        let least = (count as usize).saturating_mul(kind::least(key) + kind::least(element));
        self.enter(Inside::Entries(key, element, left), least)?;
        self.charge(count as usize, kind::size(key) + kind::size(element) + 16)?;
        Ok(TMapIdentifier::new(key, element, count))
    }

    fn read_map_end(&mut self) -> thrift::Result<()> {
        self.leave()
    }

    /// As the trait has it, without a copy.
    fn skip_binary(&mut self) -> thrift::Result<()> {
        self.binary().map(drop)
    }

    fn read_byte(&mut self) -> thrift::Result<u8> {
        self.begin(TType::I08)?;
        self.array().map(|[byte]| byte)
    }

    fn min_serialized_size(&self, kind: TType) -> usize {
        kind::least(kind)
    }
}
