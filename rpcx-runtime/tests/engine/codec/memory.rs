//! What a payload becomes is bounded, whatever few bytes it is made of, in every codec.

use std::collections::{BTreeMap, HashMap};

use rpcx_runtime::codec::{DecodeError, DecodeErrorKind, Payload, Serde, decode_serde};
use rpcx_runtime::protocol::Codec;
use serde::{Deserialize, Serialize};

/// 160 bytes, of which a payload need not have one.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Wide {
    numbers: [u64; 20],
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
#[allow(dead_code, reason = "it is only read")]
struct Behind {
    wide: Option<Box<Wide>>,
}

/// serde keeps a copy of what comes, to try one variant after the other.
#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
#[allow(dead_code, reason = "it is only read")]
enum Choice {
    Nothing(Option<Box<Wide>>),
    Map(BTreeMap<u16, Option<u8>>),
}

const LIMIT: usize = 1 << 20;

fn within<'de, T: Payload<'de, Serde>>(codec: Codec, bytes: &'de [u8]) -> Result<T, DecodeError> {
    T::decode_within(codec, bytes, LIMIT)
}

fn is_refused<T>(decoded: Result<T, DecodeError>, what: &str) {
    match decoded {
        Ok(_) => panic!("{what}: it was made"),
        Err(error) => {
            let expected = DecodeErrorKind::TooLarge { limit: LIMIT };
            assert_eq!(error.kind(), &expected, "{what}: {error}");
            assert!(error.to_string().contains("1048576 bytes"), "{error}");
        }
    }
}

/// A list of `count` times the same value.
fn list(count: u32, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xdd];
    bytes.extend(count.to_be_bytes());
    bytes.extend(value.repeat(count as usize));
    bytes
}

#[cfg(feature = "json")]
fn json_list(count: usize, value: &str) -> Vec<u8> {
    format!("[{}]", vec![value; count].join(",")).into_bytes()
}

#[test]
fn few_bytes_of_msgpack_do_not_become_much() {
    let msgpack = Codec::MSGPACK;
    let nils = list(20_000, b"\xc0");
    is_refused(within::<Vec<Wide>>(msgpack, &nils), "nil for a struct");
    is_refused(within::<Vec<Box<Wide>>>(msgpack, &nils), "behind a pointer");
    is_refused(within::<Vec<Option<Wide>>>(msgpack, &nils), "an option");
    is_refused(within::<Vec<[u64; 20]>>(msgpack, &nils), "an array");
    is_refused(within::<Vec<(u64, [u64; 20])>>(msgpack, &nils), "a tuple");
    let empty = list(20_000, b"\x80");
    is_refused(within::<Vec<Wide>>(msgpack, &empty), "an empty map");
    let nested = list(20_000, b"\x81\xa4wide\x80");
    is_refused(within::<Vec<Behind>>(msgpack, &nested), "in a struct");
    let mut bytes = vec![0xc6];
    bytes.extend(100_000_u32.to_be_bytes());
    bytes.extend(vec![7; 100_000]);
    is_refused(within::<Vec<u128>>(msgpack, &bytes), "bytes as numbers");
    let mut map = vec![0xdf];
    map.extend(40_000_u32.to_be_bytes());
    for key in 0..40_000_u16 {
        map.push(0xcd);
        map.extend(key.to_be_bytes());
        map.push(0xc0);
    }
    is_refused(within::<HashMap<u16, Wide>>(msgpack, &map), "a map");
    is_refused(
        within::<BTreeMap<u16, Vec<u8>>>(msgpack, &map),
        "empty lists",
    );
    let many = list(80_000, b"\xc0");
    is_refused(within::<Vec<Choice>>(msgpack, &many), "any value");
    is_refused(within::<Vec<Choice>>(msgpack, &list(2, &map)), "any map");
}

