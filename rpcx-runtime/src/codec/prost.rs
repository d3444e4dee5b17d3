//! Codec 2: protobuf messages, by prost.

use bytes::Buf;

use super::budget::Budget;
use super::family::{Nothing, Seal};
use super::{
    Coding, DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Family, Payload, Prost,
};
use crate::protocol::Codec;

impl Family for Prost {
    fn choose(_: Option<Coding<'_>>) -> Codec {
        Codec::PROTOBUF
    }

    fn supports(codec: Codec) -> bool {
        codec == Codec::PROTOBUF
    }
}

impl Nothing for Prost {
    fn write_nothing(coding: Coding<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let codec = coding.built_in().map_err(EncodeError::codec)?;
        Payload::<Self>::encode(&(), codec, out)
    }

    fn read_nothing(coding: Coding<'_>, bytes: &[u8]) -> Result<(), DecodeError> {
        let codec = coding.built_in().map_err(DecodeError::codec)?;
        <() as Payload<'_, Self>>::decode(codec, bytes)
    }
}

/// A message that prost can write and read: what `#[derive(prost::Message)]` gives, and what
/// prost-build generates. `()`, `bool`, `String`, `Vec<u8>` and the numbers of 32 and 64 bits are the
/// well-known messages `Empty`, `BoolValue`, `StringValue` and so on.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a protobuf message",
    label = "no way to encode and decode it as protobuf",
    note = "with `codec = \"protobuf\"` the argument and the reply of a method need `#[derive(prost::Message)]`"
)]
pub trait ProtobufMessage: prost::Message + Default {}

#[diagnostic::do_not_recommend]
impl<T: prost::Message + Default> ProtobufMessage for T {}

/// The bytes of the message and nothing around them: a message without fields is an empty payload.
impl<T: ProtobufMessage> Payload<'_, Prost> for T {
    #[inline]
    fn encode(&self, codec: Codec, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if !Prost::supports(codec) {
            return Err(EncodeError::codec(codec));
        }
        let written = prost::Message::encode(self, out);
        written.map_err(|error| EncodeErrorKind::Value(error.to_string()).into())
    }

    /// prost itself stops at 100 levels.
    #[inline]
    fn decode_within(codec: Codec, bytes: &[u8], decoded: usize) -> Result<Self, DecodeError> {
        if !Prost::supports(codec) {
            return Err(DecodeError::codec(codec));
        }
        let budget = Budget::new(bytes, decoded);
        let counted = Counted::new(bytes, &budget);
        let read = <T as prost::Message>::decode(counted);
        budget.note();
        // Where the bytes end is the end of a message, for prost.
        match budget.is_exceeded() {
            true => Err(DecodeError::new(budget.error(), None)),
            false => read.map_err(|error| unreadable(&error)),
        }
    }

    fn sealed(_: Seal) {}
}

/// What each read of prost counts: a key, a length, a number, one element of a packed list.
const READ: usize = 16;

/// What an empty message counts beside that: its fields take memory all the same.
const EMPTY: usize = 128;

/// Counts what prost makes of bytes, which only shows in what it reads: a field is a key and a value,
/// a message in a message is a key and a length. The sizes of types are not known here, so the counts
/// are those of usual messages, and empty ones, of which two bytes could be a whole one, count more.
///
/// When the budget is spent, there are no more bytes, and prost gives up.
struct Counted<'a, 'b> {
    bytes: &'a [u8],
    budget: &'b Budget,
    /// The last byte was the end of a key for a value with a length, or looked like one.
    begins: bool,
}

impl<'a, 'b> Counted<'a, 'b> {
    fn new(bytes: &'a [u8], budget: &'b Budget) -> Self {
        Self {
            bytes,
            budget,
            begins: false,
        }
    }
}

impl Buf for Counted<'_, '_> {
    #[inline]
    fn remaining(&self) -> usize {
        self.bytes.len()
    }

    #[inline]
    fn chunk(&self) -> &[u8] {
        self.bytes
    }

    #[inline]
    fn advance(&mut self, count: usize) {
        let empty = self.begins && count == 1 && self.bytes.first() == Some(&0);
        // The type of a value is in the lowest bits of the first byte of its key.
        self.begins = count <= 5 && self.bytes.first().is_some_and(|byte| byte & 7 == 2);
        self.bytes.advance(count);
        let cost = match empty {
            true => READ + EMPTY,
            false => READ,
        };
        if !self.budget.take(cost) {
            self.bytes = &[];
        }
    }
}

#[cold]
fn unreadable(error: &prost::DecodeError) -> DecodeError {
    DecodeError::new(DecodeErrorKind::Value(error.to_string()), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<T: ProtobufMessage>(value: &T) -> Vec<u8> {
        let mut out = Vec::new();
        Payload::<Prost>::encode(value, Codec::PROTOBUF, &mut out).unwrap();
        out
    }

    fn read<T: ProtobufMessage>(bytes: &[u8]) -> Result<T, DecodeError> {
        <T as Payload<'_, Prost>>::decode(Codec::PROTOBUF, bytes)
    }

    #[test]
    fn the_well_known_messages() {
        assert_eq!(bytes(&"hi".to_owned()), b"\x0a\x02hi");
        assert_eq!(read::<String>(b"\x0a\x02hi").unwrap(), "hi");
        assert_eq!(bytes(&300_u64), [0x08, 0xac, 0x02]);
        assert!(bytes(&String::new()).is_empty());
        assert!(bytes(&()).is_empty());
        assert_eq!(read::<String>(b"").unwrap(), "");
        // fields that a message does not know are skipped
        read::<()>(b"\x0a\x02hi").unwrap();
    }

    #[test]
    fn bytes_that_are_no_message_are_refused() {
        for wrong in [&b"\x0a\x05hi"[..], b"\x0a", b"\xff\xff", b"\x0a\x01\xff"] {
            let error = read::<String>(wrong).unwrap_err();
            assert!(
                matches!(error.kind(), DecodeErrorKind::Value(_)),
                "{wrong:?}: {error}"
            );
        }
    }

    #[test]
    fn other_codecs_are_refused() {
        let mut out = Vec::new();
        let error = Payload::<Prost>::encode(&1_u32, Codec::JSON, &mut out).unwrap_err();
        assert_eq!(error.to_string(), "can not find codec for 1");
        let error = <u32 as Payload<'_, Prost>>::decode(Codec::MSGPACK, b"").unwrap_err();
        assert_eq!(error.to_string(), "can not find codec for 3");
    }
}
