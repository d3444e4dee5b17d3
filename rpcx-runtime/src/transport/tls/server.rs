//! TLS as a server does it.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::{NoServerSessionStorage, ProducesTickets, ServerSessionMemoryCache};

use super::certificate::Certificate;
use super::client_auth::ClientAuth;
use super::{ONLY_TLS13, Versions, crypto, pem, provider};
use crate::error::Result;

/// Sessions that clients may resume where tickets are not used (TLS 1.2 without tickets).
const SESSIONS: usize = 1024;

/// The certificate and key of a server, and what it asks of its clients.
///
/// A clone shares the certificate: replaced in one, it is replaced in all, and the next handshake
/// shows the new one. Connections that are open live on. Clients may resume their sessions, unless
/// they are asked for certificates; early data (0-RTT) is off.
///
/// ```no_run
/// # fn f() -> rpcx::Result<()> {
/// use rpcx::transport::tls::Tls;
///
/// let tls = Tls::from_files("server.pem", "server.key")?
///     .require_client_ca_pem(&std::fs::read("clients.pem").unwrap())?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Tls {
    certificate: Arc<Certificate>,
    clients: ClientAuth,
    versions: Versions,
}

impl Tls {
    /// A certificate with its chain, its own first, and its private key (PKCS#8, PKCS#1 or SEC1).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if one of them cannot be read, or the key is
    /// not that of the certificate.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self> {
        Ok(Self::new(Certificate::from_pem(chain, key)?))
    }

    /// The same from files. They are looked at every 10 s while a server uses them, and what has
    /// changed is taken from the next handshake on; a file that cannot be used leaves the last
    /// good certificate in place, and [`refused`](Self::refused) says why.
    ///
    /// # Errors
    ///
    /// As [`from_pem`](Self::from_pem).
    pub fn from_files(chain: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Result<Self> {
        Ok(Self::new(Certificate::from_files(
            chain.into(),
            key.into(),
        )?))
    }

    fn new(certificate: Certificate) -> Self {
        Self {
            certificate: Arc::new(certificate),
            clients: ClientAuth::default(),
            versions: rustls::DEFAULT_VERSIONS,
        }
    }

    /// Speaks TLS 1.3 and nothing older. Default: 1.2 too, which Go clients of before 2019 need.
    #[must_use]
    pub fn only_tls13(mut self) -> Self {
        self.versions = ONLY_TLS13;
        self
    }

    /// Lets in only clients with a certificate that one of these authorities has signed. Who they
    /// are is in [`Peer::identity`](crate::Peer::identity). Their sessions are not resumed, so that
    /// the certificate is looked at with each connection.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if the text holds no certificate, or one that
    /// cannot be read.
    pub fn require_client_ca_pem(mut self, authorities: &[u8]) -> Result<Self> {
        self.clients.ask(authorities, false)?;
        Ok(self)
    }

    /// Asks clients for a certificate that one of these authorities has signed, and lets in those
    /// that have none; a certificate that is wrong is refused all the same.
    ///
    /// # Errors
    ///
    /// As [`require_client_ca_pem`](Self::require_client_ca_pem).
    pub fn request_client_ca_pem(mut self, authorities: &[u8]) -> Result<Self> {
        self.clients.ask(authorities, true)?;
        Ok(self)
    }

    /// Refuses client certificates that are on one of these revocation lists. Without an
    /// authority for clients the address cannot be bound.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if there is no list in the text, or one that
    /// cannot be read.
    pub fn revocations_pem(mut self, lists: &[u8]) -> Result<Self> {
        self.clients.revoke(lists)?;
        Ok(self)
    }

    /// Goes by these revocation lists from the next handshake on, in place of those it had; in
    /// clones too. Connections that are open live on.
    ///
    /// # Errors
    ///
    /// As [`revocations_pem`](Self::revocations_pem), and if clients are not asked for
    /// certificates; the present lists stay.
    pub fn replace_revocations_pem(&self, lists: &[u8]) -> Result<()> {
        self.clients.replace_revoked(lists)
    }

    /// Shows another certificate from the next handshake on.
    ///
    /// # Errors
    ///
    /// As [`from_pem`](Self::from_pem); the present certificate stays.
    pub fn replace_pem(&self, chain: &[u8], key: &[u8]) -> Result<()> {
        self.certificate.replace(chain, key)
    }

    /// Reads the files again, now. Blocks while it reads.
    ///
    /// # Errors
    ///
    /// As [`from_files`](Self::from_files); the present certificate stays.
    pub fn reload(&self) -> Result<()> {
        self.certificate.reload()
    }

    /// Why the last replacement of the certificate was refused; nothing if it was taken.
    pub fn refused(&self) -> Option<String> {
        self.certificate.refused()
    }

    /// What rustls needs; from here on changed files are noticed.
    pub(in super::super) fn config(&self, alpn: &[&[u8]]) -> Result<ServerConfig> {
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(self.versions)
            .map_err(|error| pem::caused("the provider", error))?
            .with_client_cert_verifier(self.clients.verifier()?)
            .with_cert_resolver(Arc::clone(&self.certificate) as _);
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        self.set_resumption(&mut config)?;
        // Early data can be replayed.
        config.max_early_data_size = 0;
        self.certificate.watch();
        Ok(config)
    }

    /// A session that is resumed brings its client's certificate along, which is not looked at
    /// again: not at its dates, not at the revocation lists. So where clients are asked for one,
    /// every handshake is a full one.
    fn set_resumption(&self, config: &mut ServerConfig) -> Result<()> {
        if self.clients.are_asked() {
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
            return Ok(());
        }
        config.session_storage = ServerSessionMemoryCache::new(SESSIONS);
        config.ticketer = tickets()?;
        Ok(())
    }
}

#[cfg(feature = "_quic")]
impl Tls {
    /// A secret that is the same after a restart with the same private key.
    pub(in super::super) fn secret(&self, purpose: &[u8]) -> Option<super::Secret> {
        super::Secret::derive(self.certificate.private_key().secret_der(), purpose)
    }
}

fn tickets() -> Result<Arc<dyn ProducesTickets>> {
    crypto::Ticketer::new().map_err(|error| pem::caused("the session tickets", error))
}
