//! `#[rpcx::message]`: names, Go's zero values, forms and options, in msgpack and JSON.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rpcx::Timestamp;
use rpcx::codec::{decode_serde, encode_serde};
use rpcx::protocol::Codec;

const MSGPACK: Codec = Codec::MSGPACK;
const JSON: Codec = Codec::JSON;

fn encode<T: serde::Serialize>(codec: Codec, value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    encode_serde(value, codec, &mut out).unwrap();
    out
}

fn decode<'de, T: serde::Deserialize<'de>>(codec: Codec, bytes: &'de [u8]) -> T {
    decode_serde(codec, bytes).unwrap()
}

fn refused<'de, T: serde::Deserialize<'de> + std::fmt::Debug>(
    codec: Codec,
    bytes: &'de [u8],
) -> String {
    decode_serde::<T>(codec, bytes).unwrap_err().to_string()
}

fn both_ways<T>(value: &T)
where
    T: serde::Serialize + for<'de> serde::Deserialize<'de> + PartialEq + std::fmt::Debug,
{
    for codec in [MSGPACK, JSON] {
        assert_eq!(&decode::<T>(codec, &encode(codec, value)), value);
    }
}

#[rpcx::message]
#[derive(Debug, Default, PartialEq)]
struct Args {
    a: i64,
    b: i64,
}

