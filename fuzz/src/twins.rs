//! Messages have two ways to MessagePack: their own, and serde's. Both must do the same.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::time::Duration;

use rpcx::Text;
use rpcx::codec::{
    ByType, DecodeAs, DecodeError, EncodeAs, decode_as_within, decode_serde, encode_as,
    encode_serde,
};
use rpcx::codec::{Payload, Serde, Timestamp};
use rpcx::protocol::Codec;

/// Fields of every kind that a message can have.
#[allow(clippy::use_self, reason = "a type is read under both its names")]
#[rpcx::message]
#[derive(Debug, Default)]
struct Wide {
    int: i64,
    small: i8,
    short: i16,
    plain: i32,
    wide: u64,
    word: u32,
    half: u16,
    byte: u8,
    flag: bool,
    single: f32,
    double: f64,
    text: String,
    note: Option<String>,
    shared: Text,
    maybe_shared: Option<Text>,
    bytes: Vec<u8>,
    array: [u8; 4],
    numbers: [i32; 2],
    span: Option<Duration>,
    time: Timestamp,
    list: Vec<String>,
    texts: Vec<Option<Text>>,
    many: Vec<i64>,
    map: BTreeMap<String, i64>,
    hash: HashMap<u8, Inner>,
    inner: Inner,
    boxed: Option<Box<Wide>>,
    again: Option<Box<Self>>,
    more: Vec<Inner>,
    number: Number,
    foreign: Option<Foreign>,
    tuple: (u8, Duration, String),
    wide_number: Option<u128>,
    letter: char,
    nothing: (),
    #[rpcx(default = "seven")]
    seven: i32,
    #[rpcx(default)]
    word_by_default: String,
    #[rpcx(name = "a name of more than thirty-two bytes on the wire", default)]
    named: Option<u8>,
    #[rpcx(plain)]
    as_serde: Vec<u16>,
    #[rpcx(skip)]
    _skipped: u8,
}

fn seven() -> i32 {
    7
}

#[rpcx::message]
#[derive(Debug, Default, Clone)]
struct Inner {
    id: u32,
    name: String,
    tags: Option<Vec<Text>>,
}

/// Nothing is around its only field.
#[rpcx::message]
#[derive(Debug, Default)]
struct Number(Option<i32>);

/// It contains itself without a byte in between.
#[rpcx::message]
#[derive(Debug)]
struct Endless(Option<Box<Self>>);

#[rpcx::message]
#[derive(Debug)]
struct Empty {}

#[rpcx::message]
#[derive(Debug)]
struct Generic<T> {
    first: T,
    all: Vec<T>,
    id: i32,
}

/// Borrows from the payload.
#[rpcx::message]
#[derive(Debug)]
struct Lent<'a> {
    name: &'a str,
    other: Option<&'a str>,
    either: Cow<'a, str>,
    bytes: &'a [u8],
    last: u16,
}

/// A type of serde around messages.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
struct Foreign {
    inner: Vec<Inner>,
    number: Number,
}

#[rpcx::message]
#[derive(Debug)]
enum Kind {
    One = 1,
    Two,
}

/// Required, for it has no zero value.
#[rpcx::message]
#[derive(Debug)]
struct Required {
    name: String,
    kind: Kind,
    note: Option<String>,
}

/// Limits of the size of a decoded value, from hardly anything to everything.
const LIMITS: [usize; 4] = [64, 700, 4000, 1 << 28];

/// The input is a payload of msgpack.
pub fn twins(data: &[u8]) {
    for limit in LIMITS {
        same::<Wide>(data, limit);
        same::<Inner>(data, limit);
        same::<Required>(data, limit);
        same::<Number>(data, limit);
        same::<Endless>(data, limit);
        same::<Empty>(data, limit);
        same::<Generic<String>>(data, limit);
        same::<Generic<Inner>>(data, limit);
        same::<Vec<Inner>>(data, limit);
        same::<Option<BTreeMap<String, Inner>>>(data, limit);
        same::<Vec<Text>>(data, limit);
        same_lent(data, limit);
    }
}

fn same<T>(data: &[u8], limit: usize)
where
    T: for<'de> Payload<'de, Serde> + serde::Serialize + Debug,
    ByType: for<'de> DecodeAs<'de, T> + EncodeAs<T>,
{
    let by_serde = T::decode_within(Codec::MSGPACK, data, limit);
    let direct = decode_as_within::<ByType, T>(Codec::MSGPACK, data, limit);
    if let Some(value) = agree(by_serde, direct) {
        same_bytes(&value);
    }
}

fn same_lent(data: &[u8], limit: usize) {
    let by_serde = <Lent<'_> as Payload<'_, Serde>>::decode_within(Codec::MSGPACK, data, limit);
    let direct = decode_as_within::<ByType, Lent<'_>>(Codec::MSGPACK, data, limit);
    if let Some(value) = agree(by_serde, direct) {
        same_bytes(&value);
        assert!(matches!(value.either, Cow::Borrowed(_)));
    }
}

