//! Who a peer has proved to be.

use std::fmt;

/// The identity of a peer that showed a certificate and proved that it holds the key, once the
/// certificate had been verified.
///
/// On a server it is there when the listener asks its clients for certificates, and the client
/// sent one. The names are those of the certificate's subject alternative name; the common name
/// says nothing about identity any more and is not looked at.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The DNS names, in the order of the certificate.
    pub dns_names: Vec<String>,
    /// The URIs: among them the SPIFFE id, if it has one.
    pub uris: Vec<String>,
    /// The certificates as they came, in DER: the peer's own first.
    pub certificates: Vec<Vec<u8>>,
}

impl Identity {
    /// The SPIFFE id: the one URI that begins with `spiffe://`.
    pub fn spiffe_id(&self) -> Option<&str> {
        let mut ids = self.uris.iter().filter(|uri| uri.starts_with("spiffe://"));
        // The SPIFFE standard wants exactly one; with two there is no saying which is meant.
        ids.next()
            .filter(|_| ids.next().is_none())
            .map(String::as_str)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("dns_names", &self.dns_names)
            .field("uris", &self.uris)
            .field("certificates", &self.certificates.len())
            .finish()
    }
}
