//! Trait files as a whole: their services with the types they use, for outputs in other languages.
//!
//! Rust output leaves types to rustc. Other languages need them resolved, which is possible for the
//! types of the files that form an interface and for those of the standard library.

mod aliases;
pub(crate) mod collect;
mod cycles;
mod define;
mod lengths;
mod parameters;
mod parts;
mod resolve;
mod scope;
pub(crate) mod serde_rules;
mod signature;
mod written;

use std::rc::Rc;

pub(crate) use define::{deprecated, number};
pub use parts::Part;
pub(crate) use parts::{Reading, read};
pub(crate) use resolve::NUMBERS;
use rpcx_codegen::model::Service;

/// What a trait file says.
#[derive(Debug)]
pub(crate) struct Document {
    /// The text of the doc comment of the file.
    pub(crate) docs: String,
    /// In source order.
    pub(crate) services: Vec<Described>,
    /// The types of the file that services use, also those of other files, in source order.
    pub(crate) types: Vec<Rc<Definition>>,
    /// The types that stand in other files, to be looked up.
    pub(crate) elsewhere: Vec<Rc<Definition>>,
    /// The error enums of the file, in source order.
    pub(crate) errors: Vec<Rc<ErrorDefinition>>,
    /// Those of the other files.
    pub(crate) errors_elsewhere: Vec<Rc<ErrorDefinition>>,
}

/// A service and what its methods take and return, in the order of the methods.
#[derive(Debug)]
pub(crate) struct Described {
    pub(crate) service: Service,
    pub(crate) signatures: Vec<Signature>,
}

/// The types of one method.
#[derive(Debug)]
pub(crate) struct Signature {
    /// In the order of the arguments.
    pub(crate) args: Vec<Ty>,
    /// What comes back.
    pub(crate) reply: Ty,
    /// The error enum of the files that comes back otherwise, by its id.
    pub(crate) error: Option<String>,
    /// The arguments as they are written in Rust, without the names that aliases give them.
    pub(crate) written_args: Vec<String>,
    /// The same of what comes back.
    pub(crate) written_reply: String,
}

/// A type that travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ty {
    /// A value of any type: `rpcx::Value`.
    Any,
    Unit,
    Bool,
    /// `i32` and the like; the name is the one in Rust.
    Number(&'static str),
    Text,
    Bytes,
    /// `[u8; N]`
    ByteArray(u64),
    Time,
    Duration,
    Option(Box<Self>),
    List(Box<Self>),
    Array(Box<Self>, u64),
    Map(Box<Self>, Box<Self>),
    /// A type of the files, by its id.
    Named(String),
    /// A type without a form in other languages, as it is written. Only [`Reading::Everything`] has it.
    Foreign(String),
}

/// `Name` of the id `file::Name`, which a type has that several files have by one name.
pub(crate) fn last(id: &str) -> &str {
    id.rsplit("::").next().unwrap_or(id)
}

/// A type of a file.
#[derive(Debug)]
pub(crate) struct Definition {
    /// Its name in Rust.
    pub(crate) ident: proc_macro2::Ident,
    /// What tells it from those of other files: its name, or `file::Name`.
    pub(crate) id: String,
    pub(crate) docs: String,
    /// The note of `#[deprecated]`, empty if it has none.
    pub(crate) deprecated: Option<String>,
    /// The variant that an enum takes nil and a missing field for, by its name.
    pub(crate) nil: Option<String>,
    /// The variant of an enum for values that no other has.
    pub(crate) other: Option<Other>,
    pub(crate) kind: Kind,
}

/// The variant for all values that no other variant has.
#[derive(Debug)]
pub(crate) struct Other {
    pub(crate) name: String,
    pub(crate) docs: String,
    /// The value is kept and sent again, as `#[rpcx(other)]` has it. `#[serde(other)]` forgets it.
    pub(crate) kept: bool,
}

impl Definition {
    /// The catch-all variant, if it keeps what it reads.
    pub(crate) fn keeps(&self) -> Option<&Other> {
        self.other.as_ref().filter(|other| other.kept)
    }
}

