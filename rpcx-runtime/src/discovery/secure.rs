//! TLS to a registry, by its URL: `tls=on`, `ca=FILE`, `cert=FILE&key=FILE`, `server_name=NAME`.

use std::fs;

use super::url::RegistryUrl;
use crate::error::Result;
use crate::transport::ConnectOptions;
use crate::transport::tls::ClientTls;

/// The options of a connection to the servers of a registry.
pub(super) fn options(url: &RegistryUrl) -> Result<ConnectOptions> {
    let files = ["ca", "cert", "key", "server_name"];
    let asked = files.iter().find(|name| url.option(name).is_some());
    let on = match (url.option("tls"), asked) {
        (Some("on"), _) => true,
        (None, asked) => asked.is_some(),
        (Some("off"), None) => false,
        (Some("off"), Some(name)) => {
            return Err(url.mistake(format!("`{name}` is for TLS, which `tls=off` forbids")));
        }
        (Some(other), _) => return Err(url.mistake(format!("`tls={other}`: write `on` or `off`"))),
    };
    if !on {
        return Ok(ConnectOptions::new());
    }
    let read = |name: &str| {
        let path = url.option(name);
        let contents = path.map(|path| {
            fs::read(path).map_err(|error| {
                let text = format!("`{name}={path}` cannot be read: {error}");
                url.mistake(text).with_source(error)
            })
        });
        contents.transpose()
    };
    let mut tls = match read("ca")? {
        Some(roots) => ClientTls::roots_pem(&roots)?,
        None => ClientTls::platform_roots(),
    };
    match (read("cert")?, read("key")?) {
        (Some(chain), Some(key)) => tls = tls.identity_pem(&chain, &key)?,
        (None, None) => {}
        _ => return Err(url.mistake("`cert` and `key` go together")),
    }
    if let Some(name) = url.option("server_name") {
        tls = tls.server_name(name)?;
    }
    Ok(ConnectOptions::new().tls(tls))
}
