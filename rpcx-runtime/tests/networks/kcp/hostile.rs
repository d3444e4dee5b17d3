//! Peers that are none: limits on sessions, and packets outside of the protocol.

use std::io::ErrorKind;
use std::net::UdpSocket;
use std::time::Duration;

use rpcx_runtime::transport::Connect;
use rpcx_runtime::transport::kcp::{Crypt, Kcp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::sleep;

use super::link::{Dice, accept, dial, echo, exchange, listen, pattern, within};

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
    // None of them has acknowledged anything, so the newest have the places.
    until(|| options.counters().crowded_sessions == 3).await;
    until(|| options.counters().open_sessions == 3).await;
    assert_eq!(options.counters().refused_sessions, 0);
}

/// A flood of datagrams that open sessions, from senders that take no answers, keeps no peer out that does.
#[tokio::test]
async fn sessions_that_never_acknowledged_anything_make_room() {
    let mut options = Kcp::plain();
    (options.sessions, options.sessions_per_ip) = (32, 32);
    let (listener, address) = listen(&options).await;
    echo(listener);
    let mut early = dial(&address, &Kcp::plain()).await;
    exchange(&mut early, b"before").await;
    let mut sockets = Vec::new();
    for conv in 1..=100 {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket
            .send_to(&segment(conv, 81, [0; 3], b"x"), &address)
            .unwrap();
        sockets.push(socket);
        sleep(Duration::from_millis(2)).await;
    }
    until(|| options.counters().crowded_sessions > 50).await;
    let mut late = dial(&address, &Kcp::plain()).await;
    assert_eq!(exchange(&mut late, b"late").await, b"late");
    assert_eq!(exchange(&mut early, b"still").await, b"still");
}

#[tokio::test]
async fn sessions_that_are_not_accepted_are_bounded() {
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
    // One that cannot be admitted does not take the place of the one before it.
    let again = segment(2, 81, [0; 3], b"x");
    sockets[0].send_to(&again, &address).unwrap();
    until(|| options.counters().refused_sessions == 13).await;
    assert_eq!(options.counters().replaced_sessions, 0);
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
    let right = Kcp::fast().crypt(Crypt::aes(&[1; 32]).unwrap());
    let (listener, address) = listen(&right).await;
    echo(listener);
    for crypt in [Crypt::aes(&[2; 32]).unwrap(), Crypt::none(), Crypt::plain()] {
        let before = right.counters().invalid_packets;
        let mut stream = dial(&address, &Kcp::fast().crypt(crypt)).await;
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

/// Random datagrams of a stranger between those of a session, in each form of the datagrams.
#[tokio::test]
async fn garbage_of_strangers_does_not_disturb_others() {
    const ENOUGH: u64 = 1500;
    const MOST: u64 = 100 * ENOUGH;
    let key = Crypt::salsa20(b"key").unwrap();
    for options in [Kcp::plain(), Kcp::fast(), Kcp::fast().crypt(key)] {
        let (listener, address) = listen(&options).await;
        echo(listener);
        let client = Kcp::clone(&options);
        let mut stream = dial(&address, &client).await;
        let counted = Kcp::clone(&options);
        let noise = tokio::task::spawn_blocking(move || {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            let mut dice = Dice::new(99);
            // The system drops those that it has no room for.
            for _ in 0..MOST {
                if counted.counters().invalid_packets >= ENOUGH {
                    break;
                }
                let mut datagram = wrong_segment(&mut dice, 7);
                datagram.truncate(dice.roll() as usize % 60);
                datagram.resize(dice.roll() as usize % 1600, 0xf1);
                socket.send_to(&datagram, &address).unwrap();
            }
        });
        let sent = pattern(100_000);
        assert!(exchange(&mut stream, &sent).await == sent);
        within(noise).await.unwrap();
        assert!(exchange(&mut stream, &sent).await == sent);
        let counters = options.counters();
        assert_eq!(counters.open_sessions, 2, "{counters:?}");
        assert!(counters.invalid_packets >= ENOUGH, "{counters:?}");
    }
}

/// A segment of this conversation that no peer sends: with one field that is out of bounds.
fn wrong_segment(dice: &mut Dice, conv: u32) -> Vec<u8> {
    let mut wrong = |values: &[u32]| values[(dice.roll() >> 33) as usize % values.len()];
    let edges = [1 << 31, (1 << 31) + 1, u32::MAX];
    let over = wrong(&edges);
    let mut datagram = match wrong(&[0, 1, 2, 3, 4, 5]) {
        0 => segment(conv, 81, [0, over, 0], b"data"),
        1 => segment(conv, 81, [0, 0, over], b"data"),
        2 => segment(conv, 82, [over, 0, 0], b""),
        3 => segment(conv, wrong(&[0, 80, 86, 255]) as u8, [0; 3], b""),
        4 => segment(conv ^ wrong(&edges), 83, [0; 3], b""),
        _ => segment(conv, 84, [0; 3], b"")[..23].to_vec(),
    };
    // Sometimes behind one that is right.
    if wrong(&[0, 1]) == 1 {
        let mut right = segment(conv, 84, [0; 3], b"");
        right.append(&mut datagram);
        return right;
    }
    datagram
}

/// The same on the way of a session itself, in both directions, with its number.
#[tokio::test]
async fn garbage_on_the_way_of_a_session_is_dropped() {
    let (ours, theirs) = (Kcp::plain(), Kcp::plain());
    let (listener, address) = listen(&theirs).await;
    echo(listener);
    let front = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let back = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    back.connect(&address).await.unwrap();
    let bad = front.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (mut there, mut here) = ([0; 2000], [0; 2000]);
        let (mut dice, mut client, mut conv) = (Dice::new(5), None, 0);
        loop {
            tokio::select! {
                came = front.recv_from(&mut there) => {
                    let (length, from) = came.unwrap();
                    client = Some(from);
                    conv = u32::from_le_bytes(*there.first_chunk().unwrap());
                    back.send(&there[..length]).await.unwrap();
                    back.send(&wrong_segment(&mut dice, conv)).await.unwrap();
                }
                came = back.recv(&mut here) => {
                    let client = client.unwrap();
                    front.send_to(&here[..came.unwrap()], client).await.unwrap();
                    let wrong = wrong_segment(&mut dice, conv);
                    front.send_to(&wrong, client).await.unwrap();
                }
            }
        }
    });
    let mut stream = dial(&bad, &ours).await;
    let sent = pattern(300_000);
    assert!(exchange(&mut stream, &sent).await == sent);
    for counters in [ours.counters(), theirs.counters()] {
        assert!(counters.invalid_packets > 50, "{counters:?}");
    }
    assert_eq!(theirs.counters().sessions, 1);
}

