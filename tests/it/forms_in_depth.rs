//! Byte strings and times wherever they stand: the type decides, through aliases and containers, and a type
//! of the user's own is taken for none of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, LinkedList, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rpcx::codec::{decode_serde, encode_serde};
use rpcx::protocol::Codec;

fn encode<T: serde::Serialize>(codec: Codec, value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    encode_serde(value, codec, &mut out).unwrap();
    out
}

fn there_and_back<T>(value: &T)
where
    T: serde::Serialize + for<'de> serde::Deserialize<'de> + PartialEq + std::fmt::Debug,
{
    for codec in [Codec::MSGPACK, Codec::JSON] {
        let bytes = encode(codec, value);
        assert_eq!(&decode_serde::<T>(codec, &bytes).unwrap(), value);
    }
}

type Blob = Vec<u8>;
type Blobs = HashMap<String, Option<Blob>>;

#[rpcx::message]
#[derive(Debug, Default, PartialEq)]
struct Deep {
    map: BTreeMap<String, Vec<u8>>,
    alias: Blobs,
    array: [Vec<u8>; 2],
    #[allow(
        clippy::box_collection,
        reason = "the form in a box is what is looked at"
    )]
    boxed: Box<Vec<u8>>,
    slice: Box<[u8]>,
    shared: Arc<[u8]>,
    local: Rc<Blob>,
    deque: VecDeque<u8>,
    deques: VecDeque<Blob>,
    linked: LinkedList<[u8; 2]>,
    set: BTreeSet<Blob>,
    spans: BTreeMap<u8, Vec<Duration>>,
    pair: (u8, Blob),
    pairs: Vec<(String, Option<Duration>)>,
}

fn deep() -> Deep {
    let blob = || vec![1, 2];
    Deep {
        map: [("a".to_owned(), blob())].into(),
        alias: [("b".to_owned(), Some(blob()))].into(),
        array: [blob(), Vec::new()],
        boxed: Box::new(blob()),
        slice: blob().into(),
        shared: blob().into(),
        local: Rc::new(blob()),
        deque: blob().into(),
        deques: [blob()].into(),
        linked: [[1, 2]].into(),
        set: [blob()].into(),
        spans: [(7, vec![Duration::from_nanos(3)])].into(),
        pair: (5, blob()),
        pairs: vec![("c".to_owned(), Some(Duration::from_nanos(4)))],
    }
}

#[test]
fn every_container_has_the_forms_of_go() {
    let msgpack = encode(Codec::MSGPACK, &deep());
    let bin: &[u8] = b"\xc4\x02\x01\x02";
    let count = msgpack.windows(4).filter(|window| *window == bin).count();
    assert_eq!(count, 12, "{msgpack:x?}");
    assert!(
        !msgpack.windows(3).any(|window| window == b"\x92\x01\x02"),
        "a list of numbers"
    );
    let json = String::from_utf8(encode(Codec::JSON, &deep())).unwrap();
    assert_eq!(
        json,
        "{\"Map\":{\"a\":\"AQI=\"},\"Alias\":{\"b\":\"AQI=\"},\"Array\":[\"AQI=\",\"\"],\"Boxed\":\"AQI=\",\
         \"Slice\":\"AQI=\",\"Shared\":\"AQI=\",\"Local\":\"AQI=\",\"Deque\":\"AQI=\",\"Deques\":[\"AQI=\"],\
         \"Linked\":[[1,2]],\"Set\":[\"AQI=\"],\"Spans\":{\"7\":[3]},\"Pair\":[5,\"AQI=\"],\"Pairs\":[[\"c\",4]]}"
    );
    there_and_back(&deep());
}

#[rpcx::message]
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Span(Duration);

#[rpcx::message]
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Color {
    Green = 5,
}

#[rpcx::message]
#[derive(Debug, PartialEq)]
struct Keys {
    text: BTreeMap<String, u8>,
    number: BTreeMap<i8, u8>,
    letter: BTreeMap<char, u8>,
    truth: BTreeMap<bool, u8>,
    color: BTreeMap<Color, Vec<u8>>,
    span: BTreeMap<Span, u8>,
}

