//! A trait file as a whole: its services with the types they use, for outputs in other languages.
//!
//! Rust output leaves types to rustc. Other languages need them resolved, which is possible for the
//! types of the file itself and for those of the standard library.

pub(crate) mod collect;
mod define;
mod resolve;
pub(crate) mod serde_rules;
mod signature;

use syn::File;

pub(crate) use define::{deprecated, number};
pub(crate) use resolve::NUMBERS;
use resolve::Resolver;
use rpcx_codegen::diagnostics::Diagnostics;
use rpcx_codegen::model::Service;
use rpcx_codegen::parse::attributes::docs;

/// What a trait file says.
#[derive(Debug)]
pub(crate) struct Document {
    /// The text of the doc comment of the file.
    pub(crate) docs: String,
    /// In source order.
    pub(crate) services: Vec<Described>,
    /// The types that the services use, in source order.
    pub(crate) types: Vec<Definition>,
    /// The error enums of the file, in source order.
    pub(crate) errors: Vec<ErrorDefinition>,
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
    /// The error enum of the file that comes back otherwise.
    pub(crate) error: Option<String>,
}

/// A type that travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ty {
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
    /// A type of the file.
    Named(String),
    /// A type without a form in other languages, as it is written. Only [`read_all`] has it.
    Foreign(String),
}

/// A type of the file.
#[derive(Debug)]
pub(crate) struct Definition {
    /// Its name in Rust.
    pub(crate) ident: proc_macro2::Ident,
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
    /// Another name for a type; also a struct that travels as its only field.
    Alias(Ty),
    /// Variants with the number that travels.
    Numbers(Vec<Variant<i64>>),
    /// Variants with the text that travels.
    Texts(Vec<Variant<String>>),
    /// A map with one entry: the name of a variant, and what that carries.
    Choice(Vec<Case>),
    /// A type without a form in other languages, as it is written. Only [`read_all`] has it.
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
    pub(crate) docs: String,
    /// Variants with their codes.
    pub(crate) variants: Vec<Variant<i64>>,
    /// What each variant carries, in the same order. Only [`read_with_data`] looks into it.
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
    fn find(&self, ty: &Ty) -> Option<&Definition> {
        let Ty::Named(name) = ty else { return None };
        self.types.iter().find(|found| found.ident == *name)
    }

    /// Whether `ty` is a struct of the file, or an enum that travels as one.
    pub(crate) fn is_struct(&self, ty: &Ty) -> bool {
        self.find(self.unaliased(ty))
            .is_some_and(|found| matches!(found.kind, Kind::Struct(_) | Kind::Choice(_)))
    }

    /// `ty` without the names that aliases give it. Aliases that lead to each other, which rustc will
    /// report, stay as they are.
    pub(crate) fn unaliased<'a>(&'a self, ty: &'a Ty) -> &'a Ty {
        let mut ty = ty;
        for _ in &self.types {
            match self.find(ty).map(|found| &found.kind) {
                Some(Kind::Alias(inner)) => ty = inner,
                _ => break,
            }
        }
        ty
    }
}

/// Reads a file that the Rust output accepts. Everything that has no form in other languages is in
/// `diagnostics`.
pub(crate) fn read(file: &File, diagnostics: &mut Diagnostics) -> Document {
    document(file, false, diagnostics)
}

/// As [`read`], but resolves what the error enums of methods carry, too.
pub(crate) fn read_with_data(file: &File, diagnostics: &mut Diagnostics) -> Document {
    let found = collect::collect(&file.items, diagnostics);
    let mut resolver = Resolver::new(&found.types, false);
    let services = services(found.services, &found.errors, &mut resolver, diagnostics);
    let mut errors = found.errors;
    let signatures = services.iter().flat_map(|service| &service.signatures);
    let used: Vec<&String> = signatures
        .filter_map(|found| found.error.as_ref())
        .collect();
    errors.retain(|error| used.iter().any(|name| error.ident == **name));
    for error in &mut errors {
        for data in &mut error.data {
            signature::carried(data, &mut resolver);
        }
    }
    let types = define::reached(&mut resolver, diagnostics);
    Document {
        docs: docs(&file.attrs),
        services,
        types,
        errors,
    }
}

/// As [`read`], but takes what has no form in other languages as it is written.
pub(crate) fn read_all(file: &File, diagnostics: &mut Diagnostics) -> Document {
    document(file, true, diagnostics)
}

fn document(file: &File, foreign: bool, diagnostics: &mut Diagnostics) -> Document {
    let found = collect::collect(&file.items, diagnostics);
    let mut resolver = Resolver::new(&found.types, foreign);
    let services = services(found.services, &found.errors, &mut resolver, diagnostics);
    let types = define::reached(&mut resolver, diagnostics);
    Document {
        docs: docs(&file.attrs),
        services,
        types,
        errors: found.errors,
    }
}

fn services(
    found: Vec<Service>,
    errors: &[ErrorDefinition],
    resolver: &mut Resolver<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<Described> {
    let services = found.into_iter();
    services
        .map(|service| signature::describe(service, errors, resolver, diagnostics))
        .collect()
}
