//! Codec 4: structs of thrift in the binary protocol, by the thrift crate.
//!
//! The crate has the trait that generated code implements. The bytes are read and written here: its own
//! reader reserves what a length announces and does not compare types, see [`read`].

mod kind;
mod read;
mod write;

use thrift::protocol::{TInputProtocol, TOutputProtocol, TSerializable, TStructIdentifier, TType};

use self::read::Reader;
use self::write::Writer;
use super::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Family, Payload, Thrift};
use crate::protocol::SerializeType;

/// Structs and containers inside each other, the whole included.
const DEEPEST: usize = 64;

impl Family for Thrift {
    fn choose(_: SerializeType) -> SerializeType {
        SerializeType::THRIFT
    }

    fn supports(codec: SerializeType) -> bool {
        codec == SerializeType::THRIFT
    }
}

/// A struct, union or exception that the thrift compiler generated with `--gen rs`, or any other type
/// with the trait [`TSerializable`] that writes one struct.
///
/// An enum has the trait too. It is no message: it is refused when it is encoded or decoded.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a thrift message",
    label = "no way to encode and decode it as thrift",
    note = "with `codec = \"thrift\"` the argument and the reply of a method are structs that the thrift compiler generated"
)]
pub trait ThriftMessage: TSerializable {}

#[diagnostic::do_not_recommend]
impl<T: TSerializable> ThriftMessage for T {}

/// The bare struct in strict TBinary, with no message around it: an empty struct is one byte.
impl<T: ThriftMessage> Payload<'_, Thrift> for T {
    fn encode(&self, codec: SerializeType, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if !Thrift::supports(codec) {
            return Err(EncodeError::codec(codec));
        }
        let start = out.len();
        let written = self.write_to_out_protocol(&mut Writer::new(out));
        written.map_err(unwritable)?;
        // Compiled thrift code casts counts to 32 bits; a count that lost bits has more bytes than this.
        match out.len() - start > i32::MAX as usize {
            true => Err(EncodeErrorKind::Value("a struct of 2 GiB or more".to_owned()).into()),
            false => Ok(()),
        }
    }

    /// At most 64 structs and containers inside each other.
    fn decode(codec: SerializeType, bytes: &[u8]) -> Result<Self, DecodeError> {
        if !Thrift::supports(codec) {
            return Err(DecodeError::codec(codec));
        }
        let mut reader = Reader::new(bytes);
        match T::read_from_in_protocol(&mut reader) {
            Ok(value) => reader.finish().map(|()| value),
            Err(error) => Err(unreadable(error, reader.began())),
        }
    }
}

#[cold]
fn unwritable(error: thrift::Error) -> EncodeError {
    match error {
        thrift::Error::User(error) => match error.downcast::<EncodeError>() {
            Ok(ours) => *ours,
            Err(other) => EncodeErrorKind::Value(other.to_string()).into(),
        },
        error => EncodeErrorKind::Value(text(error)).into(),
    }
}

/// What our reader says has a place; what the type itself says is about the struct that begins at
/// `began`: a required field that is missing, for example.
#[cold]
fn unreadable(error: thrift::Error, began: usize) -> DecodeError {
    let text = match error {
        thrift::Error::User(error) => match error.downcast::<DecodeError>() {
            Ok(ours) => return *ours,
            Err(other) => other.to_string(),
        },
        error => text(error),
    };
    DecodeError::new(DecodeErrorKind::Value(text), Some(began))
}

/// The message of an error; its `Display` names no more than a kind.
fn text(error: thrift::Error) -> String {
    match error {
        thrift::Error::Transport(error) => error.message,
        thrift::Error::Protocol(error) => error.message,
        thrift::Error::Application(error) => error.message,
        thrift::Error::User(error) => error.to_string(),
    }
}

/// What stands for `()`: a struct without fields. Fields that a peer sends are skipped.
#[derive(Debug)]
pub(crate) struct EmptyMessage;

impl TSerializable for EmptyMessage {
    fn read_from_in_protocol(input: &mut dyn TInputProtocol) -> thrift::Result<Self> {
        input.read_struct_begin()?;
        loop {
            let field = input.read_field_begin()?;
            if field.field_type == TType::Stop {
                break;
            }
            input.skip(field.field_type)?;
            input.read_field_end()?;
        }
        input.read_struct_end()?;
        Ok(Self)
    }

    fn write_to_out_protocol(&self, output: &mut dyn TOutputProtocol) -> thrift::Result<()> {
        output.write_struct_begin(&TStructIdentifier::new("Empty"))?;
        output.write_field_stop()?;
        output.write_struct_end()
    }
}