/// The runtime of this test has one thread, so the task that receives keeps it for itself in between.
#[tokio::test]
async fn a_flood_leaves_time_for_others() {
    let options = Kcp::fast();
    let (_listener, address) = listen(&options).await;
    let flood = UdpSocket::bind("127.0.0.1:0").unwrap();
    let send = || {
        flood
            .send_to(b"nothing that a peer sends", &address)
            .unwrap()
    };
    for _ in 0..400 {
        send();
    }
    within(async {
        let mut before = 0;
        while before < 400 {
            tokio::task::yield_now().await;
            let taken = options.counters().invalid_packets;
            assert!(taken - before <= 64, "{} at once", taken - before);
            before = taken;
            // In the place of one that the system had no room for.
            send();
        }
    })
    .await;
}

/// A client that is started again and again, and goes each time without a word.
#[tokio::test]
async fn peers_that_have_gone_do_not_keep_others_of_their_address_out() {
    if !crate::long::is_wanted("a minute until peers by KCP that say nothing are given up") {
        return;
    }
    let mut options = Kcp::plain();
    options.sessions_per_ip = 8;
    options.idle = Duration::from_secs(24 * 3600);
    let (listener, address) = listen(&options).await;
    echo(listener);
    let client = Kcp::plain();
    let mut quiet = dial(&address, &client).await;
    assert_eq!(exchange(&mut quiet, b"here").await, b"here");
    let mut gone = Vec::new();
    for _ in 0..7 {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let first = segment(1, 81, [0; 3], b"x");
        socket.send_to(&first, &address).unwrap();
        gone.push(socket);
    }
    until(|| options.counters().open_sessions == 8).await;
    let connector = client.connector(&address).unwrap();
    let mut new = within(connector.greet(b"hello")).await.unwrap();
    until(|| options.counters().open_sessions == 2).await;
    let mut greeting = [0; 5];
    new.reader.read_exact(&mut greeting).await.unwrap();
    assert_eq!(&greeting, b"hello");
    // Who was asked and has answered is still there.
    assert_eq!(exchange(&mut quiet, b"still here").await, b"still here");
}
