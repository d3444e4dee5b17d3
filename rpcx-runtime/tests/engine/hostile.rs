//! Bytes that no honest client sends: nothing runs, nothing hangs, and others do not notice.

use std::time::Duration;

use rpcx_runtime::Limits;
use rpcx_runtime::protocol::{
    Codec, Compression, FrameEncoder, FrameLimits, Header, Metadata, compress,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::echo::{EchoClient, Running, start};

fn request(header: Header, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut frame = FrameEncoder::new(&mut out, header);
    frame.names(b"Echo", b"Echo");
    frame.metadata(&Metadata::from_iter([("k", "v")]));
    frame.payload(payload);
    frame.finish().unwrap();
    out
}

fn plain() -> Vec<u8> {
    request(Header::request(9, Codec::RAW), b"payload")
}

/// Sends bytes, ends the sending side, and returns all that comes back.
async fn exchange(server: &Running, bytes: &[u8]) -> Vec<u8> {
    let mut socket = TcpStream::connect(server.socket()).await.unwrap();
    // The server may have closed before all was written.
    let _ = socket.write_all(bytes).await;
    let _ = socket.shutdown().await;
    let mut answer = Vec::new();
    let read = socket.read_to_end(&mut answer);
    let _ = tokio::time::timeout(Duration::from_secs(5), read)
        .await
        .expect("the server hangs");
    answer
}

#[tokio::test]
async fn a_request_may_come_one_byte_at_a_time() {
    let server = start(Limits::server()).await;
    let mut socket = TcpStream::connect(server.socket()).await.unwrap();
    socket.set_nodelay(true).unwrap();
    for byte in plain() {
        socket.write_all(&[byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut answer = vec![0; 16];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer[..4], [0x08, 0, 0x80, 0]);
    assert_eq!(server.runs(), 1);
}

#[tokio::test]
async fn garbage_and_lies_run_nothing() {
    let server = start(Limits::server()).await;
    let honest = EchoClient::connect(&server.address).await;
    let mut cases = vec![
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        vec![0; 100],
        vec![0x08; 100],
        vec![0xff; 100_000],
    ];
    for end in 1..plain().len() {
        cases.push(plain()[..end].to_vec());
    }
    // offsets of the five lengths of a frame
    for at in [12, 16, 24, 32, 46] {
        for lie in [
            0u32,
            1,
            3,
            0x7fff_ffff,
            0x8000_0000,
            0xffff_fffc,
            0xffff_ffff,
        ] {
            let mut bytes = plain();
            bytes[at..at + 4].copy_from_slice(&lie.to_be_bytes());
            cases.push(bytes);
        }
    }
    for magic in (0..=255).filter(|magic| *magic != 8) {
        let mut bytes = plain();
        bytes[0] = magic;
        cases.push(bytes);
    }
    for case in cases {
        exchange(&server, &case).await;
        assert_eq!(server.runs(), 0, "{case:02x?}");
    }
    assert_eq!(honest.echo(b"unharmed").await.unwrap(), b"unharmed");
}

#[tokio::test]
async fn what_is_wrong_with_one_message_costs_that_message() {
    let server = start(Limits::server()).await;
    let bomb = compress(Compression::GZIP, &vec![0; FrameLimits::SERVER.body + 1]).unwrap();
    let header = |seq| Header::request(seq, Codec::RAW);
    let gzip = |seq| header(seq).compressed(Compression::GZIP);
    let mut bytes = Vec::new();
    bytes.extend(request(gzip(1), b"not gzip"));
    bytes.extend(request(gzip(2), &bomb));
    bytes.extend(request(
        header(3).compressed(Compression::new(5).unwrap()),
        b"x",
    ));
    let mut oversized = request(header(4), &vec![0; FrameLimits::SERVER.body]);
    bytes.append(&mut oversized);
    bytes.extend(request(header(5), b"good"));
    let answer = exchange(&server, &bytes).await;
    let answer = String::from_utf8_lossy(&answer);
    for text in [
        "damaged",
        "too long",
        "unsupported compressor 5",
        "message is too long",
        "good",
    ] {
        assert!(answer.contains(text), "{text} is missing in {answer}");
    }
    assert_eq!(server.runs(), 1);
    let stats = server.handle.stats();
    assert_eq!((stats.inflate_failures, stats.oversized_requests), (3, 1));
}

#[tokio::test]
async fn heartbeats_come_back_as_they_were() {
    let server = start(Limits::server()).await;
    let mut beat = request(Header::heartbeat(77), b"\xd3\0\0\0\0\0\0\0\x01");
    let answer = exchange(&server, &beat).await;
    beat[2] |= 0x80;
    assert_eq!(answer, beat);
}

#[tokio::test]
async fn too_many_heartbeats_end_the_connection() {
    let server = start(Limits::server()).await;
    let beat = request(Header::heartbeat(1), b"");
    let answer = exchange(&server, &beat.repeat(500)).await;
    assert!(answer.len() < 200 * beat.len());
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.contains("too many or too large heartbeats"),
        "{answer}"
    );
    assert_eq!(server.handle.stats().heartbeat_floods, 1);
}
