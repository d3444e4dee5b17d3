//! Packets under the address of another: a peer that does not receive there gets little sent to it.

use std::collections::BTreeMap;
use std::time::Duration;

use rpcx_runtime::transport::kcp::Kcp;
use tokio::io::AsyncWriteExt;
use tokio::net::UdpSocket;

use super::link::{accept, listen, within};

const REPLY: usize = 100_000;

/// What an address gets beyond three times what came from it.
const REMINDERS: usize = 480;

/// A socket that knows what it has sent and got.
struct Peer {
    socket: UdpSocket,
    sent: usize,
    got: usize,
    /// The data of the segments that came, by their numbers, and the time in the latest.
    segments: BTreeMap<u32, usize>,
    latest: (u32, u32),
}

impl Peer {
    /// Sends a segment with these fields: command, time, number, next number that is expected.
    async fn send(&mut self, fields: (u8, u32, u32, u32), data: &[u8]) {
        let (command, time, number, una) = fields;
        let mut bytes = 7_u32.to_le_bytes().to_vec();
        bytes.extend([command, 0, 128, 0]);
        for word in [time, number, una, u32::try_from(data.len()).unwrap()] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend(data);
        self.sent += self.socket.send(&bytes).await.unwrap();
    }

    fn take(&mut self, datagram: &[u8]) {
        self.got += datagram.len();
        let mut rest = datagram;
        while let Some((header, behind)) = rest.split_first_chunk::<24>() {
            let word = |at: usize| u32::from_le_bytes(*header[at..].first_chunk().unwrap());
            let length = word(20) as usize;
            if header[4] == 81 {
                self.segments.insert(word(12), length);
                self.latest = (word(8), word(12));
            }
            rest = &behind[length..];
        }
    }

    async fn receive(&mut self) {
        let mut datagram = [0; 1500];
        let length = within(self.socket.recv(&mut datagram)).await.unwrap();
        self.take(&datagram[..length]);
    }

    fn receive_all(&mut self) {
        let mut datagram = [0; 1500];
        while let Ok(length) = self.socket.try_recv(&mut datagram) {
            self.take(&datagram[..length]);
        }
    }

    fn is_much(&self) -> bool {
        self.got > 3 * self.sent + REMINDERS
    }

    fn expected(&self) -> u32 {
        (0..)
            .find(|number| !self.segments.contains_key(number))
            .unwrap()
    }
}

#[tokio::test]
async fn no_address_gets_much_more_than_came_from_it() {
    let mut options = Kcp::plain();
    // What is not acknowledged is sent again soon.
    (options.nodelay, options.interval) = (true, Duration::from_millis(10));
    let (mut listener, address) = listen(&options).await;
    tokio::spawn(async move {
        let mut stream = accept(&mut listener).await;
        stream.writer.write_all(&[9; REPLY]).await.unwrap();
        std::future::pending::<()>().await;
    });
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(&address).await.unwrap();
    let mut peer = Peer {
        socket,
        sent: 0,
        got: 0,
        segments: BTreeMap::new(),
        latest: (0, 0),
    };
    peer.send((81, 0, 0, 0), b"give me a lot").await;
    // It is sent again and again, and at last nothing is left to pay for that.
    within(async {
        while options.counters().withheld_packets == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    peer.receive_all();
    assert!(!peer.is_much(), "{} of {}", peer.got, peer.sent);
    // A peer that sees no answer guesses what is to be acknowledged: more comes, but not much.
    for una in 1..10 {
        peer.send((84, 0, 0, una), b"").await;
        while peer.expected() <= una {
            peer.receive().await;
        }
        assert!(!peer.is_much(), "{} of {}", peer.got, peer.sent);
    }

    // It does receive: all of it comes.
    while peer.segments.is_empty() || peer.segments.values().sum::<usize>() < REPLY {
        peer.receive().await;
        let (time, number) = peer.latest;
        let expected = peer.expected();
        peer.send((82, time, number, expected), b"").await;
    }
    assert_eq!(peer.segments.values().sum::<usize>(), REPLY);
    assert!(peer.got > REPLY);
}
