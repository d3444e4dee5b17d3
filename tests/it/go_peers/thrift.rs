//! Codec 4, both ways: in Go the structs of the thrift compiler, in Rust the trait of the thrift crate.

use rpcx::codec::Payload;
use rpcx::{Channel, Codec, Compression, ErrorKind};

use super::peer::programs;
use crate::color_group::ColorGroup;

/// `()` is a struct without fields.
#[rpcx::service(codec = "thrift")]
trait Thrift {
    async fn colors(&self, group: ColorGroup) -> rpcx::Result<ColorGroup>;
    async fn nothing(&self, nothing: ()) -> rpcx::Result<()>;
    async fn error(&self, group: ColorGroup) -> rpcx::Result<ColorGroup>;
}

struct Peer;

impl Thrift for Peer {
    async fn colors(&self, mut group: ColorGroup) -> rpcx::Result<ColorGroup> {
        group.id += 1;
        group.colors.reverse();
        Ok(group)
    }

    async fn nothing(&self, (): ()) -> rpcx::Result<()> {
        Ok(())
    }

    async fn error(&self, _: ColorGroup) -> rpcx::Result<ColorGroup> {
        Err(rpcx::Error::service("arith: refused"))
    }
}

/// Recorded from Go, for machines without it.
#[test]
fn the_bytes_are_those_of_go() {
    let recorded = b"\x08\0\x01\0\0\0\x01\x0b\0\x02\0\0\0\x04Reds\
        \x0f\0\x03\x0b\0\0\0\x02\0\0\0\x07Crimson\0\0\0\x03Red\0";
    let group = ColorGroup::new(1, "Reds", &["Crimson", "Red"]);
    let mut out = Vec::new();
    group.encode(Codec::THRIFT, &mut out).unwrap();
    assert_eq!(out, recorded);
    let read = ColorGroup::decode(Codec::THRIFT, recorded);
    assert_eq!(read.unwrap(), group);
}

#[tokio::test]
async fn go_calls_rust() {
    let Some(go) = programs() else { return };
    let server = rpcx::Server::builder()
        .listen("tcp@127.0.0.1:0")
        .register(ThriftServer::new(Peer));
    let server = server.bind().await.expect("a free port");
    let address = server.addresses()[0].location().to_owned();
    tokio::spawn(server.serve_until(std::future::pending()));
    let run = move || {
        go.call(&address, &["-codec", "thrift"]);
        go.call(&address, &["-codec", "thrift", "-gzip"]);
    };
    tokio::task::spawn_blocking(run)
        .await
        .expect("the Go client passed");
}

async fn client(address: &str, compress: Compression) -> ThriftClient {
    let address = format!("tcp@{address}");
    let builder = Channel::builder().address(&address).compression(compress);
    ThriftClient::new(builder.build().await.expect("the Go server listens"))
}

#[tokio::test]
async fn rust_calls_go() {
    let Some(go) = programs() else { return };
    let server = go.serve("127.0.0.1:0");
    for compress in [Compression::NONE, Compression::GZIP] {
        let client = client(&server.address, compress).await;
        let asked = ColorGroup::new(-2, "Reds", &["Crimson", "", "Röd"]);
        let answer = ColorGroup::new(-1, "Reds", &["Röd", "", "Crimson"]);
        assert_eq!(client.colors(asked).await.unwrap(), answer);
        let zero = client.colors(ColorGroup::new(-1, "", &[])).await.unwrap();
        assert_eq!(zero, ColorGroup::default());
        let long = "Röd".repeat(1 << 18);
        let answer = client.colors(ColorGroup::new(0, &long, &[])).await.unwrap();
        assert_eq!(answer, ColorGroup::new(1, &long, &[]));
        client.nothing(()).await.unwrap();
        let error = client.error(ColorGroup::default()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Service);
        assert_eq!(error.to_string(), "arith: refused");
    }
}

#[tokio::test]
async fn go_calls_go() {
    let Some(go) = programs() else { return };
    let server = go.serve("127.0.0.1:0");
    go.call(&server.address, &["-codec", "thrift"]);
}
