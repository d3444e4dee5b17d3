//! QUIC: rpcx, and quinn by itself in the two ways in which it echoes.
//!
//! A server tells its certificate to whoever connects to the same port by TCP; that is also how the
//! load generator sees that it is there.

mod bare;

use std::net::SocketAddr;

use anyhow::Result;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::Peer;
use super::rpcx::{BenchServer, Bencher, Connection};
use rpcx::{ClientTls, Tls};

pub(super) use bare::{QuinnFloor, QuinnStreams};

/// In PEM.
struct Certificate {
    chain: String,
    key: String,
}

impl Certificate {
    fn new(address: SocketAddr) -> Result<Self> {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(vec![address.ip().to_string()])?;
        Ok(Self {
            chain: cert.pem(),
            key: signing_key.serialize_pem(),
        })
    }

    /// Tells it to whoever asks.
    async fn tell(self, address: SocketAddr) -> Result<()> {
        let listener = TcpListener::bind(address).await?;
        loop {
            let (mut stream, _) = listener.accept().await?;
            stream.write_all(self.chain.as_bytes()).await?;
        }
    }
}

/// The certificate of the server at `address`.
async fn told(address: SocketAddr) -> Result<String> {
    let mut chain = String::new();
    let mut stream = TcpStream::connect(address).await?;
    stream.read_to_string(&mut chain).await?;
    Ok(chain)
}

pub(super) struct RpcxQuic;

impl Peer for RpcxQuic {
    type Client = Connection;

    async fn serve(address: SocketAddr) -> Result<()> {
        let certificate = Certificate::new(address)?;
        let tls = Tls::from_pem(certificate.chain.as_bytes(), certificate.key.as_bytes())?;
        let server = rpcx::Server::builder()
            .tls(tls)
            .register(BenchServer::new(Bencher));
        let server = server.listen(&format!("quic@{address}")).bind().await?;
        tokio::try_join!(certificate.tell(address), async {
            Ok(server.serve().await?)
        })?;
        Ok(())
    }

    async fn connect(address: SocketAddr) -> Result<Connection> {
        let tls = ClientTls::roots_pem(told(address).await?.as_bytes())?;
        let channel = rpcx::Channel::builder()
            .address(&format!("quic@{address}"))
            .tls(tls);
        Ok(Connection::new(channel.build().await?))
    }
}