/// What a type of the file is.
#[derive(Debug)]
pub(crate) enum Kind {
    Struct(Vec<Field>),
    /// Another name for a type.
    Alias(Ty),
    /// A struct that travels as its only field.
    Newtype(Ty),
    /// Variants with the number that travels.
    Numbers(Vec<Variant<i64>>),
    /// Variants with the text that travels.
    Texts(Vec<Variant<String>>),
    /// A map with one entry: the name of a variant, and what that carries.
    Choice(Vec<Case>),
    /// A type without a form in other languages, as it is written. Only [`Reading::Everything`] has it.
    Foreign(String),
}

/// A variant of an enum with data.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) wire: String,
    pub(crate) carried: Carried,
}

/// What a variant carries.
#[derive(Debug)]
pub(crate) enum Carried {
    /// Nothing: an empty map travels.
    Nothing,
    Value(Ty),
    Fields(Vec<Field>),
}

/// A field of a struct.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) wire: String,
    pub(crate) docs: String,
    pub(crate) ty: Ty,
    /// The type as it is written in Rust, without the names that aliases give it.
    pub(crate) written: String,
    pub(crate) missing: Missing,
}

/// What a field is to a reader when it did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Something without an error.
    Fine,
    /// The zero value of its type, or an error where the type has none.
    Zero,
    /// An error.
    Error,
}

/// A variant of an enum.
#[derive(Debug)]
pub(crate) struct Variant<T> {
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) value: T,
}

/// A `#[derive(rpcx::ServiceError)]` enum.
#[derive(Debug)]
pub(crate) struct ErrorDefinition {
    pub(crate) ident: proc_macro2::Ident,
    /// What tells it from those of other files: its name, or `file::Name`.
    pub(crate) id: String,
    /// The file that it stands in.
    pub(crate) home: usize,
    pub(crate) docs: String,
    /// Variants with their codes.
    pub(crate) variants: Vec<Variant<i64>>,
    /// What each variant carries, in the same order. [`Reading::Portable`] does not look into it.
    pub(crate) data: Vec<Data>,
    /// The text travels as `{"code": .., "msg": ".."}`.
    pub(crate) json: bool,
}

/// What a variant of an error enum carries.
#[derive(Debug)]
pub(crate) enum Data {
    /// Nothing, or the types of the fields as they are written, each with a name if they travel in a map.
    Written(Vec<(Option<String>, syn::Type)>),
    /// A value that travels as it is.
    Value(Ty),
    /// Fields with their names.
    Fields(Vec<(String, Ty)>),
    /// Something that has no form in other languages.
    Foreign,
}

impl Document {
    /// The definition of a type of the files.
    pub(crate) fn find(&self, ty: &Ty) -> Option<&Definition> {
        let Ty::Named(id) = ty else { return None };
        let mut all = self.types.iter().chain(&self.elsewhere);
        all.find(|found| found.id == *id).map(|found| &**found)
    }

    /// The error enum of the files with this id.
    pub(crate) fn error(&self, id: &str) -> Option<&ErrorDefinition> {
        let mut all = self.errors.iter().chain(&self.errors_elsewhere);
        all.find(|error| error.id == id).map(|error| &**error)
    }

    /// Whether `ty` is a struct of the files, or an enum that travels as one.
    pub(crate) fn is_struct(&self, ty: &Ty) -> bool {
        self.find(self.unaliased(ty))
            .is_some_and(|found| matches!(found.kind, Kind::Struct(_) | Kind::Choice(_)))
    }

    /// `ty` without the names that aliases give it. Aliases that lead to each other, which rustc will
    /// report, stay as they are.
    pub(crate) fn unaliased<'a>(&'a self, ty: &'a Ty) -> &'a Ty {
        let mut ty = ty;
        for _ in 0..self.types.len() + self.elsewhere.len() {
            match self.find(ty).map(|found| &found.kind) {
                Some(Kind::Alias(inner) | Kind::Newtype(inner)) => ty = inner,
                _ => break,
            }
        }
        ty
    }
}
