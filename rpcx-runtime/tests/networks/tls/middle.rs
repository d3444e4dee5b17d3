//! A peer on the way with a key that clients trust, as a proxy that ends TLS, or a server with
//! a fault, would.

use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio::io::join;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::authority::Authority;
use super::peers::{self, NAME, udp};
use super::relay::{Harm, bytes};
use super::socket::{Ear, forget, open};

/// Passes on `most` plain bytes of the server, and then ends the connection in good order: with
/// `close_notify`, or with the end of the stream on QUIC.
pub(crate) struct Middle {
    pub(crate) address: String,
    task: JoinHandle<()>,
}

impl Middle {
    /// In front of the server at `server`, whose authority is `authority`.
    pub(crate) async fn to(server: &str, authority: &Authority, most: usize) -> Self {
        let (to, harm) = (server.to_owned(), Harm::Cut(most));
        if server.starts_with("quic@") {
            let front = peers::quic_server(peers::server(authority));
            let back = peers::quic_client(peers::client(authority));
            let address = format!("quic@{}", front.local_addr().unwrap());
            let task = tokio::spawn(quic(front, back, to, harm));
            return Self { address, task };
        }
        let acceptor = TlsAcceptor::from(Arc::new(peers::server(authority)));
        let connector = TlsConnector::from(Arc::new(peers::client(authority)));
        let (ear, address) = Ear::like(server).await;
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let client = ear.accept().await;
                let server = open(&to).await.unwrap();
                let (acceptor, connector) = (acceptor.clone(), connector.clone());
                connections.spawn(async move {
                    let client = acceptor.accept(client).await.unwrap();
                    let name = ServerName::try_from(NAME).unwrap();
                    let server = connector.connect(name, server).await.unwrap();
                    bytes(Box::new(client), Box::new(server), harm, Arc::default()).await;
                });
            }
        });
        Self { address, task }
    }
}

async fn quic(front: quinn::Endpoint, back: quinn::Endpoint, to: String, harm: Harm) {
    let mut connections = JoinSet::new();
    while let Some(incoming) = front.accept().await {
        let connecting = back.connect(udp(&to), NAME).unwrap();
        connections.spawn(async move {
            let client = incoming.await.unwrap();
            let server = connecting.await.unwrap();
            let (to_client, from_client) = client.accept_bi().await.unwrap();
            let (to_server, from_server) = server.open_bi().await.unwrap();
            let ours = Box::new(join(from_client, to_client));
            let theirs = Box::new(join(from_server, to_server));
            bytes(ours, theirs, harm, Arc::default()).await;
            client.closed().await;
        });
    }
}

impl Drop for Middle {
    fn drop(&mut self) {
        self.task.abort();
        forget(&self.address);
    }
}
