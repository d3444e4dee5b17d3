//! The page at `/`: services, forms and replies in a browser. Its sources are in `rpcx-runtime/page`.

mod bundle;
mod sources;

use std::sync::LazyLock;

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};

use self::bundle::Bundle;
use super::asked::Asked;
use super::entry::Entry;
use super::reply::ResponseBody;
use super::settings::Http;
use super::{media, names, plain};
use crate::protocol::{Compression, compress};

/// Whether there is a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown(bool);

impl Shown {
    pub(super) const DEFAULT: Self = Self(true);
}

impl Http {
    /// Whether a browser that asks for `/` gets a page with the services of this server: their docs, a
    /// form for each method, and the replies. It is one file and needs no other; what a method takes it learns
    /// from the descriptions that the server gives, and its calls are plain ones, for which the rules of
    /// all others hold. What the server pushes comes over a WebSocket, if there is the feature `ws` and
    /// [`path`](Self::path) is the usual one. Where `/` is the [`json_rpc_path`](Self::json_rpc_path), that goes before it. Needs the
    /// feature `page`. Default: yes.
    ///
    /// ```
    /// use rpcx::gateway::Http;
    ///
    /// let http = Http::new().page(false);
    /// ```
    #[must_use]
    pub fn page(mut self, on: bool) -> Self {
        self.page = Shown(on);
        self
    }
}

/// The page as it is sent.
struct Page {
    html: Bytes,
    /// The same in gzip, where that is compiled in.
    packed: Option<Bytes>,
    tag: HeaderValue,
    policy: HeaderValue,
}

/// The sources do not change while a program runs.
static PAGE: LazyLock<Page> = LazyLock::new(|| Page::new(bundle::page()));

impl Page {
    fn new(bundle: Bundle) -> Self {
        let packed = compress(Compression::GZIP, bundle.html.as_bytes());
        Self {
            packed: packed.ok().map(Bytes::from),
            tag: names::value(&format!("W/\"{}\"", bundle.digest)),
            policy: names::value(&policy(&bundle)),
            html: bundle.html.into(),
        }
    }
}

/// What the page may do: run its own script, and call the server that it comes from. No text becomes markup in it
/// (trusted types), and no other page shows it in a frame.
fn policy(bundle: &Bundle) -> String {
    let Bundle { script, style, .. } = bundle;
    format!(
        "default-src 'none'; script-src '{script}'; style-src '{style}'; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
}

/// The page, if that is what a request asks for.
pub(super) fn answer(entry: &Entry, request: &Asked<'_>) -> Option<Response<ResponseBody>> {
    let Shown(shown) = entry.site.http.page;
    let asked = request.path == "/" && [Method::GET, Method::HEAD].contains(request.method);
    (shown && asked).then(|| response(&PAGE, request))
}

fn response(page: &Page, request: &Asked<'_>) -> Response<ResponseBody> {
    let packed = page.packed.as_ref().filter(|_| media::takes_gzip(request));
    let known = plain::is_known(request.headers, page.tag.to_str().unwrap_or_default());
    let mut response = Response::new(match known {
        true => ResponseBody::empty(),
        false => ResponseBody::new(packed.unwrap_or(&page.html).clone()),
    });
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(header::ETAG, page.tag.clone());
    headers.insert(header::CONTENT_SECURITY_POLICY, page.policy.clone());
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if packed.is_some() {
        let gzip = HeaderValue::from_static("gzip");
        headers.insert(header::CONTENT_ENCODING, gzip);
    }
    response
}

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    // It may be kept, and has to be asked for each time.
    (header::CACHE_CONTROL, "no-cache"),
    (header::VARY, "Accept-Encoding"),
    (header::REFERRER_POLICY, "no-referrer"),
    // For browsers that do not know the policy for frames.
    (header::X_FRAME_OPTIONS, "DENY"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// What the page may weigh on the way, in bytes.
    const HEAVIEST: usize = 150 * 1024;

    #[test]
    fn the_page_is_light() {
        let packed = compress(Compression::GZIP, &PAGE.html).expect("tests have gzip");
        assert!(packed.len() < HEAVIEST, "{} bytes", packed.len());
    }

    #[test]
    fn the_policy_has_the_digests_of_what_is_in_the_page() {
        let policy = PAGE.policy.to_str().unwrap();
        let html = std::str::from_utf8(&PAGE.html).unwrap();
        for (open, close, directive) in [
            (r#"<script type="module">"#, "</script>", "script-src"),
            ("<style>", "</style>", "style-src"),
        ] {
            let (_, rest) = html.split_once(open).unwrap();
            let (inside, rest) = rest.split_once(close).unwrap();
            let expected = format!("{directive} '{}';", bundle::digest(inside));
            assert!(policy.contains(&expected), "{expected} is not in {policy}");
            assert!(!rest.contains(open), "there is one {open}");
        }
    }

    #[test]
    fn a_browser_that_has_the_page_is_told_so() {
        let (mut request, ()) = http::Request::new(()).into_parts();
        let first = response(&PAGE, &Asked::new(&request));
        assert_eq!(first.status(), StatusCode::OK);
        let tag = PAGE.tag.clone();
        request.headers.insert(header::IF_NONE_MATCH, tag);
        let again = response(&PAGE, &Asked::new(&request));
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        // What was kept is used with the headers of this answer.
        assert!(
            again
                .headers()
                .contains_key(header::CONTENT_SECURITY_POLICY)
        );
    }
}
