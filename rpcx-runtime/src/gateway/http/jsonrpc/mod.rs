//! JSON-RPC 2.0: `POST /jsonrpc`, or any request with Go's header.
//!
//! `parse` is from bytes to calls, `answer` from what they end with to bytes. Here they are run: those of
//! a batch at once, with their answers in the order of the calls.

mod answer;
mod parse;
#[cfg(not(feature = "jsonrpc-ws"))]
#[path = "no_socket.rs"]
pub(super) mod socket;
#[cfg(feature = "jsonrpc-ws")]
pub(super) mod socket;

use bytes::{Buf, Bytes};
use http::header::{self, HeaderValue};
use http::{Method, Response, StatusCode};
use http_body::Body;

use self::answer::{Answers, Code};
use self::parse::{Call, Invalid, Parsed};
use super::asked::Asked;
use super::body;
use super::entry::{Dispatched, Entry, Head};
use super::failure::Failure;
use super::reply::{Answer, ResponseBody, Wanted};
use super::{media, names, query};
use crate::error::{Error, ErrorKind, Rejection};
use crate::protocol::{Codec, Compression, Metadata};

const ALLOWED: &str = "OPTIONS, POST";

/// What JSON-RPC is answered in.
const JSON: Wanted = Wanted {
    request: Codec::JSON,
    answer: Codec::JSON,
};

/// Answers a request. `by_header`: it is one of Go's, which leaves more out.
pub(super) async fn serve<B: Body<Data: Buf>>(
    entry: &Entry,
    request: &Asked<'_>,
    body: B,
    (id, by_header): (&str, bool),
) -> Response<ResponseBody> {
    if !by_header && *request.method != Method::POST {
        return Failure::method(ALLOWED).problem(id);
    }
    let go = entry.site.http.go_status_codes;
    let received = match receive(entry, request, body, id).await {
        Ok(received) => received,
        Err(failure) => return refused(&failure),
    };
    let (metadata, bytes) = received;
    let run = Run {
        entry,
        metadata: &metadata,
        go,
    };
    let (answers, own) = answers_to(&run, &bytes, by_header).await;
    let mut response = respond(answers, go);
    if !own.is_empty() {
        let own = names::value(&query::encode(&own));
        response.headers_mut().insert(names::META, own);
    }
    response
}

/// Runs the calls in a text; with the metadata that the only one of them was answered with.
async fn answers_to(run: &Run<'_>, bytes: &[u8], by_header: bool) -> (Answers, Metadata) {
    let limit = run.entry.site.http.batch_limit;
    match parse::parse(bytes, limit, by_header) {
        Parsed::Broken(text) => (Answers::one_error(Code::PARSE, &text), Metadata::new()),
        Parsed::TooMany => {
            let text = format!("the batch has more than {limit} calls");
            (Answers::one_error(Code::INVALID, &text), Metadata::new())
        }
        Parsed::Single(call) => run.single(call).await,
        Parsed::Batch(calls) => (run.batch(calls).await, Metadata::new()),
    }
}

/// What the calls of a request have in common, and its body as it was before it was compressed.
async fn receive<B: Body<Data: Buf>>(
    entry: &Entry,
    request: &Asked<'_>,
    body: B,
    id: &str,
) -> Result<(Metadata, Bytes), Failure> {
    let metadata = entry.metadata(&request.fields, Some(id))?;
    let compression = media::compression(&request.fields).map_err(|name| {
        let text = format!("the compression `{}` is not supported", name.escape_debug());
        Failure::refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, text)
    })?;
    let received = body::read(entry, body, None).await?;
    if compression == Compression::NONE {
        return Ok((metadata, received.into_bytes()));
    }
    let admission = &entry.dispatch.admission;
    let formats = &entry.dispatch.formats;
    let inflated = formats.inflate(compression, &received.bytes, admission.limits.inflated);
    let inflated = inflated.map_err(|error| {
        admission.reached(&admission.counters.inflate_failures, &*entry.peer);
        Failure::from(Error::rejected(Rejection::Undecodable, error.to_string()))
    })?;
    Ok((metadata, inflated.into()))
}

/// A request that no call was read of.
fn refused(failure: &Failure) -> Response<ResponseBody> {
    let code = match failure.error.kind() {
        ErrorKind::Rejected(Rejection::Undecodable) => Code::INVALID,
        _ => Code::of(&failure.error, false),
    };
    let answers = Answers::one_failure(code, &failure.error);
    let mut response = respond(answers, false);
    *response.status_mut() = failure.status;
    failure.mark(response.headers_mut());
    response
}

fn respond(answers: Answers, go: bool) -> Response<ResponseBody> {
    let Some(bytes) = answers.finish() else {
        let mut response = Response::new(ResponseBody::empty());
        if !go {
            *response.status_mut() = StatusCode::NO_CONTENT;
        }
        return response;
    };
    let mut response = Response::new(ResponseBody::new(bytes));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// The calls of one request.
struct Run<'a> {
    entry: &'a Entry,
    metadata: &'a Metadata,
    /// With the error codes of Go.
    go: bool,
}

