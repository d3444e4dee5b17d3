//! Calls with the headers of Go's gateway: the body is the payload, and all else is in headers.
//!
//! (Source: Go rpcx, server/gateway.go and converter.go.) What a request lacks is told in the order
//! and with the texts of Go.

use bytes::{Buf, Bytes};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use http_body::Body;

use super::asked::{Asked, Fields};
use super::body;
use super::entry::{Entry, Head};
use super::failure::Failure;
use super::reply::{Answer, Payload, ResponseBody, Wanted};
use super::{media, names, query};
use crate::error::{Error, ErrorKind, Rejection};
use crate::protocol::{Codec, Compression, Metadata};

const ALLOWED: &str = "GET, OPTIONS, POST, PUT";

const VARY: HeaderValue = HeaderValue::from_static("Accept-Encoding");

/// What a response repeats of its request.
const ECHOED: [HeaderName; 5] = [
    names::VERSION,
    names::MESSAGE_ID,
    names::SERVICE_PATH,
    names::SERVICE_METHOD,
    names::SERIALIZE_TYPE,
];

/// Whether a request is one of these.
pub(super) fn is_invoke(fields: &Fields<'_>) -> bool {
    fields.invoke.times > 0
}

/// Answers a call.
pub(super) async fn serve<B: Body<Data: Buf>>(
    entry: &Entry,
    request: &Asked<'_>,
    body: B,
) -> Response<ResponseBody> {
    if ![Method::GET, Method::POST, Method::PUT].contains(request.method) {
        return not_allowed();
    }
    let path = path(request);
    let mut response = match head(entry, request, &path) {
        Ok(mut head) => match call(entry, &mut head, body).await {
            Ok(answer) => succeeded(entry, request, answer, head.oneway),
            Err(failure) => failed(entry, &failure),
        },
        Err(failure) => incomplete(entry, &failure),
    };
    let headers = response.headers_mut();
    for name in ECHOED {
        let value = request.headers.get(&name).cloned();
        headers.insert(name, value.unwrap_or(HeaderValue::from_static("")));
    }
    headers.insert(names::SERVICE_PATH, names::value(&path.unwrap_or_default()));
    response
}

/// The service: the whole path of the URL stands for the header.
fn path(request: &Asked<'_>) -> Result<String, String> {
    match text(request.headers, &names::SERVICE_PATH)? {
        "" => {
            let path = request.path;
            query::name(path.strip_prefix('/').unwrap_or(path)).map(Into::into)
        }
        path => Ok(path.to_owned()),
    }
}

/// The value of a header, which is empty if there is none.
fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<&'h str, String> {
    let Some(value) = names::find(headers, name) else {
        return Ok("");
    };
    std::str::from_utf8(value.as_bytes()).map_err(|_| format!("the header {name} is not UTF-8"))
}

fn head<'r>(
    entry: &Entry,
    request: &'r Asked<'_>,
    path: &'r Result<String, String>,
) -> Result<Head<'r>, Failure> {
    let headers = request.headers;
    let wrong = |text: String| Failure::refused(StatusCode::BAD_REQUEST, text);
    let id = text(headers, &names::MESSAGE_ID).map_err(wrong)?;
    if !id.is_empty() && id.parse::<u64>().is_err() {
        return Err(wrong(not_a_number("ParseUint", id)));
    }
    let codec = codec(headers).map_err(wrong)?;
    let compression = compression(request)?;
    let metadata = entry.metadata(
        &request.fields,
        text(headers, &names::REQUEST_ID)
            .ok()
            .filter(|id| !id.is_empty()),
    )?;
    let service = path.as_deref().map_err(|text| wrong(text.clone()))?;
    if service.is_empty() {
        return Err(wrong("empty servicepath".to_owned()));
    }
    let method = text(headers, &names::SERVICE_METHOD).map_err(wrong)?;
    if method.is_empty() {
        return Err(wrong("empty servicemethod".to_owned()));
    }
    Ok(Head {
        service: service.into(),
        method: method.into(),
        metadata,
        codec,
        compression,
        oneway: !text(headers, &names::ONEWAY).unwrap_or_default().is_empty(),
    })
}

fn codec(headers: &HeaderMap) -> Result<Codec, String> {
    let number = text(headers, &names::SERIALIZE_TYPE)?;
    if number.is_empty() {
        return Err("empty serialized type".to_owned());
    }
    let Ok(parsed) = number.parse::<u64>() else {
        return Err(not_a_number("Atoi", number));
    };
    // Go takes it modulo 16, and so another codec than was named.
    let codec = u8::try_from(parsed).ok().and_then(Codec::new);
    codec.ok_or_else(|| format!("the serialize type {number} is over 15"))
}

