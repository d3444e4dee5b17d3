//! Stands in for tcp where the feature `tcp` is off.

use super::{Address, Connect, Listen};
use crate::error::Error;

pub(super) fn connector(address: &Address) -> Result<Box<dyn Connect>, Error> {
    Err(missing(address))
}

pub(super) async fn listen(address: &Address) -> Result<Box<dyn Listen>, Error> {
    Err(missing(address))
}

fn missing(address: &Address) -> Error {
    Error::setup(format!(
        "the address `{address}` needs the feature `tcp`, which is off"
    ))
}
