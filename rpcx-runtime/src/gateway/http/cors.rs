//! Which pages of other origins may call.

use std::time::Duration;

use http::Method;
use http::header::{self, HeaderMap, HeaderValue};

use super::asked::{Asked, Field};
use super::names;
use crate::error::{Error, Result};
use crate::transport::pages::is_same;

/// The methods that an entrance may answer.
pub(super) const METHODS: &str = "GET, HEAD, POST, PUT, OPTIONS";

/// How long a browser may keep the answer to a preflight.
const MAX_AGE: Duration = Duration::from_secs(600);

/// The pages of other origins that may call, by cross-origin resource sharing. What a page that is not
/// listed sends is refused before it runs, also where a browser would send it without asking.
///
/// ```
/// use rpcx::gateway::Cors;
///
/// let cors = Cors::new().origin("https://app.example.org").origin("http://localhost:3000");
/// ```
#[derive(Clone, Debug)]
pub struct Cors {
    every: bool,
    origins: Vec<String>,
    credentials: bool,
    max_age: Duration,
}

impl Cors {
    /// No page of another origin.
    pub fn new() -> Self {
        Self {
            every: false,
            origins: Vec::new(),
            credentials: false,
            max_age: MAX_AGE,
        }
    }

    /// Every page, as Go's `AllowAllCORSOptions`. For services that may be called from any page.
    pub fn any() -> Self {
        Self {
            every: true,
            ..Self::new()
        }
    }

    /// One more origin, as a browser names it: `https://app.example.org`, with the port if it is not
    /// the usual one. `*` stands for every page.
    #[must_use]
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        match origin.into() {
            every if every == "*" => self.every = true,
            one => self.origins.push(one.trim_end_matches('/').to_owned()),
        }
        self
    }

    /// Lets pages send cookies and other credentials of the browser's. Not for every page: that is an error
    /// when the server is bound. Default: no.
    #[must_use]
    pub fn credentials(mut self) -> Self {
        self.credentials = true;
        self
    }

    /// How long a browser need not ask again whether it may call. Default 10 min.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.every && self.credentials {
            let text = "CORS cannot let every page send credentials: list the origins";
            return Err(Error::setup(text));
        }
        let is_origin = |origin: &&String| match origin.split_once("://") {
            Some((scheme, host)) => {
                !scheme.is_empty()
                    && !host.is_empty()
                    && host
                        .chars()
                        .all(|c| c.is_ascii_graphic() && !"/?#@".contains(c))
            }
            None => origin.as_str() == "null",
        };
        match self.origins.iter().find(|origin| !is_origin(origin)) {
            None => Ok(()),
            Some(origin) => Err(Error::setup(format!(
                "`{}` is no origin: write it as `https://app.example.org`, without a path",
                origin.escape_debug()
            ))),
        }
    }

    fn allows(&self, origin: &[u8]) -> bool {
        let listed = |one: &String| one.as_bytes().eq_ignore_ascii_case(origin);
        self.every || self.origins.iter().any(listed)
    }
}

#[cfg(feature = "ws")]
impl Cors {
    /// The origins as WebSockets take them.
    pub(super) fn listed(&self) -> Vec<String> {
        let every = self.every.then(|| "*".to_owned());
        self.origins.iter().cloned().chain(every).collect()
    }
}

impl Default for Cors {
    fn default() -> Self {
        Self::new()
    }
}

/// What is known of the page that a request comes from.
#[derive(Clone, Debug)]
pub(super) enum Page {
    /// No browser, or a page of this server.
    Own,
    /// One of another origin, which may call.
    Allowed(HeaderValue),
}

impl Page {
    /// The page of a request to `host`.
    ///
    /// # Errors
    /// What its sender is told if it may not call.
    pub(super) fn of(cors: &Cors, origin: Field<'_>, host: Option<&[u8]>) -> Result<Self, String> {
        let one = origin.times == 1;
        let Some(origin) = origin.value else {
            return Ok(Self::Own);
        };
        if one && host.is_some_and(|host| is_same(host, origin)) {
            return Ok(Self::Own);
        }
        if one
            && cors.allows(origin)
            && let Ok(origin) = HeaderValue::from_bytes(origin)
        {
            return Ok(Self::Allowed(origin));
        }
        let origin = origin.escape_ascii();
        Err(format!("the origin {origin} is not allowed"))
    }

    /// Tells a browser that its page may read the answer.
    pub(super) fn expose(&self, cors: &Cors, headers: &mut HeaderMap) {
        let Self::Allowed(origin) = self else {
            return;
        };
        let allowed = match cors.every && !cors.credentials {
            true => HeaderValue::from_static("*"),
            false => origin.clone(),
        };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if cors.credentials {
            let yes = HeaderValue::from_static("true");
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
        }
        let names = HeaderValue::from_static(names::EXPOSED);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, names);
    }
}

/// Whether a browser asks for a page whether it may call.
pub(super) fn is_preflight(request: &Asked<'_>) -> bool {
    *request.method == Method::OPTIONS
        && request.headers.contains_key(header::ORIGIN)
        && request
            .headers
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The headers of the answer to a preflight of a page that may call.
pub(super) fn preflight(cors: &Cors, request: &Asked<'_>, headers: &mut HeaderMap) {
    let methods = HeaderValue::from_static(METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    let wanted = request.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
    if let Some(wanted) = wanted {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
    }
    let age = HeaderValue::from(cors.max_age.as_secs());
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, age);
    let vary = "Access-Control-Request-Method, Access-Control-Request-Headers";
    headers.append(header::VARY, HeaderValue::from_static(vary));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_of_a_list_are_told() {
        for (cors, said) in [
            (Cors::any().credentials(), "list the origins"),
            (Cors::new().origin("app.example.org"), "is no origin"),
            (Cors::new().origin("https://a.org/path"), "without a path"),
            (Cors::new().origin("https://"), "is no origin"),
        ] {
            let error = cors.check().unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
        for cors in [
            Cors::any(),
            Cors::new().origin("https://a.org:8443/").credentials(),
            Cors::new().origin("null"),
        ] {
            cors.check().unwrap();
        }
    }
}
