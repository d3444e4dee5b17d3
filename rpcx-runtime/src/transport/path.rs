//! The path of the networks that begin with an HTTP head.

use super::networks::{self, Form};
use super::own::{NetworkOption, Own};
use super::{Address, ConnectOptions, ListenOptions};
use crate::error::Error;

/// The path of Go rpcx.
#[cfg(any(feature = "http-connect", feature = "ws"))]
const DEFAULT: &str = "/_rpcx_";

/// The option `path`.
#[derive(Clone, Debug)]
struct Path(String);

impl ListenOptions {
    /// The path on the networks `http`, `ws` and `wss`, for an address that does not name another.
    /// Default: `/_rpcx_` as in Go.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.own.set(Path(path.into()));
        self
    }
}

impl ConnectOptions {
    /// The path on the networks `http`, `ws` and `wss`, for addresses that do not name another.
    /// Default: `/_rpcx_` as in Go.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.own.set(Path(path.into()));
        self
    }
}

impl NetworkOption for Path {
    fn name(&self) -> &'static str {
        "the option `path`"
    }

    fn whose(&self) -> &'static str {
        "http, ws and wss, where the address names no other path"
    }

    fn fits(&self, address: &Address) -> bool {
        networks::form(address.network()) == Form::HostPortPath
            && address.path().is_none_or(|own| own == self.0)
    }

    fn check(&self, address: &Address) -> Result<(), Error> {
        let path = &self.0;
        if path.starts_with('/') && path.chars().all(|c| c.is_ascii_graphic()) {
            return Ok(());
        }
        Err(Error::setup(format!(
            "the path `{}` for the address `{address}` must begin with `/`, and what is not printable ASCII must be percent-encoded",
            path.escape_debug()
        )))
    }
}

/// The path that an address or its options name.
pub(super) fn named<'a>(address: &'a Address, own: &'a Own) -> Option<&'a str> {
    let option = own.get::<Path>().map(|path| path.0.as_str());
    address.path().or(option)
}

/// The path of an address: its own, else the option's, else that of Go.
#[cfg(any(feature = "http-connect", feature = "ws"))]
pub(super) fn of<'a>(address: &'a Address, own: &'a Own) -> &'a str {
    named(address, own).unwrap_or(DEFAULT)
}