/// The value that both have read; what they refuse, they refuse for the same reason at the same place.
fn agree<T: Debug>(by_serde: Result<T, DecodeError>, direct: Result<T, DecodeError>) -> Option<T> {
    match (by_serde, direct) {
        (Ok(by_serde), Ok(direct)) => {
            assert_eq!(format!("{by_serde:?}"), format!("{direct:?}"));
            Some(direct)
        }
        (Err(by_serde), Err(direct)) => {
            assert_eq!(by_serde, direct, "{}", std::any::type_name::<T>());
            None
        }
        (by_serde, direct) => panic!("serde: {by_serde:?}, direct: {direct:?}"),
    }
}

fn same_bytes<T: serde::Serialize>(value: &T) -> Vec<u8>
where
    ByType: EncodeAs<T>,
{
    let (mut by_serde, mut direct) = (b"before".to_vec(), b"before".to_vec());
    let one = encode_serde(value, Codec::MSGPACK, &mut by_serde);
    let other = encode_as::<ByType, T>(value, Codec::MSGPACK, &mut direct);
    assert_eq!(one, other);
    assert_eq!(by_serde, direct);
    direct.split_off(6)
}

/// The input becomes a value, which is written both ways and read again.
pub fn twins_from(data: &[u8]) -> Vec<u8> {
    let mut source = Source(data);
    let wide = source.wide(2);
    let bytes = same_bytes(&wide);
    let again: Wide = decode_serde(Codec::MSGPACK, &bytes).expect("what was written is read");
    assert_eq!(format!("{wide:?}"), format!("{again:?}"));
    twins(&bytes);
    bytes
}

/// Makes values of bytes.
struct Source<'a>(&'a [u8]);

impl Source<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    /// Numbers of all lengths.
    fn number(&mut self) -> u64 {
        let length = usize::from(self.byte() % 9);
        (0..length).fold(0, |number, _| number << 8 | u64::from(self.byte()))
    }

    fn text(&mut self) -> String {
        const KINDS: [&str; 4] = ["a", "ß", "许", "🦀"];
        let kind = KINDS[usize::from(self.byte() % 4)];
        let count = usize::from(self.byte() % 70);
        let mut text = kind.repeat(count);
        text.push_str(&String::from_utf8_lossy(self.some(20)));
        text
    }

    fn some(&mut self, at_most: u8) -> &[u8] {
        let count = usize::from(self.byte() % (at_most + 1)).min(self.0.len());
        let (some, rest) = self.0.split_at(count);
        self.0 = rest;
        some
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.byte() & 1 == 1).then(|| make(self))
    }

    fn list<T>(&mut self, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.byte() % 5;
        (0..count).map(|_| make(self)).collect()
    }

    fn inner(&mut self) -> Inner {
        Inner {
            id: self.number() as u32,
            name: self.text(),
            tags: self.maybe(|source| source.list(|source| source.text().into())),
        }
    }

    fn wide(&mut self, depth: u8) -> Wide {
        let inside = |source: &mut Self| Box::new(source.wide(depth.saturating_sub(1)));
        Wide {
            int: self.number() as i64,
            small: self.number() as i8,
            short: self.number() as i16,
            plain: self.number() as i32,
            wide: self.number(),
            word: self.number() as u32,
            half: self.number() as u16,
            byte: self.byte(),
            flag: self.byte() & 1 == 1,
            single: self.number() as f32,
            double: self.number() as f64,
            text: self.text(),
            note: self.maybe(Self::text),
            shared: self.text().into(),
            maybe_shared: self.maybe(|source| source.text().into()),
            bytes: self.some(40).to_vec(),
            array: [self.byte(), 2, 3, 4],
            numbers: [self.number() as i32, 7],
            span: self.maybe(|source| Duration::from_nanos(source.number() >> 1)),
            time: Timestamp::new(self.number() as i64, 5).unwrap_or_default(),
            list: self.list(Self::text),
            texts: self.list(|source| source.maybe(|source| source.text().into())),
            many: self.list(|source| source.number() as i64),
            map: self
                .list(|source| (source.text(), source.number() as i64))
                .into_iter()
                .collect(),
            hash: self
                .maybe(|source| (1, source.inner()))
                .into_iter()
                .collect(),
            inner: self.inner(),
            boxed: (depth > 0).then(|| self.maybe(inside)).flatten(),
            again: (depth > 0).then(|| self.maybe(inside)).flatten(),
            more: self.list(Self::inner),
            number: Number(self.maybe(|source| source.number() as i32)),
            foreign: self.maybe(|source| Foreign {
                inner: source.list(Self::inner),
                number: Number(None),
            }),
            tuple: (self.byte(), Duration::from_millis(1), self.text()),
            wide_number: self.maybe(|source| u128::from(source.number()) << 3),
            letter: char::from(self.byte()),
            seven: self.number() as i32,
            word_by_default: self.text(),
            named: self.maybe(Self::byte),
            as_serde: vec![1, 2],
            ..Wide::default()
        }
    }
}
