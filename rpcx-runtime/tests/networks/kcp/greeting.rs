//! Dials that are done when the peer has answered.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use rpcx_runtime::transport::Connect;
use rpcx_runtime::transport::kcp::Kcp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UdpSocket;
use tokio::time::timeout;

use super::link::{accept, listen, within};

/// The time and the number of the segment that a plain datagram begins with.
async fn pushed(peer: &UdpSocket) -> (SocketAddr, u32, u32) {
    let mut datagram = [0; 1500];
    loop {
        let (length, from) = within(peer.recv_from(&mut datagram)).await.unwrap();
        let word = |at: usize| u32::from_le_bytes(*datagram[at..].first_chunk().unwrap());
        if length > 24 && datagram[4] == 81 {
            return (from, word(8), word(12));
        }
    }
}

#[tokio::test]
async fn a_dial_is_done_when_the_greeting_was_acknowledged() {
    let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = peer.local_addr().unwrap().to_string();
    let connector = Kcp::plain().connector(&address).unwrap();
    let mut dial = connector.greet(b"hello");
    // It is polled while the peer waits for the greeting, and is not done.
    let (from, time, number) = tokio::select! {
        biased;
        _ = &mut dial => panic!("no peer has answered"),
        pushed = pushed(&peer) => pushed,
    };
    assert_eq!(number, 0);
    let mut datagram = [0; 100];
    let (length, _) = {
        // The same again, as it is not acknowledged.
        tokio::select! {
            biased;
            _ = &mut dial => panic!("no peer has answered"),
            again = peer.recv_from(&mut datagram) => again.unwrap(),
        }
    };
    assert_eq!(&datagram[24..length], b"hello");
    let mut ack = datagram[..4].to_vec();
    ack.extend([82, 0, 128, 0]);
    for word in [time, 0, 1, 0] {
        ack.extend(u32::to_le_bytes(word));
    }
    peer.send_to(&ack, from).await.unwrap();
    let mut stream = within(dial).await.unwrap();
    // What follows cannot be taken for the beginning of a session, by no other server either.
    stream.writer.write_all(b"a call").await.unwrap();
    assert_eq!(pushed(&peer).await.2, 1);
}

#[tokio::test]
async fn a_greeting_is_the_beginning_of_the_stream() {
    let options = Kcp::fast();
    let (mut listener, address) = listen(&options).await;
    let connector = options.connector(&address).unwrap();
    let mut stream = within(connector.greet(b"hello ")).await.unwrap();
    stream.writer.write_all(b"there").await.unwrap();
    let mut accepted = accept(&mut listener).await;
    let mut got = [0; 11];
    within(accepted.reader.read_exact(&mut got)).await.unwrap();
    assert_eq!(&got, b"hello there");
}

#[tokio::test]
async fn no_peer_is_greeted_in_vain() {
    let port = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = port.local_addr().unwrap().to_string();
    drop(port);
    let options = Kcp::default();
    let connector = options.connector(&address).unwrap();
    let error = within(connector.greet(b"hello")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_dial_that_is_given_up_leaves_nothing_behind() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let mut options = Kcp::default();
    options.linger = Duration::from_secs(600);
    let connector = options.connector(&address).unwrap();
    let dial = timeout(Duration::from_millis(50), connector.greet(b"hello"));
    assert!(dial.await.is_err(), "nobody has answered");
    within(async {
        while options.counters().open_sessions > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
