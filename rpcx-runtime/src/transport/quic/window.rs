//! How much a peer may send before it is read.

use quinn::{Connection, VarInt};

/// What a peer may send that has not been of use yet. Bytes behind a gap cannot be read, and no
/// limit above this layer sees them, so a stranger must not leave many of them.
pub(super) const FIRST: u32 = 32 << 10;

/// The window of a connection: doubled whenever half of it was read, so that it is ahead of a
/// sender that begins slowly, as all do, and a peer pins about as much as it has had read.
pub(super) struct Window {
    growth: Growth,
    /// Until it has its size.
    connection: Option<Connection>,
}

impl Window {
    pub(super) fn new(connection: &Connection, most: u32) -> Self {
        Self {
            growth: Growth {
                now: FIRST,
                most,
                read: 0,
            },
            connection: Some(connection.clone()),
        }
    }

    /// Told after each read.
    pub(super) fn after_read(&mut self, bytes: usize) {
        let Some(connection) = &self.connection else {
            return;
        };
        if let Some(window) = self.growth.after_read(bytes) {
            connection.set_receive_window(VarInt::from_u32(window));
            if window == self.growth.most {
                self.connection = None;
            }
        }
    }
}

struct Growth {
    now: u32,
    most: u32,
    read: u64,
}

impl Growth {
    /// The new size, if it has changed.
    fn after_read(&mut self, bytes: usize) -> Option<u32> {
        let before = self.now;
        self.read = self.read.saturating_add(bytes as u64);
        while self.now < self.most && self.read >= u64::from(self.now / 2) {
            self.now = self.now.saturating_mul(2).min(self.most);
        }
        (self.now != before).then_some(self.now)
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use rcgen::{CertificateParams, KeyPair};
    use tokio::io::{AsyncReadExt, AsyncWrite};

    use super::*;
    use crate::transport::quic::Quic;
    use crate::transport::tls::{ClientTls, Tls};
    use crate::transport::{ConnectOptions, ListenOptions, Stream, connector, listen};

    #[test]
    fn the_window_grows_with_what_is_read_and_no_further_than_allowed() {
        let mut growth = Growth {
            now: FIRST,
            most: 100_000,
            read: 0,
        };
        assert_eq!(growth.after_read(16_383), None);
        assert_eq!(growth.after_read(1), Some(65_536));
        assert_eq!(growth.after_read(1), None);
        assert_eq!(growth.after_read(1 << 30), Some(100_000));
        assert_eq!(growth.after_read(1 << 30), None);
    }

    /// A client and a server that read nothing by themselves.
    async fn streams(window: u32) -> (Stream, Stream) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let chain = params.self_signed(&key).unwrap().pem();
        let tls = Tls::from_pem(chain.as_bytes(), key.serialize_pem().as_bytes()).unwrap();
        let quic = Quic {
            window,
            ..Quic::default()
        };
        let options = ListenOptions::new().tls(tls).quic(quic);
        let address = "quic@127.0.0.1:0";
        let mut listener = listen(address, &options).await.unwrap();
        let trust = ClientTls::pinned_pem(chain.as_bytes()).unwrap();
        let options = ConnectOptions::new().tls(trust);
        let client = connector(listener.address(), &options).unwrap();
        let accepted = async {
            let incoming = listener.accept().await?;
            incoming.stream().await
        };
        let (ours, theirs) = tokio::join!(client.connect(), accepted);
        (ours.unwrap(), theirs.unwrap())
    }

    /// Writes until nothing more is taken.
    fn fill(stream: &mut Stream) -> usize {
        let (mut written, mut cx) = (0, Context::from_waker(Waker::noop()));
        let mut writer = std::pin::Pin::new(&mut stream.writer);
        while let Poll::Ready(taken) = writer.as_mut().poll_write(&mut cx, &[0; 1000]) {
            written += taken.unwrap();
        }
        written
    }

    /// What an unknown peer has sent was kept up to 1 MiB, on each of its connections and outside
    /// of every limit.
    #[tokio::test]
    async fn little_is_taken_of_a_peer_that_was_not_read_yet() {
        let (mut client, mut server) = streams(1 << 20).await;
        assert_eq!(fill(&mut client), FIRST as usize);
        // All of it, and with it the window grows.
        let mut received = vec![0; FIRST as usize];
        server.reader.read_exact(&mut received).await.unwrap();
        let (mut client, most) = (client, 3 << 20);
        let writing = tokio::spawn(async move {
            let bytes = vec![0; most];
            tokio::io::AsyncWriteExt::write_all(&mut client.writer, &bytes)
                .await
                .unwrap();
            client
        });
        let mut received = vec![0; most];
        server.reader.read_exact(&mut received).await.unwrap();
        let mut client = writing.await.unwrap();
        // The last credit may be on its way, and the last eighth is not given alone.
        let mut taken = 0;
        while taken < 7 << 17 {
            taken += fill(&mut client);
            tokio::task::yield_now().await;
        }
        assert!(taken <= 1 << 20, "{taken}");
    }
}
