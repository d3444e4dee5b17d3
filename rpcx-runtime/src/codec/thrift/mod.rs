//! Codec 4: structs of thrift in the binary protocol, by the thrift crate.
//!
//! The crate has the trait that generated code implements. The bytes are read and written here: its own
//! reader reserves what a length announces and does not compare types, see [`read`].

mod kind;
mod read;
mod write;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use thrift::protocol::{TInputProtocol, TOutputProtocol, TSerializable, TStructIdentifier, TType};

use self::read::Reader;
use self::write::Writer;
use super::family::{Nothing, Seal};
use super::{
    Coding, DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Family, Payload, Thrift,
};
use crate::protocol::Codec;

/// Structs and containers inside each other, the whole included.
const DEEPEST: usize = 64;

impl Family for Thrift {
    fn choose(_: Option<Coding<'_>>) -> Codec {
        Codec::THRIFT
    }

    fn supports(codec: Codec) -> bool {
        codec == Codec::THRIFT
    }
}

impl Nothing for Thrift {
    fn write_nothing(coding: Coding<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let codec = coding.built_in().map_err(EncodeError::codec)?;
        EmptyMessage.encode(codec, out)
    }

    fn read_nothing(coding: Coding<'_>, bytes: &[u8]) -> Result<(), DecodeError> {
        let codec = coding.built_in().map_err(DecodeError::codec)?;
        EmptyMessage::decode(codec, bytes).map(|EmptyMessage| ())
    }
}

/// A struct, union or exception that the thrift compiler generated with `--gen rs`, or any other type
/// with the trait [`TSerializable`] that writes one struct.
///
/// An enum has the trait too. It is no message: it is refused when it is encoded or decoded.
///
/// ```
/// use rpcx::codec::Payload;
/// use rpcx::protocol::Codec;
/// use thrift::protocol::{
///     TFieldIdentifier, TInputProtocol, TOutputProtocol, TSerializable, TStructIdentifier, TType,
/// };
///
/// // struct Square { 1: i32 side }, shorter than the compiler writes it
/// #[derive(Debug, Default, PartialEq)]
/// struct Square {
///     side: i32,
/// }
///
/// impl TSerializable for Square {
///     fn read_from_in_protocol(input: &mut dyn TInputProtocol) -> thrift::Result<Self> {
///         let mut square = Self::default();
///         input.read_struct_begin()?;
///         loop {
///             let field = input.read_field_begin()?;
///             match (field.field_type, field.id) {
///                 (TType::Stop, _) => break,
///                 (TType::I32, Some(1)) => square.side = input.read_i32()?,
///                 (other, _) => input.skip(other)?,
///             }
///         }
///         input.read_struct_end()?;
///         Ok(square)
///     }
///
///     fn write_to_out_protocol(&self, output: &mut dyn TOutputProtocol) -> thrift::Result<()> {
///         output.write_struct_begin(&TStructIdentifier::new("Square"))?;
///         output.write_field_begin(&TFieldIdentifier::new("side", TType::I32, 1))?;
///         output.write_i32(self.side)?;
///         output.write_field_stop()?;
///         output.write_struct_end()
///     }
/// }
///
/// let mut payload = Vec::new();
/// Square { side: 3 }.encode(Codec::THRIFT, &mut payload)?;
/// assert_eq!(payload, [8, 0, 1, 0, 0, 0, 3, 0]);
/// assert_eq!(Square::decode(Codec::THRIFT, &payload)?, Square { side: 3 });
///
/// let error = Square::decode(Codec::THRIFT, &payload[..5]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the payload ends too early: 5 more bytes announced, 2 left at byte 3"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    fn encode(&self, codec: Codec, out: &mut Vec<u8>) -> Result<(), EncodeError> {
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
    ///
    /// A panic of the type is an error too: code of older thrift compilers panics where a union has a
    /// field that it does not know.
    fn decode_within(codec: Codec, bytes: &[u8], decoded: usize) -> Result<Self, DecodeError> {
        if !Thrift::supports(codec) {
            return Err(DecodeError::codec(codec));
        }
        let mut reader = Reader::new(bytes, decoded);
        // What a panic leaves behind is this reader, which then only says where it was.
        let read = catch_unwind(AssertUnwindSafe(|| T::read_from_in_protocol(&mut reader)));
        reader.note();
        match read {
            Ok(Ok(value)) => reader.finish().map(|()| value),
            Ok(Err(error)) => Err(unreadable(error, reader.began())),
            Err(panic) => Err(panicked(&*panic, reader.began())),
        }
    }

    fn sealed(_: Seal) {}
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

#[cold]
fn panicked(panic: &(dyn Any + Send), began: usize) -> DecodeError {
    let said = match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
        (Some(text), _) => text,
        (None, Some(text)) => *text,
        (None, None) => "no text",
    };
    let text = format!("the type panicked while it was read: {said}");
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
