//! Pairs of streams, and a relay between them that loses packets.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rpcx_runtime::transport::kcp::Kcp;
use rpcx_runtime::transport::{Connect, Listen, Stream};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UdpSocket;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// Nothing here takes this long unless it hangs.
const LONG: Duration = Duration::from_secs(120);

pub(crate) async fn within<T>(work: impl Future<Output = T>) -> T {
    timeout(LONG, work).await.expect("it does not hang")
}

/// Numbers that look random and are the same in every run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn lost(&mut self, percent: u64) -> bool {
        self.roll() % 100 < percent
    }
}

/// Bytes that show where they are missing or in the wrong place.
pub(crate) fn pattern(size: usize) -> Vec<u8> {
    let mut dice = Dice::new(0x9e37_79b9_7f4a_7c15);
    (0..size).map(|_| (dice.roll() >> 32) as u8).collect()
}

/// A socket with room for a burst: the relay is to lose what it chooses to lose, and no more.
async fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
    let _ = SockRef::from(&socket).set_recv_buffer_size(4 << 20);
    let _ = SockRef::from(&socket).set_send_buffer_size(4 << 20);
    socket
}

/// Forwards datagrams to `server` and back and loses some of each; gives its address.
pub(crate) async fn relay(server: &str, percent: u64, seed: u64) -> String {
    let server: SocketAddr = server.parse().expect("a bound address");
    let front = Arc::new(socket().await);
    let address = front.local_addr().expect("it is bound").to_string();
    tokio::spawn(forward(front, server, percent, seed));
    address
}

async fn forward(front: Arc<UdpSocket>, server: SocketAddr, percent: u64, seed: u64) {
    let dice = Arc::new(Mutex::new(Dice::new(seed)));
    let mut backs: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
    let mut datagram = [0; 2000];
    while let Ok((length, client)) = front.recv_from(&mut datagram).await {
        let back = match backs.entry(client) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let back = socket().await;
                back.connect(server).await.expect("a local address");
                let back = new.insert(Arc::new(back));
                let (front, dice) = (Arc::clone(&front), Arc::clone(&dice));
                tokio::spawn(answer(front, Arc::clone(back), client, (dice, percent)));
                back
            }
        };
        if !dice.lock().await.lost(percent) {
            let _ = back.send(&datagram[..length]).await;
        }
    }
}

async fn answer(
    front: Arc<UdpSocket>,
    back: Arc<UdpSocket>,
    client: SocketAddr,
    (dice, percent): (Arc<Mutex<Dice>>, u64),
) {
    let mut datagram = [0; 2000];
    loop {
        if let Ok(length) = back.recv(&mut datagram).await
            && !dice.lock().await.lost(percent)
        {
            let _ = front.send_to(&datagram[..length], client).await;
        }
    }
}

pub(crate) async fn listen(options: &Kcp) -> (impl Listen + use<>, String) {
    let listener = options.listen("127.0.0.1:0").await.expect("a free port");
    let address = listener.address().location().to_owned();
    (listener, address)
}

pub(crate) async fn accept(listener: &mut impl Listen) -> Stream {
    let incoming = within(listener.accept()).await.expect("a stream comes");
    incoming.stream().await.expect("there is no handshake")
}

pub(crate) async fn dial(address: &str, options: &Kcp) -> Stream {
    let connector = options.connector(address).expect("fine options");
    connector.connect().await.expect("a local address")
}

/// Sends every byte back that comes, on every stream, with reads and writes at the same time.
pub(crate) fn echo(mut listener: impl Listen) {
    tokio::spawn(async move {
        while let Ok(incoming) = listener.accept().await {
            let mut stream = incoming.stream().await.expect("there is no handshake");
            tokio::spawn(async move {
                tokio::io::copy_buf(
                    &mut tokio::io::BufReader::with_capacity(8192, &mut stream.reader),
                    &mut stream.writer,
                )
                .await
            });
        }
    });
}

/// Writes `sent` and reads as many bytes at the same time.
pub(crate) async fn exchange(stream: &mut Stream, sent: &[u8]) -> Vec<u8> {
    let mut got = vec![0; sent.len()];
    let write = stream.writer.write_all(sent);
    let (written, read) =
        within(async { tokio::join!(write, stream.reader.read_exact(&mut got)) }).await;
    written.expect("the link holds");
    read.expect("the link holds");
    got
}
