//! `--offline`: the frame of a call.

use std::fmt::Write as _;

use rpcx::protocol::{FrameEncoder, Header};

use super::CallOptions;
use super::request::Prepared;
use crate::outcome::Outcome;
use crate::show;

/// The key under which a server learns how long its caller waits, in milliseconds.
const SERVER_TIMEOUT: &str = "__ServerTimeout";

/// Prints the frame of a call in hexadecimal.
pub(super) fn print(options: &CallOptions, prepared: &Prepared) -> Result<(), Outcome> {
    let mut header = Header::request(0, prepared.codec).compressed(prepared.compression);
    if options.oneway {
        header = header.oneway();
    }
    let mut metadata = prepared.metadata.clone();
    if let Some(token) = options.connect.token() {
        metadata.set_auth(token);
    }
    if let Some(timeout) = prepared.timeout {
        metadata.insert(SERVER_TIMEOUT, timeout.as_millis().to_string());
    }
    let mut out = Vec::new();
    let mut frame = FrameEncoder::new(&mut out, header);
    let name = &options.method;
    frame.names(name.service.as_bytes(), name.method.as_bytes());
    frame.metadata(&metadata);
    frame.payload(&prepared.payload);
    frame.finish().map_err(Outcome::usage)?;
    show::print(format!("{}\n", hex(&out)).as_bytes())
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a text never fails.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
