//! Formats that rpcx leaves to its users, with Go peers that register the same: a codec under number 9, one under the
//! number of thrift as in the official examples, snappy as number 2 and zstd as number 3.

use rpcx::{Channel, Codec, Compression, Server};

use super::peer::programs;
use super::services::{
    All, Args, ArithClient, ArithServer, Peer, Shapes, TypesClient, TypesServer, pattern,
};
use crate::formats::PrefixedJson;

/// JSON without anything around it.
struct PlainJson;

impl rpcx::codec::CustomCodec for PlainJson {
    fn encode(
        &self,
        value: rpcx::codec::Encodable<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), rpcx::codec::EncodeError> {
        serde_json::to_writer(out, &value).map_err(rpcx::codec::EncodeError::value)
    }

    fn decode<'de>(
        &self,
        bytes: &'de [u8],
        value: rpcx::codec::Decodable<'_, 'de>,
    ) -> Result<(), rpcx::codec::DecodeError> {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let read = value.read(&mut reader).and_then(|()| reader.end());
        read.map_err(rpcx::codec::DecodeError::value)
    }
}

#[tokio::test]
async fn go_calls() {
    let Some(go) = programs() else { return };
    let server = Server::builder()
        .register(ArithServer::new(Peer::default()))
        .register(TypesServer::new(Shapes))
        .codec_with(PrefixedJson::NUMBER, PrefixedJson)
        .replace_codec(Codec::THRIFT, PlainJson)
        .listen("tcp@127.0.0.1:0");
    let server = server.bind().await.unwrap();
    let address = server.addresses()[0].location().to_owned();
    tokio::spawn(server.serve());
    let call = move || {
        const CASES: &str = "mul,say,error,types,types-zero,types-nil,oneway,big,gzip";
        for codec in ["prefixed", "four"] {
            go.call(&address, &["-codec", codec, "-case", CASES]);
        }
        for compression in ["snappy", "zstd"] {
            for codec in ["msgpack", "prefixed"] {
                let format = ["-codec", codec, "-compress", compression];
                go.call(&address, &[&format[..], &["-case", CASES]].concat());
            }
        }
    };
    tokio::task::spawn_blocking(call).await.unwrap();
}

#[tokio::test]
async fn rust_calls() -> rpcx::Result<()> {
    let Some(go) = programs() else { return Ok(()) };
    let server = go.serve_with("127.0.0.1:0", &["-four"]);
    let address = format!("tcp@{}", server.address);
    for codec in [Codec::MSGPACK, PrefixedJson::NUMBER, Codec::THRIFT] {
        for compression in [Compression::NONE, Compression::SNAPPY, Compression::ZSTD] {
            let channel = Channel::builder()
                .address(&address)
                .codec(codec)
                .compression(compression)
                .codec_with(PrefixedJson::NUMBER, PrefixedJson)
                .replace_codec(Codec::THRIFT, PlainJson);
            let channel = channel.build().await?;
            let arith = ArithClient::new(channel.clone());
            assert_eq!(arith.mul(Args { a: 10, b: 20 }).await?.c, 200);
            let text = "wörld ".repeat(1000);
            assert_eq!(arith.say(&text).await?, format!("hello {text}"));
            assert_eq!(arith.echo(&pattern(1 << 20)).await?, pattern(1 << 20));
            let types = TypesClient::new(channel);
            assert_eq!(types.nil().await?, All::default());
        }
    }
    Ok(())
}
