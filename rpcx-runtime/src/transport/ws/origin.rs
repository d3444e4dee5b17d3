//! Which pages may connect.
//!
//! A browser lets every page connect to every WebSocket, with the user's cookies and from within
//! the user's network, and leaves it to the server to look at where the page came from. Programs
//! that are no browsers name no origin, or any they like.

use httparse::Request;

use super::super::head::{Refusal, values};

/// The origins that may connect beside the server's own.
#[derive(Debug)]
pub(super) struct Origins {
    every: bool,
    listed: Vec<String>,
}

impl Origins {
    /// Each as a browser names it; `*` stands for every page.
    pub(super) fn new(listed: &[String]) -> Self {
        Self {
            every: listed.iter().any(|origin| origin == "*"),
            listed: listed
                .iter()
                .map(|origin| origin.trim_end_matches('/').to_owned())
                .collect(),
        }
    }

    pub(super) fn check(&self, request: &Request<'_, '_>) -> Result<(), Refusal> {
        let mut origins = values(request.headers, "origin");
        let allowed = |origin: &[u8]| self.is_listed(origin) || is_same_host(request, origin);
        match (origins.next(), origins.next()) {
            (None, _) => Ok(()),
            _ if self.every => Ok(()),
            (Some(origin), None) if allowed(origin) => Ok(()),
            (Some(origin), _) => Err(Refusal::new(
                "403 Forbidden",
                format!("403 the origin {} is not allowed\n", origin.escape_ascii()),
            )),
        }
    }

    fn is_listed(&self, origin: &[u8]) -> bool {
        let mut listed = self.listed.iter();
        listed.any(|allowed| allowed.as_bytes().eq_ignore_ascii_case(origin))
    }
}

/// Whether a page came from the host that it now talks to.
fn is_same_host(request: &Request<'_, '_>, origin: &[u8]) -> bool {
    let mut hosts = values(request.headers, "host");
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::head;

    fn is_allowed(listed: &[&str], host: &str, origin: &str) -> bool {
        let listed: Vec<_> = listed.iter().map(|&origin| origin.to_owned()).collect();
        let text = format!("GET / HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\n\r\n");
        let origins = Origins::new(&listed);
        head::request(text.as_bytes(), |request| origins.check(request)).is_ok()
    }

    #[test]
    fn the_same_host_and_the_list_are_allowed() {
        for (listed, host, origin, allowed) in [
            (&[][..], "a.org", "http://a.org", true),
            (&[], "A.org", "https://a.ORG", true),
            (&[], "a.org:80", "http://a.org", true),
            (&[], "a.org", "https://a.org:443", true),
            (&[], "a.org:8080", "http://a.org:8080", true),
            (&[], "[::1]:1", "http://[::1]:1", true),
            (&[], "a.org:8080", "http://a.org", false),
            (&[], "a.org", "http://b.a.org", false),
            (&[], "a.org", "http://a.org.b.org", false),
            (&[], "a.org", "null", false),
            (&[], "a.org", "ftp://a.org", false),
            (&[], "a.org", "http://a.org\r\nOrigin: http://b.org", false),
            (&[], "a.org\r\nHost: b.org", "http://a.org", false),
            (&["https://b.org/"], "a.org", "https://b.org", true),
            (&["https://b.org"], "a.org", "http://b.org", false),
            (&["null"], "a.org", "null", true),
            (&["*"], "a.org", "https://c.org", true),
        ] {
            assert_eq!(
                is_allowed(listed, host, origin),
                allowed,
                "{listed:?} {host} {origin}"
            );
        }
    }

    #[test]
    fn a_client_without_an_origin_is_no_browser() {
        let head = b"GET / HTTP/1.1\r\n\r\n";
        assert!(head::request(head, |request| Origins::new(&[]).check(request)).is_ok());
    }
}
