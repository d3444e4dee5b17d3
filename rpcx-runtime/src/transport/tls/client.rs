//! TLS as a client does it.

use std::fmt;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};

use super::pinned::{Anyone, Pinned};
use super::{ONLY_TLS13, Versions, pem, provider};
use crate::error::Result;

/// Which servers a client trusts, and its own identity.
///
/// A channel that connects again resumes its session if the server lets it: the certificate was
/// looked at when the session began, and is not looked at again. Each channel has sessions of its
/// own. Nothing is ever sent before the handshake is done (no 0-RTT).
///
/// ```no_run
/// # fn f() -> rpcx::Result<()> {
/// use rpcx::transport::tls::ClientTls;
///
/// let tls = ClientTls::roots_pem(&std::fs::read("ca.pem").unwrap())?
///     .server_name("arith.internal")?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ClientTls {
    trust: Trust,
    revocations: Vec<CertificateRevocationListDer<'static>>,
    identity: Option<Arc<Identity>>,
    server_name: Option<ServerName<'static>>,
    versions: Versions,
}

/// Which certificates of servers are good.
#[derive(Clone)]
enum Trust {
    Platform,
    Roots(Arc<RootCertStore>),
    Pinned(Vec<CertificateDer<'static>>),
    Anyone,
}

struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl ClientTls {
    /// Trusts the authorities that the operating system trusts.
    pub fn platform_roots() -> Self {
        Self::new(Trust::Platform)
    }

    /// Trusts these authorities and no other.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if the text holds no certificate, or one that
    /// cannot be read.
    pub fn roots_pem(authorities: &[u8]) -> Result<Self> {
        let roots = pem::roots("the root certificate", authorities)?;
        Ok(Self::new(Trust::Roots(Arc::new(roots))))
    }

    /// Trusts servers that show one of these very certificates, and prove that they hold its key.
    /// Authority, name and dates are not looked at: the certificate itself is known.
    ///
    /// # Errors
    ///
    /// As [`roots_pem`](Self::roots_pem).
    pub fn pinned_pem(certificates: &[u8]) -> Result<Self> {
        let certificates = pem::certificates("the pinned certificate", certificates)?;
        Ok(Self::new(Trust::Pinned(certificates)))
    }

    /// Trusts every server. Nothing is left of what TLS is for: anyone on the way can read and
    /// change every call. For experiments on one machine only;
    /// [`pinned_pem`](Self::pinned_pem) is as easy, and safe.
    pub fn dangerous_trust_anyone() -> Self {
        Self::new(Trust::Anyone)
    }

    fn new(trust: Trust) -> Self {
        Self {
            trust,
            revocations: Vec::new(),
            identity: None,
            server_name: None,
            versions: rustls::DEFAULT_VERSIONS,
        }
    }

    /// Shows this certificate, its own first in the chain, to servers that ask for one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if one of them cannot be read. Whether the key
    /// fits the certificate is checked when the channel is built.
    pub fn identity_pem(mut self, chain: &[u8], key: &[u8]) -> Result<Self> {
        self.identity = Some(Arc::new(Identity {
            chain: pem::certificates("the client certificate", chain)?,
            key: pem::key(key)?,
        }));
        Ok(self)
    }

    /// The name that the server's certificate must have. Default: the host of the address, which a
    /// `unix` address does not have.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if it is no DNS name and no IP address.
    pub fn server_name(mut self, name: &str) -> Result<Self> {
        let parsed = ServerName::try_from(name.to_owned())
            .map_err(|error| pem::caused(&format!("the server name `{name}`"), error))?;
        self.server_name = Some(parsed);
        Ok(self)
    }

    /// Speaks TLS 1.3 and nothing older. Default: 1.2 too.
    #[must_use]
    pub fn only_tls13(mut self) -> Self {
        self.versions = ONLY_TLS13;
        self
    }

    /// Refuses servers whose certificates are on one of these revocation lists. Needs roots.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if there is no list in the text.
    pub fn revocations_pem(mut self, lists: &[u8]) -> Result<Self> {
        self.revocations = pem::revocations(lists)?;
        Ok(self)
    }

    /// The name to expect of the server at `host`.
    pub(in super::super) fn name_for(&self, host: &str) -> Result<ServerName<'static>> {
        match &self.server_name {
            Some(name) => Ok(name.clone()),
            // An interface belongs to the way, not to the host.
            None => ServerName::try_from(host.split('%').next().unwrap_or_default().to_owned())
                .map_err(|error| {
                    let what = format!("the host `{host}` as the name of the server");
                    pem::wrong(&what, format!("{error}; set `server_name`")).with_source(error)
                }),
        }
    }

    /// What rustls needs.
    pub(in super::super) fn config(&self, alpn: &[&[u8]]) -> Result<ClientConfig> {
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(self.versions)
            .map_err(|error| pem::caused("the provider", error))?
            .dangerous()
            .with_custom_certificate_verifier(self.verifier()?);
        let mut config = match &self.identity {
            None => config.with_no_client_auth(),
            Some(identity) => config
                .with_client_auth_cert(identity.chain.clone(), identity.key.clone_key())
                .map_err(|error| pem::unfit("the client certificate", error))?,
        };
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        Ok(config)
    }

    fn verifier(&self) -> Result<Arc<dyn ServerCertVerifier>> {
        let roots = match &self.trust {
            Trust::Platform => platform_roots()?,
            Trust::Roots(roots) => Arc::clone(roots),
            Trust::Pinned(_) | Trust::Anyone if !self.revocations.is_empty() => {
                return Err(pem::wrong(
                    "the revocation list",
                    "it needs root certificates",
                ));
            }
            Trust::Pinned(certificates) => {
                return Ok(Arc::new(Pinned::new(certificates.clone(), &provider())));
            }
            Trust::Anyone => return Ok(Arc::new(Anyone::new(&provider()))),
        };
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider())
            .with_crls(self.revocations.iter().cloned())
            .build()
            .map_err(|error| pem::caused("the root certificate", error))?;
        Ok(verifier)
    }
}

/// Unreadable certificates among those of the platform are passed over, as is usual; none at
/// all is an error.
fn platform_roots() -> Result<Arc<RootCertStore>> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let reasons: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
        let what = "the platform's root certificates";
        return Err(pem::wrong(
            what,
            format!("none found; {}", reasons.join("; ")),
        ));
    }
    Ok(Arc::new(roots))
}

impl fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trust = match &self.trust {
            Trust::Platform => "platform".to_owned(),
            Trust::Roots(roots) => format!("{} roots", roots.len()),
            Trust::Pinned(certificates) => format!("{} certificates", certificates.len()),
            Trust::Anyone => "anyone".to_owned(),
        };
        f.debug_struct("ClientTls")
            .field("trust", &trust)
            .field("identity", &self.identity.is_some())
            .field("server_name", &self.server_name)
            .finish_non_exhaustive()
    }
}
