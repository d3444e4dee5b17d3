//! Headers that a client adds to its handshake, for gateways that ask for them.

use std::fmt;

use super::networks::{self, Form};
use super::own::{NetworkOption, Own};
use super::{Address, ConnectOptions};
use crate::error::Error;

/// A header. Its value may be a token, so it is not shown.
#[derive(Clone)]
pub(super) struct Header {
    name: String,
    value: String,
}

impl Header {
    pub(super) fn new(name: String, value: String) -> Self {
        Self { name, value }
    }

    /// Refuses what would be more than one header, or another.
    fn check(&self, address: &Address, of_handshake: fn(&str) -> bool) -> Result<(), Error> {
        let name = self.name.to_ascii_lowercase();
        let wrong = match () {
            () if !is_token(&name) => "must have a name of letters, digits and !#$%&'*+-.^_`|~",
            () if of_handshake(&name) || is_of_every_handshake(&name) => {
                "is one that the handshake itself decides on"
            }
            () if !is_value(&self.value) => {
                "must have a value of printable ASCII, spaces within it, and no line end"
            }
            () => return Ok(()),
        };
        Err(Error::setup(format!(
            "the header `{}` for the address `{address}` {wrong}",
            self.name.escape_debug()
        )))
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ..", self.name.escape_debug())
    }
}

/// Those of one handshake.
#[derive(Clone, Debug, Default)]
struct Headers(Vec<Header>);

impl ConnectOptions {
    /// Adds a header to the handshake of the networks `http`, `ws` and `wss`: for gateways and proxies
    /// that ask for a token or the like. May be given several times. The server at the end does not
    /// look at it, and without TLS it can be read on the way.
    ///
    /// Names that the handshake itself decides on are errors when the channel is built, such as
    /// `Connection`, `Content-Length`, and `Host` and `Origin` of a WebSocket; so are values that are
    /// not one line of printable ASCII.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let mut headers = self.own.get().cloned().unwrap_or_else(Headers::default);
        headers.0.push(Header::new(name.into(), value.into()));
        self.own.set(headers);
        self
    }
}

impl NetworkOption for Headers {
    fn name(&self) -> &'static str {
        "the option `header`"
    }

    fn whose(&self) -> &'static str {
        "http, ws and wss"
    }

    fn fits(&self, address: &Address) -> bool {
        networks::form(address.network()) == Form::HostPortPath
    }
}

/// The lines of the headers among these options, each with its end; `of_handshake` says which names, in small letters,
/// the handshake has already.
///
/// # Errors
/// If one of them cannot be sent; the error names it and not its value.
pub(super) fn lines(
    options: &Own,
    address: &Address,
    of_handshake: fn(&str) -> bool,
) -> Result<String, Error> {
    let mut lines = String::new();
    let headers = options.get::<Headers>();
    for header in headers.into_iter().flat_map(|headers| &headers.0) {
        header.check(address, of_handshake)?;
        lines.extend([&header.name, ": ", &header.value, "\r\n"]);
    }
    Ok(lines)
}

/// What says how the connection is used, or that a body follows.
fn is_of_every_handshake(name: &str) -> bool {
    let names = [
        "connection",
        "content-length",
        "transfer-encoding",
        "upgrade",
    ];
    names.contains(&name)
}

fn is_token(name: &str) -> bool {
    let is_mark = |byte| b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || is_mark(byte))
}

/// Space around a value is not part of it, so it would arrive as another.
fn is_value(value: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t');
    value.bytes().all(fits) && value.trim_ascii() == value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(name: &str, value: &str) -> Result<String, String> {
        let address = "ws@a:1".parse().unwrap();
        let options = ConnectOptions::new().header(name, value);
        let lines = lines(&options.own, &address, |name| name == "host");
        lines.map_err(|error| error.to_string())
    }

    #[test]
    fn a_header_is_one_line() {
        for (name, value) in [
            ("Authorization", "Bearer a.b-c=="),
            ("x-empty", ""),
            ("X_1", "two words,\tand more"),
        ] {
            assert_eq!(outcome(name, value), Ok(format!("{name}: {value}\r\n")));
        }
    }

    #[test]
    fn what_would_be_another_request_is_refused_and_its_value_not_shown() {
        for (name, value, said) in [
            ("", "secret", "a name of letters"),
            ("a b", "secret", "a name of letters"),
            ("a:", "secret", "a name of letters"),
            (
                "a\r\nHost",
                "secret",
                "`a\\r\\nHost` for the address `ws@a:1`",
            ),
            ("ä", "secret", "a name of letters"),
            ("Host", "secret", "the handshake itself"),
            ("CONNECTION", "secret", "the handshake itself"),
            ("Content-Length", "5", "the handshake itself"),
            ("Transfer-Encoding", "chunked", "the handshake itself"),
            ("a", "secret\r\nb: c", "no line end"),
            ("a", "secret\n", "no line end"),
            ("a", " secret", "no line end"),
            ("a", "secret\0", "no line end"),
            ("a", "secretö", "no line end"),
        ] {
            let error = outcome(name, value).unwrap_err();
            assert!(error.contains(said), "{name:?}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_token_is_not_shown() {
        let header = Header::new("Authorization".to_owned(), "Bearer secret".to_owned());
        assert_eq!(format!("{header:?}"), "Authorization: ..");
    }
}
