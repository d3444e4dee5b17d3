//! Numbers and truth values. What is not read here, nil among it, is left to serde's way.

use serde::Deserialize;

use super::super::msgpack::marker;
use super::super::{DecodeError, EncodeError};
use super::{Output, Read, Reader, Write};

type Result<T> = std::result::Result<T, DecodeError>;

macro_rules! integers {
    ($($read:ident, $write:ident: $($ty:ty)*;)*) => {$($(
        impl Read<'_> for $ty {
            const LEAF: bool = true;

            #[inline(always)]
            fn zero() -> Option<Self> {
                Some(0)
            }

            #[inline(always)]
            fn read(reader: &mut Reader<'_>) -> Result<Self> {
                match reader.rest.split_first() {
                    Some((&byte, rest)) if byte < 0x80 => {
                        reader.rest = rest;
                        Ok(byte as Self)
                    }
                    _ => $read(reader),
                }
            }
        }

        impl Write for $ty {
            #[inline(always)]
            fn write<const N: usize>(
                &self,
                out: &mut Output,
                at: usize,
                prefix: &'static [u8; N],
            ) -> std::result::Result<usize, EncodeError> {
                Ok(out.$write(at, prefix, (*self).into()))
            }
        }
    )*)*};
}

integers! {
    signed, signed_behind: i8 i16 i32 i64;
    unsigned, unsigned_behind: u8 u16 u32 u64;
}

macro_rules! long {
    ($($name:ident $rare:ident $wide:ty;)*) => {$(
        /// An integer of more than one byte: four are the usual case.
        #[inline(never)]
        fn $name<'de, T: TryFrom<$wide> + TryFrom<u32> + Deserialize<'de>>(
            reader: &mut Reader<'de>,
        ) -> Result<T> {
            if let Some(([marker::U32, a, b, c, d], rest)) = reader.rest.split_first_chunk::<5>()
                && let Ok(value) = T::try_from(u32::from_be_bytes([*a, *b, *c, *d]))
            {
                reader.rest = rest;
                return Ok(value);
            }
            $rare(reader)
        }

        #[inline(never)]
        fn $rare<'de, T: TryFrom<$wide> + Deserialize<'de>>(reader: &mut Reader<'de>) -> Result<T> {
            let start = reader.rest;
            if let Ok(value) = reader.$name()
                && let Ok(value) = T::try_from(value)
            {
                return Ok(value);
            }
            reader.rest = start;
            T::deserialize(reader)
        }
    )*};
}

long! {
    signed rare_signed i64;
    unsigned rare_unsigned u64;
}

#[allow(
    clippy::use_self,
    reason = "whether it is a leaf is not of its own type"
)]
impl Read<'_> for bool {
    const LEAF: bool = true;

    #[inline(always)]
    fn zero() -> Option<Self> {
        Some(false)
    }

    #[inline(always)]
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        match reader.rest.split_first() {
            Some((&byte @ (marker::FALSE | marker::TRUE), rest)) => {
                reader.rest = rest;
                Ok(byte == marker::TRUE)
            }
            _ => by_serde(reader),
        }
    }
}

impl Write for bool {
    #[inline(always)]
    fn write<const N: usize>(
        &self,
        out: &mut Output,
        at: usize,
        prefix: &'static [u8; N],
    ) -> std::result::Result<usize, EncodeError> {
        Ok(out.byte_behind(at, prefix, marker::FALSE | u8::from(*self)))
    }
}

macro_rules! floats {
    ($($ty:ty, $marker:pat, $write:ident, ($($byte:ident)*);)*) => {$(
        impl Read<'_> for $ty {
            const LEAF: bool = true;

            #[inline(always)]
            fn zero() -> Option<Self> {
                Some(0.0)
            }

            #[inline]
            fn read(reader: &mut Reader<'_>) -> Result<Self> {
                match reader.rest {
                    [$marker, $($byte,)* rest @ ..] => {
                        reader.rest = rest;
                        Ok(<$ty>::from_be_bytes([$(*$byte),*]))
                    }
                    _ => by_serde(reader),
                }
            }
        }

        impl Write for $ty {
            #[inline]
            fn write<const N: usize>(
                &self,
                out: &mut Output,
                at: usize,
                prefix: &'static [u8; N],
            ) -> std::result::Result<usize, EncodeError> {
                let at = out.put(at, prefix);
                Ok(out.$write(at, *self))
            }
        }
    )*};
}

floats! {
    f32, marker::F32, float, (a b c d);
    f64, marker::F64, double, (a b c d e f g h);
}

#[cold]
#[inline(never)]
fn by_serde<'de, T: Deserialize<'de>>(reader: &mut Reader<'de>) -> Result<T> {
    T::deserialize(reader)
}
