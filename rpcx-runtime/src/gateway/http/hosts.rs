//! The host that a request is for, and whether that is one of this server.

use super::asked::Asked;
use crate::transport::pages::is_fixed;

/// The host that a request says it is for, with its port.
///
/// # Errors
/// If it says two.
pub(super) fn of<'r>(request: &Asked<'r>) -> Result<Option<&'r [u8]>, String> {
    // Of HTTP/2, and of a request to a proxy.
    if let Some(authority) = request.authority {
        return Ok(Some(authority.as_bytes()));
    }
    let host = request.fields.host;
    match host.times {
        0 | 1 => Ok(host.value),
        _ => Err("the header Host is there twice".to_owned()),
    }
}

/// Refuses, at a loopback address, a name that may have been pointed there from elsewhere.
pub(super) fn check(listed: &[String], host: Option<&[u8]>) -> Result<(), String> {
    // Browsers always name it.
    let Some(host) = host else {
        return Ok(());
    };
    let is_listed = |one: &String| one == "*" || one.as_bytes().eq_ignore_ascii_case(name(host));
    if is_fixed(host) || listed.iter().any(is_listed) {
        return Ok(());
    }
    Err(format!(
        "the host {} is not allowed at a loopback address: it must be localhost, an IP address, or one of `Http::hosts`",
        host.escape_ascii()
    ))
}

/// A host without its port.
fn name(host: &[u8]) -> &[u8] {
    let colon = host.iter().rposition(|byte| *byte == b':');
    match colon {
        Some(at) if host[at + 1..].iter().all(u8::is_ascii_digit) => &host[..at],
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_loopback_a_name_that_can_be_pointed_elsewhere_has_to_be_listed() {
        for (listed, host, allowed) in [
            (&[][..], "localhost:8972", true),
            (&[], "127.0.0.1:8972", true),
            (&[], "[::1]:1", true),
            (&[], "evil.org", false),
            (&[], "evil.org:8972", false),
            (&["app.org"], "APP.org:80", true),
            (&["app.org"], "evil.app.org", false),
            (&["*"], "evil.org", true),
        ] {
            let listed: Vec<_> = listed.iter().map(|&host| host.to_owned()).collect();
            let outcome = check(&listed, Some(host.as_bytes()));
            assert_eq!(outcome.is_ok(), allowed, "{host}: {outcome:?}");
        }
        assert_eq!(check(&[], None), Ok(()));
    }
}
