//! Stands in for `tls` where the feature is off: settings that cannot be made, and upgrades that are
//! not there.

use std::marker::PhantomData;

use super::networks::{self, TlsUse};
use super::socket::Upgrade;
use super::{Address, ListenOptions};
use crate::error::Error;

/// In the place of TLS settings. There is no way to give one to a builder.
pub(crate) type Tls = PhantomData<()>;

/// See [`Tls`].
pub(crate) type ClientTls = Tls;

pub(super) fn client(
    address: &Address,
    _: Option<&ClientTls>,
) -> Result<Option<Box<dyn Upgrade>>, Error> {
    without_tls(address)
}

pub(super) fn server(
    address: &Address,
    _: &ListenOptions,
) -> Result<Option<Box<dyn Upgrade>>, Error> {
    without_tls(address)
}

fn without_tls(address: &Address) -> Result<Option<Box<dyn Upgrade>>, Error> {
    match networks::tls(address.network()) {
        TlsUse::Always => Err(Error::setup(format!(
            "the address `{address}` needs the feature `tls`, which is off"
        ))),
        TlsUse::IfAsked | TlsUse::Never => Ok(None),
    }
}
