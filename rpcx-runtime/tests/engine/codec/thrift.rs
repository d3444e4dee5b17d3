//! Codec 4: what is read and written, and what is refused and how.

#[expect(
    unreachable_pub,
    reason = "the same file is part of a library in fuzz/"
)]
#[path = "../../../../fuzz/src/thrift_sample.rs"]
mod sample;

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use rpcx_runtime::codec::{DecodeErrorKind, EncodeErrorKind, Payload};
use rpcx_runtime::protocol::Codec;
use sample::Sample;
use thrift::OrderedFloat;
use thrift::protocol::{
    TBinaryInputProtocol, TBinaryOutputProtocol, TInputProtocol, TOutputProtocol, TSerializable,
    TType,
};

const THRIFT: Codec = Codec::THRIFT;

fn bytes<T: TSerializable>(value: &T) -> Vec<u8> {
    let mut out = b"before".to_vec();
    value.encode(THRIFT, &mut out).unwrap();
    assert!(out.starts_with(b"before"));
    out.split_off(6)
}

fn read(bytes: &[u8]) -> Result<Sample, String> {
    Sample::decode(THRIFT, bytes).map_err(|error| error.to_string())
}

fn full() -> Sample {
    let inner = Sample {
        name: "inner".to_owned(),
        ..Sample::default()
    };
    Sample {
        name: "grüße".to_owned(),
        flag: Some(true),
        tiny: Some(-128),
        short: Some(-2),
        number: Some(i32::MIN),
        wide: Some(i64::MAX),
        ratio: Some(OrderedFloat::from(-2.25)),
        bytes: Some(vec![0, 255, 254]),
        list: Some(vec!["a".to_owned(), String::new()]),
        numbers: Some([3, -1].into()),
        map: Some([("k".to_owned(), vec![1, 2]), (String::new(), vec![])].into()),
        inner: Some(Box::new(inner.clone())),
        more: Some(vec![inner.clone(), inner]),
    }
}

#[test]
fn every_kind_of_field_travels() {
    for value in [full(), Sample::default()] {
        assert_eq!(read(&bytes(&value)).unwrap(), value);
    }
}

/// The thrift crate's own protocol is the independent witness.
#[test]
fn the_bytes_are_those_of_the_thrift_crate() {
    for value in [full(), Sample::default()] {
        let mut theirs = Vec::new();
        let mut output = TBinaryOutputProtocol::new(&mut theirs, true);
        value.write_to_out_protocol(&mut output).unwrap();
        let ours = bytes(&value);
        assert_eq!(ours, theirs);
        let mut input = TBinaryInputProtocol::new(&ours[..], true);
        assert_eq!(Sample::read_from_in_protocol(&mut input).unwrap(), value);
    }
}

/// Field 1, the string `n`.
const NAME: &str = "0b0001 00000001 6e";

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|d| (d[0] << 4 | d[1]) as u8).collect()
}

fn named(fields: &str) -> Vec<u8> {
    hex(&format!("{NAME}{fields}"))
}

#[test]
fn unknown_fields_of_every_type_are_skipped() {
    for field in [
        "02 0063 01",
        "03 0063 7f",
        "04 0063 3ff0000000000000",
        "06 0063 0001",
        "08 0063 00000001",
        "0a 0063 0000000000000001",
        "0b 0063 00000002 ffff",
        "0c 0063 0b0001 00000000 00",
        "0d 0063 080b 00000001 00000007 00000001 61",
        "0e 0063 02 00000002 0001",
        "0f 0063 0f 00000001 0c 00000002 0000",
        "10 0063 000102030405060708090a0b0c0d0e0f",
        // the type of elements that are not there says nothing
        "0f 0063 00 00000000",
        "0d 0063 0000 00000000",
        "0f 0009 03 00000000",
    ] {
        let read = read(&named(&format!("{field} 00")));
        assert_eq!(
            read.map(|sample| sample.name),
            Ok("n".to_owned()),
            "{field}"
        );
    }
}

#[test]
fn a_field_that_comes_twice_counts_once() {
    let read = read(&named("0b0001 00000001 6d 00")).unwrap();
    assert_eq!(read.name, "m");
}

