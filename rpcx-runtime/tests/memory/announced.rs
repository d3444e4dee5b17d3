//! Frames that announce much and send nothing.

use rpcx_runtime::Limits;
use rpcx_runtime::protocol::{Codec, FrameLimits, Header};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::echo::{EchoClient, start};
use super::{ALONE, resident};

#[tokio::test]
async fn announcing_much_costs_little() {
    let _alone = ALONE.lock().await;
    let server = start(Limits::server()).await;
    let before = resident();
    let mut sockets = Vec::new();
    for length in [u32::MAX, FrameLimits::SERVER.body as u32] {
        let mut head = Header::request(1, Codec::RAW).encode();
        head[12..].copy_from_slice(&length.to_be_bytes());
        for _ in 0..200 {
            let mut socket = TcpStream::connect(server.socket()).await.unwrap();
            socket.write_all(&head).await.unwrap();
            sockets.push(socket);
        }
    }
    let client = EchoClient::connect(&server.address).await;
    client.echo(b"x").await.unwrap();
    let grown = resident()
        .zip(before)
        .map(|(now, before)| now.saturating_sub(before));
    assert!(grown.unwrap_or(0) < 64 << 20, "{grown:?} bytes more");
}
