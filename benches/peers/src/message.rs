//! The message of rpcx's published benchmark, for the peers that take serde or prost types.

use std::sync::LazyLock;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// The text in every string of the message: 54 bytes of UTF-8.
pub const TEXT: &str = "许多往事在眼前一幕一幕，变的那麼模糊";
/// The number in every integer of the message.
pub const NUMBER: i32 = 100_000;
/// What `Say` puts into `field1` and `field2`.
pub const ANSWER: (&str, i32) = ("OK", 100);

/// 40 fields; filled by [`BenchmarkMessage::filled`] it has 581 bytes in protobuf.
#[derive(Clone, PartialEq, Serialize, Deserialize, prost::Message)]
#[allow(missing_docs)]
pub struct BenchmarkMessage {
    #[prost(string, required, tag = "1")]
    pub field1: String,
    #[prost(string, optional, tag = "9")]
    pub field9: Option<String>,
    #[prost(string, optional, tag = "18")]
    pub field18: Option<String>,
    #[prost(bool, optional, tag = "80")]
    pub field80: Option<bool>,
    #[prost(bool, optional, tag = "81")]
    pub field81: Option<bool>,
    #[prost(int32, required, tag = "2")]
    pub field2: i32,
    #[prost(int32, required, tag = "3")]
    pub field3: i32,
    #[prost(int32, optional, tag = "280")]
    pub field280: Option<i32>,
    #[prost(int32, optional, tag = "6")]
    pub field6: Option<i32>,
    #[prost(int64, optional, tag = "22")]
    pub field22: Option<i64>,
    #[prost(string, optional, tag = "4")]
    pub field4: Option<String>,
    #[prost(fixed64, repeated, packed = "false", tag = "5")]
    pub field5: Vec<u64>,
    #[prost(bool, optional, tag = "59")]
    pub field59: Option<bool>,
    #[prost(string, optional, tag = "7")]
    pub field7: Option<String>,
    #[prost(int32, optional, tag = "16")]
    pub field16: Option<i32>,
    #[prost(int32, optional, tag = "130")]
    pub field130: Option<i32>,
    #[prost(bool, optional, tag = "12")]
    pub field12: Option<bool>,
    #[prost(bool, optional, tag = "17")]
    pub field17: Option<bool>,
    #[prost(bool, optional, tag = "13")]
    pub field13: Option<bool>,
    #[prost(bool, optional, tag = "14")]
    pub field14: Option<bool>,
    #[prost(int32, optional, tag = "104")]
    pub field104: Option<i32>,
    #[prost(int32, optional, tag = "100")]
    pub field100: Option<i32>,
    #[prost(int32, optional, tag = "101")]
    pub field101: Option<i32>,
    #[prost(string, optional, tag = "102")]
    pub field102: Option<String>,
    #[prost(string, optional, tag = "103")]
    pub field103: Option<String>,
    #[prost(int32, optional, tag = "29")]
    pub field29: Option<i32>,
    #[prost(bool, optional, tag = "30")]
    pub field30: Option<bool>,
    #[prost(int32, optional, tag = "60")]
    pub field60: Option<i32>,
    #[prost(int32, optional, tag = "271")]
    pub field271: Option<i32>,
    #[prost(int32, optional, tag = "272")]
    pub field272: Option<i32>,
    #[prost(int32, optional, tag = "150")]
    pub field150: Option<i32>,
    #[prost(int32, optional, tag = "23")]
    pub field23: Option<i32>,
    #[prost(bool, optional, tag = "24")]
    pub field24: Option<bool>,
    #[prost(int32, optional, tag = "25")]
    pub field25: Option<i32>,
    #[prost(bool, optional, tag = "78")]
    pub field78: Option<bool>,
    #[prost(int32, optional, tag = "67")]
    pub field67: Option<i32>,
    #[prost(int32, optional, tag = "68")]
    pub field68: Option<i32>,
    #[prost(int32, optional, tag = "128")]
    pub field128: Option<i32>,
    #[prost(string, optional, tag = "129")]
    pub field129: Option<String>,
    #[prost(int32, optional, tag = "131")]
    pub field131: Option<i32>,
}

