//! Lists, maps and structs while they are written.

use serde::ser::{self, Serialize};

use super::super::{EncodeError, EncodeErrorKind};
use super::ser::Serializer;
use super::write::{Container, Output};

type Result<T = ()> = std::result::Result<T, EncodeError>;

/// A container whose elements follow.
pub(super) struct Compound<'a> {
    out: &'a mut Output,
    at: usize,
    container: Container,
    promise: Promise,
    count: usize,
}

/// What the header says of the number of elements.
#[derive(Clone, Copy)]
enum Promise {
    Made(usize),
    /// Nothing yet: it goes here, once they are counted.
    Open {
        start: usize,
    },
}

impl<'a> Compound<'a> {
    #[inline]
    pub(super) fn new(
        out: &'a mut Output,
        at: usize,
        container: Container,
        len: Option<usize>,
    ) -> Result<Self> {
        let (at, promise) = match len {
            Some(len) => (out.header(at, container, len)?, Promise::Made(len)),
            None => (at, Promise::Open { start: at }),
        };
        Ok(Self {
            out,
            at,
            container,
            promise,
            count: 0,
        })
    }

    #[inline(always)]
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result {
        self.at = value.serialize(Serializer::new(self.out, self.at))?;
        Ok(())
    }

    #[inline]
    fn finish(self) -> Result<usize> {
        match self.promise {
            Promise::Made(len) if len == self.count => Ok(self.at),
            Promise::Made(announced) => Err(EncodeErrorKind::Count {
                announced,
                written: self.count,
            }
            .into()),
            Promise::Open { start } => {
                self.out
                    .insert_header(start, self.at, self.container, self.count)
            }
        }
    }
}

macro_rules! elements {
    ($($interface:ident::$method:ident;)*) => {$(
        impl ser::$interface for Compound<'_> {
            type Ok = usize;
            type Error = EncodeError;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result {
                self.count += 1;
                self.value(value)
            }

            #[inline]
            fn end(self) -> Result<usize> {
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
    type Ok = usize;
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
    fn end(self) -> Result<usize> {
        self.finish()
    }
}

macro_rules! fields {
    ($($interface:ident;)*) => {$(
        impl ser::$interface for Compound<'_> {
            type Ok = usize;
            type Error = EncodeError;

            #[inline(always)]
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result {
                self.count += 1;
                self.at = self.out.key(self.at, name)?;
                self.value(value)
            }

            #[inline]
            fn end(self) -> Result<usize> {
                self.finish()
            }
        }
    )*};
}

fields! {
    SerializeStruct;
    SerializeStructVariant;
}
