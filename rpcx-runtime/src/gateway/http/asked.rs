//! A request, with the headers that are looked at.

use std::ops::Deref;

use http::header::HeaderValue;
use http::request;

/// The head of a request, and what its headers say.
pub(super) struct Asked<'r> {
    head: &'r request::Parts,
    pub(super) fields: Fields<'r>,
}

impl<'r> Asked<'r> {
    pub(super) fn new(head: &'r request::Parts) -> Self {
        Self {
            head,
            fields: Fields::of(head),
        }
    }

    /// The path of its URL.
    pub(super) fn path(&self) -> &'r str {
        self.head.uri.path()
    }
}

impl Deref for Asked<'_> {
    type Target = request::Parts;

    fn deref(&self) -> &request::Parts {
        self.head
    }
}

/// The first value of a header, and how often the header is there.
#[derive(Clone, Copy, Default)]
pub(super) struct Field<'r> {
    pub(super) value: Option<&'r HeaderValue>,
    pub(super) times: usize,
}

/// The headers that most requests are asked for, found in one pass: a question to the map costs the hash of a name, and a call
/// asks for twenty.
#[derive(Default)]
pub(super) struct Fields<'r> {
    pub(super) host: Field<'r>,
    pub(super) origin: Field<'r>,
    pub(super) content_type: Field<'r>,
    pub(super) content_encoding: Field<'r>,
    pub(super) accept: Field<'r>,
    pub(super) authorization: Field<'r>,
    pub(super) request_id: Field<'r>,
    pub(super) meta: Field<'r>,
    pub(super) timeout: Field<'r>,
    /// What travels with a trace, as [`TRACE`] names it.
    pub(super) trace: [Field<'r>; 3],
    /// Of Go's: a request in which it is `true` is one of JSON-RPC.
    pub(super) json_rpc: Field<'r>,
    /// Those that make a request one of Go's HTTP invoke.
    pub(super) invoke: Field<'r>,
}

/// What travels with a trace, under the keys that Go's plugins have.
pub(super) const TRACE: [&str; 3] = ["traceparent", "tracestate", "baggage"];

impl<'r> Fields<'r> {
    fn of(head: &'r request::Parts) -> Self {
        let mut fields = Self::default();
        for (name, value) in &head.headers {
            let field = match name.as_str() {
                "host" => &mut fields.host,
                "origin" => &mut fields.origin,
                "content-type" => &mut fields.content_type,
                "content-encoding" => &mut fields.content_encoding,
                "accept" => &mut fields.accept,
                "authorization" => &mut fields.authorization,
                "x-request-id" => &mut fields.request_id,
                "x-rpcx-meta" => &mut fields.meta,
                "x-rpcx-timeout-ms" => &mut fields.timeout,
                "traceparent" => &mut fields.trace[0],
                "tracestate" => &mut fields.trace[1],
                "baggage" => &mut fields.trace[2],
                "x-jsonrpc-2.0" => &mut fields.json_rpc,
                "x-rpcx-servicemethod" | "x-rpcx-serializetype" | "x-rpcx-servicepath" => {
                    &mut fields.invoke
                }
                _ => continue,
            };
            field.value.get_or_insert(value);
            field.times += 1;
        }
        fields
    }
}
