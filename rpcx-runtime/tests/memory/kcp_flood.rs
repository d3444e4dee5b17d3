//! Datagrams that are not encrypted with the key leave no trace.

use std::net::UdpSocket;
use std::time::Duration;

use rpcx_runtime::transport::Connect;
use rpcx_runtime::transport::kcp::{Crypt, Kcp};
use tokio::io::AsyncWriteExt;
use tokio::time::{sleep, timeout};

use super::{ALONE, long, resident};

const SENDERS: usize = 3000;
const MEBI: usize = 1 << 20;

/// The first datagram that a client with these options sends.
async fn first_datagram(options: &Kcp) -> Vec<u8> {
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let mut stream = options
        .connector(&address)
        .unwrap()
        .connect()
        .await
        .unwrap();
    stream.writer.write_all(&[7; 1000]).await.unwrap();
    let mut datagram = vec![0; 1500];
    let length = socket.recv(&mut datagram).await.unwrap();
    datagram.truncate(length);
    datagram
}

/// Sends the datagram from as many addresses; gives up when some do not arrive.
async fn flood(address: &str, datagram: &[u8], arrived: impl Fn() -> u64) {
    let before = arrived();
    for sender in 0..SENDERS {
        let host = format!("127.1.{}.{}:0", sender / 250, sender % 250 + 1);
        UdpSocket::bind(host)
            .unwrap()
            .send_to(datagram, address)
            .unwrap();
        let all_but_a_few = before + (sender as u64).saturating_sub(30);
        let caught_up = async {
            while arrived() < all_but_a_few {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(30), caught_up)
            .await
            .expect("no datagram is lost on loopback");
    }
    let all = async {
        while arrived() < before + SENDERS as u64 {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(30), all)
        .await
        .expect("no datagram is lost on loopback");
}

#[tokio::test]
async fn thousands_of_senders_without_the_key_cost_nothing() {
    if !long::is_wanted("floods of datagrams without the key of KCP") {
        return;
    }
    let _alone = ALONE.lock().await;
    let key = Crypt::aes(&[1; 32]).unwrap();
    let mut options = Kcp::default().crypt(key.clone());
    options.sessions = 100;
    let _listener = options.listen("127.0.0.1:0").await.unwrap();
    let address = rpcx_runtime::transport::Listen::address(&_listener)
        .location()
        .to_owned();
    let other_key = Crypt::aes(&[2; 32]).unwrap();
    let mut datagrams = Vec::new();
    for crypt in [other_key, Crypt::none()] {
        datagrams.push(first_datagram(&Kcp::default().crypt(crypt)).await);
    }
    // Once before it counts, so that what is made at the first use is there.
    flood(&address, &datagrams[0], || {
        options.counters().invalid_packets
    })
    .await;
    for datagram in &datagrams {
        let before = resident();
        flood(&address, datagram, || options.counters().invalid_packets).await;
        let grown = resident()
            .zip(before)
            .map(|(now, before)| now.saturating_sub(before));
        assert!(grown.unwrap_or(0) < MEBI, "{grown:?} bytes more");
    }
    assert_eq!(options.counters().sessions, 0);

    // Who has the key gets sessions, up to the limit. Those that made room for others since stay in the accept
    // queue, which has 128 places, until they are accepted.
    let with_key = first_datagram(&Kcp::default().crypt(key)).await;
    let arrived = || options.counters().refused_sessions + options.counters().sessions;
    flood(&address, &with_key, arrived).await;
    let counters = options.counters();
    assert!(
        counters.open_sessions <= 128 && counters.sessions <= 128,
        "{counters:?}"
    );
}
