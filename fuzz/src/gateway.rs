//! Requests of HTTP, from a head to a call and back.

use std::cell::RefCell;
use std::collections::BTreeMap;

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use rpcx::gateway::{Http, HttpService, ResponseBody};
use serde_json::Value;
use serde_json::value::RawValue;
use tower_service::Service as _;

/// Calls of a batch.
const BATCH: usize = 8;

/// The service under test, in which each method gives back what it is called with.
struct Site {
    service: HttpService,
    runtime: tokio::runtime::Runtime,
}

thread_local! {
    static SITE: RefCell<Site> = RefCell::new(Site::new());
}

impl Site {
    fn new() -> Self {
        let builder =
            rpcx::Server::builder().fallback(|_, request| async move { Ok(request.payload) });
        let service = builder.http_service(Http::new().batch_limit(BATCH));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        Self {
            service: service.expect("the settings are right"),
            runtime: runtime.expect("a runtime without I/O takes nothing"),
        }
    }

    fn ask(&mut self, request: Request<Full<bytes::Bytes>>) -> (Response<()>, Vec<u8>) {
        let answer: Result<Response<ResponseBody>, _> =
            self.runtime.block_on(self.service.call(request));
        let (head, body) = answer.expect("it is infallible").into_parts();
        let body = self
            .runtime
            .block_on(body.collect())
            .expect("it is infallible");
        (Response::from_parts(head, ()), body.to_bytes().to_vec())
    }
}

fn ask(request: Request<Full<bytes::Bytes>>) -> (Response<()>, Vec<u8>) {
    SITE.with_borrow_mut(|site| site.ask(request))
}

/// The input is the body of a request of JSON-RPC.
pub fn json_rpc(data: &[u8]) {
    let body = Full::new(bytes::Bytes::copy_from_slice(data));
    let request = Request::post("/jsonrpc").body(body).expect("it is one");
    let (head, body) = ask(request);
    if body.is_empty() {
        assert_eq!(
            head.status(),
            StatusCode::NO_CONTENT,
            "only notifications have no answer"
        );
        return;
    }
    assert_eq!(head.status(), StatusCode::OK);
    let answers: Vec<Answer<'_>> = match body.first() {
        Some(b'[') => serde_json::from_slice(&body).expect("answers are JSON"),
        _ => vec![serde_json::from_slice(&body).expect("an answer is JSON")],
    };
    assert!((1..=BATCH).contains(&answers.len()), "{answers:?}");
    answers.iter().for_each(check);
}

/// A result is what the method was called with, of which a reader need not take every number.
type Answer<'a> = BTreeMap<&'a str, &'a RawValue>;

fn check(answer: &Answer<'_>) {
    let read = |member| match answer.get(member) {
        Some(value) => serde_json::from_str(value.get()).expect("any reader takes it"),
        None => Value::Null,
    };
    assert_eq!(read("jsonrpc"), "2.0");
    let (result, error) = (answer.contains_key("result"), answer.contains_key("error"));
    assert!(result != error, "{answer:?}");
    assert!(!error || read("error")["code"].is_i64(), "{answer:?}");
    let id = read("id");
    assert!(
        matches!(id, Value::Null | Value::Number(_) | Value::String(_)),
        "{id}"
    );
}

/// The input is lines: the method, the path, headers, an empty line, and the body.
pub fn http_request(data: &[u8]) {
    let Some(request) = request(data) else {
        return;
    };
    let problem = "application/problem+json";
    let (head, body) = ask(request);
    let status = head.status();
    assert!((200..600).contains(&status.as_u16()), "{status}");
    let kind = head.headers().get("content-type");
    if kind.is_some_and(|kind| kind == problem) {
        let problem: Value = serde_json::from_slice(&body).expect("a problem is JSON");
        assert_eq!(problem["status"], status.as_u16());
        assert!(
            ["ran", "not-run", "unknown"]
                .iter()
                .any(|one| problem["outcome"] == *one),
            "{problem}"
        );
    }
}

fn request(data: &[u8]) -> Option<Request<Full<bytes::Bytes>>> {
    let mut lines = data.splitn(2, |byte| *byte == b'\n');
    let method = lines.next()?;
    let mut rest = lines.next()?;
    let mut line = || {
        let end = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(rest.len());
        let line = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        line
    };
    let mut request = Request::builder().method(method).uri(line());
    loop {
        match line() {
            b"" => break,
            header => {
                let mut parts = header.splitn(2, |byte| *byte == b':');
                let (name, value) = (parts.next()?, parts.next()?);
                request = request.header(name, value.trim_ascii());
            }
        }
    }
    request
        .body(Full::new(bytes::Bytes::copy_from_slice(rest)))
        .ok()
}
