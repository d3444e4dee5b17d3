//! One method answers callers of every codec that its types can travel in.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use rpcx::{Channel, Codec, Error, ErrorKind, InProcess, Rejection, Server};

type Blob = Vec<u8>;

#[rpcx::message]
#[derive(Clone, PartialEq, prost::Message)]
struct Color {
    #[prost(int32, tag = "1")]
    id: i32,
    #[prost(string, tag = "2")]
    name: String,
}

#[rpcx::service]
trait Store {
    async fn put(&self, data: &[u8]) -> rpcx::Result<()>;
    async fn get(&self) -> rpcx::Result<Blob>;
    async fn echo(&self, data: Bytes) -> rpcx::Result<Box<[u8]>>;
    async fn shared(&self, data: Cow<'_, [u8]>) -> rpcx::Result<Arc<[u8]>>;
    async fn length(&self, data: Vec<u8>) -> rpcx::Result<u64>;
    #[rpcx(codec = "serde")]
    async fn encoded(&self, data: Vec<u8>) -> rpcx::Result<Vec<u8>>;
    #[rpcx(codec = "protobuf, serde")]
    async fn next(&self, color: Color) -> rpcx::Result<Color>;
    #[rpcx(codec = "raw, serde")]
    async fn raw_first(&self, data: &[u8]) -> rpcx::Result<Vec<u8>>;
}

struct Memory;

impl Store for Memory {
    async fn put(&self, data: &[u8]) -> rpcx::Result<()> {
        assert_eq!(data, b"\x01\xff");
        Ok(())
    }

    async fn get(&self) -> rpcx::Result<Blob> {
        Ok(vec![1, 255])
    }

    async fn echo(&self, data: Bytes) -> rpcx::Result<Box<[u8]>> {
        Ok(data.to_vec().into())
    }

    async fn shared(&self, data: Cow<'_, [u8]>) -> rpcx::Result<Arc<[u8]>> {
        Ok(data.into())
    }

    async fn length(&self, data: Vec<u8>) -> rpcx::Result<u64> {
        Ok(data.len() as u64)
    }

    async fn encoded(&self, data: Vec<u8>) -> rpcx::Result<Vec<u8>> {
        Ok(data)
    }

    async fn next(&self, color: Color) -> rpcx::Result<Color> {
        let id = color.id + 1;
        Ok(Color { id, ..color })
    }

    async fn raw_first(&self, data: &[u8]) -> rpcx::Result<Vec<u8>> {
        Ok(data.to_vec())
    }
}

async fn channel(name: &str, codec: Option<Codec>) -> Channel {
    let address = format!("mem@every-codec-{name}");
    let server = Server::builder()
        .register(StoreServer::new(Memory))
        .listen(address.as_str());
    let server = server.bind().await.unwrap();
    tokio::spawn(server.serve_until(std::future::pending()));
    let mut builder = Channel::builder().address(address.as_str());
    if let Some(codec) = codec {
        builder = builder.codec(codec);
    }
    builder.build().await.unwrap()
}

#[tokio::test]
async fn the_channel_chooses() {
    for (name, codec) in [
        ("none", None),
        ("raw", Some(Codec::RAW)),
        ("json", Some(Codec::JSON)),
        ("msgpack", Some(Codec::MSGPACK)),
        ("protobuf", Some(Codec::PROTOBUF)),
    ] {
        let store = StoreClient::new(channel(name, codec).await);
        let data = [1, 255];
        store.put(&data).await.unwrap();
        assert_eq!(store.get().await.unwrap(), data);
        assert_eq!(
            *store.echo(Bytes::from_static(&[1, 255])).await.unwrap(),
            data
        );
        assert_eq!(*store.shared(Cow::Borrowed(&data)).await.unwrap(), data);
        assert_eq!(store.length(data.to_vec()).await.unwrap(), 2);
        assert_eq!(store.encoded(data.to_vec()).await.unwrap(), data);
        let color = Color {
            id: 1,
            name: "Red".to_owned(),
        };
        assert_eq!(store.next(color).await.unwrap().id, 2);
        assert_eq!(store.raw_first(&data).await.unwrap(), data);
    }
}

/// The same method, by payloads.
async fn payload(
    channel: &Channel,
    method: &str,
    codec: Codec,
    asked: &[u8],
) -> Result<Vec<u8>, Error> {
    let call = channel
        .raw("Store", method)
        .codec(codec)
        .call(asked.to_vec());
    let reply = call.await?;
    assert_eq!(reply.codec, codec);
    Ok(reply.payload.to_vec())
}

#[tokio::test]
async fn a_method_answers_in_the_codec_it_was_asked_in() {
    let channel = channel("payloads", None).await;
    for (codec, wire) in [
        (Codec::RAW, &b"\x01\xff"[..]),
        (Codec::MSGPACK, b"\xc4\x02\x01\xff"),
        (Codec::JSON, b"\"Af8=\""),
    ] {
        for method in ["Echo", "Shared", "RawFirst"] {
            assert_eq!(
                payload(&channel, method, codec, wire).await.unwrap(),
                wire,
                "{method}"
            );
        }
        payload(&channel, "Put", codec, wire).await.unwrap();
    }
    assert_eq!(
        payload(&channel, "Get", Codec::RAW, b"").await.unwrap(),
        b"\x01\xff"
    );
    for (codec, asked, answer) in [
        (
            Codec::PROTOBUF,
            &b"\x08\x01\x12\x01R"[..],
            &b"\x08\x02\x12\x01R"[..],
        ),
        (
            Codec::MSGPACK,
            b"\x82\xa2Id\x01\xa4Name\xa1R",
            b"\x82\xa2Id\x02\xa4Name\xa1R",
        ),
        (
            Codec::JSON,
            br#"{"id":1,"name":"R"}"#,
            br#"{"Id":2,"Name":"R"}"#,
        ),
    ] {
        assert_eq!(
            payload(&channel, "Next", codec, asked).await.unwrap(),
            answer
        );
    }
}

#[tokio::test]
async fn what_the_types_cannot_is_refused_before_the_handler_runs() {
    let channel = channel("refused", None).await;
    for (method, codec) in [
        // the reply is a number
        ("Length", Codec::RAW),
        // its `codec` says so
        ("Encoded", Codec::RAW),
        ("Next", Codec::RAW),
        ("Echo", Codec::PROTOBUF),
        ("Next", Codec::THRIFT),
    ] {
        let error = payload(&channel, method, codec, b"").await.unwrap_err();
        let kind = ErrorKind::Rejected(Rejection::Undecodable);
        assert_eq!(error.kind(), kind, "{method}: {error}");
        let text = format!("can not find codec for {}", codec.number());
        assert_eq!(error.to_string(), text, "{method}");
    }
}

#[tokio::test]
async fn a_client_without_a_choice_uses_the_first_codec() {
    // a service that takes protobuf alone, under the same path
    #[rpcx::service(name = "Store", codec = "protobuf", client = false)]
    trait Narrow {
        async fn next(&self, color: Color) -> rpcx::Result<Color>;
    }
    struct One;
    impl Narrow for One {
        async fn next(&self, color: Color) -> rpcx::Result<Color> {
            Ok(color)
        }
    }
    let store = StoreClient::new(InProcess::new(NarrowServer::new(One)));
    store.next(Color::default()).await.unwrap();
}
