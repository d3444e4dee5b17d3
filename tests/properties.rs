//! The bodies of the fuzz targets as tests on stable Rust: every recorded frame and payload, each
//! cut everywhere, and many that were changed at random.
//!
//! `PROPTEST_CASES=100000 cargo test --test properties` looks longer. A failure prints its input, which
//! then becomes a test with a name.
#![cfg(all(
    feature = "macros",
    feature = "msgpack",
    feature = "json",
    feature = "gzip"
))]

#[expect(
    unreachable_pub,
    reason = "the same file is a library of its own in fuzz/"
)]
#[path = "../fuzz/src/lib.rs"]
mod bodies;
#[path = "../fuzz/counting.rs"]
mod counting;
#[path = "../fuzz/kept.rs"]
mod kept;
#[path = "vectors/read.rs"]
mod read;
#[path = "properties/seeds.rs"]
mod right;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use right::{
    ADDRESSES, DATAGRAMS, GO, HEADS, ITEMS, JSON_RPC, LOCK, REGISTRIES, REQUESTS, THRIFT,
    WEB_SOCKET, as_reply,
};
use rpcx::codec::Payload;
use rpcx::protocol::{Codec, Decoded, Decoder, Frame, FrameLimits};

/// Recorded bytes whose name begins with one of these.
fn seeds(prefixes: &[&str]) -> Vec<Vec<u8>> {
    let wanted = |name: &str| prefixes.iter().any(|prefix| name.starts_with(prefix));
    let vectors = read::recorded()
        .into_iter()
        .filter(|vector| wanted(&vector.name));
    let seeds: Vec<_> = vectors.map(|vector| vector.bytes).collect();
    assert!(!seeds.is_empty(), "nothing is recorded under {prefixes:?}");
    seeds
}

/// Metadata blocks or payloads of the recorded frames that have some.
fn parts(part: fn(Frame) -> Vec<u8>) -> Vec<Vec<u8>> {
    let frames = seeds(&["frame."]).into_iter().filter_map(|bytes| {
        match Decoder::new(FrameLimits::CLIENT).decode(&mut bytes[..].into()) {
            Ok(Decoded::Frame(frame)) => Some(part(frame)),
            _ => None,
        }
    });
    frames.filter(|part| !part.is_empty()).collect()
}

