//! What is printed: coloured where a terminal reads it, and quiet elsewhere.

mod json;

use std::io::{self, ErrorKind, IsTerminal, Write};

pub(crate) use json::pretty;

use tokio::sync::Notify;

use crate::outcome::Outcome;

/// Told when the reader of standard output has gone.
static GONE: Notify = Notify::const_new();

/// Waits until something was printed that nothing reads any more: `rpcx dump | head`.
pub(crate) async fn gone() {
    GONE.notified().await;
}

/// Prints to standard output. A reader that has gone wants no more, which is no error.
pub(crate) fn print(text: &[u8]) -> Result<(), Outcome> {
    let mut out = anstream::stdout().lock();
    let printed = out.write_all(text).and_then(|()| out.flush());
    told(printed)
}

fn told(printed: io::Result<()>) -> Result<(), Outcome> {
    match printed {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            GONE.notify_one();
            Ok(())
        }
        Err(error) => Err(Outcome::usage(format!("standard output: {error}"))),
    }
}

/// The same for bytes that are no text: nothing is taken out.
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), Outcome> {
    let mut out = io::stdout().lock();
    told(out.write_all(bytes).and_then(|()| out.flush()))
}

/// Whether standard output is read on a terminal.
pub(crate) fn on_terminal() -> bool {
    io::stdout().is_terminal()
}

/// A document of JSON: on several lines and in colours on a terminal, and on one line elsewhere.
pub(crate) fn print_json(json: &[u8]) -> Result<(), Outcome> {
    let mut text = match on_terminal() {
        true => pretty(json),
        false => json.to_vec(),
    };
    text.push(b'\n');
    match on_terminal() {
        true => print(&text),
        false => print_bytes(&text),
    }
}
