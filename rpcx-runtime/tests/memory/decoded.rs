//! Payloads of a few bytes that stand for much: compressed nils for a list of structs.

use rpcx_runtime::protocol::{Codec, Compression, FrameEncoder, Header, Metadata, compress};
use rpcx_runtime::{Channel, ClientLimits, ErrorKind, Limits, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{ALONE, resident};

/// 160 bytes and no less.
#[rpcx::message]
#[derive(Clone, Debug, Default)]
struct Wide {
    numbers: [u64; 20],
}

#[rpcx::service]
trait Lists {
    async fn count(&self, wide: Vec<Wide>) -> rpcx::Result<Vec<Wide>>;
}

struct Counter;

impl Lists for Counter {
    async fn count(&self, wide: Vec<Wide>) -> rpcx::Result<Vec<Wide>> {
        Ok(wide)
    }
}

/// Fifteen million nils.
fn bomb() -> Vec<u8> {
    let mut list = vec![0xdd];
    list.extend(15_000_000_u32.to_be_bytes());
    list.resize(list.len() + 15_000_000, 0xc0);
    compress(Compression::GZIP, &list).unwrap()
}

fn frame(header: Header, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let header = header.compressed(Compression::GZIP);
    let mut frame = FrameEncoder::new(&mut out, header);
    frame.names(b"Lists", b"Count");
    frame.metadata(&Metadata::new());
    frame.payload(payload);
    frame.finish().unwrap();
    out
}

fn grown_since(before: Option<usize>) -> usize {
    let now = resident().zip(before);
    now.map_or(0, |(now, before)| now.saturating_sub(before))
}

#[tokio::test]
async fn a_request_that_becomes_much_is_refused() {
    let _alone = ALONE.lock().await;
    let mut limits = Limits::server();
    limits.decoded = 32 << 20;
    let server = Server::builder()
        .register(ListsServer::new(Counter))
        .limits(limits)
        .listen("tcp@127.0.0.1:0");
    let server = server.bind().await.unwrap();
    let address = server.addresses()[0].to_string();
    let handle = server.handle();
    tokio::spawn(server.serve());
    let request = frame(Header::request(1, Codec::MSGPACK), &bomb());
    let before = resident();
    let mut socket = TcpStream::connect(address.strip_prefix("tcp@").unwrap())
        .await
        .unwrap();
    for _ in 0..10 {
        socket.write_all(&request).await.unwrap();
    }
    socket.shutdown().await.unwrap();
    let mut answers = Vec::new();
    socket.read_to_end(&mut answers).await.unwrap();
    let answers = String::from_utf8_lossy(&answers);
    let refused = answers.matches("takes more than 33554432 bytes").count();
    assert_eq!(refused, 10, "{answers}");
    let grown = grown_since(before);
    // What is allowed, the inflated payload, and what an allocator keeps of both.
    assert!(
        grown < 128 << 20,
        "{grown} bytes more for {} sent",
        request.len() * 10
    );
    let channel = Channel::connect(&address).await.unwrap();
    let few = ListsClient::new(channel)
        .count(vec![Wide::default(); 3])
        .await;
    assert_eq!(few.unwrap().len(), 3);
    handle.shutdown();
}

#[tokio::test]
async fn a_reply_that_becomes_much_is_refused() {
    let _alone = ALONE.lock().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp@{}", listener.local_addr().unwrap());
    let bomb = bomb();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        loop {
            // One request after the other, each with its number in its head.
            let mut head = [0; 16];
            if socket.read_exact(&mut head).await.is_err() {
                return;
            }
            let length = u32::from_be_bytes(head[12..].try_into().unwrap());
            let mut rest = vec![0; length as usize];
            socket.read_exact(&mut rest).await.unwrap();
            let seq = u64::from_be_bytes(head[4..12].try_into().unwrap());
            let reply = frame(Header::request(seq, Codec::MSGPACK).reply(), &bomb);
            socket.write_all(&reply).await.unwrap();
        }
    });
    let before = resident();
    let mut limits = ClientLimits::new();
    limits.decoded = 32 << 20;
    let channel = Channel::builder().address(&address).limits(limits);
    let client = ListsClient::new(channel.build().await.unwrap());
    for _ in 0..3 {
        let error = client.count(Vec::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
        assert!(error.message().contains("33554432 bytes"), "{error}");
    }
    let grown = grown_since(before);
    assert!(grown < 128 << 20, "{grown} bytes more");
}