/// By the header of HTTP or by that of rpcx.
fn compression(request: &Asked<'_>) -> Result<Compression, Failure> {
    let unsupported = |name: String| {
        let text = format!("the compression `{}` is not supported", name.escape_debug());
        Failure::refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, text)
    };
    let by_name = media::compression(&request.fields).map_err(unsupported)?;
    if by_name != Compression::NONE {
        return Ok(by_name);
    }
    let number = text(request.headers, &names::COMPRESS_TYPE).unwrap_or_default();
    if number.is_empty() {
        return Ok(Compression::NONE);
    }
    let parsed = number.parse().ok().and_then(Compression::new);
    parsed.ok_or_else(|| unsupported(number.to_owned()))
}

/// In the words of Go.
fn not_a_number(function: &str, text: &str) -> String {
    let quoted = text.escape_debug();
    format!("strconv.{function}: parsing \"{quoted}\": invalid syntax")
}

/// Runs a call; an error of it is a failure.
async fn call<B: Body<Data: Buf>>(
    entry: &Entry,
    head: &mut Head<'_>,
    body: B,
) -> Result<(Metadata, Payload), Failure> {
    let admitted = entry.admit(head)?;
    let received = body::read(entry, body, admitted.deadline()).await?;
    let wanted = Wanted {
        request: head.codec,
        answer: head.codec,
    };
    entry.turns.wait().await;
    let mut dispatched = entry.dispatch(head, admitted, received.bytes.clone(), wanted)?;
    drop(received);
    let Answer { metadata, result } = dispatched.answer().await;
    match result {
        Ok(payload) => Ok((metadata, payload)),
        Err(error) => Err(Failure::from(error).with_metadata(metadata)),
    }
}

fn succeeded(
    entry: &Entry,
    request: &Asked<'_>,
    (metadata, payload): (Metadata, Payload),
    oneway: bool,
) -> Response<ResponseBody> {
    let mut response = match oneway {
        // It has ended, and its answer was not asked for.
        true => Response::new(ResponseBody::empty()),
        false => with_payload(entry, request, payload, Some(VARY))
            .unwrap_or_else(|error| failed(entry, &error.into())),
    };
    let meta = names::value(&query::encode(&metadata));
    response.headers_mut().insert(names::META, meta);
    response
}

/// A payload as the body of a response, compressed if the client takes that. `vary` names the headers that it
/// depends on, for whatever keeps it.
pub(super) fn with_payload(
    entry: &Entry,
    request: &Asked<'_>,
    payload: Payload,
    vary: Option<HeaderValue>,
) -> Result<Response<ResponseBody>, Error> {
    let formats = &entry.dispatch.formats;
    let Payload {
        codec,
        compression,
        bytes,
    } = payload;
    let (bytes, packed) = match compression {
        Compression::NONE => match media::gzip(formats, request, &bytes) {
            Some(packed) => (packed, true),
            None => (bytes, false),
        },
        Compression::GZIP if media::takes_gzip(request) => (bytes, true),
        other => {
            let limit = entry.dispatch.admission.limits.inflated;
            let inflated = formats.inflate(other, &bytes, limit);
            let wrong = |error| Error::service(format!("the reply cannot be inflated: {error}"));
            (inflated.map_err(wrong)?, false)
        }
    };
    let mut response = Response::new(ResponseBody::new(Bytes::from(bytes)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media::type_of(codec));
    if let Some(vary) = vary {
        headers.insert(header::VARY, vary);
    }
    if packed {
        let gzip = HeaderValue::from_static("gzip");
        headers.insert(header::CONTENT_ENCODING, gzip);
    }
    Ok(response)
}

/// A request that names no call.
fn incomplete(entry: &Entry, failure: &Failure) -> Response<ResponseBody> {
    let mut response = failed(entry, failure);
    if entry.site.http.go_status_codes {
        *response.status_mut() = StatusCode::OK;
    }
    response
}

fn failed(entry: &Entry, failure: &Failure) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::empty());
    *response.status_mut() = match entry.site.http.go_status_codes {
        true => go_status(&failure.error),
        false => failure.status,
    };
    let headers = response.headers_mut();
    failure.mark(headers);
    let meta = names::value(&query::encode(&failure.metadata));
    headers.insert(names::META, meta);
    headers.insert(names::STATUS_TYPE, HeaderValue::from_static("Error"));
    let text = names::value(failure.error.message());
    headers.insert(names::ERROR_MESSAGE, text);
    response
}

fn go_status(error: &Error) -> StatusCode {
    match error.kind() {
        ErrorKind::Rejected(Rejection::Unauthenticated | Rejection::Denied) => {
            StatusCode::UNAUTHORIZED
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn not_allowed() -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::new("Method Not Allowed\n"));
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static(ALLOWED));
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, plain);
    response
}
