//! What registries answer, and what becomes of it.

use rpcx::discovery::fuzzing::{self, Entry, Listed, listed};
use rpcx::discovery::{Node, decode_metadata, encode_metadata};

use super::frames::{chunks, sizes};

/// The most that metadata may have, each byte of which may be replaced by three.
const LONGEST: usize = 3 * 16 * 1024;

/// The input is a number that says which registry it is, and what that answers. Whatever it is, the nodes
/// are those that were given, each once, and within bounds.
pub fn registry(data: &[u8]) {
    let Some((&kind, answer)) = data.split_first() else {
        return;
    };
    let entries = match kind % 8 {
        0 => Some(entries(answer, |key, metadata| {
            (key.to_owned(), metadata.to_vec())
        })),
        1 => fuzzing::etcd(lines(answer)).ok(),
        2 => fuzzing::consul(answer),
        3 => fuzzing::nacos(answer),
        4 => Some(entries(answer, fuzzing::redis)),
        5 => mdns(answer),
        6 => fuzzing::dns(answer),
        _ => return services(answer),
    };
    if let Some(entries) = entries {
        check(entries);
    }
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n')
}

/// A key and what it stands for on each line, with a space between.
fn entries(bytes: &[u8], entry: impl Fn(&str, &[u8]) -> Entry) -> Vec<Entry> {
    let parts = lines(bytes).map(|line| line.splitn(2, |byte| *byte == b' '));
    let read = |mut parts: std::slice::SplitN<'_, u8, _>| {
        let key = String::from_utf8_lossy(parts.next().unwrap_or_default());
        entry(&key, parts.next().unwrap_or_default())
    };
    parts.map(read).collect()
}

/// A number of sizes, the sizes, and datagrams of these sizes.
fn mdns(bytes: &[u8]) -> Option<Vec<Entry>> {
    let (sizes, bytes) = sizes(bytes);
    let heard = fuzzing::mdns(chunks(bytes, sizes));
    heard.map(|(entries, _asked)| entries)
}

fn check(mut entries: Vec<Entry>) {
    let taken = listed([&entries[..]]);
    let count = taken.nodes.len() as u64 + taken.skipped.total();
    assert_eq!(count, entries.len() as u64, "each is taken or counted");
    assert!(taken.nodes.len() <= 10_000);
    let addresses = addresses(&taken);
    assert!(addresses.is_sorted_by(|one, next| one < next), "each once");
    taken.nodes.iter().for_each(check_node);
    assert_eq!(
        listed([&entries[..], &[]]).nodes,
        taken.nodes,
        "that there are none is not believed at once"
    );
    entries.reverse();
    let turned = listed([&entries[..]]);
    assert_eq!(self::addresses(&turned), addresses, "in any order");
}

fn addresses(listed: &Listed) -> Vec<String> {
    let address = |node: &Node| node.address.to_string();
    listed.nodes.iter().map(address).collect()
}

fn check_node(node: &Node) {
    let address = node.address.to_string();
    assert_eq!(address.parse().as_ref(), Ok(&node.address));
    assert!(node.weight <= 65_535 && node.metadata.len() <= LONGEST);
    if let Some(place) = node.coordinates {
        assert!((-90.0..=90.0).contains(&place.latitude));
        assert!((-180.0..=180.0).contains(&place.longitude));
    }
    let mut pairs = decode_metadata(&node.metadata);
    let groups = pairs.iter().filter(|(key, _)| key == "group");
    assert!(groups.map(|(_, group)| group).eq(&node.groups));
    pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
    assert_eq!(
        decode_metadata(&encode_metadata(pairs.iter().cloned())),
        pairs
    );
}

/// Keys of all services, a line each.
fn services(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(names) = fuzzing::services(text.lines()) else {
        return;
    };
    assert!(names.is_sorted_by(|one, next| one < next), "each once");
    for name in names {
        assert!((1..=1024).contains(&name.len()));
        assert!(text.contains(&name));
    }
}