/// The arguments of `Mul`.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize, prost::Message)]
#[allow(missing_docs)]
pub struct MulArgs {
    #[prost(int32, tag = "1")]
    pub a: i32,
    #[prost(int32, tag = "2")]
    pub b: i32,
}

/// The reply of `Mul`.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize, prost::Message)]
#[allow(missing_docs)]
pub struct MulReply {
    #[prost(int32, tag = "1")]
    pub c: i32,
}

/// Argument and reply of `Blob`.
#[derive(Clone, PartialEq, prost::Message)]
#[allow(missing_docs)]
pub struct Blob {
    #[prost(bytes = "bytes", tag = "1")]
    pub data: Bytes,
}

/// Fills a message of any type with these field names.
#[macro_export]
macro_rules! filled {
    ($message:ident) => {{
        let text = || Some($crate::message::TEXT.to_owned().into());
        let number = Some($crate::message::NUMBER);
        let yes = Some(true);
        $message {
            field1: $crate::message::TEXT.to_owned().into(),
            field9: text(),
            field18: text(),
            field80: yes,
            field81: yes,
            field2: $crate::message::NUMBER,
            field3: $crate::message::NUMBER,
            field280: number,
            field6: number,
            field22: Some(i64::from($crate::message::NUMBER)),
            field4: text(),
            field5: Vec::new(),
            field59: yes,
            field7: text(),
            field16: number,
            field130: number,
            field12: yes,
            field17: yes,
            field13: yes,
            field14: yes,
            field104: number,
            field100: number,
            field101: number,
            field102: text(),
            field103: text(),
            field29: number,
            field30: yes,
            field60: number,
            field271: number,
            field272: number,
            field150: number,
            field23: number,
            field24: yes,
            field25: number,
            field78: yes,
            field67: number,
            field68: number,
            field128: number,
            field129: text(),
            field131: number,
        }
    }};
}

impl BenchmarkMessage {
    /// As the published benchmark fills it: every string, number and truth value the same.
    pub fn filled() -> Self {
        filled!(BenchmarkMessage)
    }

    /// The work of `Say`.
    #[must_use]
    pub fn answered(mut self) -> Self {
        ANSWER.0.clone_into(&mut self.field1);
        self.field2 = ANSWER.1;
        self
    }

    /// Whether the server has done its work.
    pub fn is_answer(&self) -> bool {
        (self.field1.as_str(), self.field2) == ANSWER
    }
}

/// Bytes in the payload of `Blob`.
pub const BLOB: usize = 1 << 20;

/// Bytes in the reply to `Fetch`.
pub const FETCHED: usize = 50_000_000;

/// What `Fetch` answers: made once, and shared by all replies.
pub static LARGE: LazyLock<Bytes> = LazyLock::new(|| noise(FETCHED).into());

/// What the calls are made from. Built once and never freed.
#[derive(Debug)]
pub struct Template {
    /// Cloned for every call.
    pub message: BenchmarkMessage,
    /// The same in protobuf, for the peers that carry plain bytes.
    pub encoded: Bytes,
    /// [`BLOB`] bytes that do not compress.
    pub blob: Bytes,
}

impl Template {
    /// A template for the rest of the process.
    pub fn leak() -> &'static Self {
        let message = BenchmarkMessage::filled();
        let encoded = prost::Message::encode_to_vec(&message).into();
        Box::leak(Box::new(Self {
            message,
            encoded,
            blob: noise(BLOB).into(),
        }))
    }
}

/// The same bytes in every run.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_has_the_published_size() {
        assert_eq!(Template::leak().encoded.len(), 581);
    }
}
