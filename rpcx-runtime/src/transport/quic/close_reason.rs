//! Why a connection is gone, in words and as the kind of error that fits.

use std::fmt;
use std::io::{self, ErrorKind};

use quinn::{ConnectionError, TransportErrorCode};
use rustls::AlertDescription;

use super::super::tls::TlsError;

/// TLS alerts among the error codes of QUIC.
const ALERTS: u64 = 0x100;

/// The peer has closed the connection and finds nothing wrong.
pub(super) fn is_clean_close(error: &ConnectionError) -> bool {
    match error {
        ConnectionError::ApplicationClosed(close) => close.error_code.into_inner() == 0,
        _ => false,
    }
}

/// What ended the connection. It keeps quinn's error as the source, except for a TLS alert, which is a
/// [`TlsError`] as on the other networks.
pub(super) fn close_reason(error: &ConnectionError) -> io::Error {
    let (kind, text) = match error {
        // quinn says so when the socket has failed; for a server's socket it does not happen.
        ConnectionError::TransportError(error)
            if error.code == TransportErrorCode::INTERNAL_ERROR =>
        {
            let text = "the server's port is closed";
            (ErrorKind::ConnectionRefused, text.to_owned())
        }
        ConnectionError::TransportError(error) => {
            let text = told("QUIC", error.code, &error.reason);
            if alert(error.code).is_some() {
                return TlsError::told(ErrorKind::InvalidData, text);
            }
            (ErrorKind::InvalidData, text)
        }
        ConnectionError::ConnectionClosed(close) => {
            let reason = String::from_utf8_lossy(&close.reason);
            let text = told("the peer refused the connection", close.error_code, &reason);
            if alert(close.error_code).is_some() {
                return TlsError::told(ErrorKind::ConnectionReset, text);
            }
            (ErrorKind::ConnectionReset, text)
        }
        ConnectionError::ApplicationClosed(_) => (ErrorKind::ConnectionReset, error.to_string()),
        ConnectionError::Reset => (
            ErrorKind::ConnectionReset,
            "stateless reset: the peer has lost the connection".to_owned(),
        ),
        ConnectionError::TimedOut => (
            ErrorKind::TimedOut,
            "idle timeout: no packet arrived from the peer".to_owned(),
        ),
        _ => (ErrorKind::NotConnected, error.to_string()),
    };
    let source = error.clone();
    io::Error::new(kind, Closed { text, source })
}

/// A text of ours for an error of quinn.
#[derive(Debug)]
struct Closed {
    text: String,
    source: ConnectionError,
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Closed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

fn alert(code: TransportErrorCode) -> Option<AlertDescription> {
    let alert = u64::from(code).checked_sub(ALERTS)?;
    u8::try_from(alert).ok().map(AlertDescription::from)
}

/// The reason if there is one, and the TLS alert by its name.
fn told(what: &str, code: TransportErrorCode, reason: &str) -> String {
    let cause = match alert(code) {
        Some(alert) => format!("TLS alert {alert:?}"),
        None => code.to_string(),
    };
    let reason: String = reason.escape_debug().take(200).collect();
    match reason.is_empty() {
        true => format!("{what}: {cause}"),
        false => format!("{what}: {reason} ({cause})"),
    }
}
