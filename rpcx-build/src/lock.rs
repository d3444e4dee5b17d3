//! The lock file: read, and compared with what the trait files promise now.

use std::path::Path;
use std::{fs, io};

use rpcx_schema::lock::{Level, Lock, diff};

use crate::error::Error;

/// How a break is accepted.
pub(crate) const ACCEPT: &str = "accept what is meant to break with `cargo rpcx lock`";

/// The file, or nothing if there is none yet.
pub(crate) fn read(path: &Path) -> Result<Option<Lock>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => parse(&path.display().to_string(), &text).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::one(format!("{}: {error}", path.display()))),
    }
}

/// A lock file from anywhere, with a name for errors.
pub(crate) fn parse(name: &str, text: &str) -> Result<Lock, Error> {
    Lock::parse(text)
        .map_err(|error| Error::one(format!("{name}:{}: {}", error.line, error.message)))
}

/// The changes that concern only code, if peers notice none.
pub(crate) fn accepted(path: &Path, before: &Lock, now: &Lock) -> Result<Vec<String>, Error> {
    let path = path.display();
    let (breaks, others): (Vec<_>, Vec<_>) = diff(before, now)
        .into_iter()
        .partition(|finding| finding.level == Level::Wire);
    if breaks.is_empty() {
        let others = others.iter();
        return Ok(others.map(|finding| format!("{path}: {finding}")).collect());
    }
    let count = breaks.len();
    let mut messages: Vec<String> = breaks
        .iter()
        .map(|finding| format!("{path}: {finding}"))
        .collect();
    let changes = if count == 1 {
        "change breaks"
    } else {
        "changes break"
    };
    messages.push(format!(
        "{path}: {count} {changes} what peers rely on\n  help: {ACCEPT}, or delete the file and build"
    ));
    Err(Error { messages })
}

/// The name that tells the types of one trait file from those of another: `arith` of `service/arith.rs`.
pub(crate) fn name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or(path.as_os_str());
    stem.to_string_lossy().into_owned()
}
