//! The msgpack codec against an independent one, and against bytes that mean nothing.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use rpcx_runtime::codec::{Timestamp, decode_serde, encode_serde};
use rpcx_runtime::protocol::Codec;
use serde::{Deserialize, Serialize};

const MSGPACK: Codec = Codec::MSGPACK;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Unit,
    One(u64),
    Two(i8, String),
    Many { a: f64, b: Option<bool> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Record {
    small: i8,
    signed: i64,
    unsigned: u64,
    short: u16,
    float: f32,
    text: String,
    maybe: Option<i32>,
    list: Vec<u32>,
    map: BTreeMap<String, Vec<i16>>,
    kinds: Vec<Kind>,
    letter: char,
    a_name_of_more_than_thirty_one_bytes: bool,
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Unit),
        any::<u64>().prop_map(Kind::One),
        (any::<i8>(), ".{0,40}").prop_map(|(a, b)| Kind::Two(a, b)),
        (-1e300..1e300f64, any::<Option<bool>>()).prop_map(|(a, b)| Kind::Many { a, b }),
    ]
}

fn record() -> impl Strategy<Value = Record> {
    let numbers = (
        any::<i8>(),
        any::<i64>(),
        any::<u64>(),
        any::<u16>(),
        -1e30..1e30f32,
    );
    let lists = (
        vec(any::<u32>(), 0..40),
        btree_map(".{0,8}", vec(any::<i16>(), 0..20), 0..20),
        vec(kind(), 0..6),
    );
    let rest = (
        ".{0,80}",
        any::<Option<i32>>(),
        any::<char>(),
        any::<bool>(),
    );
    (numbers, lists, rest).prop_map(|(numbers, lists, rest)| Record {
        small: numbers.0,
        signed: numbers.1 >> (numbers.3 % 64),
        unsigned: numbers.2 >> (numbers.3 % 64),
        short: numbers.3,
        float: numbers.4,
        list: lists.0,
        map: lists.1,
        kinds: lists.2,
        text: rest.0,
        maybe: rest.1,
        letter: rest.2,
        a_name_of_more_than_thirty_one_bytes: rest.3,
    })
}

/// Decoders of several types, none of which may panic on any bytes.
fn decode_all(bytes: &[u8]) {
    let _ = decode_serde::<Record>(MSGPACK, bytes);
    let _ = decode_serde::<Vec<Kind>>(MSGPACK, bytes);
    let _ = decode_serde::<BTreeMap<&str, Option<&[u8]>>>(MSGPACK, bytes);
    let _ = decode_serde::<(Timestamp, u128, [u8; 4], char)>(MSGPACK, bytes);
    let _ = decode_serde::<Vec<Timestamp>>(MSGPACK, bytes);
    let _ = decode_serde::<()>(MSGPACK, bytes);
}

fn ours(record: &Record) -> Vec<u8> {
    let mut out = Vec::new();
    encode_serde(record, MSGPACK, &mut out).unwrap();
    out
}

proptest! {
    #[test]
    fn same_bytes_as_the_oracle(record in record()) {
        let bytes = ours(&record);
        prop_assert_eq!(&bytes, &rmp_serde::to_vec_named(&record).unwrap());
        prop_assert_eq!(&rmp_serde::from_slice::<Record>(&bytes).unwrap(), &record);
        prop_assert_eq!(&decode_serde::<Record>(MSGPACK, &bytes).unwrap(), &record);
    }

    #[test]
    fn lists_of_the_oracle_are_read(record in record()) {
        let bytes = rmp_serde::to_vec(&record).unwrap();
        prop_assert_eq!(decode_serde::<Record>(MSGPACK, &bytes).unwrap(), record);
    }

    #[test]
    fn truncation_is_an_error_everywhere(record in record()) {
        let bytes = ours(&record);
        for len in 0..bytes.len() {
            prop_assert!(decode_serde::<Record>(MSGPACK, &bytes[..len]).is_err());
            prop_assert!(decode_serde::<()>(MSGPACK, &bytes[..len]).is_err());
        }
    }

    #[test]
    fn a_changed_byte_never_panics(record in record(), at in any::<prop::sample::Index>(), byte: u8) {
        let mut bytes = ours(&record);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        decode_all(&bytes);
    }

    #[test]
    fn noise_never_panics(bytes in vec(any::<u8>(), 0..200)) {
        decode_all(&bytes);
    }

    #[test]
    fn timestamps_come_back(seconds: i64, nanos in 0u32..1_000_000_000, shift in 0u32..63) {
        let time = Timestamp::new(seconds >> shift, nanos).unwrap();
        let mut out = Vec::new();
        encode_serde(&time, MSGPACK, &mut out).unwrap();
        prop_assert_eq!(decode_serde::<Timestamp>(MSGPACK, &out).unwrap(), time);
    }
}
