//! The msgpack codec: recorded bytes of Go, Go's leniency, and everything that is refused.

use std::collections::BTreeMap;

use rpcx_runtime::codec::{
    Adapted, ByteArray, Bytes, DecodeError, DecodeErrorKind, Nanos, Payload, Serde, Timestamp,
    decode_serde, encode_serde,
};
use rpcx_runtime::protocol::Codec;
use serde::{Deserialize, Serialize};

const MSGPACK: Codec = Codec::MSGPACK;

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Args {
    a: i64,
    b: i64,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Every {
    int: i8,
    wide: u64,
    float: f32,
    double: f64,
    yes: bool,
    text: String,
    list: Vec<i32>,
    map: BTreeMap<String, Args>,
    inner: Args,
    unit: (),
    maybe: Option<u8>,
    pair: (u8, char),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Empty,
    Side(u32),
    Sides(u32, u32),
    Named { x: i32 },
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut out = b"before".to_vec();
    encode_serde(value, MSGPACK, &mut out).unwrap();
    assert_eq!(&out[..6], b"before");
    out.split_off(6)
}

fn decode<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, DecodeError> {
    decode_serde(MSGPACK, bytes)
}

fn read<T: for<'de> Deserialize<'de>>(text: &str) -> T {
    decode(&hex(text)).unwrap()
}

fn refused<T: for<'de> Deserialize<'de> + std::fmt::Debug>(text: &str) -> String {
    decode::<T>(&hex(text)).unwrap_err().to_string()
}

#[test]
fn bytes_recorded_from_go() {
    let args = Args { a: 10, b: 20 };
    assert_eq!(encode(&args), hex("82a1410aa14214"));
    assert_eq!(read::<Args>("82a1410aa14214"), args);
    for (time, bytes) in [
        (Timestamp::new(1_700_000_000, 0).unwrap(), "d6ff6553f100"),
        (
            Timestamp::new(1_700_000_000, 123_000_000).unwrap(),
            "d7ff1d5353006553f100",
        ),
        (Timestamp::ZERO, "c70cff00000000fffffff1886e0900"),
    ] {
        assert_eq!(encode(&time), hex(bytes), "{time}");
        assert_eq!(read::<Timestamp>(bytes), time);
    }
    // a Go client sends full widths, and nil for a byte slice that was never set
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct FileTransferArgs {
        file_name: String,
        file_size: i64,
        meta: BTreeMap<String, String>,
    }
    let file: FileTransferArgs =
        read("83a866696c654e616d65a5612e747874a866696c6553697a65d3000000000000000ca46d657461c0");
    let meta = BTreeMap::new();
    assert_eq!(
        file,
        FileTransferArgs {
            file_name: "a.txt".into(),
            file_size: 12,
            meta
        }
    );
}

#[test]
fn nil_is_the_zero_value_of_everything() {
    assert_eq!(read::<i8>("c0"), 0);
    assert_eq!(read::<u64>("c0"), 0);
    assert_eq!(read::<i128>("c0"), 0);
    assert!(read::<f64>("c0").abs() < f64::EPSILON);
    assert!(!read::<bool>("c0"));
    assert_eq!(read::<String>("c0"), "");
    assert_eq!(read::<Vec<String>>("c0"), Vec::<String>::new());
    assert_eq!(read::<BTreeMap<String, i32>>("c0"), BTreeMap::new());
    assert_eq!(read::<Option<i32>>("c0"), None);
    assert_eq!(read::<Args>("c0"), Args::default());
    assert_eq!(read::<Every>("c0"), Every::default());
    assert_eq!(read::<(u8, String)>("c0"), (0, String::new()));
    assert_eq!(read::<[u16; 3]>("c0"), [0; 3]);
    assert_eq!(read::<Timestamp>("c0"), Timestamp::ZERO);
    assert_eq!(
        read::<Vec<Args>>("92c082a14101a14202"),
        [Args::default(), Args { a: 1, b: 2 }]
    );
    assert!(refused::<Shape>("c0").contains("no zero value"));
}

#[test]
fn anything_will_do_for_nothing() {
    for bytes in [
        "c0",
        "80",
        "90",
        "07",
        "82a14101a14202",
        "d6ff6553f100",
        "a161",
        "c403010203",
    ] {
        read::<()>(bytes);
    }
}

#[test]
fn structs_from_maps_and_lists() {
    assert_eq!(
        read::<Args>("83a14107a158919193c0c301a14208"),
        Args { a: 7, b: 8 }
    );
    assert_eq!(read::<Args>("82a14208a14107"), Args { a: 7, b: 8 });
    assert_eq!(read::<Args>("920708"), Args { a: 7, b: 8 });
    assert_eq!(
        refused::<Args>("93070809"),
        "a list of 3 elements for a struct of 2 fields at byte 0"
    );
    assert_eq!(
        refused::<Args>("9107"),
        "a list of 1 elements for a struct of 2 fields at byte 0"
    );
}

#[test]
fn numbers_keep_their_value_or_fail() {
    for bytes in [
        "05",
        "cc05",
        "cd0005",
        "ce00000005",
        "cf0000000000000005",
        "d005",
        "d10005",
        "d200000005",
        "d30000000000000005",
    ] {
        assert_eq!(read::<i8>(bytes), 5);
        assert_eq!(read::<u8>(bytes), 5);
        assert_eq!(read::<u64>(bytes), 5);
        assert!((read::<f64>(bytes) - 5.0).abs() < f64::EPSILON);
    }
    assert_eq!(read::<i64>("d3ffffffffffffffff"), -1);
    assert_eq!(read::<i16>("d0ff"), -1);
    assert_eq!(read::<u64>("cfffffffffffffffff"), u64::MAX);
    assert_eq!(
        refused::<i8>("cd012c"),
        "invalid value: integer `300`, expected i8 at byte 0"
    );
    assert_eq!(
        refused::<u32>("ff"),
        "invalid value: integer `-1`, expected u32 at byte 0"
    );
    let text = "invalid value: integer `18446744073709551615`, expected i64 at byte 0";
    assert_eq!(refused::<i64>("cfffffffffffffffff"), text);
    assert_eq!(
        refused::<i32>("c3"),
        "invalid type: boolean `true`, expected i32 at byte 0"
    );
    assert_eq!(
        refused::<i32>("a131"),
        "invalid type: string \"1\", expected i32 at byte 0"
    );
    assert!(refused::<i32>("cb3ff8000000000000").contains("floating point `1.5`, expected i32"));
    assert!(refused::<u8>("9101").contains("sequence"));
    assert!(refused::<Args>("82a1410aa142a0").ends_with("expected i64 at byte 6"));
}

#[test]
fn texts_and_bytes_stand_for_each_other() {
    assert_eq!(read::<String>("c4036f6e65"), "one");
    assert_eq!(decode::<&[u8]>(&hex("a3616263")).unwrap(), b"abc");
    assert_eq!(read::<Vec<u8>>("c40301ff03"), [1, 255, 3]);
    assert_eq!(read::<Vec<u8>>("9301cc8003"), [1, 128, 3]);
    assert_eq!(read::<[u8; 2]>("c4020102"), [1, 2]);
    assert!(refused::<[u8; 2]>("c403010203").contains("3 bytes where 2 fit"));
    assert!(refused::<String>("a2c328").starts_with("a text that is not UTF-8 at byte 1"));
    let bytes = hex("82a16ba376616cc403010203c0");
    let map: BTreeMap<&str, Option<&[u8]>> = decode(&bytes).unwrap();
    assert_eq!(map.get("k"), Some(&Some(&b"val"[..])));
}

#[test]
fn borrowed_values_point_into_the_payload() {
    let bytes = hex("a568656c6c6f");
    let text: &str = decode(&bytes).unwrap();
    assert!(std::ptr::eq(text.as_bytes(), &raw const bytes[1..6]));
}

#[test]
fn forms_of_bytes_and_durations() {
    assert_eq!(
        encode(&Adapted::<_, Bytes>::new(vec![1u8, 2])),
        hex("c4020102")
    );
    assert_eq!(encode(&Adapted::<_, Bytes>::new(Vec::new())), hex("c400"));
    assert_eq!(
        encode(&Adapted::<_, ByteArray>::new([0u8; 4])),
        hex("c40400000000")
    );
    assert_eq!(encode(&Adapted::<&[u8], Bytes>::new(b"")), hex("c400"));
    let second = std::time::Duration::from_secs(1);
    assert_eq!(encode(&Adapted::<_, Nanos>::new(second)), hex("ce3b9aca00"));
    assert_eq!(read::<Adapted<Vec<u8>, Bytes>>("c0").value, b"");
    assert_eq!(read::<Adapted<Vec<u8>, Bytes>>("920102").value, [1, 2]);
    assert_eq!(read::<Adapted<[u8; 4], ByteArray>>("c0").value, [0; 4]);
    assert!(
        refused::<Adapted<[u8; 4], ByteArray>>("c4020102").contains("2 bytes for an array of 4")
    );
    assert!(refused::<Adapted<std::time::Duration, Nanos>>("ff").contains("negative"));
}

#[test]
fn variants_are_names_or_maps_of_one() {
    for (value, bytes) in [
        (Shape::Empty, "a5456d707479"),
        (Shape::Side(3), "81a45369646503"),
        (Shape::Sides(3, 4), "81a55369646573920304"),
        (Shape::Named { x: -1 }, "81a54e616d656481a178ff"),
    ] {
        assert_eq!(encode(&value), hex(bytes));
        assert_eq!(read::<Shape>(bytes), value);
    }
    assert!(refused::<Shape>("a4536964ff").contains("UTF-8"));
    assert!(refused::<Shape>("a453696465").contains("without data"));
    assert!(refused::<Shape>("82a14101a14202").contains("a map of one entry"));
    assert!(refused::<Shape>("a3466f6f").contains("unknown variant `Foo`"));
}

#[test]
fn containers_of_unknown_length() {
    struct Lazy(usize);
    impl Serialize for Lazy {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq((0..self.0).filter(|_| true).map(|_| 7u8))
        }
    }
    for len in [0, 1, 15, 16, 255, 65_535, 65_536] {
        let known = vec![7u8; len];
        assert_eq!(encode(&Lazy(len)), encode(&known), "{len}");
        assert_eq!(
            encode(&(1u8, Lazy(len), 2u8)),
            encode(&(1u8, known, 2u8)),
            "{len}"
        );
    }
}

