//! The recorded payloads: what Go wrote is read as the value it was, and where the form of a value
//! is the same on both sides, ours is byte for byte Go's.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::time::Duration;

use rpcx::Timestamp;
use rpcx::codec::{Adapted, ByteArray, Bytes, DecodeAs, EncodeAs, Nanos, Payload, Serde};
use rpcx::protocol::Codec;

use crate::read::recorded;
use crate::shapes::*;

/// The payloads of one codec, and which of them were looked at.
struct Book {
    codec: Codec,
    vectors: BTreeMap<String, Vec<u8>>,
    used: RefCell<BTreeSet<String>>,
}

impl Book {
    fn open(prefix: &str, codec: Codec) -> Self {
        let vectors = recorded().into_iter().filter_map(|vector| {
            Some((vector.name.strip_prefix(prefix)?.to_owned(), vector.bytes))
        });
        Self {
            codec,
            vectors: vectors.collect(),
            used: RefCell::default(),
        }
    }

    fn bytes(&self, name: &str) -> &[u8] {
        self.used.borrow_mut().insert(name.to_owned());
        self.vectors
            .get(name)
            .unwrap_or_else(|| panic!("nothing is recorded as {name}"))
    }

    /// Go's bytes are read as `value`, and what we write in their place too.
    fn reads<T>(&self, name: &str, value: T)
    where
        T: for<'de> Payload<'de, Serde> + Debug + PartialEq,
    {
        let ours = self.encode(name, &value);
        for bytes in [self.bytes(name), &ours] {
            let read =
                T::decode(self.codec, bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(read, value, "{name}");
        }
    }

    /// As [`reads`](Self::reads), and we write Go's bytes.
    fn same<T>(&self, name: &str, value: T)
    where
        T: for<'de> Payload<'de, Serde> + Debug + PartialEq,
    {
        assert_eq!(
            hex(&self.encode(name, &value)),
            hex(self.bytes(name)),
            "{name}"
        );
        self.reads(name, value);
    }

    /// As [`same`](Self::same) for a value in a form of its own.
    fn same_as<A, T>(&self, name: &str, value: T)
    where
        A: EncodeAs<T> + for<'de> DecodeAs<'de, T>,
        T: Debug + PartialEq,
    {
        self.reads_as::<A, T>(name, &value);
        let ours = self.encode(name, &Adapted::<T, A>::new(value));
        assert_eq!(hex(&ours), hex(self.bytes(name)), "{name}");
    }

    fn reads_as<A, T>(&self, name: &str, value: &T)
    where
        A: EncodeAs<T> + for<'de> DecodeAs<'de, T>,
        T: Debug + PartialEq,
    {
        let read = Adapted::<T, A>::decode(self.codec, self.bytes(name));
        let read = read.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(read.value, *value, "{name}");
    }

    fn encode(&self, name: &str, value: &impl for<'de> Payload<'de, Serde>) -> Vec<u8> {
        let mut out = Vec::new();
        value
            .encode(self.codec, &mut out)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        out
    }

    fn each_was_looked_at(&self) {
        let used = self.used.borrow();
        let left: Vec<_> = self
            .vectors
            .keys()
            .filter(|name| !used.contains(*name))
            .collect();
        assert!(left.is_empty(), "recorded, and not tested: {left:?}");
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn at(seconds: i64, nanos: u32) -> Timestamp {
    Timestamp::new(seconds, nanos).unwrap()
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn msgpack() {
    let book = Book::open("msgpack.", Codec::MSGPACK);
    integers(&book);
    fixed_width(&book);
    msgpack_texts(&book);
    for n in [31, 32, 255, 256] {
        book.same(&format!("str.{n}"), "x".repeat(n));
    }
    book.same_as::<Bytes, _>("bytes.256", pattern(256));
    book.reads("slice.16", vec![1i8; 16]);
    book.reads("as-array", Args { a: 10, b: 20 });
    book.reads("slice.nil", strings(&[]));
    book.reads("map.nil", BTreeMap::<String, i64>::new());
    containers(&book);
    times(&book);
    structs(&book);
    let transfer = Transfer {
        file_name: "a.txt".to_owned(),
        file_size: 12,
        meta: None,
    };
    book.reads("file-transfer", transfer);
    book.each_was_looked_at();
}

#[test]
fn json() {
    let book = Book::open("json.", Codec::JSON);
    book.same("str.empty", String::new());
    book.same("str.utf8", "grüße, 世界".to_owned());
    book.reads("str.html", "<a href=\"b\">&</a>\n".to_owned());
    book.same_as::<Bytes, _>("bytes.empty", Vec::new());
    book.same_as::<Bytes, _>("bytes.4", vec![0, 1, 254, 255]);
    book.reads("slice.nil", Vec::<String>::new());
    book.reads("map.nil", BTreeMap::<String, i64>::new());
    containers(&book);
    times(&book);
    structs(&book);
    let transfer = TransferJson {
        file_name: "a.txt".to_owned(),
        file_size: 12,
        meta: None,
    };
    book.reads("file-transfer", transfer);
    book.each_was_looked_at();
}

/// `int` and `uint` take the shortest form on both sides.
fn integers(book: &Book) {
    for name in book.vectors.keys() {
        if let Some(digits) = name.strip_prefix("int.") {
            book.same(name, digits.replace("minus", "-").parse::<i64>().unwrap());
        } else if let Some(digits) = name.strip_prefix("uint.") {
            book.same(name, digits.parse::<u64>().unwrap());
        }
    }
}

/// Go writes a sized integer in its full width; we write the shortest form, which Go reads too.
fn fixed_width(book: &Book) {
    book.reads("i8.5", 5i8);
    book.reads("i8.min", i8::MIN);
    book.reads("i16.5", 5i16);
    book.reads("i16.min", i16::MIN);
    book.reads("i32.5", 5i32);
    book.reads("i32.min", i32::MIN);
    book.reads("i64.5", 5i64);
    book.reads("i64.min", i64::MIN);
    book.reads("u8.5", 5u8);
    book.reads("u8.max", u8::MAX);
    book.reads("u16.5", 5u16);
    book.reads("u16.max", u16::MAX);
    book.reads("u32.5", 5u32);
    book.reads("u32.max", u32::MAX);
    book.reads("u64.5", 5u64);
    book.reads("u64.max", u64::MAX);
    book.same("f32.1.5", 1.5f32);
    book.same("f64.-2.25", -2.25f64);
    book.same("bool.true", true);
    book.same("bool.false", false);
}

fn msgpack_texts(book: &Book) {
    book.same("str.empty", String::new());
    book.same("str.utf8", "grüße, 世界".to_owned());
    book.same("str.html", "<a href=\"b\">&</a>\n".to_owned());
    book.same_as::<Bytes, _>("bytes.empty", Vec::new());
    book.same_as::<Bytes, _>("bytes.4", vec![0, 1, 254, 255]);
}

/// Nil reads as nothing; we write an empty container, which Go reads as one.
fn containers(book: &Book) {
    book.reads_as::<Bytes, _>("bytes.nil", &Vec::new());
    book.same_as::<ByteArray, _>("array4", [1u8, 2, 3, 4]);
    book.same("slice.empty", strings(&[]));
    book.same("slice.3", strings(&["a", "", "c"]));
    book.same("map.empty", BTreeMap::<String, i64>::new());
    book.reads("map.1", BTreeMap::from([("k".to_owned(), -7i64)]));
    book.reads("map.int", BTreeMap::from([(-1i64, "minus one".to_owned())]));
    book.same("pointer.nil", None::<Args>);
    book.same("pointer", Some(Args { a: 10, b: 20 }));
}

fn times(book: &Book) {
    book.same("time.1700000000", at(1_700_000_000, 0));
    book.same("time.1700000000.123", at(1_700_000_000, 123_000_000));
    book.same("time.zero", Timestamp::ZERO);
    book.same("time.epoch", at(0, 0));
    book.same("time.before-epoch", at(-1, 0));
    book.same("time.2^34", at(1 << 34, 1));
    book.reads_as::<Nanos, _>("duration.1s", &Duration::from_secs(1));
    book.reads("duration.minus1ns", -1i64);
    book.reads(
        "struct.times",
        Times {
            t: at(1_700_000_000, 0),
            d: Duration::from_secs(90),
        },
    );
}

fn structs(book: &Book) {
    let args = Args { a: 10, b: 20 };
    book.same("args", args.clone());
    book.same("reply", Reply { c: 200 });
    book.same("empty", Empty {});
    book.reads(
        "embedded",
        Embedded {
            id: 1,
            a: 10,
            b: 20,
            name: "n".to_owned(),
        },
    );
    let tagged = |note: &str| Tagged {
        user_id: 7,
        note: note.to_owned(),
        hidden: String::new(),
    };
    book.reads("tagged", tagged(""));
    book.reads("tagged.note", tagged("n"));
    book.same("field.pointer.nil", Pointer { p: None });
    book.same("field.pointer", Pointer { p: Some(args) });
    book.reads("inner", Inner::new("in", 7, &["x"]));
    book.reads("inner.zero", Inner::default());
    book.reads("all", All::sample());
    book.reads("all.zero", All::default());
    book.reads("big.empty", BigReply { data: Vec::new() });
}
