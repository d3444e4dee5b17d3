//! An independent implementation at the other end, without crypt and FEC, which it does not have.

use rpcx_runtime::transport::kcp::Kcp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_kcp::{KcpConfig, KcpListener, KcpNoDelayConfig, KcpStream};

use super::link::{accept, dial, exchange, listen, pattern, within};

/// Writes of this size are what the other implementation can take.
const PIECE: usize = 64 << 10;

fn config() -> KcpConfig {
    KcpConfig {
        nodelay: KcpNoDelayConfig::fastest(),
        stream: true,
        ..KcpConfig::default()
    }
}

#[tokio::test]
async fn we_dial() {
    let mut listener = KcpListener::bind(config(), "127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = vec![0; PIECE];
        while let Ok(length @ 1..) = stream.read(&mut bytes).await {
            stream.write_all(&bytes[..length]).await.unwrap();
        }
    });
    let mut stream = dial(&address, &Kcp::plain()).await;
    for size in [1, 1400, 200_000] {
        let sent = pattern(size);
        assert!(exchange(&mut stream, &sent).await == sent, "{size}");
    }
}

#[tokio::test]
async fn we_listen() {
    // Messages in place of a stream on their side: fragments are put together all the same.
    for stream_mode in [true, false] {
        let options = Kcp::plain();
        let (mut listener, address) = listen(&options).await;
        tokio::spawn(async move {
            let mut stream = accept(&mut listener).await;
            let mut bytes = vec![0; 100];
            while let Ok(length @ 1..) = stream.reader.read(&mut bytes).await {
                stream.writer.write_all(&bytes[..length]).await.unwrap();
            }
        });
        let config = KcpConfig {
            stream: stream_mode,
            ..config()
        };
        let address = address.parse().unwrap();
        let mut stream = KcpStream::connect(&config, address).await.unwrap();
        let sent = pattern(200_000);
        let mut got = vec![0; sent.len()];
        within(async {
            for (out, back) in sent.chunks(PIECE).zip(got.chunks_mut(PIECE)) {
                stream.write_all(out).await.unwrap();
                stream.read_exact(back).await.unwrap();
            }
        })
        .await;
        assert!(got == sent, "stream mode {stream_mode}");
        assert_eq!(options.counters().invalid_packets, 0);
    }
}

/// A request of a few bytes and a reply of many: the reply waits until the client has shown that it
/// is at its address, and is whole then.
#[tokio::test]
async fn a_large_first_reply_arrives_whole() {
    let options = Kcp::plain();
    let (mut listener, address) = listen(&options).await;
    let sent = pattern(200_000);
    let reply = sent.clone();
    tokio::spawn(async move {
        let mut stream = accept(&mut listener).await;
        let mut request = [0; 4];
        stream.reader.read_exact(&mut request).await.unwrap();
        stream.writer.write_all(&reply).await.unwrap();
        std::future::pending::<()>().await;
    });
    let address = address.parse().unwrap();
    let mut stream = KcpStream::connect(&config(), address).await.unwrap();
    stream.write_all(b"much").await.unwrap();
    let mut got = vec![0; sent.len()];
    within(stream.read_exact(&mut got)).await.unwrap();
    assert!(got == sent);
    assert_eq!(options.counters().withheld_packets, 0);
}
