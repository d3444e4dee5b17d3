//! What keeps a build from generating anything.

use std::fmt;

/// Why nothing was generated.
#[derive(Debug)]
#[non_exhaustive]
pub struct Error {
    /// One text for each mistake, with `path:line:column` where there is one.
    pub messages: Vec<String>,
}

impl Error {
    pub(crate) fn one(message: impl Into<String>) -> Self {
        Self {
            messages: vec![message.into()],
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.messages.join("\n\n"))
    }
}

impl std::error::Error for Error {}