#[test]
fn bytes_that_end_too_early_are_refused_with_their_place() {
    let early = |needed: u64, left: usize, at: usize| {
        format!(
            "the payload ends too early: {needed} more bytes announced, {left} left at byte {at}"
        )
    };
    let cases = [
        (hex(""), "the payload is empty".to_owned()),
        // each length counts the end of the structs around it
        (hex("0b"), early(2, 1, 0)),
        (hex("0b0001"), early(3, 2, 1)),
        (named(""), early(2, 1, 7)),
        (named("0b0008 7fffffff 00"), early(0x8000_0000, 1, 15)),
        (named("0f0009 0b 7fffffff 00"), early(0x1_ffff_fffd, 1, 16)),
        (named("0d000b 0b0f 00000002 00000000 00"), early(19, 5, 17)),
    ];
    for (bytes, text) in cases {
        assert_eq!(read(&bytes), Err(text), "{bytes:02x?}");
    }
}

#[test]
fn wrong_values_are_refused_with_their_place() {
    for (bytes, text) in [
        (named("0000"), "1 bytes follow the value at byte 9"),
        (hex("00"), "missing required field Sample.name at byte 0"),
        (
            named("0c000c 00 00"),
            "missing required field Sample.name at byte 11",
        ),
        (
            named("0f000d 0c 00000001 00 00"),
            "missing required field Sample.name at byte 16",
        ),
        (
            named("ff0002 00"),
            "255 is no type of the binary protocol at byte 8",
        ),
        (
            named("010063 00"),
            "1 is no type of the binary protocol at byte 8",
        ),
        (
            named("0f0009 00 00000001 00 00"),
            "0 is no type of the binary protocol at byte 11",
        ),
        (
            named("0c0063 0f0001 05 00000001 00 00 00"),
            "5 is no type of the binary protocol at byte 14",
        ),
        (
            named("0b0008 ffffffff 00"),
            "a string has the length -1 at byte 11",
        ),
        (
            named("0f0009 0b ffffffff 00"),
            "a list has the length -1 at byte 12",
        ),
        (
            named("0d000b 0b0f 80000000 00"),
            "a map has the length -2147483648 at byte 13",
        ),
        (named("02000202 00"), "a bool is 0 or 1, not 2 at byte 11"),
        (
            hex("0b0001 00000002 61ff 00"),
            "a string is not UTF-8 at byte 8",
        ),
    ] {
        assert_eq!(read(&bytes), Err(text.to_owned()), "{bytes:02x?}");
    }
}

/// Compiled code goes by the number of a field: it would take these bytes for something else.
#[test]
fn a_field_of_another_type_is_refused() {
    for (fields, text) in [
        (
            "080002 00000001 00",
            "the payload has an i32 where a bool is wanted at byte 11",
        ),
        (
            "0a000d 0c7fffffff000000 00",
            "the payload has an i64 where a list is wanted at byte 11",
        ),
        (
            "0e0009 0b 00000000 00",
            "the payload has a set where a list is wanted at byte 11",
        ),
        (
            "0f0009 08 00000001 00000001 00",
            "the payload has an i32 where a string is wanted at byte 16",
        ),
        (
            "0d000b 0b0b 00000001 00000000 00000000 00",
            "the payload has a string where a list is wanted at byte 21",
        ),
    ] {
        assert_eq!(read(&named(fields)), Err(text.to_owned()), "{fields}");
    }
}

/// An enum of thrift is an i32 and has the same trait.
#[derive(Debug, PartialEq)]
struct Color(i32);

impl TSerializable for Color {
    fn read_from_in_protocol(input: &mut dyn TInputProtocol) -> thrift::Result<Self> {
        input.read_i32().map(Self)
    }

    fn write_to_out_protocol(&self, output: &mut dyn TOutputProtocol) -> thrift::Result<()> {
        output.write_i32(self.0)
    }
}

#[test]
fn what_is_no_struct_is_no_payload() {
    let error = Color(1).encode(THRIFT, &mut Vec::new()).unwrap_err();
    assert!(matches!(error.kind(), EncodeErrorKind::Value(_)));
    assert_eq!(
        error.to_string(),
        "the payload of thrift is a struct, and this value is none"
    );
    let error = Color::decode(THRIFT, b"\0\0\0\x01").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the payload has a struct where an i32 is wanted at byte 0"
    );
}

/// A union as older thrift compilers write it.
#[derive(Debug, PartialEq)]
enum Either {
    Number(i32),
}

impl TSerializable for Either {
    fn read_from_in_protocol(input: &mut dyn TInputProtocol) -> thrift::Result<Self> {
        let mut value = None;
        input.read_struct_begin()?;
        loop {
            let field = input.read_field_begin()?;
            match (field.field_type, field.id) {
                (TType::Stop, _) => break,
                (_, Some(1)) => value = Some(Self::Number(input.read_i32()?)),
                (kind, _) => input.skip(kind)?,
            }
        }
        input.read_struct_end()?;
        Ok(value.expect("return value should have been constructed"))
    }