#[test]
fn a_wrong_count_is_an_error_and_leaves_nothing_behind() {
    struct Liar;
    impl Serialize for Liar {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut list = serde::Serializer::serialize_seq(serializer, Some(3))?;
            serde::ser::SerializeSeq::serialize_element(&mut list, &1u8)?;
            serde::ser::SerializeSeq::end(list)
        }
    }
    let mut out = vec![9];
    let error = encode_serde(&Liar, MSGPACK, &mut out).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a value announced 3 elements and wrote 1"
    );
    assert_eq!(out, [9]);
}

#[test]
fn a_panic_of_the_value_leaves_what_was_there() {
    struct Bomb;
    impl Serialize for Bomb {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("on purpose")
        }
    }
    let mut out = vec![1, 2, 3];
    let target = std::panic::AssertUnwindSafe(&mut out);
    let result = std::panic::catch_unwind(move || {
        let target = target;
        encode_serde(&(1u8, Bomb), MSGPACK, target.0)
    });
    assert!(result.is_err());
    assert_eq!(out, [1, 2, 3]);
}

#[test]
fn empty_trailing_and_deep() {
    assert_eq!(
        decode::<()>(b"").unwrap_err().to_string(),
        "the payload is empty"
    );
    let error = decode::<u8>(&[1, 2, 3]).unwrap_err();
    assert_eq!(error.to_string(), "2 bytes follow the value at byte 1");
    assert_eq!(error.offset(), Some(1));
    #[derive(Debug, Deserialize)]
    struct Nested(#[allow(dead_code)] Vec<Self>);
    let nested = |levels: usize| {
        let mut bytes = vec![0x91; levels - 1];
        bytes.push(0x90);
        bytes
    };
    decode::<Nested>(&nested(64)).unwrap();
    let error = decode::<Nested>(&nested(65)).unwrap_err();
    assert!(matches!(
        error.kind(),
        DecodeErrorKind::TooDeep { limit: 64 }
    ));
    decode::<()>(&nested(64)).unwrap();
    assert!(decode::<()>(&nested(65)).is_err());
    assert!(decode::<Args>(&[hex("81a158"), nested(64)].concat()).is_err());
    // a type that contains itself without a byte in between
    #[derive(Debug, Deserialize)]
    struct Loop(#[allow(dead_code)] Option<Box<Self>>);
    assert!(matches!(
        decode::<Loop>(&[0xc3]).unwrap_err().kind(),
        DecodeErrorKind::TooDeep { .. }
    ));
}

#[test]
fn announced_lengths_are_checked_before_use() {
    for bytes in [
        "ddffffffff01",
        "dcffff01",
        "9f01",
        "dfffffffff01",
        "deffff0101",
        "8f01",
        "dbffffffff61",
        "daffff61",
        "d9ff61",
        "bf61",
        "c6ffffffff61",
        "c5ffff61",
        "c4ff61",
        "c9ffffffff0161",
        "c8ffff0161",
        "c7ff0161",
        "d80161",
        "df80000000",
        "dd7fffffff",
    ] {
        let bytes = hex(bytes);
        let errors = [
            decode::<Vec<Vec<u64>>>(&bytes).unwrap_err(),
            decode::<BTreeMap<String, u64>>(&bytes).unwrap_err(),
            decode::<String>(&bytes).unwrap_err(),
            decode::<Every>(&bytes).unwrap_err(),
            decode::<Timestamp>(&bytes).unwrap_err(),
            decode::<()>(&bytes).unwrap_err(),
        ];
        assert!(
            matches!(errors[5].kind(), DecodeErrorKind::Truncated { .. }),
            "{:?}",
            errors[5]
        );
    }
}

#[test]
fn duplicate_keys() {
    let map: BTreeMap<String, u8> = read("82a16101a16102");
    assert_eq!(map.get("a"), Some(&2));
}

#[test]
fn codecs_outside_the_family() {
    for number in [0, 2, 4, 15] {
        let codec = Codec::new(number).unwrap();
        let text = format!("can not find codec for {number}");
        let error = <u8 as Payload<'_, Serde>>::encode(&1, codec, &mut Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), text);
        let error = <u8 as Payload<'_, Serde>>::decode(codec, &[1]).unwrap_err();
        assert_eq!(error.to_string(), text);
    }
}
