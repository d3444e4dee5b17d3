//! A peer on the way without keys: it can count, change, cut and add bytes.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, split};
use tokio::net::UdpSocket;
use tokio::task::{JoinHandle, JoinSet};

use super::socket::{Ear, Io, forget, location, open};

/// The alert `close_notify` as it is before keys are agreed on.
const CLOSE_NOTIFY: [u8; 7] = [21, 3, 3, 0, 2, 1, 0];

/// What is done to a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Harm {
    Nothing,
    /// Ends it when so many bytes have come from the server.
    Cut(usize),
    /// The same, and says in clear that all is well.
    CutWithNotice(usize),
    /// Changes the byte that the client sends at this place, of QUIC in every datagram.
    GarbleClient(usize),
    /// Changes the byte that the server sends at this place.
    GarbleServer(usize),
}

/// Passes bytes on in both directions, with some harm. It ends with its value.
pub(crate) struct Relay {
    pub(crate) address: String,
    seen: Arc<Mutex<Vec<u8>>>,
    task: JoinHandle<()>,
}

impl Relay {
    /// In front of the server at `server`, on the same network.
    pub(crate) async fn to(server: &str, harm: Harm) -> Self {
        let seen = Arc::default();
        let (to, log) = (server.to_owned(), Arc::clone(&seen));
        if server.starts_with("quic@") {
            let front = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            let address = format!("quic@{}", front.local_addr().unwrap());
            let to = location(server).parse().unwrap();
            let task = tokio::spawn(datagrams(front, to, harm, log));
            return Self {
                address,
                seen,
                task,
            };
        }
        let (ear, address) = Ear::like(server).await;
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let client = ear.accept().await;
                let server = open(&to).await.unwrap();
                connections.spawn(bytes(client, server, harm, Arc::clone(&log)));
            }
        });
        Self {
            address,
            seen,
            task,
        }
    }

    /// Whether these bytes have come by, in either direction.
    pub(crate) fn has_seen(&self, bytes: &[u8]) -> bool {
        let seen = self.seen.lock().unwrap();
        seen.windows(bytes.len()).any(|window| window == bytes)
    }

    /// How many bytes have come by.
    pub(crate) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
        forget(&self.address);
    }
}

/// One stream, until either side has ended it or the harm is done.
pub(crate) async fn bytes(
    client: Box<dyn Io>,
    server: Box<dyn Io>,
    harm: Harm,
    log: Arc<Mutex<Vec<u8>>>,
) {
    let (mut from_client, mut to_client) = split(client);
    let (mut from_server, mut to_server) = split(server);
    let (upwards, downwards) = (Arc::clone(&log), log);
    let up = async {
        let (mut at, mut buffer) = (0, vec![0; 4096]);
        while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
            if let Harm::GarbleClient(place) = harm {
                garble(&mut buffer[..read], at, place);
            }
            at += read;
            upwards.lock().unwrap().extend(&buffer[..read]);
            if to_server.write_all(&buffer[..read]).await.is_err() {
                break;
            }
        }
        // The client has ended its side; the server may still have something to say.
        let _ = to_server.shutdown().await;
    };
    let down = async {
        let (mut at, mut buffer) = (0, vec![0; 4096]);
        let most = match harm {
            Harm::Cut(most) | Harm::CutWithNotice(most) => most,
            _ => usize::MAX,
        };
        while at < most {
            let room = buffer.len().min(most - at);
            let Ok(read @ 1..) = from_server.read(&mut buffer[..room]).await else {
                break;
            };
            if let Harm::GarbleServer(place) = harm {
                garble(&mut buffer[..read], at, place);
            }
            at += read;
            downwards.lock().unwrap().extend(&buffer[..read]);
            if to_client.write_all(&buffer[..read]).await.is_err() {
                break;
            }
        }
        if let Harm::CutWithNotice(_) = harm {
            let _ = to_client.write_all(&CLOSE_NOTIFY).await;
        }
        let _ = to_client.shutdown().await;
    };
    tokio::pin!(up, down);
    tokio::select! {
        () = &mut up => down.await,
        () = &mut down => {}
    }
}

/// Changes the byte at `place`, if it is among these, of which the first is at `at`.
fn garble(bytes: &mut [u8], at: usize, place: usize) {
    if let Some(byte) = place.checked_sub(at).and_then(|at| bytes.get_mut(at)) {
        *byte ^= 0x01;
    }
}

/// The datagrams of one client. A cut closes the sockets, so that the client is told that nobody
/// is there.
async fn datagrams(front: UdpSocket, server: SocketAddr, harm: Harm, log: Arc<Mutex<Vec<u8>>>) {
    let back = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    back.connect(server).await.unwrap();
    let (mut there, mut here) = (vec![0; 65_536], vec![0; 65_536]);
    let (mut client, mut came) = (None, 0);
    loop {
        tokio::select! {
            received = front.recv_from(&mut there) => {
                // An error is about a datagram that was sent: the port is closed.
                let Ok((length, from)) = received else { continue };
                client = Some(from);
                if let Harm::GarbleClient(place) = harm {
                    garble(&mut there[..length], 0, place);
                }
                log.lock().unwrap().extend(&there[..length]);
                let _ = back.send(&there[..length]).await;
            }
            received = back.recv(&mut here) => {
                let (Ok(length), Some(client)) = (received, client) else { continue };
                came += length;
                if let Harm::Cut(most) = harm && came > most {
                    return;
                }
                log.lock().unwrap().extend(&here[..length]);
                let _ = front.send_to(&here[..length], client).await;
            }
        }
    }
}