#[test]
fn keys_are_texts_and_integers() {
    let keys = Keys {
        text: [("a".to_owned(), 1)].into(),
        number: [(-1, 3)].into(),
        letter: [('c', 4)].into(),
        truth: [(true, 5)].into(),
        color: [(Color::Green, vec![6])].into(),
        span: [(Span(Duration::from_millis(1)), 7)].into(),
    };
    there_and_back(&keys);
    assert_eq!(
        String::from_utf8(encode(Codec::JSON, &keys)).unwrap(),
        r#"{"Text":{"a":1},"Number":{"-1":3},"Letter":{"c":4},"Truth":{"true":5},"Color":{"5":"Bg=="},"Span":{"1000000":7}}"#
    );
    assert_eq!(
        encode(Codec::MSGPACK, &keys.span),
        b"\x81\xce\x00\x0f\x42\x40\x07"
    );
}

type Level<T> = BTreeMap<String, T>;
type Levels<T> = Level<Level<Level<Level<Level<Vec<T>>>>>>;

#[rpcx::message]
#[derive(Debug, Clone, PartialEq)]
struct Part(Blob);

/// A message with parameters, which is a part of itself by way of another.
#[rpcx::message]
#[derive(Debug, PartialEq)]
struct Tree<T, const N: usize = 2> {
    value: T,
    #[rpcx(default)]
    pair: Vec<(u8, Option<T>)>,
    array: [Option<T>; N],
    spans: BTreeMap<String, (T, Duration)>,
    other: Option<Box<Other<T>>>,
}

#[rpcx::message]
#[derive(Debug, PartialEq)]
struct Other<T> {
    value: T,
    trees: Vec<Tree<T>>,
}

#[rpcx::message]
#[derive(Debug, PartialEq)]
#[allow(clippy::type_complexity, reason = "that is what is tried")]
struct Whole {
    levels: Levels<Part>,
    tree: Tree<Part>,
    pairs: BTreeMap<String, Option<BTreeMap<String, Vec<BTreeMap<u8, Vec<(u8, Blob)>>>>>>,
}

fn tree() -> Tree<Part> {
    let part = || Part(vec![1, 2]);
    Tree {
        value: part(),
        pair: vec![(3, Some(part())), (4, None)],
        array: [None, Some(part())],
        spans: [("a".to_owned(), (part(), Duration::from_nanos(5)))].into(),
        other: Some(Box::new(Other {
            value: part(),
            trees: Vec::new(),
        })),
    }
}

