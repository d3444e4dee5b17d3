//! From what calls end with to bytes.

use serde_json::{Map, Value};

use super::super::failure::known;
use crate::error::{Error, ErrorKind, Rejection};

/// A code of the specification, or one of ours from its range for servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Code(i64);

impl Code {
    pub(super) const PARSE: Self = Self(-32700);
    pub(super) const INVALID: Self = Self(-32600);
    const METHOD: Self = Self(-32601);
    const PARAMS: Self = Self(-32602);
    const INTERNAL: Self = Self(-32603);
    /// An error that the method answers with, and that has no code of its own.
    const SERVICE: Self = Self(-32000);
    const UNAUTHENTICATED: Self = Self(-32001);
    const DENIED: Self = Self(-32002);
    /// Overloaded, or going: worth another try.
    const LATER: Self = Self(-32003);
    /// The deadline has passed.
    const DEADLINE: Self = Self(-32004);

    /// The code of an error. Go has one for all of them.
    pub(super) fn of(error: &Error, go: bool) -> Self {
        if go {
            return Self::INTERNAL;
        }
        match error.kind() {
            ErrorKind::Service => error.code().map_or(Self::SERVICE, Self),
            ErrorKind::Unknown | ErrorKind::Rejected(Rejection::Expired) => Self::DEADLINE,
            ErrorKind::Rejected(Rejection::UnknownMethod) => Self::METHOD,
            ErrorKind::Rejected(Rejection::Undecodable) => Self::PARAMS,
            ErrorKind::Rejected(Rejection::Unauthenticated) => Self::UNAUTHENTICATED,
            ErrorKind::Rejected(Rejection::Denied) => Self::DENIED,
            ErrorKind::Rejected(
                Rejection::Overloaded | Rejection::Draining | Rejection::Elsewhere,
            ) => Self::LATER,
            _ => Self::INTERNAL,
        }
    }
}

/// The answers to the calls of one request.
#[derive(Debug)]
pub(super) struct Answers {
    out: Vec<u8>,
    count: usize,
    is_batch: bool,
    /// With the error codes of Go.
    go: bool,
}

impl Answers {
    pub(super) fn single(go: bool) -> Self {
        Self {
            out: Vec::new(),
            count: 0,
            is_batch: false,
            go,
        }
    }

    pub(super) fn batch(go: bool) -> Self {
        Self {
            out: vec![b'['],
            is_batch: true,
            ..Self::single(go)
        }
    }

    /// The same for a request that was refused as a whole.
    pub(super) fn one_failure(code: Code, error: &Error) -> Self {
        let mut answers = Self::single(false);
        let mut known = known(error);
        known.remove("code");
        answers.error("null", code, error.message(), &known);
        answers
    }

    /// One error for the whole request.
    pub(super) fn one_error(code: Code, text: &str) -> Self {
        let mut answers = Self::single(false);
        answers.error_of("null", code, text);
        answers
    }

    fn begin(&mut self) {
        if self.count > 0 {
            self.out.push(b',');
        }
        self.count += 1;
        self.out.extend_from_slice(br#"{"jsonrpc":"2.0","#);
    }

    fn end(&mut self, id: &str) {
        self.out.extend_from_slice(br#","id":"#);
        self.out.extend_from_slice(id.as_bytes());
        self.out.push(b'}');
    }

    /// The answer to a call that went well. `result` is JSON.
    pub(super) fn result_of(&mut self, id: &str, result: &[u8]) {
        self.begin();
        self.out.extend_from_slice(br#""result":"#);
        match result.trim_ascii() {
            b"" => self.out.extend_from_slice(b"null"),
            result => self.out.extend_from_slice(result),
        }
        self.end(id);
    }

    /// The answer to what is no call.
    pub(super) fn error_of(&mut self, id: &str, code: Code, text: &str) {
        self.error(id, code, text, &Map::new());
    }

    /// The answer to a call that did not go well.
    pub(super) fn failure_of(&mut self, id: &str, error: &Error) {
        let code = Code::of(error, self.go);
        let mut known = known(error);
        // It is the code of the whole.
        known.remove("code");
        self.error(id, code, error.message(), &known);
    }

    fn error(&mut self, id: &str, code: Code, text: &str, data: &Map<String, Value>) {
        let mut members = Map::new();
        members.insert("code".to_owned(), code.0.into());
        members.insert("message".to_owned(), text.into());
        if !data.is_empty() {
            members.insert("data".to_owned(), Value::Object(data.clone()));
        }
        self.begin();
        self.out.extend_from_slice(br#""error":"#);
        let written = serde_json::to_vec(&members).unwrap_or_default();
        self.out.extend_from_slice(&written);
        self.end(id);
    }

    /// The bytes, unless there was nothing to answer.
    pub(super) fn finish(mut self) -> Option<Vec<u8>> {
        if self.is_batch {
            self.out.push(b']');
        }
        (self.count > 0).then_some(self.out)
    }
}
