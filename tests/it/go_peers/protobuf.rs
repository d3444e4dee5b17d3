//! Codec 2, both ways: in Go the types of google.golang.org/protobuf and of gogo/protobuf, in Rust
//! those of prost.

use rpcx::{Channel, Codec, Compression, ErrorKind};

use super::peer::programs;

/// `testdata.ProtoColorGroup` of Go rpcx.
#[rpcx::message]
#[derive(Clone, PartialEq, prost::Message)]
struct ColorGroup {
    #[prost(int32, tag = "1")]
    id: i32,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(string, repeated, tag = "3")]
    colors: Vec<String>,
}

/// `String` is `google.protobuf.StringValue`, `()` is `google.protobuf.Empty`.
#[rpcx::service(codec = "protobuf")]
trait Proto {
    #[rpcx(codec = "protobuf, serde")]
    async fn colors(&self, group: ColorGroup) -> rpcx::Result<ColorGroup>;
    async fn say(&self, name: String) -> rpcx::Result<String>;
    async fn gogo(&self, name: String) -> rpcx::Result<String>;
    async fn nothing(&self, nothing: ()) -> rpcx::Result<()>;
    async fn error(&self, nothing: ()) -> rpcx::Result<()>;
}

struct Peer;

impl Proto for Peer {
    async fn colors(&self, mut group: ColorGroup) -> rpcx::Result<ColorGroup> {
        group.id += 1;
        group.colors.reverse();
        Ok(group)
    }

    async fn say(&self, name: String) -> rpcx::Result<String> {
        Ok(format!("hello {name}"))
    }

    async fn gogo(&self, name: String) -> rpcx::Result<String> {
        Ok(format!("hello {name}"))
    }

    async fn nothing(&self, (): ()) -> rpcx::Result<()> {
        Ok(())
    }

    async fn error(&self, (): ()) -> rpcx::Result<()> {
        Err(rpcx::Error::service("arith: refused"))
    }
}

/// Recorded from Go, for machines without it.
#[test]
fn the_bytes_are_those_of_go() {
    use rpcx::codec::{Payload, Prost};
    let recorded = b"\x08\x01\x12\x04Reds\x1a\x07Crimson\x1a\x03Red";
    let group = group(1, "Reds", &["Crimson", "Red"]);
    let mut out = Vec::new();
    Payload::<Prost>::encode(&group, Codec::PROTOBUF, &mut out).unwrap();
    assert_eq!(out, recorded);
    let read = <ColorGroup as Payload<Prost>>::decode(Codec::PROTOBUF, recorded);
    assert_eq!(read.unwrap(), group);
}

#[tokio::test]
async fn go_calls_rust() {
    let Some(go) = programs() else { return };
    let server = rpcx::Server::builder()
        .listen("tcp@127.0.0.1:0")
        .register(ProtoServer::new(Peer));
    let server = server.bind().await.expect("a free port");
    let address = server.addresses()[0].location().to_owned();
    tokio::spawn(server.serve_until(std::future::pending()));
    let run = move || {
        go.call(&address, &["-codec", "protobuf"]);
        go.call(&address, &["-codec", "protobuf", "-gzip"]);
        // as a Go service does, the method answers callers of the other codecs
        for codec in ["msgpack", "json"] {
            go.call(&address, &["-codec", codec, "-case", "colors"]);
            go.call(&address, &["-codec", codec, "-case", "colors-zero"]);
        }
    };
    tokio::task::spawn_blocking(run)
        .await
        .expect("the Go client passed");
}

async fn client(address: &str, compress: Compression) -> ProtoClient {
    let address = format!("tcp@{address}");
    let builder = Channel::builder().address(&address).compression(compress);
    ProtoClient::new(builder.build().await.expect("the Go server listens"))
}

fn group(id: i32, name: &str, colors: &[&str]) -> ColorGroup {
    ColorGroup {
        id,
        name: name.to_owned(),
        colors: colors.iter().map(|color| (*color).to_owned()).collect(),
    }
}

#[tokio::test]
async fn rust_calls_go() {
    let Some(go) = programs() else { return };
    let server = go.serve("127.0.0.1:0");
    for compress in [Compression::NONE, Compression::GZIP] {
        let client = client(&server.address, compress).await;
        let asked = group(-2, "Reds", &["Crimson", "", "Röd"]);
        let answer = group(-1, "Reds", &["Röd", "", "Crimson"]);
        assert_eq!(client.colors(asked).await.unwrap(), answer);
        // the payload has no bytes: of the request, then of the answer
        assert_eq!(client.colors(group(0, "", &[])).await.unwrap().id, 1);
        let zero = client.colors(group(-1, "", &[])).await.unwrap();
        assert_eq!(zero, ColorGroup::default());
        let long = "Röd".repeat(1 << 18);
        let answer = client.colors(group(0, &long, &[])).await.unwrap();
        assert_eq!(answer, group(1, &long, &[]));
        assert_eq!(client.say("Ada".to_owned()).await.unwrap(), "hello Ada");
        assert_eq!(client.gogo("Ada".to_owned()).await.unwrap(), "hello Ada");
        client.nothing(()).await.unwrap();
        let error = client.error(()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Service);
        assert_eq!(error.to_string(), "arith: refused");
    }
}

#[tokio::test]
async fn rust_calls_go_in_the_other_codecs() {
    let Some(go) = programs() else { return };
    let server = go.serve("127.0.0.1:0");
    for codec in [Codec::MSGPACK, Codec::JSON] {
        let address = format!("tcp@{}", server.address);
        let builder = Channel::builder().address(address).codec(codec);
        let client = ProtoClient::new(builder.build().await.expect("the Go server listens"));
        let asked = group(-2, "Reds", &["Crimson", "", "Röd"]);
        let answer = group(-1, "Reds", &["Röd", "", "Crimson"]);
        assert_eq!(client.colors(asked).await.unwrap(), answer);
        let zero = client.colors(group(-1, "", &[])).await.unwrap();
        assert_eq!(zero, ColorGroup::default());
        // a method of protobuf alone
        assert_eq!(client.say("Ada".to_owned()).await.unwrap(), "hello Ada");
    }
}

#[tokio::test]
async fn go_calls_go() {
    let Some(go) = programs() else { return };
    let server = go.serve("127.0.0.1:0");
    go.call(&server.address, &["-codec", "protobuf"]);
}
