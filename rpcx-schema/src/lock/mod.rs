//! What a package has promised to its peers, as a file to check in, and whether a change keeps it.
//!
//! A [`Lock`] is made of trait files and protobuf services, written down as text and read back. [`diff`] compares two of
//! them; [`lint`] looks at one. [`Lock::succeeded_by`] remembers what was removed, so that it does not come back as
//! something else.

mod accept;
mod describe;
mod diff;
mod enums;
mod errors;
mod fields;
mod finding;
mod go_names;
mod json;
mod lint;
mod messages;
mod methods;
mod model;
mod protobuf;
mod read;
mod removed;
mod source;
mod ty;
mod write;

use std::fmt;

pub use diff::diff;
pub use finding::{Finding, Level};
pub use lint::{lint, unseen};
pub use model::Lock;
pub use protobuf::{MessageField, MessageType, Reserve, Rpc};

use model::{
    Accepted, Args, ErrorEnum, ErrorVariant, Field, Message, Method, ProtoField, Reserved, Service,
    Struct, Type, Variants,
};

/// The number of the format. Files of all versions up to this one are read.
const VERSION: i64 = 2;

/// What is wrong with the text of a lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseError {
    /// Where, from 1.
    pub line: usize,
    /// What; a second line begins with `help:`.
    pub message: String,
}

impl ParseError {
    fn new(line: usize, message: impl Into<String>) -> Self {
        Self {
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

impl Lock {
    /// Reads what [`render`](Self::render) wrote.
    ///
    /// # Errors
    /// Text that is no JSON, that is no lock file, or one of a later version.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        read::lock(text)
    }

    /// The text of the lock file: JSON, sorted, the same for the same services.
    pub fn render(&self) -> String {
        write::lock(self).render()
    }
}
