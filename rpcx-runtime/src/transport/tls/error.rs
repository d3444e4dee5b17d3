//! A handshake that failed, as a type of this crate.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use rustls::Error;

/// A TLS handshake that failed: a certificate that is not trusted, an alert of the peer, no protocol
/// in common.
///
/// It is among the [sources](std::error::Error::source) of the error of a connection, so a program
/// can tell it from a network that fails without reading texts. Its own source is the error of rustls
/// on the networks over streams; on QUIC there is none.
///
/// ```
/// use std::error::Error;
///
/// use rpcx::transport::tls::TlsError;
///
/// /// Whether connecting again cannot help before a certificate is replaced.
/// fn is_about_trust(error: &rpcx::Error) -> bool {
///     let mut next = error.source();
///     while let Some(source) = next {
///         if source.is::<TlsError>() {
///             return true;
///         }
///         next = source.source();
///     }
///     false
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TlsError {
    text: String,
    source: Option<Error>,
}

impl TlsError {
    /// The same error, as one of this type if it is one of rustls.
    pub(super) fn named(error: io::Error) -> io::Error {
        let kind = error.kind();
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
        let Some(source) = inner.cloned() else {
            return error;
        };
        let text = error.to_string();
        let source = Some(source);
        io::Error::new(kind, Self { text, source })
    }
}

#[cfg(feature = "_quic")]
impl TlsError {
    /// An error that is only known by its text.
    pub(in super::super) fn told(kind: io::ErrorKind, text: String) -> io::Error {
        io::Error::new(kind, Self { text, source: None })
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for TlsError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}
