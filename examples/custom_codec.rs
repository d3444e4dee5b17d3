//! A codec and a compression of a program's own, each under a number that both peers agree on.
//!
//! Go peers do the same with `share.RegisterCodec(9, ..)` and an entry in `protocol.Compressors`. In Rust they belong to
//! one server or one channel, and nothing is registered for the whole process.

use rpcx::codec::{CustomCodec, Decodable, DecodeError, Encodable, EncodeError};
use rpcx::protocol::{Compress, CompressError};
use rpcx::{Channel, Codec, Compression, Server};

/// JSON for eyes: with line feeds and spaces.
struct PrettyJson;

impl CustomCodec for PrettyJson {
    fn encode(&self, value: Encodable<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        serde_json::to_writer_pretty(out, &value).map_err(EncodeError::value)
    }

    fn decode<'de>(&self, bytes: &'de [u8], value: Decodable<'_, 'de>) -> Result<(), DecodeError> {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        value.read(&mut reader).map_err(DecodeError::value)?;
        // A payload is one value: what follows it is an error.
        reader.end().map_err(DecodeError::value)
    }
}

/// Leaves out the spaces that `PrettyJson` writes at the beginning of lines.
struct NoIndent;

impl Compress for NoIndent {
    fn compress(&self, payload: &[u8]) -> Result<Vec<u8>, CompressError> {
        let text = std::str::from_utf8(payload)
            .map_err(|error| CompressError::Failed(error.to_string()))?;
        let lines: Vec<_> = text.lines().map(str::trim_start).collect();
        Ok(lines.join("\n").into_bytes())
    }

    // The limit matters where few bytes can stand for many: these stand for themselves.
    fn decompress(&self, payload: &[u8], limit: usize) -> Result<Vec<u8>, CompressError> {
        if payload.len() > limit {
            return Err(CompressError::TooLong(limit));
        }
        Ok(payload.to_vec())
    }
}

#[rpcx::service]
pub trait Words {
    /// Counts words.
    async fn count(&self, words: Vec<String>) -> rpcx::Result<u64>;
}

struct Counter;

impl Words for Counter {
    async fn count(&self, words: Vec<String>) -> rpcx::Result<u64> {
        Ok(words.len() as u64)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pretty = Codec::new(9).ok_or("9 fits in four bits")?;
    let no_indent = Compression::new(7).ok_or("7 fits in three bits")?;

    let server = Server::builder()
        .register(WordsServer::new(Counter))
        .codec_with(pretty, PrettyJson)
        .compression_with(no_indent, NoIndent)
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await?;
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve());

    let channel = Channel::builder()
        .address(&address)
        .codec_with(pretty, PrettyJson)
        .compression_with(no_indent, NoIndent)
        // what the calls of this channel use
        .codec(pretty)
        .compression(no_indent)
        .build()
        .await?;
    let words = vec!["word".to_owned(); 1000];
    println!("{} words", WordsClient::new(channel).count(words).await?);

    // A number that is not registered is an error before anything is sent.
    let builder = Channel::builder().address(&address).codec(pretty);
    let refused = builder.build_lazy().err().ok_or("it was built")?;
    println!("{refused}");
    Ok(())
}
