//! `reuseport@host:port`: TCP on a port that several listeners share, in one process or in several
//! of the same user. The system spreads new connections over them.

use super::{Address, Listen, ListenOptions, tcp};
use crate::error::Error;

pub(super) async fn listen(
    address: &Address,
    options: &ListenOptions,
) -> Result<Box<dyn Listen>, Error> {
    tcp::listen_by(address, options, |socket| socket.set_reuse_port(true)).await
}
