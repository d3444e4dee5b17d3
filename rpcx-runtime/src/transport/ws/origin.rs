//! Which pages may connect.
//!
//! A browser lets every page connect to every WebSocket, with the user's cookies and from within
//! the user's network, and leaves it to the server to look at where the page came from. Programs
//! that are no browsers name no origin, or any they like.
//!
//! A page may also come from a host whose name its owner has since made to point at this machine, and
//! then looks like a page of this server. For a server that other machines cannot reach that would
//! undo everything, so at a loopback address the host has to be one that cannot be pointed elsewhere.
//! Only browsers are meant, and those say what they are, which no page can keep them from: a Go
//! client names an origin too, and may connect to a name of this machine.

use httparse::Request;

use super::super::http_head::{Refusal, values};
use super::super::pages::{is_fixed, is_same};

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

    /// `at_loopback` says where the request has come in.
    pub(super) fn check(
        &self,
        request: &Request<'_, '_>,
        at_loopback: bool,
    ) -> Result<(), Refusal> {
        let mut origins = values(request.headers, "origin");
        let (origin, further) = (origins.next(), origins.next());
        let Some(origin) = origin.filter(|_| !self.every) else {
            return Ok(());
        };
        let host = host(request).filter(|host| further.is_none() && is_same(host, origin));
        let browser = values(request.headers, "user-agent").next().is_some();
        let own = host.is_some_and(|host| !(at_loopback && browser) || is_fixed(host));
        if own || (further.is_none() && self.is_listed(origin)) {
            return Ok(());
        }
        let why = match host {
            Some(_) => ": at a loopback address the host must be localhost or an IP address",
            None => "",
        };
        let origin = origin.escape_ascii();
        let body = format!("403 the origin {origin} is not allowed{why}\n");
        Err(Refusal::new("403 Forbidden", body))
    }

    fn is_listed(&self, origin: &[u8]) -> bool {
        let mut listed = self.listed.iter();
        listed.any(|allowed| allowed.as_bytes().eq_ignore_ascii_case(origin))
    }
}

/// The host that a request is for, if it says so once.
fn host<'h>(request: &'h Request<'_, '_>) -> Option<&'h [u8]> {
    let mut hosts = values(request.headers, "host");
    hosts.next().filter(|_| hosts.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::http_head;

    fn is_allowed(listed: &[&str], host: &str, origin: &str) -> bool {
        outcome(listed, host, origin, false, true).is_ok()
    }

    fn outcome(
        listed: &[&str],
        host: &str,
        origin: &str,
        at_loopback: bool,
        browser: bool,
    ) -> Result<(), Refusal> {
        let listed: Vec<_> = listed.iter().map(|&origin| origin.to_owned()).collect();
        let agent = if browser { "User-Agent: any\r\n" } else { "" };
        let text = format!("GET / HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\n{agent}\r\n");
        let origins = Origins::new(&listed);
        http_head::request(text.as_bytes(), |request| {
            origins.check(request, at_loopback)
        })
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
            (&["b.org"], "a.org", "b.org\r\nOrigin: b.org", false),
            (&["*"], "a.org", "https://c.org", true),
            (&["*"], "a.org", "https://c.org\r\nOrigin: x", true),
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
        let head = b"GET / HTTP/1.1\r\nHost: a.org\r\n\r\n";
        let check = |request: &Request<'_, '_>| Origins::new(&[]).check(request, true);
        assert!(http_head::request(head, check).is_ok());
    }

    #[test]
    fn a_page_whose_name_was_pointed_at_loopback_is_not_of_the_same_host() {
        for (listed, host, allowed) in [
            (&[][..], "evil.org", false),
            (&[], "evil.org:8972", false),
            (&[], "localhost.evil.org", false),
            (&[], "notlocalhost", false),
            (&[], "127.0.0.1.evil.org:1", false),
            (&[], "[evil.org]", false),
            (&[], "localhost", true),
            (&[], "LocalHost:8972", true),
            (&[], "app.localhost:8972", true),
            (&[], "127.0.0.1", true),
            (&[], "127.0.0.1:8972", true),
            (&[], "[::1]", true),
            (&[], "[::1]:8972", true),
            // What a proxy on the same host is for.
            (&["http://app.org"], "app.org", true),
            (&["http://app.org"], "evil.org", false),
            (&["*"], "evil.org", true),
        ] {
            let outcome = outcome(listed, host, &format!("http://{host}"), true, true);
            assert_eq!(outcome.is_ok(), allowed, "{listed:?} {host}");
            if let Err(refusal) = outcome {
                assert!(refusal.body.contains("must be localhost"), "{refusal:?}");
            }
        }
    }

    #[test]
    fn a_go_client_may_use_a_name_of_this_machine() {
        let (host, origin) = ("my-machine:8972", "http://my-machine:8972");
        assert!(outcome(&[], host, origin, true, false).is_ok());
        assert!(outcome(&[], host, origin, true, true).is_err());
        assert!(outcome(&[], host, "http://other", true, false).is_err());
    }
}
