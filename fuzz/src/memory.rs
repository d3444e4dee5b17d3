//! What a payload takes in memory while it is read.

use std::collections::{BTreeMap, HashMap};

use rpcx::codec::{Payload, Serde};
use rpcx::protocol::Codec;

use super::payloads::{Sample, Tree};

/// The most bytes that something had at once.
pub type Peak = fn(&mut dyn FnMut()) -> usize;

/// What the values may take.
const LIMIT: usize = 256 << 10;

/// For each byte of it: a list has its old and its new memory while it grows, and a map is half empty.
const ROOM: usize = 6;

/// For each byte of the payload: texts are not counted, since they were there before.
const COPIES: usize = 64;

/// What takes no more for a longer payload.
const ALWAYS: usize = 64 << 10;

/// 160 bytes, of which a payload need not have one.
#[derive(Debug, Default, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub struct Wide {
    numbers: [u64; 20],
}

/// The first byte of the input is the codec, the rest a payload.
pub fn payload_memory(data: &[u8], peak: Peak) {
    let Some((&codec, bytes)) = data.split_first() else {
        return;
    };
    let codec = match codec & 1 {
        0 => Codec::MSGPACK,
        _ => Codec::JSON,
    };
    bounded::<Vec<Wide>>(codec, bytes, peak);
    bounded::<Vec<Box<Wide>>>(codec, bytes, peak);
    bounded::<Vec<Option<Wide>>>(codec, bytes, peak);
    bounded::<Vec<[u64; 20]>>(codec, bytes, peak);
    bounded::<Vec<u128>>(codec, bytes, peak);
    bounded::<Vec<()>>(codec, bytes, peak);
    bounded::<Vec<Vec<Vec<String>>>>(codec, bytes, peak);
    bounded::<BTreeMap<u64, Wide>>(codec, bytes, peak);
    bounded::<HashMap<String, Option<Box<Wide>>>>(codec, bytes, peak);
    bounded::<Sample>(codec, bytes, peak);
    bounded::<Tree>(codec, bytes, peak);
    bounded::<serde_json::Value>(codec, bytes, peak);
}

fn bounded<T: for<'de> Payload<'de, Serde>>(codec: Codec, bytes: &[u8], peak: Peak) {
    let took = peak(&mut || drop(T::decode_within(codec, bytes, LIMIT)));
    let most = ROOM * LIMIT + COPIES * bytes.len() + ALWAYS;
    let name = std::any::type_name::<T>();
    assert!(took <= most, "{took} bytes for {} as {name}", bytes.len());
}
