//! What is in a PEM text, with errors that say which text was wrong, and what it is instead.

use std::error::Error as StdError;

use rustls::RootCertStore;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use webpki::OwnedCertRevocationList;

use super::mistaken::{Wanted, mistaken};
use crate::error::{Error, Result};

/// Every certificate, at least one.
pub(super) fn certificates(what: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    items(what, pem, Wanted::Certificate)
}

/// The first private key: PKCS#8, PKCS#1 or SEC1.
pub(super) fn key(pem: &[u8]) -> Result<PrivateKeyDer<'static>> {
    let key = PrivateKeyDer::from_pem_slice(pem);
    key.map_err(|error| unreadable("the private key", pem, Wanted::Key, error))
}

/// Every revocation list, at least one, and each of them can be read.
pub(super) fn revocations(pem: &[u8]) -> Result<Vec<CertificateRevocationListDer<'static>>> {
    let what = "the revocation list";
    let lists: Vec<CertificateRevocationListDer<'_>> = items(what, pem, Wanted::Revocations)?;
    for list in &lists {
        OwnedCertRevocationList::from_der(list).map_err(|error| caused(what, error))?;
    }
    Ok(lists)
}

/// Certificate authorities.
pub(super) fn roots(what: &str, pem: &[u8]) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(what, pem)? {
        roots
            .add(certificate)
            .map_err(|error| caused(what, error))?;
    }
    Ok(roots)
}

fn items<T: PemObject>(what: &str, pem: &[u8], wanted: Wanted) -> Result<Vec<T>> {
    let items = T::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    match items {
        Ok(items) if !items.is_empty() => Ok(items),
        Ok(_) => Err(unreadable(what, pem, wanted, pem::Error::NoItemsFound)),
        Err(error) => Err(unreadable(what, pem, wanted, error)),
    }
}

/// What the text is instead, if that can be seen; else what the reader of PEM says.
fn unreadable(what: &str, pem: &[u8], wanted: Wanted, error: pem::Error) -> Error {
    let said = match mistaken(pem, wanted) {
        Some(said) => wrong(what, said),
        None => wrong(what, &error),
    };
    said.with_source(error)
}

/// A setting that cannot be used, for a reason of ours.
pub(super) fn wrong(what: &str, reason: impl std::fmt::Display) -> Error {
    Error::setup(format!("TLS: {what} cannot be used: {reason}"))
}

/// The same for a reason of another library, which becomes the source of the error.
pub(super) fn caused(what: &str, error: impl StdError + Send + Sync + 'static) -> Error {
    wrong(what, &error).with_source(error)
}

/// The same for a certificate and its key, which may not belong together.
pub(super) fn unfit(what: &str, error: rustls::Error) -> Error {
    match error {
        rustls::Error::InconsistentKeys(_) => {
            wrong(what, "the key is not that of the certificate").with_source(error)
        }
        other => caused(what, other),
    }
}