/// One change of some bytes.
#[derive(Clone, Debug)]
enum Change {
    Set(usize, u8),
    Flip(usize, u8),
    Remove(usize, usize),
    Repeat(usize, usize),
    Cut(usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = 0usize..2048;
    prop_oneof![
        (at.clone(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (at.clone(), 0u8..8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        (at.clone(), 1usize..16).prop_map(|(at, length)| Change::Remove(at, length)),
        (at.clone(), 1usize..64).prop_map(|(at, length)| Change::Repeat(at, length)),
        at.prop_map(Change::Cut),
    ]
}

fn apply(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let length = bytes.len().max(1);
        let range = |at: usize, count: usize| {
            let at = at % length;
            at.min(bytes.len())..(at + count).min(bytes.len())
        };
        match *change {
            Change::Set(at, byte) => bytes
                .iter_mut()
                .skip(at % length)
                .take(1)
                .for_each(|b| *b = byte),
            Change::Flip(at, bit) => {
                bytes
                    .iter_mut()
                    .skip(at % length)
                    .take(1)
                    .for_each(|b| *b ^= 1 << bit);
            }
            Change::Remove(at, count) => drop(bytes.drain(range(at, count))),
            Change::Repeat(at, count) => {
                let again = bytes[range(at, count)].to_vec();
                bytes.extend(again);
            }
            Change::Cut(at) => bytes.truncate(at % length),
        }
    }
    bytes
}

/// Bytes that are nearly right, and now and then bytes that are nothing.
fn bytes(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let near =
        (select(seeds), vec(change(), 0..4)).prop_map(|(bytes, changes)| apply(bytes, &changes));
    prop_oneof![9 => near, 1 => vec(any::<u8>(), 0..300)]
}

/// Several frames behind each other, with the sizes they are cut into.
fn connection() -> impl Strategy<Value = Vec<u8>> {
    let frames = vec(bytes(seeds(&["frame."])), 0..4).prop_map(|frames| frames.concat());
    (vec(any::<u8>(), 0..16), frames)
        .prop_map(|(sizes, frames)| [&[sizes.len() as u8], &sizes[..], &frames].concat())
}

fn codec_and_payload() -> impl Strategy<Value = Vec<u8>> {
    let msgpack = bytes(seeds(&["msgpack."])).prop_map(|bytes| [&[0], &bytes[..]].concat());
    let json = bytes(seeds(&["json."])).prop_map(|bytes| [&[1], &bytes[..]].concat());
    prop_oneof![msgpack, json]
}

/// Bytes in pieces of some sizes.
fn cut(seeds: &[&[u8]]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let seeds = seeds.iter().map(|seed| seed.to_vec()).collect();
    (vec(any::<u8>(), 0..16), bytes(seeds))
        .prop_map(|(sizes, bytes)| [&[sizes.len() as u8], &sizes[..], &bytes].concat())
}

/// What a server sends: recorded frames as replies to the first calls of a connection, in pieces.
fn cut_replies() -> impl Strategy<Value = Vec<u8>> {
    let seeds = seeds(&["frame."])
        .into_iter()
        .filter(|frame| frame.len() < 10_000);
    let reply = |(frame, changes, call): (Vec<u8>, Vec<Change>, usize)| {
        apply(as_reply(frame, bodies::CALLS[call]), &changes)
    };
    let changes = prop_oneof![3 => Just(Vec::new()), 1 => vec(change(), 0..4)];
    let replies = (select(seeds.collect::<Vec<_>>()), changes, 0..3usize).prop_map(reply);
    (vec(any::<u8>(), 0..16), vec(replies, 0..5))
        .prop_map(|(sizes, replies)| [&[sizes.len() as u8], &sizes[..], &replies.concat()].concat())
}

/// A certificate and its key.
fn certificate() -> Vec<u8> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = made.signing_key.serialize_pem();
    [made.cert.pem().into_bytes(), key.into_bytes()].concat()
}

/// Words are dropped, doubled and exchanged; brackets stay, so that there are tokens at all.
fn item() -> impl Strategy<Value = String> {
    let swap = (0usize..200, 0usize..200, 0u8..3);
    (select(&ITEMS[..]), vec(swap, 0..6)).prop_map(|(item, swaps)| {
        let mut words: Vec<_> = item.split(' ').collect();
        for (a, b, what) in swaps {
            let (a, b) = (a % words.len(), b % words.len());
            if [a, b]
                .iter()
                .any(|at| words[*at].contains(['(', ')', '[', ']', '{', '}', '\n']))
            {
                continue;
            }
            match what {
                0 => words.swap(a, b),
                1 => words[a] = "",
                _ => words.insert(a, words[b]),
            }
        }
        words.join(" ")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn frames(data in connection()) {
        bodies::frame_decoder(&data);
    }

    #[test]
    fn metadata(data in bytes(parts(|frame| frame.metadata().as_bytes().to_vec()))) {
        bodies::metadata(&data);
    }

    #[test]
    fn gzip(data in bytes(parts(|frame| frame.payload().to_vec()))) {
        bodies::gzip(&data);
    }

    #[test]
    fn payloads(data in codec_and_payload()) {
        bodies::payload(&data);
    }

    #[test]
    fn messages_both_ways(data in vec(any::<u8>(), 0..600), changes in vec(change(), 0..4)) {
        let bytes = bodies::twins_from(&data);
        bodies::twins(&apply(bytes, &changes));
    }

    #[test]
    fn payloads_both_ways(data in bytes(seeds(&["msgpack."]))) {
        bodies::twins(&data);
    }

    #[test]
    fn memory_of_payloads(data in codec_and_payload()) {
        bodies::payload_memory(&data, counting::peak);
    }

    #[test]
    fn replies(data in cut_replies()) {
        bodies::replies(&data);
    }

    #[test]
    fn tables_of_calls(data in vec(any::<u8>(), 0..1000)) {
        bodies::pending(&data);
    }

    #[test]
    fn thrift_payloads(data in bytes(THRIFT.map(<[u8]>::to_vec).to_vec())) {
        bodies::thrift_payload(&data);
    }

    #[test]
    fn addresses(data in bytes(ADDRESSES.map(|text| text.as_bytes().to_vec()).to_vec())) {
        bodies::address(&data);
    }

    #[test]
    fn web_sockets(data in cut(&WEB_SOCKET)) {
        bodies::websocket(&data);
    }

    #[test]
    fn http_heads(data in cut(&HEADS)) {
        bodies::http_head(&data);
    }

    #[test]
    fn http_requests(data in bytes(REQUESTS.map(|text| text.as_bytes().to_vec()).to_vec())) {
        bodies::http_request(&data);
    }

    #[test]
    fn json_rpcs(data in bytes(JSON_RPC.map(|text| text.as_bytes().to_vec()).to_vec())) {
        bodies::json_rpc(&data);
    }

    #[test]
    fn kcp_datagrams(data in cut(&DATAGRAMS)) {
        bodies::kcp(&data);
    }

    #[test]
    fn certificates(data in bytes(vec![certificate()])) {
        bodies::pem(&data);
    }

    #[test]
    fn registries(data in bytes(REGISTRIES.map(<[u8]>::to_vec).to_vec())) {
        bodies::registry(&data);
    }

    #[test]
    fn lock_files(data in bytes(vec![LOCK.to_vec()])) {
        bodies::lock_file(&data);
    }

    #[test]
    fn go_sources(data in bytes(vec![GO.to_vec()])) {
        bodies::go_import(&data);
    }

    #[test]
    fn macro_inputs(text in item()) {
        bodies::macro_input(text.as_bytes());
    }
}

#[test]
fn every_recorded_frame_cut_everywhere() {
    for seed in seeds(&["frame."]) {
        for end in 0..=seed.len().min(400) {
            bodies::frame_decoder(&[&[0], &seed[..end]].concat());
        }
    }
}

#[test]
fn every_recorded_payload_cut_everywhere() {
    for (codec, prefix) in [(0, "msgpack."), (1, "json.")] {
        for seed in seeds(&[prefix]) {
            for end in 0..=seed.len() {
                bodies::payload(&[&[codec], &seed[..end]].concat());
            }
        }
    }
}

#[test]
fn every_thrift_payload_cut_everywhere() {
    for seed in THRIFT {
        bodies::ThriftSample::decode(Codec::THRIFT, seed).unwrap();
        for end in 0..=seed.len() {
            bodies::thrift_payload(&seed[..end]);
        }
    }
}

#[test]
fn every_item_without_changes() {
    for item in ITEMS {
        bodies::macro_input(item.as_bytes());
    }
}

/// Few bytes that stand for much, in more elements than the limit has room for.
#[test]
fn few_bytes_do_not_become_much_memory() {
    for value in [&b"\xc0"[..], b"\x80", b"\x90", b"\x81\xa4Pair\x92"] {
        let mut list = vec![0, 0xdd];
        list.extend(100_000u32.to_be_bytes());
        list.extend(value.repeat(100_000));
        bodies::payload_memory(&list, counting::peak);
    }
    for value in ["null", "{}", "[]", "0"] {
        let list = format!("\u{1}[{}]", vec![value; 100_000].join(","));
        bodies::payload_memory(list.as_bytes(), counting::peak);
    }
}

/// Deep nesting in the stack of a runtime's thread, which is 2 MiB, and without optimization.
#[test]
fn nesting_is_bounded_before_the_stack_is() {
    for (codec, open) in [
        (0, &b"\x91"[..]),
        (0, b"\x81\xa4Pair\x92"),
        (0, b"\x81\xa5Maybe"),
        (0, b"\x81\xa4More\x91"),
        (1, b"["),
        (1, b"{\"Pair\":["),
        (1, b"{\"Maybe\":"),
        (1, b"{\"More\":["),
    ] {
        let input = [&[codec], &open.repeat(20_000)[..]].concat();
        let small = std::thread::Builder::new().stack_size(2 << 20);
        small
            .spawn(move || bodies::payload(&input))
            .unwrap()
            .join()
            .unwrap();
    }
}

/// Of `.proto` files `rpcx-build` knows more.
#[test]
fn what_fuzzing_has_found_before() {
    type Body = fn(&[u8]);
    let bodies: [(&str, Body); 20] = [
        ("address", bodies::address),
        ("frame_decoder", bodies::frame_decoder),
        ("go_import", bodies::go_import),
        ("gzip", bodies::gzip),
        ("http_head", bodies::http_head),
        ("http_request", bodies::http_request),
        ("json_rpc", bodies::json_rpc),
        ("kcp", bodies::kcp),
        ("lock_file", bodies::lock_file),
        ("macro_input", bodies::macro_input),
        ("metadata", bodies::metadata),
        ("payload", bodies::payload),
        ("payload_memory", |data| {
            bodies::payload_memory(data, counting::peak);
        }),
        ("pem", bodies::pem),
        ("pending", bodies::pending),
        ("registry", bodies::registry),
        ("replies", bodies::replies),
        ("thrift_payload", bodies::thrift_payload),
        ("twins", |data| {
            bodies::twins(data);
            bodies::twins_from(data);
        }),
        ("websocket", bodies::websocket),
    ];
    for (target, body) in bodies {
        let inputs = kept::kept(target);
        assert!(!inputs.is_empty(), "{target}");
        inputs.iter().for_each(|input| body(input));
    }
}
