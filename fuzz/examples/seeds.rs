//! Writes the seeds of each fuzz target into a folder: what was recorded from Go, what the property tests begin with, and what earlier
//! runs have found.

use std::path::PathBuf;
use std::{env, fs, io};

use rpcx::protocol::{Decoded, Decoder, Frame, FrameLimits};
// With the flags of `.ci/run fuzz` this program is instrumented, too, and libFuzzer has what instrumented code calls.
use libfuzzer_sys as _;

#[path = "../kept.rs"]
mod kept;
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/vectors/read.rs"]
mod read;
#[path = "../../tests/properties/seeds.rs"]
mod right;

type Seeds = Vec<Vec<u8>>;

/// Longer ones are many times the same.
const LONGEST: usize = 16 << 10;

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| io::Error::other("usage: seeds FOLDER"))?;
    for (target, mut seeds) in all() {
        seeds.extend(kept::kept(target));
        let folder = folder.join(target);
        fs::create_dir_all(&folder)?;
        for (at, seed) in seeds
            .iter()
            .enumerate()
            .filter(|(_, seed)| seed.len() <= LONGEST)
        {
            fs::write(folder.join(at.to_string()), seed)?;
        }
    }
    Ok(())
}

fn all() -> Vec<(&'static str, Seeds)> {
    let frames = recorded("frame.");
    let replies = frames
        .iter()
        .cloned()
        .zip(rpcx_fuzz::CALLS.into_iter().cycle());
    let replies = replies
        .map(|(frame, seq)| right::as_reply(frame, seq))
        .collect();
    vec![
        ("frame_decoder", whole(frames.clone())),
        ("replies", whole(replies)),
        (
            "metadata",
            parts(|frame| frame.metadata().as_bytes().to_vec()),
        ),
        ("gzip", parts(|frame| frame.payload().to_vec())),
        ("payload", payloads()),
        ("payload_memory", payloads()),
        ("twins", recorded("msgpack.")),
        ("thrift_payload", bytes(&right::THRIFT)),
        ("address", texts(&right::ADDRESSES)),
        ("websocket", whole(bytes(&right::WEB_SOCKET))),
        ("http_head", whole(bytes(&right::HEADS))),
        ("http_request", texts(&right::REQUESTS)),
        ("json_rpc", texts(&right::JSON_RPC)),
        ("kcp", whole(bytes(&right::DATAGRAMS))),
        ("registry", bytes(&right::REGISTRIES)),
        ("lock_file", bytes(&[right::LOCK])),
        // Certificates and keys: those that are kept.
        ("pem", Vec::new()),
        ("go_import", bytes(&[right::GO])),
        ("macro_input", texts(&right::ITEMS)),
        (
            "proto",
            bytes(&[include_bytes!(
                "../../examples/from-proto/proto/people.proto"
            )]),
        ),
        (
            "pending",
            vec![
                (0..=255).collect(),
                vec![0; 64],
                [0, 9, 2, 7, 6, 8, 4, 3].repeat(16),
            ],
        ),
    ]
}

fn recorded(prefix: &str) -> Seeds {
    let vectors = read::recorded().into_iter();
    let wanted = vectors.filter(|vector| vector.name.starts_with(prefix));
    wanted.map(|vector| vector.bytes).collect()
}

/// In one piece.
fn whole(seeds: Seeds) -> Seeds {
    seeds
        .into_iter()
        .map(|seed| [&[0], &seed[..]].concat())
        .collect()
}

fn payloads() -> Seeds {
    let of = |codec: u8, prefix| {
        let payloads = recorded(prefix).into_iter();
        payloads.map(move |payload| [&[codec], &payload[..]].concat())
    };
    of(0, "msgpack.").chain(of(1, "json.")).collect()
}

fn parts(part: fn(Frame) -> Vec<u8>) -> Seeds {
    let frames = recorded("frame.").into_iter().filter_map(|bytes| {
        match Decoder::new(FrameLimits::CLIENT).decode(&mut bytes[..].into()) {
            Ok(Decoded::Frame(frame)) => Some(part(frame)),
            _ => None,
        }
    });
    frames.filter(|part| !part.is_empty()).collect()
}

fn bytes(seeds: &[&[u8]]) -> Seeds {
    seeds.iter().map(|seed| seed.to_vec()).collect()
}

fn texts(seeds: &[&str]) -> Seeds {
    seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect()
}
