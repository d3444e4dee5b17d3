//! What is in a PEM text, with errors that say which text was wrong.

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use webpki::OwnedCertRevocationList;

use crate::error::{Error, Result};

/// Every certificate, at least one.
pub(super) fn certificates(what: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let certificates = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(what, error))?;
    if certificates.is_empty() {
        return Err(wrong(what, "it holds no certificate"));
    }
    Ok(certificates)
}

/// The first private key: PKCS#8, PKCS#1 or SEC1.
pub(super) fn key(pem: &[u8]) -> Result<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| wrong("the private key", error))
}

/// Every revocation list, at least one, and each of them can be read.
pub(super) fn revocations(pem: &[u8]) -> Result<Vec<CertificateRevocationListDer<'static>>> {
    let what = "the revocation list";
    let lists = CertificateRevocationListDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(what, error))?;
    if lists.is_empty() {
        return Err(wrong(what, "it holds none"));
    }
    for list in &lists {
        OwnedCertRevocationList::from_der(list).map_err(|error| wrong(what, error))?;
    }
    Ok(lists)
}

/// Certificate authorities.
pub(super) fn roots(what: &str, pem: &[u8]) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(what, pem)? {
        roots.add(certificate).map_err(|error| wrong(what, error))?;
    }
    Ok(roots)
}

pub(super) fn wrong(what: &str, reason: impl std::fmt::Display) -> Error {
    Error::setup(format!("TLS: {what} cannot be used: {reason}"))
}