/// A call that was begun, or has ended already.
enum Begun<'e> {
    Running(Dispatched<'e>),
    Ended(Answer),
}

impl<'e> Run<'e> {
    async fn single(&self, call: Result<Call<'_>, Invalid<'_>>) -> (Answers, Metadata) {
        let mut answers = Answers::single(self.go);
        self.entry.turns.wait().await;
        let begun = call.map(|call| {
            let begun = self.begin(&call);
            (call, begun)
        });
        let metadata = self.end(begun, &mut answers).await;
        (answers, metadata)
    }

    async fn batch(&self, calls: Vec<Result<Call<'_>, Invalid<'_>>>) -> Answers {
        if calls.is_empty() {
            return Answers::one_error(Code::INVALID, "the batch is empty");
        }
        // All of them, before any is waited for.
        let mut begun = Vec::with_capacity(calls.len());
        for call in calls {
            self.entry.turns.wait().await;
            begun.push(call.map(|call| {
                let begun = self.begin(&call);
                (call, begun)
            }));
        }
        let mut answers = Answers::batch(self.go);
        for call in begun {
            self.end(call, &mut answers).await;
        }
        answers
    }

    /// Begins a call, as far as it comes without waiting.
    fn begin(&self, call: &Call<'_>) -> Begun<'e> {
        let params = call.params.map_or("null", |params| params.get());
        self.dispatch(call, Bytes::copy_from_slice(params.as_bytes()))
            .unwrap_or_else(|error| Begun::Ended(Answer::failed(error)))
    }

    fn dispatch(&self, call: &Call<'_>, payload: Bytes) -> Result<Begun<'e>, Error> {
        let mut head = self.head(call)?;
        let admitted = self.entry.admit(&mut head)?;
        let dispatched = self.entry.dispatch(&mut head, admitted, payload, JSON)?;
        Ok(Begun::Running(dispatched))
    }

    fn head<'c>(&self, call: &'c Call<'_>) -> Result<Head<'c>, Error> {
        let named = call.method.rsplit_once(['.', '/']);
        let Some((service, method)) = named.filter(|(service, _)| !service.is_empty()) else {
            // In the words of Go.
            let text = "must contains servicepath and method";
            return Err(Error::rejected(Rejection::UnknownMethod, text));
        };
        Ok(Head {
            service: service.into(),
            method: method.into(),
            metadata: self.metadata.clone(),
            codec: Codec::JSON,
            compression: Compression::NONE,
            oneway: call.id.is_none(),
        })
    }

    /// Waits for a call and writes its answer down.
    async fn end(
        &self,
        call: Result<(Call<'_>, Begun<'e>), Invalid<'_>>,
        answers: &mut Answers,
    ) -> Metadata {
        let (call, begun) = match call {
            Ok(call) => call,
            Err(Invalid { id, text }) => {
                answers.error_of(id, Code::INVALID, text);
                return Metadata::new();
            }
        };
        let Some(id) = call.id else {
            if let Begun::Running(notification) = begun {
                notification.forget();
            }
            return Metadata::new();
        };
        let mut answer = ended(begun).await;
        if let Some(only) = self.only_argument(&call, &answer) {
            self.entry.turns.wait().await;
            let again = self.dispatch(&call, only);
            answer = ended(again.unwrap_or_else(|error| Begun::Ended(Answer::failed(error)))).await;
        }
        match self.result(answer.result) {
            Ok(result) => answers.result_of(id, &result),
            Err(error) => answers.failure_of(id, &error),
        }
        answer.metadata
    }

    /// The element of a list of one, for a method whose argument is not that list: arguments by position are
    /// the fields of a message, and else the message itself.
    fn only_argument(&self, call: &Call<'_>, answer: &Answer) -> Option<Bytes> {
        let undecodable = ErrorKind::Rejected(Rejection::Undecodable);
        let error = answer.result.as_ref().err()?;
        let only = (error.kind() == undecodable).then(|| parse::only(call.params?));
        Some(Bytes::copy_from_slice(only??.get().as_bytes()))
    }

    /// The reply as JSON.
    fn result(&self, result: Result<super::reply::Payload, Error>) -> Result<Vec<u8>, Error> {
        let payload = result?;
        let admission = &self.entry.dispatch.admission;
        let formats = &self.entry.dispatch.formats;
        let bytes = match payload.compression {
            Compression::NONE => payload.bytes,
            other => formats
                .inflate(other, &payload.bytes, admission.limits.inflated)
                .map_err(|error| Error::service(error.to_string()))?,
        };
        if payload.codec != Codec::JSON {
            let text = format!("the reply is in {}, and not in JSON", payload.codec);
            return Err(Error::service(text));
        }
        Ok(bytes)
    }
}

async fn ended(begun: Begun<'_>) -> Answer {
    match begun {
        Begun::Running(mut call) => call.answer().await,
        Begun::Ended(answer) => answer,
    }
}
