//! Values to payload bytes and back.
//!
//! [`Payload`] joins a type to a [`Family`] of codecs. The family [`Serde`] has msgpack and JSON and
//! covers every type with serde's two traits; [`Prost`] carries protobuf messages,
//! [`Thrift`] structs of thrift, [`Raw`] bytes as they are.
//!
//! What Go peers send is read as Go reads it: nil is the zero value, integers have any width, a
//! byte string may stand for a text. What cannot be kept is an error and never cut short.

mod adapt;
mod both;
#[cfg_attr(not(feature = "msgpack"), allow(dead_code))]
mod budget;
#[doc(hidden)]
pub mod choice;
#[cfg_attr(not(feature = "msgpack"), allow(dead_code))]
mod counted;
#[cfg(feature = "custom-codec")]
mod custom;
#[cfg(not(feature = "custom-codec"))]
#[path = "no_custom.rs"]
mod custom;
#[doc(hidden)]
pub mod direct;
mod error;
mod family;
mod formats;
#[cfg(feature = "protobuf")]
#[doc(hidden)]
pub mod generated_go;
mod json;
#[doc(hidden)]
pub mod message;
#[cfg(any(feature = "json", feature = "custom-codec"))]
mod metered;
// Messages are generated with it whatever the features are.
#[cfg_attr(not(feature = "msgpack"), allow(dead_code))]
mod msgpack;
mod open;
#[cfg(feature = "protobuf")]
mod prost;
mod raw;
mod shared_text;
#[cfg(feature = "thrift")]
mod thrift;
mod timestamp;
mod transcode;
mod unit;
mod utf8;
mod value;
mod zero;

pub(crate) use adapt::AdaptedRef;
pub use adapt::{
    Adapted, Answer, AskKeys, AskNothing, AskPlaces, At, ByType, ByteArray, Bytes, Choice, Chosen,
    Compound, DecodeAs, DequeBytes, EncodeAs, Entries, Fixed, Found, FromBytes, GoodKeys,
    GoodPlaces, Inside, LentByType, LentBytes, LentChosen, LentText, List, Many, Maybe, Misplaced,
    Nanos, NeedsForm, NoForm, NoKey, NoKeys, NoWay, OwnForm, Parts, Pick, Plain, Probe, Text, Time,
    Way, keys_travel, places_travel,
};
pub use both::{Both, PickFamily, RawBytes, RawReply, Three};
pub(crate) use budget::{DECODED, made_of};
pub(crate) use counted::{Counted, Decoding, Holder, counting, expect};
#[cfg(feature = "custom-codec")]
pub(crate) use custom::OwnCodec;
#[cfg(feature = "custom-codec")]
pub use custom::{CustomCodec, Decodable, Encodable};
pub use direct::Direct;
pub use error::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind};
pub use family::{
    Family, Payload, Prost, Raw, Serde, Thrift, decode_as, decode_as_within, decode_serde,
    encode_as, encode_serde,
};
pub use formats::Coding;
pub(crate) use formats::{Entry, Formats};
pub use open::{Carried, Carries, In, Open, OpenForm};
#[cfg(feature = "protobuf")]
pub use prost::ProtobufMessage;
pub use shared_text::Text as SharedText;
#[cfg(feature = "thrift")]
pub(crate) use thrift::EmptyMessage;
#[cfg(feature = "thrift")]
pub use thrift::ThriftMessage;
pub use timestamp::{Timestamp, TimestampRangeError};
pub use transcode::transcode;
pub use value::Value;
