//! The recorded frames.

use bytes::BytesMut;
use rpcx::codec::{Adapted, Bytes, Payload, Serde};
use rpcx::protocol::{
    Codec, Compression, Decoded, Decoder, Frame, FrameEncoder, FrameLimits, Header, Metadata,
    compress, inflate,
};

use crate::read::{Vector, recorded};
use crate::shapes::{All, Args, Reply, pattern};

/// The sequence number of every frame that was built for the recording.
const SEQ: u64 = 1_234_567_890;

fn decode(vector: &Vector) -> Frame {
    let mut buffer = BytesMut::from(&vector.bytes[..]);
    match Decoder::new(FrameLimits::SERVER).decode(&mut buffer) {
        Ok(Decoded::Frame(frame)) => {
            assert!(
                buffer.is_empty(),
                "{}: {} bytes are left",
                vector.name,
                buffer.len()
            );
            frame
        }
        other => panic!("{}: {other:?}", vector.name),
    }
}

fn all() -> Vec<(String, Frame)> {
    let frames = recorded()
        .into_iter()
        .filter(|vector| vector.name.starts_with("frame."));
    frames
        .map(|vector| (vector.name["frame.".len()..].to_owned(), decode(&vector)))
        .collect()
}

fn frame(name: &str) -> Frame {
    let found = all().into_iter().find(|(known, _)| known == name);
    found
        .unwrap_or_else(|| panic!("no vector is named frame.{name}"))
        .1
}

fn encode(header: Header, names: [&str; 2], metadata: &Metadata, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = FrameEncoder::new(&mut out, header);
    encoder.names(names[0].as_bytes(), names[1].as_bytes());
    encoder.metadata(metadata);
    encoder.payload(payload);
    encoder.finish().unwrap();
    out
}

fn msgpack<T: for<'de> Payload<'de, Serde>>(payload: &[u8]) -> T {
    T::decode(Codec::MSGPACK, payload).unwrap()
}

fn packed(value: &impl for<'de> Payload<'de, Serde>) -> Vec<u8> {
    let mut out = Vec::new();
    value.encode(Codec::MSGPACK, &mut out).unwrap();
    out
}

#[test]
fn each_is_the_same_after_decoding_and_encoding() {
    for (name, frame) in all() {
        let mut out = Vec::new();
        let mut encoder = FrameEncoder::new(&mut out, frame.header);
        encoder.raw_names(&frame.names());
        encoder.metadata(&frame.metadata());
        encoder.payload(frame.payload());
        encoder.finish().unwrap();
        assert_eq!(out, frame.as_bytes(), "{name}");
    }
}

#[test]
fn each_kind_says_what_it_is() {
    for (name, frame) in all() {
        let header = frame.header;
        let kind = name.split('.').next().unwrap();
        assert_eq!(header.is_response(), kind == "response", "{name}");
        assert_eq!(header.is_heartbeat(), name.ends_with("heartbeat"), "{name}");
        assert_eq!(
            header.is_oneway(),
            name.ends_with("oneway") || kind == "push",
            "{name}"
        );
        let seq = match name.as_str() {
            _ if kind == "client" || name.ends_with("heartbeat") => Some(0),
            "push" => None,
            _ if name.ends_with("max-seq") => Some(u64::MAX),
            _ => Some(SEQ),
        };
        assert!(
            seq.is_none_or(|seq| seq == header.seq),
            "{name}: seq {}",
            header.seq
        );
        let codec = match name.split_once('.').map_or("", |(_, case)| case) {
            "raw" | "raw-empty" | "gzip-big" | "" => Codec::RAW,
            "json" | "types-json" => Codec::JSON,
            "no-codec" => Codec::new(9).unwrap(),
            _ => Codec::MSGPACK,
        };
        assert_eq!(header.codec(), codec, "{name}");
    }
}

/// A server that answers as the Go server does repeats all but compression and status.
#[test]
fn each_answer_has_the_header_and_names_that_we_would_send() {
    let frames = all();
    for (name, answer) in &frames {
        let Some(case) = name.strip_prefix("response.") else {
            continue;
        };
        let request = frame(&format!("request.{case}"));
        let mut header = request.header.reply().compressed(answer.header.compress());
        if answer.metadata().get("__rpcx_error__").is_some() {
            header = header.error();
        }
        assert_eq!(answer.header, header, "{name}");
        assert_eq!(answer.names(), request.names(), "{name}");
    }
}

#[test]
fn requests_are_built_as_the_go_client_builds_them() {
    let args = packed(&Args { a: 10, b: 20 });
    let same = |name: &str, header: Header, method: &str, pairs: &[(&str, &str)]| {
        let metadata = Metadata::from_iter(pairs.iter().copied());
        let built = encode(header, ["Arith", method], &metadata, &args);
        assert_eq!(built, frame(name).as_bytes(), "{name}");
    };
    let request = Header::request(SEQ, Codec::MSGPACK);
    same("request.mul", request, "Mul", &[]);
    same("request.meta", request, "Mul", &[("k", "v")]);
    same(
        "request.with-timeout",
        request,
        "Mul",
        &[("__ServerTimeout", "2999")],
    );
    same("request.oneway", request.oneway(), "Notify", &[]);
    same("request.no-method", request, "Nothing", &[]);
    let last = Header::request(u64::MAX, Codec::MSGPACK);
    same("request.max-seq", last, "Mul", &[]);
    let first = Header::request(0, Codec::MSGPACK);
    same("client.mul", first, "Mul", &[]);
    same("client.gzip-small", first, "Mul", &[]);
    same("client.oneway", first.oneway(), "Mul", &[]);
}