#[cfg(feature = "json")]
#[test]
fn few_bytes_of_json_do_not_become_much() {
    let json = Codec::JSON;
    let nulls = json_list(20_000, "null");
    is_refused(within::<Vec<Option<Wide>>>(json, &nulls), "an option");
    is_refused(
        within::<serde_json::Value>(json, &json_list(40_000, "0")),
        "any value",
    );
    let empty = json_list(20_000, "{}");
    is_refused(within::<Vec<Wide>>(json, &empty), "an empty map");
    is_refused(within::<Vec<Box<Wide>>>(json, &empty), "behind a pointer");
    let nested = json_list(20_000, r#"{"wide":{}}"#);
    is_refused(within::<Vec<Behind>>(json, &nested), "in a struct");
    let entries: Vec<_> = (0..20_000).map(|key| format!("\"{key}\":{{}}")).collect();
    let map = format!("{{{}}}", entries.join(","));
    is_refused(within::<HashMap<u16, Wide>>(json, map.as_bytes()), "a map");
}

#[test]
fn honest_values_fit() {
    // The dearest that a body of 16 MiB can honestly be: a small number in each byte.
    let numbers = list(16 << 20, &[5]);
    let decoded = decode_serde::<Vec<i64>>(Codec::MSGPACK, &numbers).unwrap();
    assert_eq!(decoded.len(), 16 << 20);
    let names: Vec<String> = within(Codec::MSGPACK, &list(10_000, b"\xa5hello")).unwrap();
    assert_eq!(names.len(), 10_000);
    let wide: Vec<Wide> = within(Codec::MSGPACK, &list(3_000, b"\x80")).unwrap();
    assert!(wide.iter().all(|wide| wide.numbers[0] == 0));
}

#[cfg(feature = "protobuf")]
#[test]
fn few_bytes_of_protobuf_do_not_become_much() {
    use rpcx_runtime::codec::Prost;

    #[derive(Clone, PartialEq, prost::Message)]
    struct Part {
        #[prost(string, tag = "1")]
        name: String,
        #[prost(string, tag = "2")]
        text: String,
        #[prost(int64, repeated, tag = "3")]
        numbers: Vec<i64>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    struct Whole {
        #[prost(message, repeated, tag = "1")]
        parts: Vec<Part>,
        #[prost(int64, repeated, tag = "2")]
        numbers: Vec<i64>,
    }

    fn read(bytes: &[u8], limit: usize) -> Result<Whole, DecodeError> {
        <Whole as Payload<'_, Prost>>::decode_within(Codec::PROTOBUF, bytes, limit)
    }

    is_refused(read(&b"\x0a\x00".repeat(10_000), LIMIT), "empty messages");
    is_refused(
        read(&b"\x0a\x02\x1a\x00".repeat(10_000), LIMIT),
        "empty lists",
    );
    // 16 MiB of numbers of one byte each, and of messages of usual size.
    let mut packed = b"\x12\x80\x80\x80\x04".to_vec();
    packed.extend(vec![5; 8 << 20]);
    assert_eq!(read(&packed, 256 << 20).unwrap().numbers.len(), 8 << 20);
    let part = b"\x0a\x12\x0a\x05hello\x12\x05world\x1a\x02\x05\x06";
    let decoded = read(&part.repeat(100_000), 256 << 20).unwrap();
    assert_eq!(decoded.parts.len(), 100_000);
    assert_eq!(decoded.parts[99_999].numbers, [5, 6]);
}

#[cfg(feature = "thrift")]
#[test]
fn few_bytes_of_thrift_do_not_become_much() {
    use rpcx_runtime::codec::Thrift;
    use thrift::protocol::{TInputProtocol, TOutputProtocol, TSerializable, TType};

    /// A struct with a list of empty structs; an empty struct is one byte.
    #[derive(Debug)]
    struct Parts(Vec<Wide>);

    impl TSerializable for Parts {
        fn read_from_in_protocol(input: &mut dyn TInputProtocol) -> thrift::Result<Self> {
            input.read_struct_begin()?;
            let mut parts = Vec::new();
            while input.read_field_begin()?.field_type != TType::Stop {
                let list = input.read_list_begin()?;
                parts.reserve(list.size as usize);
                for _ in 0..list.size {
                    input.read_struct_begin()?;
                    input.read_field_begin()?;
                    input.read_struct_end()?;
                    parts.push(Wide::default());
                }
                input.read_list_end()?;
            }
            input.read_struct_end()?;
            Ok(Self(parts))
        }

        fn write_to_out_protocol(&self, _: &mut dyn TOutputProtocol) -> thrift::Result<()> {
            Ok(())
        }
    }

    fn read(count: u32) -> Result<Parts, DecodeError> {
        let mut bytes = vec![15, 0, 1, 12];
        bytes.extend(count.to_be_bytes());
        bytes.extend(vec![0; count as usize + 1]);
        <Parts as Payload<'_, Thrift>>::decode_within(Codec::THRIFT, &bytes, LIMIT)
    }

    is_refused(read(20_000), "empty structs");
    assert_eq!(read(5_000).unwrap().0.len(), 5_000);
}
