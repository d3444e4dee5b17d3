//! What is written arrives, whole and in order.

use rpcx_runtime::transport::kcp::{BlockCrypt, Crypt, Kcp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::link::{accept, dial, echo, exchange, listen, pattern, relay, within};

const MEGA: usize = 1_000_000;

fn crypts() -> Vec<Crypt> {
    let key: Vec<u8> = (0..32).collect();
    let named = |name: &str, bytes: usize| Crypt::by_name(name, &key[..bytes]).unwrap();
    vec![
        named("none", 0),
        named("plain", 0),
        named("aes-128", 16),
        named("aes-192", 24),
        named("aes-256", 32),
        named("salsa20", 32),
        named("xor", 32),
    ]
}

#[tokio::test]
async fn every_crypt_with_and_without_fec() {
    for crypt in crypts() {
        for fec in [true, false] {
            let mut options = Kcp::fast().crypt(crypt.clone());
            options.fec = fec;
            let (listener, address) = listen(&options).await;
            echo(listener);
            let mut stream = dial(&address, &options).await;
            for size in [1, 100, 1400, 60_000] {
                let sent = pattern(size);
                assert!(
                    exchange(&mut stream, &sent).await == sent,
                    "{options:?}, {size} bytes"
                );
            }
            assert_eq!(options.counters().invalid_packets, 0, "{options:?}");
        }
    }
}

/// A cipher of a user: each byte depends on the key and on the one before it.
struct Chain(u8);

impl BlockCrypt for Chain {
    fn encrypt(&self, packet: &mut [u8]) {
        let mut before = 0;
        for byte in packet {
            *byte = byte.wrapping_add(self.0 ^ before);
            before = *byte;
        }
    }

    fn decrypt(&self, packet: &mut [u8]) {
        let mut before = 0;
        for byte in packet {
            let this = *byte;
            *byte = this.wrapping_sub(self.0 ^ before);
            before = this;
        }
    }
}

#[tokio::test]
async fn a_crypt_of_a_user() {
    let ours = Kcp::fast().crypt(Crypt::custom(Chain(77)));
    let theirs = Kcp::default().crypt(Crypt::custom(Chain(77)));
    let (listener, address) = listen(&theirs).await;
    echo(listener);
    let mut stream = dial(&address, &ours).await;
    let sent = pattern(60_000);
    assert!(exchange(&mut stream, &sent).await == sent);
    for options in [&ours, &theirs] {
        assert_eq!(options.counters().invalid_packets, 0);
    }
    // It was used: a peer that has another key, or none, is not heard.
    for crypt in [Crypt::custom(Chain(78)), Crypt::none()] {
        let before = theirs.counters().invalid_packets;
        let mut stream = dial(&address, &Kcp::default().crypt(crypt)).await;
        stream.writer.write_all(b"hello").await.unwrap();
        within(async {
            while theirs.counters().invalid_packets == before {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
    assert_eq!(theirs.counters().sessions, 1);
}

/// The settings of Go rpcx, and one packet in twenty lost on either way.
#[tokio::test]
async fn two_megabytes_each_way_over_a_bad_link() {
    let options = Kcp::default();
    let (listener, address) = listen(&options).await;
    echo(listener);
    let bad = relay(&address, 5, 42).await;
    let mut stream = dial(&bad, &options).await;
    let sent = pattern(2 * MEGA);
    assert!(exchange(&mut stream, &sent).await == sent);
    let counters = options.counters();
    assert!(counters.recovered_packets > 10, "{counters:?}");
    assert_eq!(counters.sessions, 2, "one at each end: {counters:?}");
}

#[tokio::test]
async fn the_fast_preset_over_a_bad_link() {
    for fec in [true, false] {
        let mut options = Kcp::fast();
        options.fec = fec;
        let (listener, address) = listen(&options).await;
        echo(listener);
        let bad = relay(&address, 5, 43).await;
        let mut stream = dial(&bad, &options).await;
        let sent = pattern(2 * MEGA);
        assert!(exchange(&mut stream, &sent).await == sent);
        let counters = options.counters();
        assert_eq!(counters.recovered_packets > 10, fec, "{counters:?}");
    }
}

#[tokio::test]
async fn a_write_has_no_limit() {
    let options = Kcp::fast();
    let (mut listener, address) = listen(&options).await;
    let mut stream = dial(&address, &options).await;
    let sent = pattern(8 * MEGA);
    let expected = sent.clone();
    let reading = tokio::spawn(async move {
        let mut stream = accept(&mut listener).await;
        let mut got = vec![0; 8 * MEGA];
        stream.reader.read_exact(&mut got).await.unwrap();
        assert!(got == expected);
    });
    within(stream.writer.write_all(&sent)).await.unwrap();
    within(stream.writer.shutdown()).await.unwrap();
    within(reading).await.unwrap();
}

/// A reader that does not read stops the writer, and neither end holds more than its window.
#[tokio::test]
async fn writing_waits_for_a_slow_reader() {
    let mut options = Kcp::fast();
    options.send_window = 32;
    options.receive_window = 128;
    let (mut listener, address) = listen(&options).await;
    let mut stream = dial(&address, &options).await;
    let sent = pattern(MEGA);
    let written = std::sync::atomic::AtomicUsize::new(0);
    let write = async {
        for piece in sent.chunks(1000) {
            stream.writer.write_all(piece).await.unwrap();
            written.fetch_add(piece.len(), std::sync::atomic::Ordering::Relaxed);
        }
    };
    let read = async {
        let mut accepted = accept(&mut listener).await;
        // Long enough for all of it, were there no bound.
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let held = written.load(std::sync::atomic::Ordering::Relaxed);
        // Both windows, in segments of less than 1,400 bytes; and what a full window still takes.
        assert!(held <= (32 + 2 * 128) * 1400, "{held}");
        let mut got = vec![0; MEGA];
        accepted.reader.read_exact(&mut got).await.unwrap();
        got
    };
    let ((), got) = within(async { tokio::join!(write, read) }).await;
    assert!(got == sent);
}

/// Readers with small buffers, and segments without data, see no end of stream.
#[tokio::test]
async fn one_byte_at_a_time() {
    let options = Kcp::fast();
    let (listener, address) = listen(&options).await;
    echo(listener);
    let mut stream = dial(&address, &options).await;
    let sent = pattern(3000);
    for byte in &sent {
        stream.writer.write_all(&[*byte]).await.unwrap();
    }
    for byte in &sent {
        assert_eq!(within(stream.reader.read_u8()).await.unwrap(), *byte);
    }
}

#[tokio::test]
async fn both_ends_may_have_their_own_settings() {
    let mut small = Kcp::default();
    small.mtu = 300;
    let (listener, address) = listen(&small).await;
    echo(listener);
    let mut stream = dial(&address, &Kcp::fast()).await;
    let sent = pattern(20_000);
    assert!(exchange(&mut stream, &sent).await == sent);
}

/// It cost the first call the time after which a lost packet is sent again.
#[tokio::test]
async fn the_first_packet_of_a_new_socket_leaves() {
    let options = Kcp::default();
    let (_listener, address) = listen(&Kcp::default()).await;
    for _ in 0..20 {
        let mut stream = dial(&address, &options).await;
        stream.writer.write_all(b"at once").await.unwrap();
    }
    assert_eq!(options.counters().unsent_packets, 0);
}
