//! The services of a server as they stand in a TXT record: a JSON array, escaped as in a query.

use serde::{Deserialize, Serialize};

use crate::discovery::metadata::{escape, unescape};

/// What one string of a TXT record has room for.
const STRING: usize = 255;

/// A service at an address, in the form of Go's plugin.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Entry {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) service: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) meta: String,
    /// `network@host:port`
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) service_address: String,
}

/// The entries of a record. None if it is not one of rpcx.
pub(super) fn read<'a>(strings: impl Iterator<Item = &'a [u8]>) -> Option<Vec<Entry>> {
    let text = strings.collect::<Vec<_>>().concat();
    let text = unescape(std::str::from_utf8(&text).ok()?)?;
    serde_json::from_str(&text).ok()
}

/// The strings of the records for these entries: as many in each record as one string has room for, because Go
/// reads the first one alone. What does not fit into one by itself goes on in others.
pub(super) fn write(entries: &[Entry]) -> Vec<Vec<String>> {
    let mut records = Vec::new();
    let mut rest = entries;
    while !rest.is_empty() {
        let fits = |count: &usize| text(&rest[..*count]).len() <= STRING;
        let count = (1..=rest.len()).take_while(fits).last().unwrap_or(1);
        let (first, others) = rest.split_at(count);
        // Everything in it is ASCII.
        let text = text(first);
        let strings = text.as_bytes().chunks(STRING);
        records.push(
            strings
                .map(|part| String::from_utf8_lossy(part).into_owned())
                .collect(),
        );
        rest = others;
    }
    records
}

/// As Go writes it, which escapes what HTML would misread.
fn text(entries: &[Entry]) -> String {
    let json = serde_json::to_string(entries).unwrap_or_default();
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '&' | '<' | '>' | '\u{2028}' | '\u{2029}' => {
                escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            plain => escaped.push(plain),
        }
    }
    escape(&escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(service: &str, meta: &str) -> Entry {
        Entry {
            service: service.to_owned(),
            meta: meta.to_owned(),
            service_address: "tcp@127.0.0.1:17031".to_owned(),
        }
    }

    /// Recorded from a Go server.
    const GO: &str = "%5B%7B%22service%22%3A%22Arith%22%2C%22meta%22%3A%22group%3Da%5Cu0026weight%3D7%22%2C%22\
                      service_address%22%3A%22tcp%40127.0.0.1%3A17031%22%7D%5D";

    #[test]
    fn records_are_those_of_go() {
        let entries = [entry("Arith", "group=a&weight=7")];
        assert_eq!(write(&entries), [[GO]]);
        assert_eq!(read([GO.as_bytes()].into_iter()).unwrap(), entries);
        let (first, second) = GO.as_bytes().split_at(100);
        assert_eq!(read([first, second].into_iter()).unwrap(), entries);
    }

    #[test]
    fn what_does_not_fit_has_a_record_of_its_own() {
        let entries = ["A", "B", "C", "D", "E"].map(|name| entry(name, "group=a"));
        let records = write(&entries);
        assert!(records.len() > 1 && records.iter().all(|strings| strings.len() == 1));
        let long = [entry("A", &"x".repeat(1000)), entry("B", "é&<")];
        let written = write(&long);
        assert!(written[0].len() > 3 && written[0].iter().all(|string| string.len() <= STRING));
        let read_again: Vec<_> = [&records, &written]
            .into_iter()
            .flatten()
            .flat_map(|strings| read(strings.iter().map(String::as_bytes)).unwrap())
            .collect();
        assert!(read_again.iter().eq(entries.iter().chain(&long)));
        assert_eq!(write(&[]), Vec::<Vec<String>>::new());
    }

    #[test]
    fn what_is_no_record_of_rpcx_is_nothing() {
        for text in ["", "path=/x", "%5B%7B", "%zz", "{}", "[1]"] {
            assert_eq!(read([text.as_bytes()].into_iter()), None, "{text}");
        }
        assert_eq!(read([&b"\xff"[..]].into_iter()), None);
        assert_eq!(read([&b"[{}]"[..]].into_iter()).unwrap()[0].service, "");
    }
}
