//! Which pages of browsers belong to this server, by what their requests say.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Whether a host with its port is one whose meaning cannot be changed: an IP address, or a name of
/// `localhost`, which browsers do not look up.
pub(crate) fn is_fixed(host: &[u8]) -> bool {
    let Ok(host) = std::str::from_utf8(host) else {
        return false;
    };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let host = match host.rsplit_once(':') {
        Some((host, port)) if is_port(port) => host,
        _ => host,
    };
    if let Some(inner) = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        return inner.parse::<Ipv6Addr>().is_ok();
    }
    let last = host.rsplit('.').next().unwrap_or(host);
    host.parse::<Ipv4Addr>().is_ok() || last.eq_ignore_ascii_case("localhost")
}

/// Whether a page came from the host that it now talks to.
pub(crate) fn is_same(host: &[u8], origin: &[u8]) -> bool {
    let plain = origin
        .strip_prefix(b"http://")
        .map(|page| (page, &b":80"[..]));
    let secure = || {
        origin
            .strip_prefix(b"https://")
            .map(|page| (page, &b":443"[..]))
    };
    let Some((page, port)) = plain.or_else(secure) else {
        return false;
    };
    // Browsers leave out the usual port, programs may not.
    let without = |host: &'_ [u8]| host.strip_suffix(port).unwrap_or(host).to_ascii_lowercase();
    without(page) == without(host)
}
