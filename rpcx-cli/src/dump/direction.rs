//! The frames that go one way over a connection.

use std::sync::Arc;

use bytes::BytesMut;
use rpcx::Codec;
use rpcx::codec::transcode;
use rpcx::protocol::{Compression, Decoded, Decoder, Frame, FrameLimits, inflate};
use serde_json::{Map, Value, json};

use super::Printer;
use super::wrapping::{Found, Wrapping};
use crate::outcome::printable;
use crate::show;

/// Who has sent something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    Client,
    Server,
}

/// One way of a connection.
pub(super) struct Direction {
    from: From,
    number: u64,
    printer: Arc<Printer>,
    wrapping: Wrapping,
    decoder: Decoder,
    buffer: BytesMut,
    /// Bytes behind something that is no frame: they are counted, and not looked at.
    other: Option<u64>,
}

impl Direction {
    pub(super) fn new(from: From, number: u64, printer: Arc<Printer>) -> Self {
        Self {
            from,
            number,
            printer,
            wrapping: Wrapping::new(),
            decoder: Decoder::new(FrameLimits::CLIENT),
            buffer: BytesMut::new(),
            other: None,
        }
    }

    /// Takes what was read, and prints the frames that are whole by then.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        if let Some(other) = &mut self.other {
            *other += bytes.len() as u64;
            return;
        }
        for found in self.wrapping.bytes(bytes) {
            match found {
                Found::Frames(bytes) => self.frames(&bytes),
                Found::Head(line) => self.line(json!({"http": line})),
                Found::Text(text) => {
                    let text = String::from_utf8_lossy(&text).into_owned();
                    self.line(json!({"bytes": text.len(), "payload": text}));
                }
                Found::Other(what, bytes) => self.other(what, bytes.len()),
            }
        }
    }

    /// What comes from here on is counted, and not looked at.
    fn other(&mut self, what: &str, bytes: usize) {
        match &mut self.other {
            Some(other) => *other += bytes as u64,
            None => {
                self.line(json!({"error": format!("no frame: {what}")}));
                self.other = Some(bytes as u64);
            }
        }
    }

    /// A part of the bytes was not captured.
    pub(super) fn missing(&self) {
        self.line(json!({"error": "bytes are missing in the capture"}));
    }

    fn frames(&mut self, bytes: &[u8]) {
        if let Some(other) = &mut self.other {
            *other += bytes.len() as u64;
            return;
        }
        self.buffer.extend_from_slice(bytes);
        loop {
            match self.decoder.decode(&mut self.buffer) {
                Ok(Decoded::Frame(frame)) => self.frame(&frame),
                Ok(Decoded::Refused(header, refusal)) => {
                    self.line(json!({"seq": header.seq, "refused": refusal.to_string()}));
                }
                Ok(Decoded::Incomplete) => return,
                Err(error) => {
                    let bytes = self.buffer.split().len();
                    return self.other(&error.to_string(), bytes);
                }
            }
        }
    }

    /// The connection has ended this way.
    pub(super) fn end(&self) {
        match self.other {
            Some(bytes) => self.line(json!({"end": true, "bytes": bytes})),
            None => self.line(json!({"end": true})),
        }
    }

    fn frame(&self, frame: &Frame) {
        let header = frame.header;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let kind = match (
            header.is_heartbeat(),
            header.is_response(),
            header.is_oneway(),
        ) {
            (true, _, _) => "heartbeat",
            (_, true, _) if header.status() != 0 => "error",
            (_, true, _) => "reply",
            (_, false, true) if self.from == From::Server => "push",
            (_, false, true) => "one-way",
            (_, false, false) => "request",
        };
        let mut members = Map::new();
        members.insert("kind".to_owned(), kind.into());
        members.insert("seq".to_owned(), header.seq.into());
        members.insert("service".to_owned(), text(frame.path()).into());
        members.insert("method".to_owned(), text(frame.method()).into());
        members.insert("codec".to_owned(), header.codec().number().into());
        if header.compress() != Compression::NONE {
            members.insert("compression".to_owned(), header.compress().number().into());
        }
        let metadata = frame.metadata();
        if !metadata.is_empty() {
            let pairs = metadata.iter().map(|(key, value)| {
                // Tokens are not shown, as in logs.
                let value = match key == b"__AUTH" {
                    true => "***".to_owned(),
                    false => text(value),
                };
                (text(key), Value::String(value))
            });
            members.insert("metadata".to_owned(), Value::Object(pairs.collect()));
        }
        members.insert("bytes".to_owned(), frame.payload().len().into());
        members.insert("payload".to_owned(), payload(frame).into());
        self.line(Value::Object(members));
    }

    fn line(&self, mut what: Value) {
        let seconds = self.printer.seconds();
        if let Some(Value::String(payload)) = what.get_mut("payload") {
            let end = (0..=self.printer.payload.min(payload.len()))
                .rev()
                .find(|end| payload.is_char_boundary(*end));
            let end = end.unwrap_or_default();
            if end < payload.len() {
                payload.truncate(end);
                payload.push_str("..");
            }
        }
        let text = match self.printer.json {
            true => {
                what["connection"] = self.number.into();
                what["from"] = if self.from == From::Client {
                    "client"
                } else {
                    "server"
                }
                .into();
                what["seconds"] = ((seconds * 1e6).round() / 1e6).into();
                what.to_string()
            }
            false => self.text(seconds, &what),
        };
        // A reader that has gone wants no more; what is passed on goes on.
        let _ = show::print(format!("{text}\n").as_bytes());
    }

    fn text(&self, seconds: f64, what: &Value) -> String {
        let arrow = if self.from == From::Client {
            "->"
        } else {
            "<-"
        };
        let mut out = format!("{seconds:10.6} #{} {arrow}", self.number);
        let word = |name: &str| {
            what.get(name).map(|value| match value {
                Value::String(text) => text.clone(),
                value => value.to_string(),
            })
        };
        if what.get("end").is_some() {
            out.push_str(" end");
        }
        if let Some(kind) = word("kind") {
            let (service, method) = (word("service"), word("method"));
            out.push_str(&format!(
                " {kind} {} {}.{}",
                word("seq").unwrap_or_default(),
                service.unwrap_or_default(),
                method.unwrap_or_default()
            ));
        }
        for name in ["http", "refused", "error", "metadata", "bytes", "payload"] {
            if let Some(value) = word(name) {
                out.push_str(&format!(" {name}={value}"));
            }
        }
        printable(&out)
    }
}

/// A payload as JSON if it has a form there, and else in hexadecimal.
fn payload(frame: &Frame) -> String {
    let header = frame.header;
    let bytes = match header.compress() {
        Compression::NONE => frame.payload().to_vec(),
        kind => match inflate(kind, frame.payload(), FrameLimits::CLIENT.body) {
            Ok(bytes) => bytes,
            Err(_) => return crate::call::hex(frame.payload()),
        },
    };
    let json = match header.codec() {
        Codec::JSON => Some(bytes.clone()),
        Codec::MSGPACK if !bytes.is_empty() => transcode(&bytes, Codec::MSGPACK, Codec::JSON).ok(),
        _ => None,
    };
    let json = json.and_then(|json| String::from_utf8(json).ok());
    json.unwrap_or_else(|| crate::call::hex(&bytes))
}
