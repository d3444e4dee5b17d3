//! The JSON codec and the raw one.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rpcx_runtime::codec::{
    Adapted, ByteArray, Bytes, Nanos, Payload, Raw, Time, Timestamp, decode_serde, encode_serde,
};
use rpcx_runtime::protocol::Codec;
use serde::{Deserialize, Serialize};

const JSON: Codec = Codec::JSON;

fn encode<T: Serialize>(value: T) -> String {
    let mut out = Vec::new();
    encode_serde(&value, JSON, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn decode<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, String> {
    decode_serde(JSON, text.as_bytes()).map_err(|error| error.to_string())
}

#[test]
fn bytes_are_base64_and_arrays_are_numbers() {
    assert_eq!(
        encode(Adapted::<_, Bytes>::new(vec![1u8, 2, 255])),
        "\"AQL/\""
    );
    assert_eq!(encode(Adapted::<_, ByteArray>::new([1u8, 2])), "[1,2]");
    assert_eq!(
        decode::<Adapted<Vec<u8>, Bytes>>("\"AQL/\"").unwrap().value,
        [1, 2, 255]
    );
    assert_eq!(
        decode::<Adapted<Vec<u8>, Bytes>>("null").unwrap().value,
        b""
    );
    assert_eq!(
        decode::<Adapted<[u8; 2], ByteArray>>("[1,2]")
            .unwrap()
            .value,
        [1, 2]
    );
    assert!(
        decode::<Adapted<Vec<u8>, Bytes>>("\"A\"")
            .unwrap_err()
            .contains("not base64")
    );
    assert!(
        decode::<Adapted<&[u8], Bytes>>("\"AQL/\"")
            .unwrap_err()
            .contains("use `Vec<u8>`")
    );
}

#[test]
fn times_are_rfc_3339() {
    let time = Timestamp::new(1_700_000_000, 123_000_000).unwrap();
    assert_eq!(encode(time), "\"2023-11-14T22:13:20.123Z\"");
    assert_eq!(encode(Timestamp::ZERO), "\"0001-01-01T00:00:00Z\"");
    assert_eq!(
        decode::<Timestamp>("\"2023-11-15T00:13:20.123+02:00\"").unwrap(),
        time
    );
    assert_eq!(decode::<Timestamp>("null").unwrap(), Timestamp::ZERO);
    assert!(
        decode::<Timestamp>("\"yesterday\"")
            .unwrap_err()
            .contains("RFC 3339")
    );
    assert!(decode::<Timestamp>("5").is_err());
    let now = SystemTime::now();
    let text = encode(Adapted::<_, Time>::new(now));
    assert_eq!(
        decode::<Adapted<SystemTime, Time>>(&text).unwrap().value,
        now
    );
    let past = UNIX_EPOCH - Duration::new(5, 1);
    assert_eq!(
        SystemTime::try_from(Timestamp::try_from(past).unwrap()).unwrap(),
        past
    );
    // whether it fits depends on the system; it must not panic on any
    let _ = SystemTime::try_from(Timestamp::new(i64::MIN, 0).unwrap());
    assert!(Timestamp::new(0, 1_000_000_000).is_err());
}

#[test]
fn durations_are_nanoseconds() {
    assert_eq!(
        encode(Adapted::<_, Nanos>::new(Duration::from_micros(3))),
        "3000"
    );
    let far = Adapted::<_, Nanos>::new(Duration::from_secs(u64::MAX));
    assert!(encode_serde(&far, JSON, &mut Vec::new()).is_err());
}

#[test]
fn the_whole_payload_is_one_value() {
    assert_eq!(decode::<u8>(" 5 \n").unwrap(), 5);
    assert!(decode::<u8>("5 6").unwrap_err().ends_with("at byte 2"));
    assert_eq!(decode::<u8>("").unwrap_err(), "the payload is empty");
    assert_eq!(decode::<u8>(" ").unwrap_err(), "the payload is empty");
    let error = decode::<Vec<u8>>("[1,\n2,\n  \"x\"]").unwrap_err();
    assert!(
        error.contains("invalid type: string \"x\", expected u8"),
        "{error}"
    );
    let deep = "[".repeat(200) + &"]".repeat(200);
    assert!(
        decode::<serde_json::Value>(&deep)
            .unwrap_err()
            .contains("recursion limit")
    );
}

#[test]
fn raw_bytes() {
    let raw = Codec::RAW;
    let mut out = vec![0];
    Payload::<Raw>::encode(&&b"abc"[..], raw, &mut out).unwrap();
    Payload::<Raw>::encode(&b"d".to_vec(), raw, &mut out).unwrap();
    Payload::<Raw>::encode(&bytes::Bytes::from_static(b"e"), raw, &mut out).unwrap();
    Payload::<Raw>::encode(&(), raw, &mut out).unwrap();
    assert_eq!(out, b"\0abcde");
    assert_eq!(<&[u8] as Payload<'_, Raw>>::decode(raw, &out).unwrap(), out);
    assert_eq!(
        <Vec<u8> as Payload<'_, Raw>>::decode(raw, b"").unwrap(),
        b""
    );
    assert!(<() as Payload<'_, Raw>>::decode(raw, b"").is_ok());
    assert!(<() as Payload<'_, Raw>>::decode(raw, b"x").is_err());
    let error = <Vec<u8> as Payload<'_, Raw>>::decode(JSON, b"x").unwrap_err();
    assert_eq!(error.to_string(), "can not find codec for 1");
}
