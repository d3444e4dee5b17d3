//! What a package has promised to its peers, as a file to check in, and whether a change keeps it.
//!
//! A [`Lock`] is made of trait files and protobuf services, written down as text and read back. [`diff`] compares two of
//! them; [`lint`] looks at one.

mod describe;
mod diff;
mod enums;
mod fields;
mod finding;
mod go_names;
mod json;
mod methods;
mod protobuf;
mod read;
mod ty;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use diff::diff;
pub use finding::{Finding, Level};
pub use go_names::lint;
pub use protobuf::{MessageField, MessageType, Rpc};

use crate::document::Ty;

/// The number of the format.
const VERSION: i64 = 1;

/// The services of a package with all that peers rely on: names, types, codes. Docs, timeouts and where
/// a handler runs are no part of it, and neither is the order of the source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// By path.
    services: BTreeMap<String, Service>,
    /// What the services use, by name in Rust.
    types: BTreeMap<String, Type>,
    /// The error enums they use: variants by code.
    errors: BTreeMap<String, BTreeMap<i64, String>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Service {
    /// The name of the trait.
    name: String,
    /// By name on the wire.
    methods: BTreeMap<String, Method>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Method {
    /// The name in Rust.
    function: String,
    aliases: BTreeSet<String>,
    codec: String,
    args: Args,
    reply: Ty,
    /// The only field of the reply.
    reply_field: Option<String>,
    error: Option<String>,
    oneway: bool,
    idempotent: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Args {
    Nothing,
    /// One value, which is the whole message.
    Bare(Ty),
    /// In the order of the arguments.
    Map(Vec<Field>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    wire: String,
    ty: Ty,
    /// A message without it is an error.
    required: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Type {
    /// In the order of the names.
    Struct(Vec<Field>),
    /// Another name for a type, or a struct that travels as its only field.
    Alias(Ty),
    /// Names by number.
    Numbers(BTreeMap<i64, String>),
    /// Names by the text that travels.
    Texts(BTreeMap<String, String>),
    /// A map with one entry: what a variant carries, by the name of the variant, in the order of the names.
    Choice(Vec<Field>),
    /// A protobuf message: fields by number, with their name in the file.
    Message(BTreeMap<i64, Field>),
    /// A definition that is not looked into.
    Foreign(String),
}

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
    /// Text that is no JSON, that is no lock file, or one of another version.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        read::lock(text)
    }

    /// The text of the lock file: JSON, sorted, the same for the same services.
    pub fn render(&self) -> String {
        write::lock(self).render()
    }

    /// A type without the names that aliases give it.
    fn unaliased<'a>(&'a self, ty: &'a Ty) -> &'a Ty {
        let mut ty = ty;
        // no chain is longer than all types; one that leads back to itself ends here
        for _ in 0..=self.types.len() {
            match ty {
                Ty::Named(name) => match self.types.get(name) {
                    Some(Type::Alias(inner)) => ty = inner,
                    _ => break,
                },
                _ => break,
            }
        }
        ty
    }

    /// The fields of a struct, also through aliases.
    fn fields<'a>(&'a self, ty: &'a Ty) -> Option<&'a [Field]> {
        let Ty::Named(name) = self.unaliased(ty) else {
            return None;
        };
        match self.types.get(name) {
            Some(Type::Struct(fields)) => Some(fields),
            _ => None,
        }
    }
}
