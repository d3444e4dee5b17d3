//! The way to a registry, on which nothing gets through as long as it is closed: as if each packet were dropped.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub(super) struct Gate {
    address: SocketAddr,
    open: watch::Sender<bool>,
}

impl Gate {
    /// An open one.
    pub(super) async fn to(registry: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (open, is_open) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (registry, mut is_open) = (registry.clone(), is_open.clone());
                tokio::spawn(async move {
                    let _ = is_open.wait_for(|open| *open).await;
                    let Ok(far) = TcpStream::connect(registry).await else {
                        return;
                    };
                    let ((near_in, near_out), (far_in, far_out)) =
                        (near.into_split(), far.into_split());
                    tokio::spawn(carry(near_in, far_out, is_open.clone()));
                    tokio::spawn(carry(far_in, near_out, is_open));
                });
            }
        });
        Self { address, open }
    }

    /// `host:port`
    pub(super) fn address(&self) -> String {
        self.address.to_string()
    }

    pub(super) fn set_open(&self, open: bool) {
        self.open.send_replace(open);
    }
}

async fn carry(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut is_open: watch::Receiver<bool>,
) {
    let mut piece = vec![0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        if is_open.wait_for(|open| *open).await.is_err()
            || to.write_all(&piece[..length]).await.is_err()
        {
            return;
        }
    }
    if is_open.wait_for(|open| *open).await.is_ok() {
        let _ = to.shutdown().await;
    }
}
