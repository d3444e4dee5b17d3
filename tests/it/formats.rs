//! Codecs and compressions that a program registers: for one server, for one channel, and for no other.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rpcx::codec::{CustomCodec, Decodable, DecodeError, Encodable, EncodeError};
use rpcx::protocol::{Compress, CompressError, Snappy, Zstd};
use rpcx::{Channel, Codec, Compression, ErrorKind, Rejection, Server, ServerBuilder};

/// JSON behind the text `v1:`: number 9 of `tests/interop`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PrefixedJson;

impl PrefixedJson {
    pub(crate) const NUMBER: Codec = match Codec::new(9) {
        Some(number) => number,
        None => panic!("9 is a number of a codec"),
    };
}

impl CustomCodec for PrefixedJson {
    fn encode(&self, value: Encodable<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.extend_from_slice(b"v1:");
        serde_json::to_writer(out, &value).map_err(EncodeError::value)
    }

    fn decode<'de>(&self, bytes: &'de [u8], value: Decodable<'_, 'de>) -> Result<(), DecodeError> {
        let json = bytes.strip_prefix(b"v1:");
        let json = json.ok_or_else(|| DecodeError::value("no prefix"))?;
        let mut reader = serde_json::Deserializer::from_slice(json);
        value.read(&mut reader).map_err(DecodeError::value)?;
        reader.end().map_err(DecodeError::value)
    }
}

/// Succeeds without having read anything.
struct ReadsNothing;

impl CustomCodec for ReadsNothing {
    fn encode(&self, _: Encodable<'_>, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        Ok(())
    }

    fn decode<'de>(&self, _: &'de [u8], _: Decodable<'_, 'de>) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// Every byte stands for itself and for a second one of its kind.
struct Halves;

impl Compress for Halves {
    fn compress(&self, payload: &[u8]) -> Result<Vec<u8>, CompressError> {
        let pairs = payload.chunks(2);
        pairs
            .map(|pair| match *pair {
                [a, b] if a == b => Ok(a),
                _ => Err(CompressError::Failed("not in pairs".to_owned())),
            })
            .collect()
    }

    fn decompress(&self, payload: &[u8], limit: usize) -> Result<Vec<u8>, CompressError> {
        if payload.len() * 2 > limit {
            return Err(CompressError::TooLong(limit));
        }
        Ok(payload.iter().flat_map(|byte| [*byte; 2]).collect())
    }
}

#[rpcx::message]
#[derive(Clone, Debug, Default, PartialEq)]
struct Item {
    id: u64,
    name: String,
    tags: Vec<String>,
    note: Option<String>,
}

#[rpcx::service]
trait Shop {
    async fn put(&self, item: Item, count: i32) -> rpcx::Result<Item>;
    async fn text(&self, text: &str) -> rpcx::Result<String>;
    async fn none(&self) -> rpcx::Result<()>;
    #[rpcx(spawn)]
    async fn late(&self, text: String) -> rpcx::Result<String>;
    #[rpcx(codec = "raw")]
    async fn bytes(&self, bytes: &[u8]) -> rpcx::Result<Vec<u8>>;
    #[rpcx(codec = "thrift")]
    async fn thrift(&self, nothing: ()) -> rpcx::Result<()>;
}

/// Counts what ran.
#[derive(Clone, Default)]
struct Counter(Arc<AtomicUsize>);

