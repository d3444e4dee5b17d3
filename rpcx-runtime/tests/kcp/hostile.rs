//! Peers that are none: limits on sessions, and packets that nobody should send.

use std::io::ErrorKind;
use std::net::UdpSocket;
use std::time::Duration;

use rpcx_runtime::transport::kcp::{Crypt, Kcp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::sleep;

use crate::link::{Dice, accept, dial, echo, exchange, listen, pattern, within};

/// Waits until this is so.
async fn until(mut met: impl FnMut() -> bool) {
    within(async {
        while !met() {
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

/// A KCP segment: command 81 is data.
fn segment(conv: u32, command: u8, [time, number, una]: [u32; 3], data: &[u8]) -> Vec<u8> {
    let mut bytes = conv.to_le_bytes().to_vec();
    bytes.extend([command, 0, 128, 0]);
    for word in [time, number, una, u32::try_from(data.len()).unwrap()] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(data);
    bytes
}

#[tokio::test]
async fn one_address_has_a_bounded_number_of_sessions() {
    let mut options = Kcp::fast();
    options.sessions_per_ip = 2;
    let (listener, address) = listen(&options).await;
    echo(listener);
    let client = Kcp::fast();
    let mut first = dial(&address, &client).await;
    let mut second = dial(&address, &client).await;
    exchange(&mut first, b"1").await;
    exchange(&mut second, b"2").await;
    let mut third = dial(&address, &client).await;
    third.writer.write_all(b"3").await.unwrap();
    until(|| options.counters().refused_sessions > 0).await;
    assert_eq!(options.counters().open_sessions, 2);
    assert_eq!(exchange(&mut first, b"still").await, b"still");
}

#[tokio::test]
async fn all_addresses_have_a_bounded_number_of_sessions() {
    let mut options = Kcp::plain();
    options.sessions = 3;
    let (listener, address) = listen(&options).await;
    echo(listener);
    let mut sockets = Vec::new();
    for host in 1..=6 {
        let socket = UdpSocket::bind(format!("127.0.0.{host}:0")).unwrap();
        socket
            .send_to(&segment(1, 81, [0; 3], b"x"), &address)
            .unwrap();
        sockets.push(socket);
    }
    until(|| options.counters().refused_sessions == 3).await;
    assert_eq!(options.counters().open_sessions, 3);
}

#[tokio::test]
async fn sessions_that_nobody_accepts_are_bounded() {
    let mut options = Kcp::plain();
    options.sessions_per_ip = 1000;
    let (listener, address) = listen(&options).await;
    let mut sockets = Vec::new();
    for _ in 0..140 {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket
            .send_to(&segment(1, 81, [0; 3], b"x"), &address)
            .unwrap();
        sockets.push(socket);
        tokio::task::yield_now().await;
    }
    until(|| options.counters().refused_sessions == 12).await;
    assert_eq!(options.counters().open_sessions, 128);
    drop(listener);
    until(|| options.counters().open_sessions == 0).await;
}

/// What is not the first segment of a session begins none: it is of one that is over.
#[tokio::test]
async fn only_a_first_segment_begins_a_session() {
    let options = Kcp::plain();
    let (mut listener, address) = listen(&options).await;
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(&address).unwrap();
    let strays = [
        segment(7, 81, [0, 5, 0], b"late"),
        segment(7, 82, [0, 0, 0], b""),
        segment(7, 83, [0, 0, 0], b""),
    ];
    for stray in &strays {
        socket.send(stray).unwrap();
    }
    until(|| options.counters().invalid_packets == 3).await;
    assert_eq!(options.counters().sessions, 0);

    socket.send(&segment(7, 81, [0, 0, 0], b"one")).unwrap();
    let mut first = accept(&mut listener).await;
    // Another conversation takes its place with its own first segment, not with a later one.
    socket.send(&segment(8, 81, [0, 1, 0], b"late")).unwrap();
    until(|| options.counters().invalid_packets == 4).await;
    assert_eq!(options.counters().replaced_sessions, 0);
    socket.send(&segment(8, 81, [0, 0, 0], b"two")).unwrap();
    let mut second = accept(&mut listener).await;
    let mut got = [0; 3];
    first.reader.read_exact(&mut got).await.unwrap();
    assert_eq!(&got, b"one");
    let error = first.reader.read_u8().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    second.reader.read_exact(&mut got).await.unwrap();
    assert_eq!(&got, b"two");
    assert_eq!(options.counters().replaced_sessions, 1);
}

#[tokio::test]
async fn a_wrong_key_begins_nothing() {
    let right = Kcp::fast().with_crypt(Crypt::aes(&[1; 32]).unwrap());
    let (listener, address) = listen(&right).await;
    echo(listener);
    for crypt in [Crypt::aes(&[2; 32]).unwrap(), Crypt::none(), Crypt::plain()] {
        let before = right.counters().invalid_packets;
        let mut stream = dial(&address, &Kcp::fast().with_crypt(crypt)).await;
        stream
            .writer
            .write_all(b"let me in, this is long enough")
            .await
            .unwrap();
        until(|| right.counters().invalid_packets > before).await;
    }
    assert_eq!(right.counters().sessions, 0);
    let mut stream = dial(&address, &right).await;
    assert_eq!(exchange(&mut stream, b"me").await, b"me");
}

/// Random and almost right datagrams between those of a session, in each form of the datagrams.
#[tokio::test]
async fn garbage_does_not_disturb_others() {
    let key = Crypt::salsa20(b"key").unwrap();
    for options in [Kcp::plain(), Kcp::fast(), Kcp::fast().with_crypt(key)] {
        let (listener, address) = listen(&options).await;
        echo(listener);
        let mut stream = dial(&address, &options).await;
        let target = address.clone();
        let noise = tokio::task::spawn_blocking(move || {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            let mut dice = Dice::new(99);
            let edges = [0, 1, 127, 128, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
            for round in 0..3000 {
                let mut edge = || edges[(dice.roll() >> 33) as usize % edges.len()];
                let mut datagram = segment(edge(), 80, [edge(), edge(), edge()], b"data");
                datagram[4] += (round % 6) as u8;
                datagram.truncate(dice.roll() as usize % 40);
                datagram.resize(dice.roll() as usize % 1600, 0xf1);
                socket.send_to(&datagram, &target).unwrap();
            }
        });
        let sent = pattern(100_000);
        assert!(exchange(&mut stream, &sent).await == sent);
        within(noise).await.unwrap();
        assert!(exchange(&mut stream, &sent).await == sent);
        assert!(
            options.counters().open_sessions <= 2 + 1,
            "{:?}",
            options.counters()
        );
    }
}

/// The runtime of this test has one thread, so whoever receives keeps it for itself in between.
#[tokio::test]
async fn a_flood_leaves_time_for_others() {
    let options = Kcp::fast();
    let (_listener, address) = listen(&options).await;
    let flood = UdpSocket::bind("127.0.0.1:0").unwrap();
    for _ in 0..400 {
        flood
            .send_to(b"nothing that anyone sends", &address)
            .unwrap();
    }
    let mut before = 0;
    while before < 400 {
        tokio::task::yield_now().await;
        let taken = options.counters().invalid_packets;
        assert!(taken - before <= 64, "{} at once", taken - before);
        before = taken;
    }
}
