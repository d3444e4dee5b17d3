//! Numbers and truth values. What is not read here, nil among it, is left to serde's way.

use serde::Deserialize;

use super::super::msgpack::marker;
use super::super::{DecodeError, EncodeError};
use super::{Output, Read, Reader, Write};

type Result<T> = std::result::Result<T, DecodeError>;

macro_rules! integers {
    ($($read:ident, $write:ident: $($ty:ty)*;)*) => {$($(
        impl<'de> Read<'de> for $ty {
            const LEAF: bool = true;
            const IN_PLACE: bool = true;

            #[inline(always)]
            fn zero() -> Option<Self> {
                Some(0)
            }

            #[inline(always)]
            fn read_in_place(bytes: &'de [u8]) -> Option<(Self, &'de [u8])> {
                match bytes {
                    [byte @ 0..0x80, rest @ ..] => Some((*byte as Self, rest)),
                    [marker::U32, a, b, c, d, rest @ ..] if size_of::<Self>() >= 4 => {
                        let value = u32::from_be_bytes([*a, *b, *c, *d]);
                        Some((Self::try_from(value).ok()?, rest))
                    }
                    _ => {
                        let (value, len) = positive(bytes);
                        Some((Self::try_from(value).ok()?, bytes.get(len..)?))
                    }
                }
            }

            #[inline(always)]
            fn read(reader: &mut Reader<'de>) -> Result<Self> {
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

/// An integer of more than one byte that has no sign, and how many bytes it takes; more than there are for everything
/// else. Not inlined, and two words wide, because it stands wherever an integer is read.
#[inline(never)]
fn positive(bytes: &[u8]) -> (u64, usize) {
    const NONE: (u64, usize) = (0, usize::MAX);
    let [marker @ marker::U8..=marker::U64, digits @ ..] = bytes else {
        return NONE;
    };
    let len = 1 << (marker - marker::U8);
    let value = match digits.first_chunk() {
        Some(eight) => u64::from_be_bytes(*eight) >> (64 - 8 * len),
        // near the end of a payload
        None => match digits.get(..len) {
            Some(digits) => (digits.iter()).fold(0, |value, digit| value << 8 | u64::from(*digit)),
            None => return NONE,
        },
    };
    (value, 1 + len)
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
impl<'de> Read<'de> for bool {
    const LEAF: bool = true;
    const IN_PLACE: bool = true;

    #[inline(always)]
    fn zero() -> Option<Self> {
        Some(false)
    }

    #[inline(always)]
    fn read_in_place(bytes: &'de [u8]) -> Option<(Self, &'de [u8])> {
        match bytes {
            [byte @ (marker::FALSE | marker::TRUE), rest @ ..] => {
                Some((*byte == marker::TRUE, rest))
            }
            _ => None,
        }
    }

    #[inline(always)]
    fn read(reader: &mut Reader<'de>) -> Result<Self> {
        in_place_or_by_serde(reader)
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
        impl<'de> Read<'de> for $ty {
            const LEAF: bool = true;
            const IN_PLACE: bool = true;

            #[inline(always)]
            fn zero() -> Option<Self> {
                Some(0.0)
            }

            #[inline(always)]
            fn read_in_place(bytes: &'de [u8]) -> Option<(Self, &'de [u8])> {
                match bytes {
                    [$marker, $($byte,)* rest @ ..] => {
                        Some((<$ty>::from_be_bytes([$(*$byte),*]), rest))
                    }
                    _ => None,
                }
            }

            #[inline]
            fn read(reader: &mut Reader<'de>) -> Result<Self> {
                in_place_or_by_serde(reader)
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

#[inline(always)]
fn in_place_or_by_serde<'de, T: Read<'de> + Deserialize<'de>>(
    reader: &mut Reader<'de>,
) -> Result<T> {
    match T::read_in_place(reader.rest) {
        Some((value, rest)) => {
            reader.rest = rest;
            Ok(value)
        }
        None => by_serde(reader),
    }
}

#[cold]
#[inline(never)]
fn by_serde<'de, T: Deserialize<'de>>(reader: &mut Reader<'de>) -> Result<T> {
    T::deserialize(reader)
}
