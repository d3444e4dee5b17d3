//! Bytes recorded from Go rpcx, checked without Go. `tests/interop` says how they are recorded.
#![cfg(all(
    feature = "macros",
    feature = "msgpack",
    feature = "json",
    feature = "gzip"
))]

#[path = "vectors/frames.rs"]
mod frames;
#[path = "vectors/payloads.rs"]
mod payloads;
#[path = "vectors/read.rs"]
mod read;
#[path = "vectors/shapes.rs"]
mod shapes;

#[test]
fn names_occur_once() {
    let mut names: Vec<_> = read::recorded()
        .into_iter()
        .map(|vector| vector.name)
        .collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
    assert!(all > 100, "only {all} vectors are recorded");
}

#[test]
fn lines_that_are_no_vectors_are_named() {
    let error = |text| read::parse(text).unwrap_err();
    assert_eq!(error("# a comment\nname"), "2: no ` = `");
    assert_eq!(error("a = 0g"), "1: `0g` is not hexadecimal");
    assert_eq!(error("a = 012  # odd"), "1: 3 digits do not make bytes");
    let vectors = read::parse("a = 0aff  # two bytes\n\nb = -  # none").unwrap();
    assert_eq!(
        (&vectors[0].bytes[..], &vectors[1].bytes[..]),
        (&[10, 255][..], &[][..])
    );
}
