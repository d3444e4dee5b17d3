//! A request, with the headers that are looked at.

use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, request};

/// The head of a request, and what its headers say. It is the same for a head that hyper has read and for one that was read
/// without it.
pub(super) struct Asked<'r> {
    pub(super) method: &'r Method,
    /// The path of its URL.
    pub(super) path: &'r str,
    pub(super) query: Option<&'r str>,
    /// The host of its URL, if that has one.
    pub(super) authority: Option<&'r str>,
    pub(super) fields: Fields<'r>,
    /// All headers. None of a request [without rare ones](super::direct), whose [`fields`](Self::fields) are there once.
    pub(super) headers: &'r HeaderMap,
}

impl<'r> Asked<'r> {
    pub(super) fn new(head: &'r request::Parts) -> Self {
        Self {
            method: &head.method,
            path: head.uri.path(),
            query: head.uri.query(),
            authority: head.uri.authority().map(|authority| authority.as_str()),
            fields: Fields::of(&head.headers),
            headers: &head.headers,
        }
    }

    /// All values of a header that is one of [`fields`](Self::fields).
    pub(super) fn all(
        &self,
        field: Field<'r>,
        name: HeaderName,
    ) -> impl Iterator<Item = &'r [u8]> + use<'r> {
        let one = field.value.filter(|_| field.times == 1);
        let several = (field.times > 1).then(|| self.headers.get_all(name));
        let several = several.into_iter().flatten().map(HeaderValue::as_bytes);
        one.into_iter().chain(several)
    }
}

/// The first value of a header, and how often the header is there.
#[derive(Clone, Copy, Default)]
pub(super) struct Field<'r> {
    pub(super) value: Option<&'r [u8]>,
    pub(super) times: usize,
}

impl<'r> Field<'r> {
    /// Notes one more of them.
    #[inline]
    pub(super) fn note(&mut self, value: &'r [u8]) {
        self.value.get_or_insert(value);
        self.times += 1;
    }
}

/// A value as a text, if it is one: of ASCII, without controls.
pub(super) fn text(value: &[u8]) -> Option<&str> {
    let printable = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t');
    let text = value.iter().all(printable).then_some(value)?;
    std::str::from_utf8(text).ok()
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
    pub(super) accept_encoding: Field<'r>,
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
    fn of(headers: &'r HeaderMap) -> Self {
        let mut fields = Self::default();
        for (name, value) in headers {
            if let Some(field) = fields.named(name.as_str().as_bytes()) {
                field.note(value.as_bytes());
            }
        }
        fields
    }

    /// That of this name, in small letters.
    #[inline]
    pub(super) fn named(&mut self, name: &[u8]) -> Option<&mut Field<'r>> {
        Some(match name {
            b"host" => &mut self.host,
            b"origin" => &mut self.origin,
            b"content-type" => &mut self.content_type,
            b"content-encoding" => &mut self.content_encoding,
            b"accept" => &mut self.accept,
            b"accept-encoding" => &mut self.accept_encoding,
            b"authorization" => &mut self.authorization,
            b"x-request-id" => &mut self.request_id,
            b"x-rpcx-meta" => &mut self.meta,
            b"x-rpcx-timeout-ms" => &mut self.timeout,
            b"traceparent" => &mut self.trace[0],
            b"tracestate" => &mut self.trace[1],
            b"baggage" => &mut self.trace[2],
            b"x-jsonrpc-2.0" => &mut self.json_rpc,
            b"x-rpcx-servicemethod" | b"x-rpcx-serializetype" | b"x-rpcx-servicepath" => {
                &mut self.invoke
            }
            _ => return None,
        })
    }
}
