//! Why a connection is gone, in words and as the kind of error that fits.

use std::io::{self, ErrorKind};

use quinn::{ConnectionError, TransportErrorCode};
use rustls::AlertDescription;

/// TLS alerts among the error codes of QUIC.
const ALERTS: u64 = 0x100;

/// The peer has closed the connection and finds nothing wrong.
pub(super) fn is_clean_close(error: &ConnectionError) -> bool {
    match error {
        ConnectionError::ApplicationClosed(close) => close.error_code.into_inner() == 0,
        _ => false,
    }
}

pub(super) fn close_reason(error: &ConnectionError) -> io::Error {
    let (kind, text) = match error {
        // quinn says so when the socket has failed; for a server's socket it does not happen.
        ConnectionError::TransportError(error)
            if error.code == TransportErrorCode::INTERNAL_ERROR =>
        {
            let text = "nobody listens at the address of the server any more";
            (ErrorKind::ConnectionRefused, text.to_owned())
        }
        ConnectionError::TransportError(error) => (
            ErrorKind::InvalidData,
            told("QUIC", error.code, &error.reason),
        ),
        ConnectionError::ConnectionClosed(close) => {
            let reason = String::from_utf8_lossy(&close.reason);
            let text = told("the peer refused the connection", close.error_code, &reason);
            (ErrorKind::ConnectionReset, text)
        }
        ConnectionError::ApplicationClosed(_) => (ErrorKind::ConnectionReset, error.to_string()),
        ConnectionError::Reset => (
            ErrorKind::ConnectionReset,
            "the peer knows the connection no more".to_owned(),
        ),
        ConnectionError::TimedOut => (
            ErrorKind::TimedOut,
            "nothing was heard of the peer for too long".to_owned(),
        ),
        _ => (ErrorKind::NotConnected, error.to_string()),
    };
    io::Error::new(kind, text)
}

/// The reason if there is one, and the TLS alert by its name.
fn told(what: &str, code: TransportErrorCode, reason: &str) -> String {
    let alert = u64::from(code)
        .checked_sub(ALERTS)
        .and_then(|alert| u8::try_from(alert).ok())
        .map(AlertDescription::from);
    let cause = match alert {
        Some(alert) => format!("TLS alert {alert:?}"),
        None => code.to_string(),
    };
    let reason: String = reason.escape_debug().take(200).collect();
    match reason.is_empty() {
        true => format!("{what}: {cause}"),
        false => format!("{what}: {reason} ({cause})"),
    }
}
