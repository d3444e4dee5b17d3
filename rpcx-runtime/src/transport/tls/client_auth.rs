//! Which clients a server lets in: whose certificates it asks for, and which are good no more.

use std::sync::{Arc, Mutex};

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoClientAuth, WebPkiClientVerifier};
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, OtherError, RootCertStore, SignatureScheme,
};

use super::{pem, provider};
use crate::error::Result;
use crate::sync::lock;

/// Told apart by their address: a replacement is another allocation.
type Lists = Arc<Vec<CertificateRevocationListDer<'static>>>;

type Verifier = Arc<dyn ClientCertVerifier>;

/// Whose certificates are asked for. Clones share the revocation lists.
#[derive(Clone, Debug, Default)]
pub(super) struct ClientAuth {
    roots: Option<Arc<RootCertStore>>,
    /// Those without a certificate are let in too.
    optional: bool,
    revoked: Arc<Mutex<Lists>>,
}

impl ClientAuth {
    /// Asks for certificates that one of these authorities has signed.
    pub(super) fn ask(&mut self, authorities: &[u8], optional: bool) -> Result<()> {
        let roots = pem::roots("the client authority", authorities)?;
        (self.roots, self.optional) = (Some(Arc::new(roots)), optional);
        Ok(())
    }

    /// Whether clients are asked for a certificate.
    pub(super) fn are_asked(&self) -> bool {
        self.roots.is_some()
    }

    /// Starts with these lists, which are not shared yet.
    pub(super) fn revoke(&mut self, lists: &[u8]) -> Result<()> {
        let lists = pem::revocations(lists)?;
        self.revoked = Arc::new(Mutex::new(Arc::new(lists)));
        Ok(())
    }

    /// Replaces the lists here and in all clones, from the next handshake on.
    pub(super) fn replace_revoked(&self, lists: &[u8]) -> Result<()> {
        if !self.are_asked() {
            return Err(needs_authority());
        }
        *lock(&self.revoked) = Arc::new(pem::revocations(lists)?);
        Ok(())
    }

    pub(super) fn verifier(&self) -> Result<Verifier> {
        let lists = Lists::clone(&lock(&self.revoked));
        let Some(roots) = &self.roots else {
            return match lists.is_empty() {
                true => Ok(Arc::new(NoClientAuth)),
                false => Err(needs_authority()),
            };
        };
        let first = verifier(roots, self.optional, &lists)?;
        Ok(Arc::new(Current {
            hints: roots.subjects(),
            roots: Arc::clone(roots),
            optional: self.optional,
            revoked: Arc::clone(&self.revoked),
            built: Mutex::new((lists, first)),
        }))
    }
}

fn needs_authority() -> crate::error::Error {
    pem::wrong("the revocation list", "it needs a client authority")
}

fn verifier(roots: &Arc<RootCertStore>, optional: bool, lists: &Lists) -> Result<Verifier> {
    let mut verifier = WebPkiClientVerifier::builder_with_provider(Arc::clone(roots), provider())
        .with_crls(lists.iter().cloned());
    if optional {
        verifier = verifier.allow_unauthenticated();
    }
    verifier
        .build()
        .map_err(|error| pem::caused("the client authority", error))
}

/// Verifies by the lists of the moment; those of rustls are fixed.
#[derive(Debug)]
struct Current {
    hints: Vec<DistinguishedName>,
    roots: Arc<RootCertStore>,
    optional: bool,
    revoked: Arc<Mutex<Lists>>,
    /// The last verifier, and the lists that it has.
    built: Mutex<(Lists, Verifier)>,
}

impl Current {
    fn verifier(&self) -> Result<Verifier, Error> {
        let lists = Lists::clone(&lock(&self.revoked));
        let mut built = lock(&self.built);
        if !Arc::ptr_eq(&built.0, &lists) {
            let next = verifier(&self.roots, self.optional, &lists)
                .map_err(|error| Error::Other(OtherError(Arc::new(error))))?;
            *built = (lists, next);
        }
        Ok(Arc::clone(&built.1))
    }
}

impl ClientCertVerifier for Current {
    fn client_auth_mandatory(&self) -> bool {
        !self.optional
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        own: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.verifier()?.verify_client_cert(own, chain, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verifier = self.verifier()?;
        verifier.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verifier = self.verifier()?;
        verifier.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        lock(&self.built).1.supported_verify_schemes()
    }
}
