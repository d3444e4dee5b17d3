//! What a request is told that has no answer of its method.

use http::header::{self, HeaderMap, HeaderValue};
use http::{Response, StatusCode};
use serde_json::{Map, Value};

use super::names;
use super::reply::ResponseBody;
use crate::error::{Error, ErrorKind, Rejection};
use crate::protocol::Metadata;

/// In seconds: how long a client waits that was refused for a while.
const RETRY_AFTER: u64 = 1;

/// An error, and how HTTP says it.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) status: StatusCode,
    /// The methods that are allowed, if that is what was wrong.
    pub(super) allow: Option<&'static str>,
    /// What the handler has set.
    pub(super) metadata: Metadata,
}

impl Failure {
    /// A request that was refused before it was one of rpcx.
    pub(super) fn refused(status: StatusCode, text: impl Into<String>) -> Self {
        let error = Error::rejected(Rejection::Undecodable, text.into());
        Self {
            status,
            ..error.into()
        }
    }

    /// A method of HTTP that is not for this path.
    pub(super) fn method(allow: &'static str) -> Self {
        let text = format!("this path takes {allow}");
        Self {
            allow: Some(allow),
            ..Self::refused(StatusCode::METHOD_NOT_ALLOWED, text)
        }
    }

    /// As the caller's metadata.
    pub(super) fn with_metadata(self, metadata: Metadata) -> Self {
        Self { metadata, ..self }
    }

    /// Whether it is worth trying again.
    pub(super) fn mark(&self, headers: &mut HeaderMap) {
        if let Some(allow) = self.allow {
            headers.insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        if self.error.is_retryable() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
    }

    /// The answer as `application/problem+json` (RFC 9457).
    pub(super) fn problem(&self, request_id: &str) -> Response<ResponseBody> {
        let mut members = Map::new();
        let title = self.status.canonical_reason().unwrap_or_default();
        members.insert("title".to_owned(), title.into());
        members.insert("status".to_owned(), self.status.as_u16().into());
        members.insert("detail".to_owned(), self.error.message().into());
        members.extend(known(&self.error));
        members.insert("requestId".to_owned(), request_id.into());
        let body = serde_json::to_vec(&members).unwrap_or_default();
        let mut response = Response::new(ResponseBody::new(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        self.mark(headers);
        if !self.metadata.is_empty() {
            let metadata = super::query::encode(&self.metadata);
            headers.insert(names::META, names::value(&metadata));
        }
        response
    }
}

/// What a caller is told of an error beside its text: what became of the call, why it was refused, and the
/// code and the data that the method has given.
pub(super) fn known(error: &Error) -> Map<String, Value> {
    let mut members = Map::new();
    let outcome = match error.kind() {
        ErrorKind::Service => "ran",
        ErrorKind::Unknown => "unknown",
        _ => "not-run",
    };
    members.insert("outcome".to_owned(), outcome.into());
    if let ErrorKind::Rejected(reason) = error.kind() {
        members.insert("reason".to_owned(), reason.as_str().into());
    }
    if let Some(code) = error.code() {
        members.insert("code".to_owned(), code.into());
    }
    if let Some(data) = error.data() {
        let json = serde_json::from_str(data).ok();
        let data = json.unwrap_or_else(|| Value::String(data.to_owned()));
        members.insert("data".to_owned(), data);
    }
    members
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            status: status(&error),
            error,
            allow: None,
            metadata: Metadata::new(),
        }
    }
}

/// The status that says what an error is. The code of a method's own error is one if it is in the range of
/// those of errors.
fn status(error: &Error) -> StatusCode {
    match error.kind() {
        ErrorKind::Service => {
            let code = error.code().and_then(|code| u16::try_from(code).ok());
            let code = code.filter(|code| (400..=599).contains(code));
            code.and_then(|code| StatusCode::from_u16(code).ok())
                .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        }
        ErrorKind::Unknown | ErrorKind::Rejected(Rejection::Expired) => StatusCode::GATEWAY_TIMEOUT,
        ErrorKind::Rejected(Rejection::Overloaded | Rejection::Draining) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        ErrorKind::Rejected(Rejection::Elsewhere) => StatusCode::MISDIRECTED_REQUEST,
        ErrorKind::Rejected(Rejection::UnknownMethod) => StatusCode::NOT_FOUND,
        ErrorKind::Rejected(Rejection::Undecodable) => StatusCode::BAD_REQUEST,
        ErrorKind::Rejected(Rejection::Unauthenticated) => StatusCode::UNAUTHORIZED,
        ErrorKind::Rejected(Rejection::Denied) => StatusCode::FORBIDDEN,
        ErrorKind::NotSent => StatusCode::BAD_GATEWAY,
        ErrorKind::Rejected(Rejection::Other) | ErrorKind::Setup => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
