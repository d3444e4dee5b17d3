//! A relay of datagrams between one client and a server, which can stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// Passes datagrams on in both directions until its allowance is used up.
pub(crate) struct Relay {
    pub(crate) address: String,
    allowance: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

/// What is passed back.
#[derive(Clone, Copy, Debug)]
enum Answers {
    All,
    None,
    Retries,
}

impl Answers {
    fn pass(self, datagram: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            // A long header of this type.
            Self::Retries => datagram[0] & 0xb0 == 0xb0,
        }
    }
}

impl Relay {
    /// `allowance` is how many datagrams of the client are passed on.
    pub(crate) async fn to(server: SocketAddr, allowance: usize) -> Self {
        Self::new(server, allowance, Answers::All).await
    }

    /// One that passes nothing back.
    pub(crate) async fn one_way(server: SocketAddr) -> Self {
        Self::new(server, usize::MAX, Answers::None).await
    }

    /// One with an address of its own, 127.0.0.2, which it can prove and no more.
    pub(crate) async fn only_retries(server: SocketAddr) -> Self {
        Self::new(server, usize::MAX, Answers::Retries).await
    }

    async fn new(server: SocketAddr, allowance: usize, answers: Answers) -> Self {
        let front = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let own = match answers {
            Answers::Retries => "127.0.0.2:0",
            Answers::All | Answers::None => "127.0.0.1:0",
        };
        let back = UdpSocket::bind(own).await.unwrap();
        back.connect(server).await.unwrap();
        let address = format!("quic@{}", front.local_addr().unwrap());
        let allowance = Arc::new(AtomicUsize::new(allowance));
        let left = Arc::clone(&allowance);
        let task = tokio::spawn(async move {
            let (mut there, mut here) = (vec![0; 65_536], vec![0; 65_536]);
            let mut client = None;
            loop {
                tokio::select! {
                    received = front.recv_from(&mut there) => {
                        let (length, from) = received.unwrap();
                        client = Some(from);
                        let take = |left: usize| left.checked_sub(1);
                        if left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok() {
                            back.send(&there[..length]).await.unwrap();
                        }
                    }
                    received = back.recv(&mut here) => {
                        let length = received.unwrap();
                        if let Some(client) = client && answers.pass(&here) && left.load(Ordering::SeqCst) > 0 {
                            front.send_to(&here[..length], client).await.unwrap();
                        }
                    }
                }
            }
        });
        Self {
            address,
            allowance,
            task,
        }
    }

    /// From now on nothing gets through.
    pub(crate) fn cut(&self) {
        self.allowance.store(0, Ordering::SeqCst);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}
