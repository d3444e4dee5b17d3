//! The messages of the recorded payloads, as `tests/interop/peer/shapes.go` declares them.

use std::collections::BTreeMap;
use std::time::Duration;

use rpcx::Timestamp;

/// `Args` of Go.
#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Args {
    pub(crate) a: i64,
    pub(crate) b: i64,
}

/// `Reply` of Go.
#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    pub(crate) c: i64,
}

/// A struct without fields.
#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Empty {}

/// What Go inlines from two embedded structs is one struct here.
#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Embedded {
    #[rpcx(name = "ID")]
    pub(crate) id: i64,
    pub(crate) a: i64,
    pub(crate) b: i64,
    pub(crate) name: String,
}

/// Field names by tag.
#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tagged {
    #[rpcx(name = "user_id")]
    pub(crate) user_id: i64,
    pub(crate) note: String,
    pub(crate) hidden: String,
}

/// A struct behind a pointer.
#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pointer {
    pub(crate) p: Option<Args>,
}

/// A time and a duration.
#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Times {
    pub(crate) t: Timestamp,
    pub(crate) d: Duration,
}

/// `BigReply` of Go.
#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BigReply {
    pub(crate) data: Vec<u8>,
}

/// `share.FileTransferArgs` of Go in msgpack.
#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Transfer {
    pub(crate) file_name: String,
    pub(crate) file_size: i64,
    pub(crate) meta: Option<BTreeMap<String, String>>,
}

/// The same in JSON, where its tags are.
#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TransferJson {
    #[rpcx(name = "file_name")]
    pub(crate) file_name: String,
    #[rpcx(name = "file_size")]
    pub(crate) file_size: i64,
    pub(crate) meta: Option<BTreeMap<String, String>>,
}

/// The nested part of `All`.
#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Inner {
    pub(crate) name: String,
    pub(crate) score: i32,
    pub(crate) tags: Vec<String>,
}

impl Inner {
    pub(crate) fn new(name: &str, score: i32, tags: &[&str]) -> Self {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        Self {
            name: name.to_owned(),
            score,
            tags,
        }
    }
}

/// One field of every kind that a Go service usually sends.
#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct All {
    pub(crate) int: i64,
    pub(crate) i8: i8,
    pub(crate) i16: i16,
    pub(crate) i32: i32,
    pub(crate) i64: i64,
    pub(crate) u8: u8,
    pub(crate) u16: u16,
    pub(crate) u32: u32,
    pub(crate) u64: u64,
    pub(crate) f32: f32,
    pub(crate) f64: f64,
    pub(crate) bool: bool,
    pub(crate) str: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) arr: [u8; 4],
    pub(crate) time: Timestamp,
    pub(crate) dur: Duration,
    pub(crate) strs: Vec<String>,
    pub(crate) map: BTreeMap<String, i64>,
    pub(crate) int_map: BTreeMap<i64, String>,
    pub(crate) inner: Inner,
    pub(crate) ptr: Option<Box<Inner>>,
    pub(crate) inners: Vec<Inner>,
}

impl All {
    /// `peer.Sample()` of Go.
    pub(crate) fn sample() -> Self {
        Self {
            int: -42,
            i8: i8::MIN,
            i16: i16::MIN,
            i32: i32::MIN,
            i64: i64::MIN,
            u8: u8::MAX,
            u16: u16::MAX,
            u32: u32::MAX,
            u64: u64::MAX,
            f32: 1.5,
            f64: -2.25,
            bool: true,
            str: "grüße, 世界".to_owned(),
            bytes: vec![0, 1, 254, 255],
            arr: [1, 2, 3, 4],
            time: Timestamp::new(1_700_000_000, 123_000_000).unwrap(),
            dur: Duration::from_secs(90),
            strs: ["a", "", "c"].map(str::to_owned).to_vec(),
            map: BTreeMap::from([("k".to_owned(), -7)]),
            int_map: BTreeMap::from([(-1, "minus one".to_owned())]),
            inner: Inner::new("in", 7, &["x"]),
            ptr: Some(Box::new(Inner::new("ptr", -7, &["y", "z"]))),
            inners: vec![Inner::new("one", 1, &["t"]), Inner::new("two", 2, &["u"])],
        }
    }
}

/// `peer.Pattern` of Go: byte i is i modulo 251.
pub(crate) fn pattern(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8).collect()
}