#[test]
fn messages_with_parameters_have_the_forms_of_their_parts() {
    let key = |text: &str| text.to_owned();
    let pairs = BTreeMap::from([(key("b"), vec![[(5, vec![(6, vec![1, 2])])].into()])]);
    let parts = Level::from([(key("d"), [(key("e"), vec![Part(vec![1, 2])])].into())]);
    let whole = Whole {
        levels: [(key("a"), [(key("b"), [(key("c"), parts)].into())].into())].into(),
        tree: tree(),
        pairs: [(key("a"), Some(pairs))].into(),
    };
    there_and_back(&whole);
    let json = String::from_utf8(encode(Codec::JSON, &whole)).unwrap();
    assert_eq!(
        json,
        "{\"Levels\":{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":[\"AQI=\"]}}}}},\"Tree\":{\"Value\":\"AQI=\",\"Pair\":[[3,\"AQI=\"],[4,null]],\"Array\":[null,\"AQI=\"],\
         \"Spans\":{\"a\":[\"AQI=\",5]},\"Other\":{\"Value\":\"AQI=\",\"Trees\":[]}},\
         \"Pairs\":{\"a\":{\"b\":[{\"5\":[[6,\"AQI=\"]]}]}}}"
    );
    let direct = |codec| {
        let mut out = Vec::new();
        rpcx::codec::encode_as::<rpcx::codec::ByType, _>(&whole, codec, &mut out).unwrap();
        out
    };
    for codec in [Codec::MSGPACK, Codec::JSON] {
        let bytes = direct(codec);
        let read: Whole = rpcx::codec::decode_as::<rpcx::codec::ByType, _>(codec, &bytes).unwrap();
        assert_eq!(read, whole);
    }
    assert_eq!(direct(Codec::MSGPACK), encode(Codec::MSGPACK, &whole));
}

#[test]
fn what_go_leaves_out_is_empty_in_every_container() {
    for (codec, nothing) in [(Codec::MSGPACK, &b"\x80"[..]), (Codec::JSON, b"{}")] {
        let error = decode_serde::<Deep>(codec, nothing);
        // arrays of a fixed length have a zero value too
        assert_eq!(error.unwrap(), Deep::default());
    }
}

/// Types of the user's own with names of the standard library and of this one.
#[allow(unreachable_pub, unused_qualifications)]
mod own {
    #[rpcx::message]
    #[derive(Debug, Default, PartialEq)]
    pub struct Duration {
        pub hours: u8,
    }

    #[rpcx::message]
    #[derive(Debug, Default, PartialEq)]
    pub struct SystemTime(pub u8);

    #[rpcx::message]
    #[derive(Debug, Default, PartialEq)]
    pub struct Bytes {
        pub count: u64,
    }

    #[rpcx::message]
    #[derive(Debug, Default, PartialEq)]
    pub struct Context {
        pub user: u8,
    }

    #[rpcx::message]
    #[derive(Debug, Default, PartialEq)]
    pub struct Option {
        pub chosen: bool,
    }

    #[rpcx::message]
    #[derive(Debug, Default, PartialEq)]
    pub struct All {
        pub duration: Duration,
        pub time: SystemTime,
        pub bytes: Vec<Bytes>,
        pub context: Context,
        pub option: Option,
    }

    #[rpcx::service]
    pub trait Owner {
        async fn all(
            &self,
            duration: Duration,
            bytes: Bytes,
            context: &self::Context,
            option: Option,
        ) -> rpcx::Result<Option>;
        async fn one(&self, time: SystemTime) -> rpcx::Result<Duration>;
    }
}

#[test]
fn names_of_the_standard_library_are_free() {
    let all = own::All {
        duration: own::Duration { hours: 3 },
        ..own::All::default()
    };
    let json = String::from_utf8(encode(Codec::JSON, &all)).unwrap();
    assert_eq!(
        json,
        r#"{"Duration":{"Hours":3},"Time":0,"Bytes":[],"Context":{"User":0},"Option":{"Chosen":false}}"#
    );
    there_and_back(&all);
}

struct Owner;

impl own::Owner for Owner {
    async fn all(
        &self,
        duration: own::Duration,
        bytes: own::Bytes,
        context: &own::Context,
        option: own::Option,
    ) -> rpcx::Result<own::Option> {
        let chosen = duration.hours == 1 && bytes.count == 2 && context.user == 3;
        Ok(own::Option {
            chosen: chosen && option.chosen,
        })
    }

    async fn one(&self, time: own::SystemTime) -> rpcx::Result<own::Duration> {
        Ok(own::Duration { hours: time.0 })
    }
}

type Lasting = Cow<'static, [u8]>;

type Hidden = rpcx::Result<Blob>;
type Waits = Result<Duration, rpcx::Error>;

#[rpcx::service]
trait Keeper {
    async fn hidden(&self, blob: &[u8]) -> Hidden;
    async fn span(&self) -> Waits;
    #[rpcx(reply = "Blob")]
    async fn hidden_in_field(&self) -> Hidden;
    async fn lasting(&self, blob: Lasting) -> rpcx::Result<Lasting>;
    async fn nothing_lasting(&self) -> rpcx::Result<Lasting>;
    async fn spans(&self, spans: BTreeMap<String, Duration>) -> rpcx::Result<Vec<(u8, Blob)>>;
    async fn blobs(&self, blobs: Blobs, at: [SystemTime; 1]) -> rpcx::Result<Option<Arc<[u8]>>>;
    async fn text(&self, text: Cow<'_, str>, data: Cow<'_, [u8]>) -> rpcx::Result<Blob>;
}

struct MyKeeper;

impl Keeper for MyKeeper {
    async fn hidden(&self, blob: &[u8]) -> Hidden {
        Ok(blob.to_vec())
    }

    async fn span(&self) -> Waits {
        Ok(Duration::from_nanos(7))
    }

    async fn hidden_in_field(&self) -> Hidden {
        Ok(vec![1, 2])
    }

    async fn lasting(&self, blob: Lasting) -> rpcx::Result<Lasting> {
        Ok(blob)
    }

    async fn nothing_lasting(&self) -> rpcx::Result<Lasting> {
        Ok(Cow::Borrowed(b"for ever"))
    }

    async fn spans(&self, spans: BTreeMap<String, Duration>) -> rpcx::Result<Vec<(u8, Blob)>> {
        let each = spans
            .iter()
            .map(|(name, span)| (span.as_secs() as u8, name.clone().into_bytes()));
        Ok(each.collect())
    }

    async fn blobs(&self, blobs: Blobs, at: [SystemTime; 1]) -> rpcx::Result<Option<Arc<[u8]>>> {
        assert_eq!(at, [UNIX_EPOCH]);
        Ok(blobs.into_values().next().flatten().map(Into::into))
    }

    async fn text(&self, text: Cow<'_, str>, data: Cow<'_, [u8]>) -> rpcx::Result<Blob> {
        Ok([text.as_bytes(), &data].concat())
    }
}

async fn calls(channel: rpcx::Channel) {
    let (keeper, owner) = (
        KeeperClient::new(channel.clone()),
        own::OwnerClient::new(channel),
    );
    let spans = BTreeMap::from([("x".to_owned(), Duration::from_secs(9))]);
    assert_eq!(keeper.spans(spans).await.unwrap(), [(9, b"x".to_vec())]);
    let blobs = Blobs::from([("y".to_owned(), Some(vec![8]))]);
    let found = keeper.blobs(blobs, [UNIX_EPOCH]).await.unwrap();
    assert_eq!(found.as_deref(), Some(&[8_u8][..]));
    let found = keeper.text("a".into(), b"b"[..].into()).await.unwrap();
    assert_eq!(found, b"ab");
    assert_eq!(keeper.hidden(b"d").await.unwrap(), b"d");
    assert_eq!(keeper.span().await.unwrap(), Duration::from_nanos(7));
    assert_eq!(keeper.hidden_in_field().await.unwrap(), [1, 2]);
    let lasting = keeper.lasting(Cow::Borrowed(b"c")).await.unwrap();
    assert_eq!(*lasting, *b"c");
    assert_eq!(*keeper.nothing_lasting().await.unwrap(), *b"for ever");
    let (duration, bytes) = (own::Duration { hours: 1 }, own::Bytes { count: 2 });
    let option = own::Option { chosen: true };
    let context = own::Context { user: 3 };
    let found = owner.all(duration, bytes, &context, option).await.unwrap();
    assert!(found.chosen);
    assert_eq!(owner.one(own::SystemTime(4)).await.unwrap().hours, 4);
}

/// What an alias of the whole `Result` hides has its form too: what travels is what Go reads.
#[tokio::test]
async fn a_reply_behind_an_alias_of_its_result_has_the_form() {
    let channel: rpcx::Channel = rpcx::InProcess::new(KeeperServer::new(MyKeeper)).into();
    let reply = async |method: &str, codec: Codec, payload: &'static [u8]| {
        let raw = channel.raw("Keeper", method).codec(codec);
        raw.call(payload).await.unwrap().payload.to_vec()
    };
    let nil = b"\xc0";
    assert_eq!(reply("Span", Codec::MSGPACK, nil).await, [7]);
    assert_eq!(
        reply("HiddenInField", Codec::MSGPACK, nil).await,
        b"\x81\xa4Blob\xc4\x02\x01\x02"
    );
    let json = br#""AQI=""#;
    assert_eq!(reply("Hidden", Codec::JSON, json).await, json);
    // bytes are a payload as they are
    assert_eq!(reply("Hidden", Codec::RAW, &[3]).await, [3]);
}

#[tokio::test]
async fn arguments_and_replies_have_the_forms_too() {
    let services =
        || rpcx::InProcess::new(KeeperServer::new(MyKeeper)).with(own::OwnerServer::new(Owner));
    calls(services().into()).await;
    let server = rpcx::Server::builder()
        .register(KeeperServer::new(MyKeeper))
        .register(own::OwnerServer::new(Owner))
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await
        .unwrap();
    let address = server.addresses()[0].to_string();
    let running = tokio::spawn(server.serve());
    let channel = rpcx::Channel::builder()
        .address(&address)
        .codec(Codec::JSON);
    calls(channel.build().await.unwrap()).await;
    running.abort();
}