#[test]
fn other_payloads_are_framed_as_go_frames_them() {
    let same = |name: &str, header: Header, names: [&str; 2], payload: &[u8]| {
        let built = encode(header, names, &Metadata::new(), payload);
        assert_eq!(built, frame(name).as_bytes(), "{name}");
    };
    let request = |codec| Header::request(SEQ, codec);
    let say = packed(&"rpcx".to_owned());
    same(
        "request.say",
        request(Codec::MSGPACK),
        ["Arith", "Say"],
        &say,
    );
    let echo = ["Arith", "Echo"];
    same("request.raw", request(Codec::RAW), echo, &[0, 1, 254, 255]);
    same("request.raw-empty", request(Codec::RAW), echo, &[]);
    let now = heartbeat_at(1_700_000_000_000_000_000);
    same("request.heartbeat", Header::heartbeat(0), ["", ""], &now);
}

/// Nanoseconds as a msgpack int64 of full width.
fn heartbeat_at(nanos: u64) -> Vec<u8> {
    [&[0xd3], &nanos.to_be_bytes()[..]].concat()
}

#[test]
fn a_heartbeat_is_echoed() {
    let mut out = Vec::new();
    FrameEncoder::echo(&mut out, &frame("request.heartbeat"));
    assert_eq!(out, frame("response.heartbeat").as_bytes());
}

#[test]
fn payloads_are_what_was_sent() {
    let args = Args { a: 10, b: 20 };
    for name in [
        "mul",
        "meta",
        "oneway",
        "max-seq",
        "no-codec",
        "with-timeout",
    ] {
        assert_eq!(
            msgpack::<Args>(frame(&format!("request.{name}")).payload()),
            args,
            "{name}"
        );
    }
    for name in ["mul", "meta", "max-seq", "gzip", "with-timeout"] {
        let reply = msgpack::<Reply>(frame(&format!("response.{name}")).payload());
        assert_eq!(reply, Reply { c: 200 }, "{name}");
    }
    assert_eq!(
        msgpack::<String>(frame("response.say").payload()),
        "hello rpcx"
    );
    assert_eq!(
        msgpack::<All>(frame("response.types-echo").payload()),
        All::sample()
    );
    assert_eq!(
        msgpack::<All>(frame("response.types-nil").payload()),
        All::default()
    );
    let json = frame("response.types-json");
    assert_eq!(
        All::decode(Codec::JSON, json.payload()).unwrap(),
        All::sample()
    );
    assert_eq!(frame("response.raw").payload(), [0, 1, 254, 255]);
    assert_eq!(frame("response.raw-empty").payload(), b"");
    assert_eq!(frame("push").payload(), b"pushed");
}

#[test]
fn compressed_payloads_are_inflated() {
    let inflated = |name| {
        let frame = frame(name);
        assert_eq!(frame.header.compress(), Compression::GZIP, "{name}");
        inflate(Compression::GZIP, frame.payload(), 1 << 20).unwrap()
    };
    assert_eq!(inflated("request.gzip"), frame("request.mul").payload());
    for name in ["request.gzip-big", "response.gzip-big"] {
        assert_eq!(inflated(name), pattern(2000), "{name}");
        let ours = compress(Compression::GZIP, &pattern(2000)).unwrap();
        assert_eq!(
            inflate(Compression::GZIP, &ours, 2000).unwrap(),
            pattern(2000)
        );
    }
    assert_eq!(
        msgpack::<Adapted<Vec<u8>, Bytes>>(&inflated("client.gzip")).value,
        pattern(2000)
    );
    let small = frame("client.gzip-small").header.compress();
    assert_eq!(
        small,
        Compression::NONE,
        "a short payload is not compressed"
    );
}

#[test]
fn errors_carry_the_texts_of_go() {
    for (name, text) in [
        ("error", "arith: refused"),
        ("no-service", "rpcx: can't find service Nowhere"),
        ("no-method", "rpcx: can't find method Nothing"),
        ("no-codec", "can not find codec for 9"),
    ] {
        let answer = frame(&format!("response.{name}"));
        assert_eq!(answer.header.status(), 1, "{name}");
        assert_eq!(
            answer.metadata().get("__rpcx_error__"),
            Some(text),
            "{name}"
        );
    }
}

#[test]
fn metadata_is_read() {
    let pairs = |name| {
        let metadata = frame(name).metadata();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        metadata
            .iter()
            .map(|(key, value)| (text(key), text(value)))
            .collect::<Vec<_>>()
    };
    let pair = |key: &str, value: &str| vec![(key.to_owned(), value.to_owned())];
    assert_eq!(pairs("request.meta"), pair("k", "v"));
    assert_eq!(pairs("push"), pair("k", "v"));
    assert_eq!(
        pairs("request.with-timeout"),
        pair("__ServerTimeout", "2999")
    );
    assert_eq!(pairs("response.respmeta"), pair("served-by", "go"));
    assert_eq!(pairs("request.mul"), []);
}
