//! Why a stream could not be opened or a listener not bound, in a form that programs can walk.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use crate::error::Error;

/// The same error, for an [`Error`] to have as its source: with what it is made of in the chain of
/// sources, which `io::Error::source` passes over.
pub(crate) fn walkable(error: io::Error) -> io::Error {
    if error.get_ref().is_none_or(|inner| inner.is::<Visible>()) {
        return error;
    }
    let kind = error.kind();
    match error.into_inner() {
        Some(inner) => io::Error::new(kind, Visible(inner)),
        None => kind.into(),
    }
}

/// What an `io::Error` was made of, and its own source: `io::Error` asks what it holds for a source
/// and never says what it holds.
#[derive(Debug)]
struct Visible(Box<dyn StdError + Send + Sync>);

impl fmt::Display for Visible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Visible {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.0)
    }
}

/// The error of an address that cannot be listened on.
pub(super) fn cannot_listen(address: impl fmt::Display) -> impl Fn(io::Error) -> Error {
    move |error| {
        let text = format!("cannot listen on {address}: {error}");
        Error::setup(text).with_source(walkable(error))
    }
}

/// The host of an address has no IP address that fits, or the resolver did not answer.
///
/// It is among the [sources](std::error::Error::source) of the error of a connection or of a bind.
#[derive(Debug)]
pub struct ResolveError {
    host: String,
    error: io::Error,
}

#[cfg(any(feature = "_quic", feature = "kcp", feature = "tcp"))]
impl ResolveError {
    pub(super) fn wrap(host: &str, error: io::Error) -> io::Error {
        let (kind, host) = (error.kind(), host.to_owned());
        io::Error::new(kind, Self { host, error })
    }
}

impl ResolveError {
    /// The host that was looked up.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host.escape_debug();
        write!(f, "cannot resolve the host `{host}`: {}", self.error)
    }
}

impl StdError for ResolveError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(error: &dyn StdError) -> Vec<String> {
        let sources = std::iter::successors(Some(error), |error| (*error).source());
        sources.map(ToString::to_string).collect()
    }

    #[test]
    fn what_an_io_error_is_made_of_is_in_the_chain() {
        let inner = io::Error::other("inner");
        let host = ResolveError {
            host: "h".to_owned(),
            error: inner,
        };
        let cause = walkable(io::Error::other(host));
        let said = "cannot resolve the host `h`: inner";
        assert_eq!(chain(&cause), [said, said, "inner"]);
        let (mut next, mut hosts) = (cause.source(), Vec::new());
        while let Some(error) = next {
            let found = error.downcast_ref::<ResolveError>();
            hosts.extend(found.map(ResolveError::host));
            next = error.source();
        }
        assert_eq!(hosts, ["h"]);
    }

    #[test]
    fn the_kind_and_the_number_of_the_system_stay() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        for (error, kind) in [
            (refused, io::ErrorKind::ConnectionRefused),
            (
                io::Error::from_raw_os_error(13),
                io::ErrorKind::PermissionDenied,
            ),
            (
                io::Error::new(io::ErrorKind::TimedOut, "late"),
                io::ErrorKind::TimedOut,
            ),
        ] {
            let number = error.raw_os_error();
            let source = walkable(error);
            assert_eq!((source.kind(), source.raw_os_error()), (kind, number));
        }
    }
}
