//! Stands in for what is switched off: a network, or TLS.

use std::marker::PhantomData;

use super::socket::Upgrade;
use super::{Address, Connect, ConnectOptions, Listen, ListenOptions, Network, networks};
use crate::error::Error;

/// In the place of TLS settings. There is no way to give one to a builder.
pub(crate) type Tls = PhantomData<()>;

/// See [`Tls`].
pub(crate) type ClientTls = Tls;

/// In the place of the options of KCP.
pub(crate) type Kcp = PhantomData<()>;

/// In the place of the options of QUIC.
pub(crate) type Quic = PhantomData<()>;

pub(super) fn connector(address: &Address, _: &ConnectOptions) -> Result<Box<dyn Connect>, Error> {
    Err(missing(address))
}

pub(super) async fn listen(address: &Address, _: &ListenOptions) -> Result<Box<dyn Listen>, Error> {
    Err(missing(address))
}

pub(super) fn listen_on<S>(
    _: S,
    address: &Address,
    _: &ListenOptions,
) -> Result<Box<dyn Listen>, Error> {
    Err(missing(address))
}

fn missing(address: &Address) -> Error {
    if !cfg!(unix) && matches!(address.network(), Network::UNIX | Network::REUSEPORT) {
        return Error::setup(format!(
            "the address `{address}` cannot be used: this system does not have the network"
        ));
    }
    let feature = networks::find(address.network()).map_or("", |row| row.feature);
    Error::setup(format!(
        "the address `{address}` needs the feature `{feature}`, which is off"
    ))
}

pub(super) fn client_upgrade(
    address: &Address,
    _: &ConnectOptions,
) -> Result<Box<dyn Upgrade>, Error> {
    Err(missing(address))
}

pub(super) fn server_upgrade(
    address: &Address,
    _: &ListenOptions,
) -> Result<Box<dyn Upgrade>, Error> {
    Err(missing(address))
}

/// In the place of the upgrade TLS, which only `wss` cannot do without.
pub(super) fn client(
    address: &Address,
    _: Option<&Tls>,
) -> Result<Option<Box<dyn Upgrade>>, Error> {
    without_tls(address)
}

/// See [`client`].
pub(super) fn server(
    address: &Address,
    _: Option<&Tls>,
) -> Result<Option<Box<dyn Upgrade>>, Error> {
    without_tls(address)
}

fn without_tls(address: &Address) -> Result<Option<Box<dyn Upgrade>>, Error> {
    if address.network() == Network::WSS {
        return Err(Error::setup(format!(
            "the address `{address}` needs the feature `tls`, which is off"
        )));
    }
    Ok(None)
}