impl Counter {
    fn count(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn runs(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Shop for Counter {
    async fn put(&self, mut item: Item, count: i32) -> rpcx::Result<Item> {
        self.count();
        item.tags.push(count.to_string());
        Ok(item)
    }

    async fn text(&self, text: &str) -> rpcx::Result<String> {
        self.count();
        Ok(text.to_uppercase())
    }

    async fn none(&self) -> rpcx::Result<()> {
        self.count();
        Ok(())
    }

    async fn late(&self, text: String) -> rpcx::Result<String> {
        self.count();
        tokio::task::yield_now().await;
        Ok(text)
    }

    async fn bytes(&self, bytes: &[u8]) -> rpcx::Result<Vec<u8>> {
        self.count();
        Ok(bytes.to_vec())
    }

    async fn thrift(&self, (): ()) -> rpcx::Result<()> {
        self.count();
        Ok(())
    }
}

/// The address of a server with these formats.
async fn serve(shop: &Counter, with: impl FnOnce(ServerBuilder) -> ServerBuilder) -> String {
    let server = with(Server::builder().register(ShopServer::new(shop.clone())));
    let server = server.listen("tcp@127.0.0.1:0").bind().await.unwrap();
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve());
    address
}

fn own() -> Codec {
    PrefixedJson::NUMBER
}

async fn with_codec(address: &str) -> ShopClient {
    let channel = Channel::builder().address(address).codec(own());
    let channel = channel.codec_with(own(), PrefixedJson).build().await;
    ShopClient::new(channel.unwrap())
}

fn item() -> Item {
    Item {
        id: 7,
        name: "grüße".to_owned(),
        tags: vec!["a".to_owned()],
        note: None,
    }
}

#[tokio::test]
async fn every_method_travels_in_a_registered_codec() {
    let shop = Counter::default();
    let address = serve(&shop, |server| server.codec_with(own(), PrefixedJson)).await;
    let client = with_codec(&address).await;
    let put = client.put(item(), 3).await.unwrap();
    assert_eq!(put.tags, ["a", "3"]);
    assert_eq!(client.text("a \" b").await.unwrap(), "A \" B");
    assert_eq!(client.late("x".to_owned()).await.unwrap(), "x");
    client.none().await.unwrap();
    // methods with another codec by name keep it
    assert_eq!(client.bytes(b"v1:").await.unwrap(), b"v1:");
    client.thrift(()).await.unwrap();
    // and so do channels with the default one
    let other = ShopClient::new(Channel::connect(&address).await.unwrap());
    assert_eq!(other.text("a").await.unwrap(), "A");
    assert_eq!(shop.runs(), 7);
}

#[tokio::test]
async fn a_number_that_is_not_registered_runs_nothing() {
    let shop = Counter::default();
    let address = serve(&shop, |server| server).await;
    let client = with_codec(&address).await;
    for outcome in [
        client.none().await,
        client.text("a").await.map(drop),
        client.put(item(), 1).await.map(drop),
    ] {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Undecodable));
        assert_eq!(error.to_string(), "can not find codec for 9");
    }
    assert_eq!(shop.runs(), 0);
}

/// The same number with other bytes: what one side writes the other refuses.
#[tokio::test]
async fn what_a_registered_codec_refuses_runs_nothing() {
    let shop = Counter::default();
    let replaced = |server: ServerBuilder| server.replace_codec(Codec::JSON, PrefixedJson);
    let address = serve(&shop, replaced).await;
    let channel = Channel::builder().address(&address).codec(Codec::JSON);
    let client = ShopClient::new(channel.build().await.unwrap());
    for outcome in [client.none().await, client.text("a").await.map(drop)] {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Undecodable));
        assert!(error.to_string().contains("no prefix"), "{error}");
    }
    let nothing = |server: ServerBuilder| server.codec_with(own(), ReadsNothing);
    let address = serve(&shop, nothing).await;
    let error = with_codec(&address).await.none().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Undecodable));
    let text = "the codec has read no value";
    assert!(error.to_string().contains(text), "{error}");
    assert_eq!(shop.runs(), 0);
}

#[tokio::test]
async fn a_replaced_codec_is_no_longer_there() {
    let shop = Counter::default();
    let replaced = |server: ServerBuilder| server.replace_codec(Codec::THRIFT, PrefixedJson);
    let address = serve(&shop, replaced).await;
    let channel = Channel::builder().address(&address).codec(Codec::THRIFT);
    let channel = channel.replace_codec(Codec::THRIFT, PrefixedJson).build();
    let client = ShopClient::new(channel.await.unwrap());
    assert_eq!(client.text("four").await.unwrap(), "FOUR");
    let error = client.thrift(()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent, "{error}");
    let thrift = ShopClient::new(Channel::connect(&address).await.unwrap());
    let error = thrift.thrift(()).await.unwrap_err();
    assert_eq!(error.to_string(), "can not find codec for 4");
    assert_eq!(shop.runs(), 1);
}

#[tokio::test]
async fn bytes_travel_under_a_registered_number() {
    let shop = Counter::default();
    let address = serve(&shop, |server| server.raw_codec(own())).await;
    let channel = Channel::builder().address(&address).codec(own());
    let client = ShopClient::new(channel.raw_codec(own()).build().await.unwrap());
    assert_eq!(client.bytes(b"\0\xff").await.unwrap(), b"\0\xff");
    // other methods keep to codecs that they can read
    assert_eq!(client.text("a").await.unwrap(), "A");
    let error = with_codec(&address).await.none().await.unwrap_err();
    assert_eq!(error.to_string(), "can not find codec for 9");
    assert_eq!(shop.runs(), 2);
}