#[test]
fn go_names_and_bytes() {
    let args = Args { a: 10, b: 20 };
    assert_eq!(encode(MSGPACK, &args), b"\x82\xa1A\x0a\xa1B\x14");
    assert_eq!(encode(JSON, &args), br#"{"A":10,"B":20}"#);
    both_ways(&args);
}

#[test]
fn any_order_missing_unknown_and_duplicate_fields() {
    for (bytes, args) in [
        (&b"\x82\xa1B\x14\xa1A\x0a"[..], Args { a: 10, b: 20 }),
        (b"\x81\xa1B\x14", Args { a: 0, b: 20 }),
        (b"\x80", Args::default()),
        (b"\xc0", Args::default()),
        (
            b"\x83\xa1A\x01\xa1X\x92\x01\x02\xa1B\x02",
            Args { a: 1, b: 2 },
        ),
        (b"\x83\xa1A\x01\xa1B\x02\xa1A\x03", Args { a: 3, b: 2 }),
        (b"\x82\xa1A\xc0\xa1B\xc0", Args::default()),
        (b"\x92\x05\x06", Args { a: 5, b: 6 }),
        // Go's names match exactly in msgpack
        (b"\x81\xa1a\x07", Args::default()),
    ] {
        assert_eq!(decode::<Args>(MSGPACK, bytes), args, "{bytes:02x?}");
    }
    for (text, args) in [
        (r#"{"B":20,"A":10}"#, Args { a: 10, b: 20 }),
        (r#"{"a":10,"b":20}"#, Args { a: 10, b: 20 }),
        (r#"{"A":null,"X":{"Y":[]},"B":1}"#, Args { a: 0, b: 1 }),
        ("{}", Args::default()),
        ("null", Args::default()),
    ] {
        assert_eq!(decode::<Args>(JSON, text.as_bytes()), args, "{text}");
    }
    let text = refused::<Args>(MSGPACK, b"\x93\x01\x02\x03");
    assert!(
        text.contains("a list of 3 elements for a struct of 2 fields"),
        "{text}"
    );
    let text = refused::<Args>(MSGPACK, b"\x81\xa1A\xa1x");
    assert!(
        text.contains("invalid type: string \"x\", expected i64 at byte 3"),
        "{text}"
    );
}

#[rpcx::message]
#[derive(Debug, PartialEq)]
struct Everything {
    r#type: String,
    user_id: Option<u64>,
    raw: Vec<u8>,
    fixed: [u8; 4],
    boxed: Option<Box<[u8]>>,
    chunks: Vec<Vec<u8>>,
    shared: bytes::Bytes,
    at: SystemTime,
    stamp: Timestamp,
    took: Duration,
    list: Vec<Args>,
    inner: Args,
    ratio: f32,
    #[rpcx(name = "ID")]
    id: u32,
    #[rpcx(skip)]
    cache: Option<String>,
    #[rpcx(default)]
    level: Level,
    #[rpcx(default = "seven")]
    seven: u8,
}

fn seven() -> u8 {
    7
}

#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
enum Level {
    #[default]
    Low,
    High,
}

fn everything() -> Everything {
    Everything {
        r#type: "t".into(),
        user_id: Some(5),
        raw: vec![1, 2, 3],
        fixed: [9; 4],
        boxed: Some(Box::new([7])),
        chunks: vec![vec![], vec![1]],
        shared: bytes::Bytes::from_static(b"xyz"),
        at: UNIX_EPOCH + Duration::new(1_700_000_000, 5),
        stamp: Timestamp::new(-5, 6).unwrap(),
        took: Duration::from_millis(3),
        list: vec![Args { a: 1, b: 2 }],
        inner: Args { a: 3, b: 4 },
        ratio: 0.5,
        id: 8,
        cache: None,
        level: Level::High,
        seven: 8,
    }
}

#[test]
fn all_kinds_of_fields() {
    let value = everything();
    both_ways(&value);
    let text = String::from_utf8(encode(JSON, &value)).unwrap();
    for part in [
        r#""Type":"t""#,
        r#""UserId":5"#,
        r#""Raw":"AQID""#,
        r#""Fixed":[9,9,9,9]"#,
        r#""Chunks":["","AQ=="]"#,
        r#""At":"2023-11-14T22:13:20.000000005Z""#,
        r#""Took":3000000"#,
        r#""ID":8"#,
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("ache"));
}

#[test]
fn zero_values_need_no_default() {
    for bytes in [
        (MSGPACK, &b"\xc0"[..]),
        (MSGPACK, b"\x80"),
        (JSON, b"{}"),
        (JSON, b"null"),
    ] {
        let value: Everything = decode(bytes.0, bytes.1);
        assert_eq!(value.raw, b"");
        assert_eq!(value.fixed, [0; 4]);
        assert_eq!(value.boxed, None);
        assert_eq!(value.stamp, Timestamp::ZERO);
        assert_eq!(Timestamp::try_from(value.at).unwrap(), Timestamp::ZERO);
        assert_eq!(value.took, Duration::ZERO);
        assert_eq!(value.inner, Args::default());
        assert_eq!(value.level, Level::Low);
        assert_eq!(value.seven, 7);
    }
}

#[test]
fn what_has_no_zero_value_is_named() {
    #[rpcx::message]
    #[derive(Debug)]
    struct Strict {
        #[allow(dead_code)]
        level: Level,
    }
    assert!(refused::<Strict>(MSGPACK, b"\x80").contains("missing field `Level`"));
    assert!(refused::<Strict>(JSON, b"{}").contains("missing field `Level`"));
}

#[rpcx::message]
#[derive(Debug, PartialEq)]
struct Borrowed<'a> {
    text: &'a str,
    data: &'a [u8],
}

#[rpcx::message]
#[derive(Debug, PartialEq)]
struct Page<T, const N: usize>
where
    T: Clone,
{
    items: Vec<T>,
    next: [Option<T>; 2],
    tag: [u8; N],
}

#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
struct Key(String);

#[rpcx::message]
#[derive(Debug, PartialEq)]
struct Blob(Vec<u8>);

#[rpcx::message]
#[derive(Debug, PartialEq)]
struct Nothing;

#[test]
fn borrowed_generic_transparent_and_empty() {
    let bytes = encode(
        MSGPACK,
        &Borrowed {
            text: "ab",
            data: b"cd",
        },
    );
    assert_eq!(bytes, b"\x82\xa4Text\xa2ab\xa4Data\xc4\x02cd");
    let value: Borrowed<'_> = decode(MSGPACK, &bytes);
    assert!(std::ptr::eq(value.text.as_bytes(), &raw const bytes[7..9]));
    assert_eq!(
        decode::<Borrowed<'_>>(MSGPACK, b"\x80"),
        Borrowed {
            text: "",
            data: b""
        }
    );
    let key = Key("k".into());
    both_ways(&Page {
        items: vec![key.clone()],
        next: [Some(key), None],
        tag: [1, 2],
    });
    assert_eq!(encode(MSGPACK, &Blob(vec![1])), b"\xc4\x01\x01");
    both_ways(&Blob(vec![1]));
    both_ways(&Nothing);
    assert_eq!(encode(MSGPACK, &Nothing), b"\x80");
    assert_eq!(decode::<Nothing>(MSGPACK, b"\xc0"), Nothing);
    assert_eq!(decode::<Nothing>(MSGPACK, b"\x81\xa1A\x05"), Nothing);
}

#[rpcx::message]
#[derive(Debug, PartialEq)]
enum Color {
    Red,
    Green = 5,
    Blue,
}

#[rpcx::message(text, rename_all = "snake_case")]
#[derive(Debug, PartialEq)]
enum Mode {
    #[rpcx(default)]
    ReadOnly,
    #[rpcx(name = "rw")]
    ReadWrite,
}

#[test]
fn enums_are_numbers_or_names() {
    assert_eq!(encode(MSGPACK, &Color::Blue), b"\x06");
    both_ways(&Color::Green);
    assert_eq!(decode::<Color>(MSGPACK, b"\xc0"), Color::Red);
    assert!(refused::<Color>(MSGPACK, b"\x07").contains("`Color` has no variant 7"));
    assert_eq!(encode(JSON, &Mode::ReadOnly), br#""read_only""#);
    both_ways(&Mode::ReadWrite);
    assert_eq!(decode::<Mode>(MSGPACK, b"\xa2rw"), Mode::ReadWrite);
    assert_eq!(decode::<Mode>(MSGPACK, b"\xc0"), Mode::ReadOnly);
    assert!(refused::<Mode>(MSGPACK, b"\xa2xx").contains("`Mode` has no variant `xx`"));
}

#[rpcx::message(rename_all = "camelCase")]
#[derive(Debug, PartialEq)]
struct Camel {
    user_id: u8,
    #[rpcx(plain)]
    raw: Vec<u8>,
}

#[test]
fn case_rules_and_plain() {
    let value = Camel {
        user_id: 1,
        raw: vec![2],
    };
    assert_eq!(
        encode(MSGPACK, &value),
        b"\x82\xa6userId\x01\xa3raw\x91\x02"
    );
}

#[test]
fn truncated_messages_fail_everywhere() {
    let bytes = encode(MSGPACK, &everything());
    for len in 0..bytes.len() {
        assert!(decode_serde::<Everything>(MSGPACK, &bytes[..len]).is_err());
    }
    let text = encode(JSON, &everything());
    for len in 0..text.len() {
        assert!(decode_serde::<Everything>(JSON, &text[..len]).is_err());
    }
}

#[deny(warnings, missing_docs, clippy::all, clippy::pedantic)]
mod hygiene {
    #![no_implicit_prelude]
    #![allow(clippy::all, non_camel_case_types, dead_code, unreachable_pub)]

    struct Option;
    struct Result;
    struct String;
    struct Some;

    /// Names that the generated code might use itself.
    #[::rpcx::message(crate = "::rpcx")]
    pub struct Message {
        /// a
        pub map: ::std::string::String,
        /// b
        pub key: ::std::option::Option<::std::vec::Vec<u8>>,
        /// c
        pub serializer: u8,
    }
}

/// A peer that is newer than this one has more variants.
#[rpcx::message]
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Open = -2,
    Paid,
    Sent = 70_000,
    #[rpcx(other)]
    Other(i64),
}

#[rpcx::message(text, rename_all = "snake_case")]
#[derive(Clone, Debug, PartialEq)]
enum Tint {
    DarkRed,
    #[rpcx(name = "")]
    Unset,
    #[rpcx(other)]
    Other(String),
}

#[rpcx::message]
#[derive(Debug, PartialEq)]
struct Order {
    stage: Stage,
    tints: Vec<Tint>,
    by_stage: std::collections::BTreeMap<String, Option<Stage>>,
}

#[test]
fn unknown_variants_are_kept_and_sent_again() {
    for (bytes, stage) in [
        (&b"\xfe"[..], Stage::Open),
        (b"\xff", Stage::Paid),
        (b"\xce\x00\x01\x11\x70", Stage::Sent),
        (b"\x07", Stage::Other(7)),
        (
            b"\xd3\x80\x00\x00\x00\x00\x00\x00\x00",
            Stage::Other(i64::MIN),
        ),
        (
            b"\xcf\x7f\xff\xff\xff\xff\xff\xff\xff",
            Stage::Other(i64::MAX),
        ),
    ] {
        assert_eq!(decode::<Stage>(MSGPACK, bytes), stage);
        both_ways(&stage);
    }
    // nil is Go's zero value, which no variant has
    assert_eq!(decode::<Stage>(MSGPACK, b"\xc0"), Stage::Other(0));
    assert_eq!(encode(JSON, &Stage::Sent), b"70000");
    assert_eq!(encode(JSON, &Stage::Other(-9)), b"-9");
    assert_eq!(decode::<Tint>(JSON, br#""dark_red""#), Tint::DarkRed);
    assert_eq!(decode::<Tint>(JSON, b"null"), Tint::Unset);
    let pink = Tint::Other("pink \u{1f338}".to_owned());
    assert_eq!(decode::<Tint>(MSGPACK, b"\xa9pink \xf0\x9f\x8c\xb8"), pink);
    both_ways(&Order {
        stage: Stage::Other(5),
        tints: vec![pink, Tint::DarkRed],
        by_stage: [
            ("x".to_owned(), Some(Stage::Other(-9))),
            ("y".to_owned(), None),
        ]
        .into(),
    });
    let missing = decode::<Order>(JSON, b"{}");
    assert_eq!(missing.stage, Stage::Other(0));
    // what is no number at all is still refused
    let text = refused::<Stage>(JSON, b"\"x\"");
    assert!(text.contains("expected i64"), "{text}");
    refused::<Tint>(MSGPACK, b"\x05");
}
