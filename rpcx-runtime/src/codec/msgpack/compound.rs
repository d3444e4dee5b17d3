//! Lists, maps and structs while they are written.

use serde::ser::{self, Serialize};

use super::super::{EncodeError, EncodeErrorKind};
use super::ser::Serializer;
use super::write::{self, Container};

type Result<T = ()> = std::result::Result<T, EncodeError>;

/// Bytes of the longest header of a list or map.
const LONGEST_HEADER: usize = 5;

/// A container whose elements follow.
pub(super) struct Compound<'a> {
    out: &'a mut Vec<u8>,
    container: Container,
    /// How many elements the header says, or where the header goes once they are counted.
    promise: Promise,
    count: usize,
}

#[derive(Clone, Copy)]
enum Promise {
    Made(usize),
    Open { at: usize },
}

impl<'a> Compound<'a> {
    #[inline]
    pub(super) fn new(
        out: &'a mut Vec<u8>,
        container: Container,
        len: Option<usize>,
    ) -> Result<Self> {
        let promise = match len {
            Some(len) => {
                write::header(out, container, len)?;
                Promise::Made(len)
            }
            None => Promise::Open { at: out.len() },
        };
        if matches!(promise, Promise::Open { .. }) {
            out.extend_from_slice(&[0; LONGEST_HEADER]);
        }
        Ok(Self { out, container, promise, count: 0 })
    }

    #[inline]
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result {
        value.serialize(Serializer::new(self.out))
    }

    #[inline]
    fn finish(self) -> Result {
        match self.promise {
            Promise::Made(len) if len == self.count => Ok(()),
            Promise::Made(announced) => {
                Err(EncodeErrorKind::Count { announced, written: self.count }.into())
            }
            Promise::Open { at } => self.patch(at),
        }
    }

    /// Replaces the room that was left at `at` by the header for the elements counted.
    fn patch(self, at: usize) -> Result {
        let mut header = Vec::with_capacity(LONGEST_HEADER);
        write::header(&mut header, self.container, self.count)?;
        self.out.splice(at..at + LONGEST_HEADER, header);
        Ok(())
    }
}

macro_rules! elements {
    ($($interface:ident::$method:ident;)*) => {$(
        impl ser::$interface for Compound<'_> {
            type Ok = ();
            type Error = EncodeError;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result {
                self.count += 1;
                self.value(value)
            }

            #[inline]
            fn end(self) -> Result {
                self.finish()
            }
        }
    )*};
}

elements! {
    SerializeSeq::serialize_element;
    SerializeTuple::serialize_element;
    SerializeTupleStruct::serialize_field;
    SerializeTupleVariant::serialize_field;
}

impl ser::SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = EncodeError;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result {
        self.count += 1;
        self.value(key)
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result {
        self.value(value)
    }

    #[inline]
    fn end(self) -> Result {
        self.finish()
    }
}

macro_rules! fields {
    ($($interface:ident;)*) => {$(
        impl ser::$interface for Compound<'_> {
            type Ok = ();
            type Error = EncodeError;

            #[inline(always)]
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result {
                self.count += 1;
                write::key(self.out, name)?;
                self.value(value)
            }

            #[inline]
            fn end(self) -> Result {
                self.finish()
            }
        }
    )*};
}

fields! {
    SerializeStruct;
    SerializeStructVariant;
}
