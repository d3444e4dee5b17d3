//! Stands in for `secure` where TLS is switched off.

use super::url::RegistryUrl;
use crate::error::Result;
use crate::transport::ConnectOptions;

/// The options of a connection to the servers of a registry.
pub(super) fn options(url: &RegistryUrl) -> Result<ConnectOptions> {
    let asked = ["ca", "cert", "key", "server_name"];
    let asked = asked.iter().any(|name| url.option(name).is_some());
    if asked || url.option("tls").is_some_and(|tls| tls != "off") {
        return Err(url.mistake("TLS needs the feature `tls`, which is off"));
    }
    Ok(ConnectOptions::new())
}
