//! Plain calls: `POST /Service/Method` with the arguments as the body, JSON unless it says otherwise.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hasher};

use bytes::{Buf, Bytes};
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Response, StatusCode};
use http_body::Body;

use super::asked::{Asked, Fields};
use super::body;
use super::entry::{Entry, Head};
use super::failure::Failure;
use super::invoke::with_payload;
use super::reply::{Answer, ResponseBody, Wanted};
use super::{media, names, query};
use crate::error::{Error, Rejection};
use crate::protocol::{Codec, Compression};
use crate::reflection;

/// For a method that may be called any number of times, and for any other.
const IDEMPOTENT: &str = "GET, HEAD, OPTIONS, POST, PUT";
const OTHER: &str = "OPTIONS, POST, PUT";

/// What an answer depends on, beside the arguments.
const VARY: HeaderValue = HeaderValue::from_static("Accept, Accept-Encoding");

/// Answers a call.
pub(super) async fn serve<B: Body<Data: Buf>>(
    entry: &Entry,
    request: &Asked<'_>,
    body: B,
    request_id: &str,
) -> Result<Response<ResponseBody>, Failure> {
    let is_get = matches!(*request.method, Method::GET | Method::HEAD);
    if !is_get && ![Method::POST, Method::PUT].contains(request.method) {
        return Err(Failure::method(IDEMPOTENT));
    }
    let (mut head, wanted) = head(entry, request, request_id)?;
    let admitted = entry.admit(&mut head)?;
    // A gateway does not know what the methods of its servers are marked with, but what these paths are for.
    let is_described = described_by(request.path).is_some();
    if is_get && !is_described && !admitted.method().options().idempotent {
        return Err(Failure::method(OTHER));
    }
    let received = body::read(entry, body, admitted.deadline()).await?;
    let payload = match is_get {
        true => query::arguments(request.query.unwrap_or_default()).map(Bytes::from),
        false => arguments(&head, &request.fields, &received.bytes),
    };
    let payload = payload.map_err(|text| Error::rejected(Rejection::Undecodable, text))?;
    entry.turns.wait().await;
    let mut dispatched = entry.dispatch(&mut head, admitted, payload, wanted)?;
    drop(received);
    let Answer { metadata, result } = dispatched.answer().await;
    let payload = match result {
        Ok(payload) => payload,
        Err(error) => return Err(Failure::from(error).with_metadata(metadata)),
    };
    let tag = is_get.then(|| tag(&payload.bytes));
    // Nothing keeps the answer to anything else.
    let vary = is_get.then_some(VARY);
    let mut response = match &tag {
        Some(tag) if is_known(request.headers, tag) => {
            let mut response = Response::new(ResponseBody::empty());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        }
        _ => with_payload(entry, request, payload, vary.clone())?,
    };
    let headers = response.headers_mut();
    if let Some(tag) = tag {
        headers.insert(header::ETAG, names::value(&tag));
        // It may be kept, and has to be asked for each time.
        let ask = HeaderValue::from_static("no-cache");
        headers.insert(header::CACHE_CONTROL, ask);
    }
    if let Some(vary) = vary {
        headers.insert(header::VARY, vary);
    }
    if !metadata.is_empty() {
        headers.insert(names::META, names::value(&query::encode(&metadata)));
    }
    Ok(response)
}

/// The call that a request stands for, and the codec that is to be answered in.
fn head<'r>(
    entry: &Entry,
    request: &Asked<'r>,
    request_id: &str,
) -> Result<(Head<'r>, Wanted), Failure> {
    let is_get = matches!(*request.method, Method::GET | Method::HEAD);
    let (service, method) = split(request.path).map_err(|text| {
        let error = Error::rejected(Rejection::UnknownMethod, text);
        Failure::from(error)
    })?;
    let unsupported = |what: &str, name: &str| {
        let text = format!("the {what} `{}` is not supported", name.escape_debug());
        Failure::refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, text)
    };
    let fields = &request.fields;
    let codec = match is_get {
        true => Codec::JSON,
        false => media::of_body(fields).map_err(|name| unsupported("content type", &name))?,
    };
    let compression = match is_get {
        true => Compression::NONE,
        false => media::compression(fields).map_err(|name| unsupported("compression", &name))?,
    };
    let answer = media::of_answer(request, codec).map_err(|()| {
        let text = "none of the types in Accept can be answered with: application/json, \
             application/msgpack, application/protobuf";
        Failure::refused(StatusCode::NOT_ACCEPTABLE, text)
    })?;
    let head = Head {
        service,
        method,
        metadata: entry.metadata(fields, Some(request_id))?,
        codec,
        compression,
        oneway: false,
    };
    let wanted = Wanted {
        request: codec,
        answer,
    };
    Ok((head, wanted))
}

/// Service and method: what stands before and behind the last slash.
fn split(path: &str) -> Result<(Cow<'_, str>, Cow<'_, str>), String> {
    if let Some(method) = described_by(path) {
        return Ok((reflection::SERVICE.into(), method.into()));
    }
    // By bytes: a search for a character costs ten times as much.
    let last = path.bytes().rposition(|byte| byte == b'/');
    let named = last.filter(|last| *last > 0 && path.starts_with('/'));
    match named.map(|last| (&path[1..last], &path[last + 1..])) {
        Some((service, method)) if !service.is_empty() && !method.is_empty() => {
            Ok((query::name(service)?, query::name(method)?))
        }
        _ => Err("a call is POST /Service/Method".to_owned()),
    }
}

/// The method of the service `Reflection` that a well-known path stands for.
fn described_by(path: &str) -> Option<&'static str> {
    match path {
        "/.well-known/rpcx.json" => Some(reflection::DESCRIBE),
        "/openapi.json" => Some(reflection::OPENAPI),
        _ => None,
    }
}

/// The arguments in a body: no body is no arguments, and a form is an object.
fn arguments(head: &Head<'_>, fields: &Fields<'_>, body: &Bytes) -> Result<Bytes, String> {
    if head.codec != Codec::JSON || head.compression != Compression::NONE {
        return Ok(body.clone());
    }
    if body.is_empty() {
        return Ok(Bytes::from_static(b"null"));
    }
    if media::is_form(fields)
        && let Some(arguments) = query::form(body)?
    {
        return Ok(arguments.into());
    }
    Ok(body.clone())
}

/// The tag of an answer: the same for the same bytes, on every server of this version.
fn tag(payload: &[u8]) -> String {
    let mut hash = DefaultHasher::new();
    hash.write(payload);
    // Weak: the bytes that are sent may be compressed.
    format!("W/\"{:x}-{:016x}\"", payload.len(), hash.finish())
}

/// Whether the client has this answer already.
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).into_iter();
    let mut tags = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(str::trim);
    let bare = |tag: &str| tag.trim_start_matches("W/").to_owned();
    tags.any(|one| one == "*" || bare(one) == bare(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_service_and_a_method() {
        let both =
            |service: &'static str, method: &'static str| Ok((service.into(), method.into()));
        assert_eq!(split("/Arith/Mul"), both("Arith", "Mul"));
        assert_eq!(split("/a/b/Arith/Mul"), both("a/b/Arith", "Mul"));
        assert_eq!(split("/a%2Fb%20c/%E4%B8%AD"), both("a/b c", "中"));
        for path in [
            "", "/", "/Arith", "//Mul", "/Arith/", "*", "/%ff/Mul", "/A/%zz",
        ] {
            split(path).unwrap_err();
        }
    }
}
