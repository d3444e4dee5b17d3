//! TLS as a upgrade between a socket and what is above it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use super::super::socket::{Halves, Socket, Upgrade};
use super::super::{Address, BoxFuture, ListenOptions, Network};
use super::{ClientTls, TlsError};
use crate::context::Identity;
use crate::error::{Error, Result};

/// What a port that HTTP shares offers by ALPN, the best first. Clients of rpcx ask for nothing.
const HTTP: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// How long, and how much, a client that was refused may still send.
const LINGER: Duration = Duration::from_secs(1);
const LAST_BYTES: u64 = 64 << 10;

/// The upgrade of a client that connects to `address`, if it has one.
pub(in super::super) fn client(
    address: &Address,
    tls: Option<&ClientTls>,
) -> Result<Option<Box<dyn Upgrade>>> {
    let tls = match (tls, address.network()) {
        (Some(tls), _) => tls.clone(),
        (None, Network::WSS) => ClientTls::platform_roots(),
        (None, _) => return Ok(None),
    };
    let host = match address.network() {
        Network::UNIX => "",
        _ => address.host(),
    };
    Ok(Some(Box::new(ClientUpgrade {
        name: tls.name_for(host)?,
        connector: Arc::new(tls.config(&[])?).into(),
    })))
}

/// The upgrade of a server that listens on `address`, if it has one.
pub(in super::super) fn server(
    address: &Address,
    options: &ListenOptions,
) -> Result<Option<Box<dyn Upgrade>>> {
    match (options.chosen_tls(), address.network()) {
        (Some(tls), _) => {
            let alpn: &[&[u8]] = match options.beside_http {
                true => &HTTP,
                false => &[],
            };
            let acceptor = TlsAcceptor::from(Arc::new(tls.config(alpn)?));
            Ok(Some(Box::new(ServerUpgrade(acceptor))))
        }
        (None, Network::WSS) => Err(Error::setup(format!(
            "the address `{address}` needs a certificate: call `tls`"
        ))),
        (None, _) => Ok(None),
    }
}

struct ClientUpgrade {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Upgrade for ClientUpgrade {
    fn negotiate(&self, socket: Box<dyn Socket>) -> BoxFuture<'_, io::Result<Box<dyn Socket>>> {
        Box::pin(async move {
            let connected = self.connector.connect(self.name.clone(), socket).await;
            let stream = connected.map_err(TlsError::named)?;
            Ok(Box::new(TlsStream::from(stream)) as Box<dyn Socket>)
        })
    }
}

struct ServerUpgrade(TlsAcceptor);

impl Upgrade for ServerUpgrade {
    fn negotiate(&self, socket: Box<dyn Socket>) -> BoxFuture<'_, io::Result<Box<dyn Socket>>> {
        Box::pin(async move {
            match self.0.accept(socket).into_fallible().await {
                Ok(stream) => Ok(Box::new(TlsStream::from(stream)) as Box<dyn Socket>),
                Err((error, socket)) => {
                    send_alert(socket).await;
                    Err(TlsError::named(error))
                }
            }
        })
    }
}

/// Ends a socket so that the alert, which says why, arrives. A client of TLS 1.3 is done before the
/// server has looked at its certificate: its first frames may be here already, and a socket closed
/// with bytes unread takes the alert with it.
async fn send_alert(mut socket: Box<dyn Socket>) {
    let ignored = async {
        socket.shutdown().await?;
        tokio::io::copy(&mut socket.take(LAST_BYTES), &mut tokio::io::sink()).await
    };
    let _peer_closed = tokio::time::timeout(LINGER, ignored).await;
}

impl Socket for TlsStream<Box<dyn Socket>> {
    fn halves(self: Box<Self>) -> Halves {
        let (reader, writer) = tokio::io::split(*self);
        (Box::new(reader), Box::new(writer))
    }

    fn identity(&self) -> Option<Arc<Identity>> {
        let (_, session) = self.get_ref();
        session.peer_certificates().and_then(identity)
    }

    fn is_at_loopback(&self) -> bool {
        self.get_ref().0.is_at_loopback()
    }
}

/// Who these certificates, which have been verified, speak of.
pub(in super::super) fn identity(certificates: &[CertificateDer<'_>]) -> Option<Arc<Identity>> {
    let own = webpki::EndEntityCert::try_from(certificates.first()?).ok()?;
    Some(Arc::new(Identity {
        dns_names: own.valid_dns_names().map(str::to_owned).collect(),
        uris: own.valid_uri_names().map(str::to_owned).collect(),
        certificates: certificates.iter().map(|der| der.to_vec()).collect(),
    }))
}
