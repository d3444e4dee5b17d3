//! One request of HTTP, start to end: whether it may be sent from there, which entrance it is for, and the response.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Buf;
use http::header::{self, HeaderValue};
use http::{Method, Request, Response, StatusCode, request};
use http_body::Body;

use super::activity::Running;
use super::asked::{Asked, Fields, text};
use super::cors::{Page, is_preflight, preflight};
use super::entry::Entry;
use super::failure::Failure;
use super::reply::ResponseBody;
use super::upgrade::Kind;
use super::{cors, health, hosts, invoke, jsonrpc, names, page, plain};
use crate::error::{Error, Rejection};
use crate::protocol::Metadata;

/// The longest id of a request that is taken over, in bytes.
const LONGEST_ID: usize = 128;

const NO_SNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// Answers a request.
// Not an `async fn`: that would keep the whole request beside the parts of it, and hyper moves this future once for each request.
pub(super) fn respond<B: Body<Data: Buf>>(
    entry: Arc<Entry>,
    request: Request<B>,
) -> impl Future<Output = Result<Response<ResponseBody>, Infallible>> {
    let (mut request, body) = request.into_parts();
    async move {
        let running = begin(&entry);
        let mut response = match entry.site.upgrades.asked(&request) {
            Some(kind) => upgrade(&entry, &mut request, kind),
            None => answer(&entry, &Asked::new(&request), body).await,
        };
        response.body_mut().set_sending(running.sending());
        Ok(response)
    }
}

/// Answers a request that asks for no upgrade.
pub(super) async fn take<B: Body<Data: Buf>>(
    entry: &Entry,
    request: &Asked<'_>,
    body: B,
) -> Response<ResponseBody> {
    let running = begin(entry);
    let mut response = answer(entry, request, body).await;
    response.body_mut().set_sending(running.sending());
    response
}

/// Notes that a request has come.
fn begin(entry: &Entry) -> Running {
    if entry.activity.has_waited() {
        entry.turns.begin();
    }
    entry.peer.standing().heard(entry.shared.places.now());
    entry.activity.begin()
}

/// Answers a request that asks for an upgrade. One to JSON-RPC is a request like those by POST.
fn upgrade(entry: &Arc<Entry>, request: &mut request::Parts, kind: Kind) -> Response<ResponseBody> {
    let metadata = match kind {
        Kind::JsonRpc => {
            let asked = Asked::new(request);
            let id = RequestId::of(&asked.fields);
            let checked = sender(entry, &asked);
            let metadata = checked.and_then(|_| entry.metadata(&asked.fields, Some(id.as_str())));
            match metadata {
                Ok(metadata) => metadata,
                Err(failure) => return failure.problem(id.as_str()),
            }
        }
        Kind::Connect | Kind::WebSocket => Metadata::new(),
    };
    let upgrades = &entry.site.upgrades;
    upgrades.respond(entry, request, (kind, metadata))
}

async fn answer<B: Body<Data: Buf>>(
    entry: &Entry,
    request: &Asked<'_>,
    body: B,
) -> Response<ResponseBody> {
    let id = RequestId::of(&request.fields);
    let cors = &entry.site.http.cors;
    let page = sender(entry, request);
    let mut response = match &page {
        Ok(_) if is_preflight(request) => {
            let mut response = no_content();
            preflight(cors, request, response.headers_mut());
            response
        }
        Ok(_) => entrance(entry, request, body, id.as_str()).await,
        Err(failure) => failure.problem(id.as_str()),
    };
    let headers = response.headers_mut();
    if let Ok(page) = &page {
        page.expose(cors, headers);
    }
    headers.insert(names::REQUEST_ID, id.value());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
    response
}

/// The page that a request comes from.
fn sender(entry: &Entry, request: &Asked<'_>) -> Result<Page, Failure> {
    let host =
        hosts::of(request).map_err(|text| Failure::refused(StatusCode::BAD_REQUEST, text))?;
    let refused = |text| Failure::from(Error::rejected(Rejection::Denied, text));
    if entry.at_loopback && !entry.knows_host(host) {
        hosts::check(&entry.site.http.hosts, host).map_err(refused)?;
        entry.note_host(host);
    }
    Page::of(&entry.site.http.cors, request.fields.origin, host).map_err(refused)
}

async fn entrance<B: Body<Data: Buf>>(
    entry: &Entry,
    request: &Asked<'_>,
    body: B,
    id: &str,
) -> Response<ResponseBody> {
    let by_header = request
        .fields
        .json_rpc
        .value
        .is_some_and(|on| on == b"true");
    if by_header || request.path == entry.site.http.json_rpc_path {
        // In memory of its own, as Go's requests: plain calls would carry its size.
        return Box::pin(jsonrpc::serve(entry, request, body, (id, by_header))).await;
    }
    let is_invoke = invoke::is_invoke(&request.fields);
    if !is_invoke && let Some(response) = health::answer(entry, request) {
        return response;
    }
    if *request.method == Method::OPTIONS {
        let mut response = no_content();
        let allow = HeaderValue::from_static(cors::METHODS);
        response.headers_mut().insert(header::ALLOW, allow);
        return response;
    }
    if is_invoke {
        return Box::pin(invoke::serve(entry, request, body)).await;
    }
    if let Some(response) = page::answer(entry, request) {
        return response;
    }
    let served = plain::serve(entry, request, body, id).await;
    served.unwrap_or_else(|failure| failure.problem(id))
}

fn no_content() -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// The id of a request.
enum RequestId<'r> {
    /// The client has given it.
    Given(&'r str),
    New([u8; 16]),
}

impl<'r> RequestId<'r> {
    fn of(fields: &Fields<'r>) -> Self {
        let given = fields.request_id.value.and_then(text);
        match given.filter(|id| is_id(id)) {
            Some(id) => Self::Given(id),
            None => Self::New(digits(fastrand::u64(..))),
        }
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Given(id) => id,
            Self::New(digits) => std::str::from_utf8(digits).unwrap_or_default(),
        }
    }

    fn value(&self) -> HeaderValue {
        let value = HeaderValue::from_bytes(self.as_str().as_bytes());
        value.unwrap_or(HeaderValue::from_static(""))
    }
}

/// In hexadecimal, all digits at once: formatting would cost thirty times as much.
fn digits(number: u64) -> [u8; 16] {
    const ONES: u128 = 0x0101_0101_0101_0101_0101_0101_0101_0101;
    // A byte for each half of a byte.
    let mut halves = u128::from(number);
    for (shift, mask) in [
        (32, 0x0000_0000_ffff_ffff_0000_0000_ffff_ffff),
        (16, 0x0000_ffff_0000_ffff_0000_ffff_0000_ffff),
        (8, 0x00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff),
        (4, 0x0f0f_0f0f_0f0f_0f0f_0f0f_0f0f_0f0f_0f0f),
    ] {
        halves = (halves | halves << shift) & mask;
    }
    // 1 in each that is a letter.
    let letters = (halves + 6 * ONES) >> 4 & ONES;
    let to_letters = u128::from(b'a' - b'0' - 10);
    (halves + u128::from(b'0') * ONES + letters * to_letters).to_be_bytes()
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_id_has_16_digits() {
        for number in [0, 1, 0x0123_4567_89ab_cdef, u64::MAX] {
            let id = RequestId::New(digits(number));
            assert_eq!(id.as_str(), format!("{number:016x}"));
            assert_eq!(id.value(), id.as_str());
        }
    }
}
