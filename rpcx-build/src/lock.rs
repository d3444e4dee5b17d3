//! The lock file: read, and compared with what the trait files promise now.

use std::path::Path;
use std::{fs, io};

use rpcx_schema::lock::{Level, Lock, diff, unseen};

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

/// What is worth a warning: changes that concern only code, those that peers notice later, and types that are not seen.
/// Without a lock file nothing has changed.
pub(crate) fn accepted(
    path: &Path,
    before: Option<&Lock>,
    now: &Lock,
) -> Result<Vec<String>, Error> {
    let path = path.display();
    let nothing = Lock::default();
    let mut found = before.map_or_else(Vec::new, |before| diff(before, now));
    found.extend(unseen(now));
    let found = before.unwrap_or(&nothing).unaccepted(found);
    let (breaks, others): (Vec<_>, Vec<_>) = found
        .into_iter()
        // that one is a matter of `cargo rpcx check`, which looks at all warnings
        .filter(|finding| finding.rule != "ACCEPTED_IS_USED")
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
