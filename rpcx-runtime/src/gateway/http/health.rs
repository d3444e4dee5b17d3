//! Whether a server lives, and whether it takes calls: for what starts and stops servers.

use std::fmt;
use std::sync::Arc;

use http::header::{self, HeaderValue};
use http::{Method, Response, StatusCode};

use super::asked::Asked;
use super::entry::Entry;
use super::reply::ResponseBody;

/// Answered for as long as the server runs.
const LIVE: &str = "/healthz";
/// Answered with an error when the server is not to be called.
const READY: &str = "/readyz";

/// What has to hold before a server is called, beside that it runs.
#[derive(Clone)]
pub(super) struct Ready(Arc<dyn Fn() -> Result<(), String> + Send + Sync>);

impl Ready {
    pub(super) fn new(check: impl Fn() -> Result<(), String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(check))
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ready")
    }
}

/// The answer, if the request is one of these and the server has them.
pub(super) fn answer(entry: &Entry, request: &Asked<'_>) -> Option<Response<ResponseBody>> {
    let ready = entry.site.http.ready.as_ref()?;
    let is_ready = match request.path {
        LIVE => Ok(()),
        READY if entry.shared.phase.is_leaving() => Err("the server is shutting down".to_owned()),
        READY => (ready.0)(),
        _ => return None,
    };
    if ![Method::GET, Method::HEAD].contains(request.method) {
        return None;
    }
    let (status, text) = match is_ready {
        Ok(()) => (StatusCode::OK, "ok\n".to_owned()),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    };
    let mut response = Response::new(ResponseBody::new(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, plain);
    let never = HeaderValue::from_static("no-store");
    headers.insert(header::CACHE_CONTROL, never);
    Some(response)
}
