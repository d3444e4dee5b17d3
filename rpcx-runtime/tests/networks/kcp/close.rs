//! How sessions end: nothing that was written is lost, and nothing is left behind.

use std::io::ErrorKind;
use std::net::UdpSocket;
use std::time::Duration;

use rpcx_runtime::transport::kcp::Kcp;
use rpcx_runtime::transport::{Listen, Stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::sleep;

use super::link::{accept, dial, echo, exchange, listen, pattern, relay, within};

const SIZE: usize = 300_000;

/// Waits until `options` have this many sessions open.
async fn open_sessions(options: &Kcp, expected: u64) {
    within(async {
        while options.counters().open_sessions != expected {
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

async fn read_all(stream: &mut Stream, size: usize) -> Vec<u8> {
    let mut got = vec![0; size];
    within(stream.reader.read_exact(&mut got)).await.unwrap();
    got
}

/// The dialler writes and is gone; then the same for the one that accepted.
#[tokio::test]
async fn what_was_written_before_a_drop_arrives() {
    for percent in [0, 5] {
        let options = Kcp::fast();
        let (mut listener, address) = listen(&options).await;
        let bad = relay(&address, percent, 7).await;
        let sent = pattern(SIZE);

        let mut stream = dial(&bad, &options).await;
        stream.writer.write_all(&sent).await.unwrap();
        drop(stream);
        assert!(read_all(&mut accept(&mut listener).await, SIZE).await == sent);

        let mut stream = dial(&bad, &options).await;
        stream.writer.write_all(&[1]).await.unwrap();
        let mut accepted = accept(&mut listener).await;
        accepted.writer.write_all(&sent).await.unwrap();
        drop(accepted);
        assert!(read_all(&mut stream, SIZE).await == sent);
        drop(stream);
        open_sessions(&options, 0).await;
    }
}

#[tokio::test]
async fn shutdown_waits_for_the_peer_and_ends_writing() {
    let options = Kcp::default();
    let (listener, address) = listen(&options).await;
    echo(listener);
    let mut stream = dial(&address, &options).await;
    stream.writer.write_all(b"all of this").await.unwrap();
    within(stream.writer.shutdown()).await.unwrap();
    let error = stream.writer.write(b"more").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    // Reading goes on.
    assert_eq!(read_all(&mut stream, 11).await, b"all of this");
}

/// Between our own ends, a stream has an end as on other networks.
#[tokio::test]
async fn a_peer_that_goes_is_seen_to_go() {
    let options = Kcp::default();
    let (mut listener, address) = listen(&options).await;
    for accepted_goes in [false, true] {
        let mut dialled = dial(&address, &options).await;
        dialled.writer.write_all(b"hello").await.unwrap();
        let mut accepted = accept(&mut listener).await;
        assert_eq!(read_all(&mut accepted, 5).await, b"hello");
        let mut streams = [dialled, accepted];
        streams.rotate_left(usize::from(accepted_goes));
        let [mut goes, mut stays] = streams;
        goes.writer.write_all(b"bye").await.unwrap();
        within(goes.writer.shutdown()).await.unwrap();
        assert_eq!(read_all(&mut stays, 3).await, b"bye");
        assert_eq!(within(stays.reader.read(&mut [0])).await.unwrap(), 0);
        // The other direction is as it was.
        stays.writer.write_all(b"and you").await.unwrap();
        assert_eq!(read_all(&mut goes, 7).await, b"and you");
        drop(stays);
        assert_eq!(within(goes.reader.read(&mut [0])).await.unwrap(), 0);
        drop(goes);
        open_sessions(&options, 0).await;
    }
}

/// A script that makes a call and ends left a session behind each time, for as long as it may idle.
#[test]
fn a_program_that_ends_is_seen_to_go() {
    let options = Kcp::default();
    let server = tokio::runtime::Runtime::new().unwrap();
    let (mut listener, address) = server.block_on(listen(&options));
    let client = tokio::runtime::Runtime::new().unwrap();
    let mut stream = client.block_on(async {
        let mut stream = dial(&address, &Kcp::default()).await;
        stream.writer.write_all(b"ping").await.unwrap();
        stream
    });
    let mut accepted = server.block_on(async {
        let mut accepted = accept(&mut listener).await;
        assert_eq!(read_all(&mut accepted, 4).await, b"ping");
        accepted.writer.write_all(b"pong").await.unwrap();
        accepted
    });
    // Held by a task, as by a connection, until the runtime goes.
    client.block_on(async {
        assert_eq!(read_all(&mut stream, 4).await, b"pong");
        tokio::spawn(async move {
            let _held = stream;
            std::future::pending::<()>().await;
        });
    });
    drop(client);
    server.block_on(async {
        assert_eq!(within(accepted.reader.read(&mut [0])).await.unwrap(), 0);
        drop(accepted);
        open_sessions(&options, 0).await;
    });
}

/// What other programs do with a segment that is not in the protocol is not known.
#[tokio::test]
async fn programs_with_the_bare_protocol_are_told_no_end() {
    let peer = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = peer.local_addr().unwrap().to_string();
    let options = Kcp::plain();
    let mut stream = dial(&address, &options).await;
    stream.writer.write_all(b"hello").await.unwrap();
    let mut datagram = [0; 1500];
    let (_, from) = within(peer.recv_from(&mut datagram)).await.unwrap();
    let mut ack = datagram[..24].to_vec();
    ack[4] = 82;
    ack[16] = 1;
    ack[20] = 0;
    peer.send_to(&ack, from).await.unwrap();
    within(stream.writer.shutdown()).await.unwrap();
    drop(stream);
    open_sessions(&options, 0).await;
    while let Ok(length) = peer.try_recv(&mut datagram) {
        assert!(length < 24 || datagram[4] <= 84, "{:?}", &datagram[..24]);
    }
}

/// Closes a session to a peer that takes datagrams and says nothing, which has this much time.
async fn linger(most: Duration) -> (UdpSocket, Kcp) {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut options = Kcp::default();
    options.linger = most;
    let address = silent.local_addr().unwrap().to_string();
    let mut stream = dial(&address, &options).await;
    stream.writer.write_all(b"hello?").await.unwrap();
    let error = within(stream.writer.shutdown()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(error.to_string().contains("did not acknowledge"), "{error}");
    drop(stream);
    open_sessions(&options, 0).await;
    (silent, options)
}

/// A server that stops waited for the linger time, 10 s, for clients that are not there any more.
#[tokio::test]
async fn a_peer_that_has_gone_is_not_lingered_for() {
    linger(Duration::from_secs(24 * 3600)).await;
}

#[tokio::test]
async fn lingering_ends() {
    let (silent, options) = linger(Duration::from_millis(300)).await;
    let address = silent.local_addr().unwrap().to_string();
    let mut stream = dial(&address, &options).await;
    stream.writer.write_all(b"hello?").await.unwrap();
    drop(stream);
    open_sessions(&options, 0).await;
}

#[tokio::test]
async fn a_dropped_dialler_leaves_nothing_behind() {
    let options = Kcp::default();
    let (listener, address) = listen(&Kcp::default()).await;
    echo(listener);
    for _ in 0..10 {
        let mut stream = dial(&address, &options).await;
        exchange(&mut stream, b"ping").await;
    }
    drop(dial(&address, &options).await);
    open_sessions(&options, 0).await;
    assert_eq!(options.counters().sessions, 11);
}

#[tokio::test]
async fn without_a_listener_a_dial_ends() {
    let port = UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut stream = dial(&port.to_string(), &Kcp::default()).await;
    stream.writer.write_all(b"hello?").await.unwrap();
    let error = within(stream.reader.read_u8()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

/// A peer whose process has vanished, without a word.
#[test]
fn a_vanished_peer_is_noticed() {
    let mut options = Kcp::default();
    options.idle = Duration::from_secs(1);
    let server = tokio::runtime::Runtime::new().unwrap();
    let (mut listener, address) = server.block_on(listen(&options));
    let client = tokio::runtime::Runtime::new().unwrap();
    client.block_on(async {
        let mut stream = dial(&address, &Kcp::default()).await;
        stream.writer.write_all(b"hello").await.unwrap();
        // Forgotten, so that not even its drop is noticed.
        std::mem::forget(stream);
    });
    let mut accepted = server.block_on(accept(&mut listener));
    client.shutdown_background();
    server.block_on(async {
        assert_eq!(read_all(&mut accepted, 5).await, b"hello");
        let error = within(accepted.reader.read_u8()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        drop(accepted);
        open_sessions(&options, 0).await;
    });
}

/// Silence is no reason to end: a peer that is alive answers when it is asked, on either side.
#[tokio::test]
async fn a_silent_peer_that_is_alive_stays() {
    let mut options = Kcp::default();
    options.idle = Duration::from_secs(3);
    let (listener, address) = listen(&options).await;
    echo(listener);
    // The one asks, the other does not for a long time.
    let mut stream = dial(&address, &Kcp::default()).await;
    assert_eq!(exchange(&mut stream, b"ping").await, b"ping");
    sleep(Duration::from_secs(7)).await;
    assert_eq!(options.counters().open_sessions, 1);
    assert_eq!(exchange(&mut stream, b"pong").await, b"pong");
}

/// The socket lives for as long as its sessions, and no longer.
#[tokio::test]
async fn a_dropped_listener_keeps_its_sessions_and_frees_its_port() {
    let options = Kcp::fast();
    let (mut listener, address) = listen(&options).await;
    let mut stream = dial(&address, &options).await;
    stream.writer.write_all(b"ping").await.unwrap();
    let mut accepted = accept(&mut listener).await;
    drop(listener);
    assert_eq!(read_all(&mut accepted, 4).await, b"ping");
    accepted.writer.write_all(b"pong").await.unwrap();
    assert_eq!(read_all(&mut stream, 4).await, b"pong");

    // The listener is closed, so this one is not even begun.
    let mut late = dial(&address, &Kcp::fast()).await;
    late.writer.write_all(b"ping").await.unwrap();
    drop((stream, accepted));
    open_sessions(&options, 0).await;
    let again = within(async {
        loop {
            match options.listen(&address).await {
                Ok(listener) => return listener,
                Err(_) => sleep(Duration::from_millis(5)).await,
            }
        }
    });
    assert_eq!(again.await.address().location(), address);
}

/// A session that came before the listener closes is not given up: its client may have sent a call.
#[tokio::test]
async fn a_closed_listener_hands_over_what_waits() {
    let options = Kcp::fast();
    let (listener, address) = listen(&options).await;
    let mut stream = dial(&address, &Kcp::fast()).await;
    stream.writer.write_all(b"ping").await.unwrap();
    open_sessions(&options, 1).await;
    let mut closing = Box::new(listener).close();
    assert_eq!(closing.waiting.len(), 1);
    let mut accepted = closing.waiting.remove(0).stream().await.unwrap();
    assert_eq!(read_all(&mut accepted, 4).await, b"ping");
    accepted.writer.write_all(b"pong").await.unwrap();
    assert_eq!(read_all(&mut stream, 4).await, b"pong");
    // What is written last still leaves.
    accepted.writer.write_all(b"last").await.unwrap();
    drop(accepted);
    within(closing.left).await;
    assert_eq!(options.counters().open_sessions, 0);
    assert_eq!(read_all(&mut stream, 4).await, b"last");
}