    fn write_to_out_protocol(&self, _: &mut dyn TOutputProtocol) -> thrift::Result<()> {
        Err("not written in this test".into())
    }
}

#[test]
fn a_type_that_panics_is_an_error() {
    let known = Either::decode(THRIFT, &hex("080001 00000007 00"));
    assert_eq!(known.unwrap(), Either::Number(7));
    let error = Either::decode(THRIFT, &hex("080002 00000007 00")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the type panicked while it was read: return value should have been constructed at byte 0"
    );
}

/// What a type itself says when it is written comes through as it is.
#[test]
fn the_type_may_refuse_to_be_written() {
    let error = Either::Number(1).encode(THRIFT, &mut Vec::new());
    assert_eq!(error.unwrap_err().to_string(), "not written in this test");
}

fn nested(levels: usize) -> Sample {
    let mut sample = Sample::default();
    for _ in 1..levels {
        sample = Sample {
            inner: Some(Box::new(sample)),
            ..Sample::default()
        };
    }
    sample
}

#[test]
fn depth_is_limited_both_ways() {
    let deepest = nested(64);
    let encoded = bytes(&deepest);
    assert_eq!(read(&encoded).unwrap(), deepest);
    let error = nested(65).encode(THRIFT, &mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "values are nested deeper than 64");
    let one_more = [&hex("0b0001 00000000 0c000c")[..], &encoded, b"\0"].concat();
    let error = Sample::decode(THRIFT, &one_more).unwrap_err();
    assert!(matches!(
        error.kind(),
        DecodeErrorKind::TooDeep { limit: 64 }
    ));
    assert_eq!(error.offset(), Some(64 * 10));
}

/// In structs, lists and maps, known and unknown, in the stack of a runtime's thread.
#[test]
fn deep_nesting_ends_before_the_stack_does() {
    for open in [
        "0c000c",
        "0c0063",
        "0f0063 0f 00000001",
        "0d0063 0d0d 00000001",
        "0f000d 0c 00000001",
    ] {
        let input = hex(open).repeat(100_000);
        let thread = std::thread::Builder::new().stack_size(2 << 20);
        let error = thread.spawn(move || read(&input).unwrap_err());
        error.unwrap().join().unwrap();
    }
    // lists in lists have no field headers between them
    let input = [hex("0f0063"), hex("0f 00000001").repeat(100_000)].concat();
    let error = read(&input).unwrap_err();
    assert_eq!(error, "values are nested deeper than 64 at byte 318");
}

/// Each list says it has as many elements as there are bytes left. Only the first can be right.
#[test]
fn lengths_inside_each_other_share_what_is_left() {
    let mut input = Vec::new();
    for _ in 0..30 {
        input.extend(hex("0f000d 0c 00080000"));
    }
    input.resize(input.len() + 0x80000, 0);
    let error = Sample::decode(THRIFT, &input).unwrap_err();
    assert!(matches!(error.kind(), DecodeErrorKind::Truncated { .. }));
    assert_eq!(error.offset(), Some(16));
}

/// Everything but what contains a sample.
fn flat() -> impl Strategy<Value = Sample> {
    let text = || any::<String>();
    let numbers = any::<(
        Option<bool>,
        Option<i8>,
        Option<i16>,
        Option<i32>,
        Option<i64>,
    )>();
    let ratio = option::of(any::<f64>().prop_map(OrderedFloat::from));
    let lists = (
        option::of(vec(any::<u8>(), 0..20)),
        option::of(vec(text(), 0..5)),
        option::of(btree_set(any::<i32>(), 0..5)),
        option::of(btree_map(text(), vec(any::<i64>(), 0..5), 0..5)),
    );
    (text(), numbers, ratio, lists).prop_map(|(name, numbers, ratio, lists)| {
        let (flag, tiny, short, number, wide) = numbers;
        let (bytes, list, numbers, map) = lists;
        Sample {
            name,
            flag,
            tiny,
            short,
            number,
            wide,
            ratio,
            bytes,
            list,
            numbers,
            map,
            inner: None,
            more: None,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sample_survives(outer in flat(), inner in option::of(flat()), more in option::of(vec(flat(), 0..4))) {
        let sample = Sample { inner: inner.map(Box::new), more, ..outer };
        prop_assert_eq!(read(&bytes(&sample)), Ok(sample));
    }
}

#[test]
fn other_codecs_are_refused() {
    let error = full().encode(Codec::JSON, &mut Vec::new());
    assert_eq!(error.unwrap_err().to_string(), "can not find codec for 1");
    let error = Sample::decode(Codec::PROTOBUF, b"\0").unwrap_err();
    assert_eq!(error.to_string(), "can not find codec for 2");
}
