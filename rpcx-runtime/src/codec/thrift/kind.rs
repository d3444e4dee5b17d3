//! The types of the binary protocol: their numbers, names and sizes.

use thrift::protocol::TType;

/// The number on the wire; 0 for what is not a value.
pub(super) fn number(kind: TType) -> u8 {
    match kind {
        TType::Stop | TType::Void => 0,
        TType::Bool => 2,
        TType::I08 => 3,
        TType::Double => 4,
        TType::I16 => 6,
        TType::I32 => 8,
        TType::I64 => 10,
        TType::String | TType::Utf7 => 11,
        TType::Struct => 12,
        TType::Map => 13,
        TType::Set => 14,
        TType::List => 15,
        TType::Uuid => 16,
    }
}

/// The type of a value with this number.
pub(super) fn from_number(number: u8) -> Option<TType> {
    Some(match number {
        2 => TType::Bool,
        3 => TType::I08,
        4 => TType::Double,
        6 => TType::I16,
        8 => TType::I32,
        10 => TType::I64,
        11 => TType::String,
        12 => TType::Struct,
        13 => TType::Map,
        14 => TType::Set,
        15 => TType::List,
        16 => TType::Uuid,
        _ => return None,
    })
}

/// How an error calls a value of this type.
pub(super) fn name(kind: TType) -> &'static str {
    match kind {
        TType::Stop | TType::Void => "nothing",
        TType::Bool => "a bool",
        TType::I08 => "an i8",
        TType::Double => "a double",
        TType::I16 => "an i16",
        TType::I32 => "an i32",
        TType::I64 => "an i64",
        TType::String | TType::Utf7 => "a string",
        TType::Struct => "a struct",
        TType::Map => "a map",
        TType::Set => "a set",
        TType::List => "a list",
        TType::Uuid => "a uuid",
    }
}

/// The bytes that a value of this type takes in memory, as far as they are known without the type that
/// reads it: what stands in a string is counted by its own bytes, and a struct is taken for one of usual
/// size.
pub(super) fn size(kind: TType) -> usize {
    match kind {
        TType::Stop | TType::Void => 0,
        TType::Bool | TType::I08 => 1,
        TType::I16 => 2,
        TType::I32 => 4,
        TType::I64 | TType::Double => 8,
        TType::Uuid => 16,
        TType::String | TType::Utf7 => 24,
        TType::Set | TType::List | TType::Map => 48,
        TType::Struct => 128,
    }
}

/// The bytes that the smallest value of this type takes.
pub(super) fn least(kind: TType) -> usize {
    match kind {
        TType::Stop | TType::Void => 0,
        // the smallest struct is its end
        TType::Bool | TType::I08 | TType::Struct => 1,
        TType::I16 => 2,
        TType::I32 | TType::String | TType::Utf7 => 4,
        TType::Set | TType::List => 5,
        TType::Map => 6,
        TType::I64 | TType::Double => 8,
        TType::Uuid => 16,
    }
}
