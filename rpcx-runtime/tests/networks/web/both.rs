//! A server on `ws` and on `wss`, for a client that is not ours.

use std::sync::Arc;

use rpcx_runtime::transport::ListenOptions;
use rpcx_runtime::transport::tls::Tls;
use rpcx_runtime::{Server, ServerHandle};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::echo::Echo;

/// The addresses, and who trusts the certificate.
pub(crate) struct Both {
    pub(crate) addresses: [String; 2],
    pub(crate) handle: ServerHandle,
    pub(crate) echo: Echo,
    trust: TlsConnector,
}

pub(crate) async fn start() -> Both {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (own.cert.pem(), own.signing_key.serialize_pem());
    let echo = Echo::default();
    let server = Server::builder()
        .register(echo.clone())
        .tls(Tls::from_pem(cert.as_bytes(), key.as_bytes()).unwrap())
        .listen_with("ws@127.0.0.1:0", ListenOptions::new().plaintext())
        .listen("wss@127.0.0.1:0");
    let server = server.bind().await.unwrap();
    let [plain, secure] = server.addresses().try_into().unwrap();
    let addresses = [plain, secure].map(|address| address.location().to_owned());
    let handle = server.handle();
    tokio::spawn(server.serve());
    Both {
        addresses,
        handle,
        echo,
        trust: trust(own.cert.der().clone()),
    }
}

fn trust(certificate: CertificateDer<'static>) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config).into()
}

impl Both {
    pub(crate) async fn plain(&self) -> TcpStream {
        TcpStream::connect(&self.addresses[0]).await.unwrap()
    }

    pub(crate) async fn secure(&self) -> TlsStream<TcpStream> {
        let socket = TcpStream::connect(&self.addresses[1]).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        self.trust.connect(name, socket).await.unwrap()
    }
}