#[tokio::test]
async fn what_cannot_be_used_is_an_error_before_anything_is_sent() {
    let lazy = |channel: rpcx::client::ChannelBuilder| {
        let error = channel.address("tcp@127.0.0.1:1").build_lazy().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup);
        error.to_string()
    };
    let channel = Channel::builder;
    let seven = Compression::new(7).unwrap();
    assert_eq!(
        lazy(channel().codec(own())),
        "no codec is registered for the number 9"
    );
    assert_eq!(
        lazy(channel().compression(seven)),
        "no compression is registered for the number 7"
    );
    assert_eq!(
        lazy(channel().codec_with(Codec::THRIFT, PrefixedJson)),
        "codec thrift is built in; `replace_codec` puts another in its place"
    );
    assert_eq!(
        lazy(channel().raw_codec(own()).codec_with(own(), PrefixedJson)),
        "codec 9 is registered twice"
    );
    let server = Server::builder()
        .listen("tcp@127.0.0.1:0")
        .codec_with(Codec::MSGPACK, PrefixedJson)
        .compression_with(Compression::GZIP, Halves);
    assert_eq!(
        server.bind().await.unwrap_err().to_string(),
        "codec msgpack is built in; `replace_codec` puts another in its place; \
         compression gzip is built in; `replace_compression` puts another in its place"
    );
}

#[tokio::test]
async fn payloads_travel_in_every_compression() {
    let shop = Counter::default();
    let seven = Compression::new(7).unwrap();
    let six = Compression::new(6).unwrap();
    let address = serve(&shop, |server| {
        server
            .compression_with(seven, Snappy)
            .compression_with(six, Zstd)
    })
    .await;
    let text = "ab".repeat(10_000);
    for kind in [
        Compression::NONE,
        Compression::GZIP,
        Compression::SNAPPY,
        Compression::ZSTD,
        seven,
        six,
    ] {
        let channel = Channel::builder().address(&address).compression(kind);
        let channel = channel.compression_with(seven, Snappy);
        let channel = channel.compression_with(six, Zstd).build().await.unwrap();
        let client = ShopClient::new(channel);
        assert_eq!(client.text(&text).await.unwrap(), text.to_uppercase());
        assert_eq!(client.late(text.clone()).await.unwrap(), text);
    }
}

#[tokio::test]
async fn a_compression_is_that_of_its_server() {
    let shop = Counter::default();
    let five = Compression::new(5).unwrap();
    let with = serve(&shop, |server| server.compression_with(five, Halves)).await;
    let without = serve(&shop, |server| server).await;
    let client = async |address: &str| {
        let channel = Channel::builder().address(address).compression(five);
        let channel = channel.compression_with(five, Halves).build().await;
        ShopClient::new(channel.unwrap())
    };
    let (pairs, odd) = (
        vec![7; 2_000],
        (0..2_000).map(|n| n as u8).collect::<Vec<_>>(),
    );
    assert_eq!(client(&with).await.bytes(&pairs).await.unwrap(), pairs);
    let error = client(&without).await.bytes(&pairs).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Undecodable));
    assert_eq!(error.to_string(), "unsupported compressor 5");
    let error = client(&with).await.bytes(&odd).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    assert_eq!(
        error.to_string(),
        "the payload cannot be compressed: not in pairs"
    );
    assert_eq!(shop.runs(), 1);
}

#[tokio::test]
async fn an_inflated_payload_stops_at_the_limit_of_the_server() {
    let shop = Counter::default();
    let five = Compression::new(5).unwrap();
    let mut limits = rpcx::Limits::server();
    limits.inflated = 100_000;
    let address = serve(&shop, |server| {
        server.compression_with(five, Halves).limits(limits)
    })
    .await;
    for kind in [Compression::SNAPPY, Compression::ZSTD, five] {
        let channel = Channel::builder().address(&address).compression(kind);
        let channel = channel.compression_with(five, Halves).build().await;
        let client = ShopClient::new(channel.unwrap());
        client.bytes(&vec![0; 100_000]).await.unwrap();
        let error = client.bytes(&vec![0; 100_002]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Undecodable));
        let text = "the inflated payload is too long: the limit is 100000 bytes";
        assert_eq!(error.to_string(), text);
    }
    assert_eq!(shop.runs(), 3);
}
