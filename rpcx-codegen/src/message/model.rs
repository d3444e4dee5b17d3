//! A message as plain data.

use proc_macro2::{Ident, TokenStream};
use syn::{Generics, Member, Path, Type};

/// One `#[rpcx::message]` item.
#[derive(Debug)]
pub(crate) struct Message {
    /// The name of the type.
    pub(crate) ident: Ident,
    /// Its parameters.
    pub(crate) generics: Generics,
    /// How generated code names the facade.
    pub(crate) facade: Path,
    /// What travels.
    pub(crate) shape: Shape,
}

/// What travels.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A map with one entry for each field that is not skipped.
    Map(Vec<Field>),
    /// The only field, without anything around it.
    Newtype(Box<Field>),
    /// The number of a variant.
    Number(Vec<Variant>),
    /// The name of a variant.
    Text(Vec<Variant>),
}

/// One field.
#[derive(Debug)]
pub(crate) struct Field {
    /// Name or number in Rust.
    pub(crate) member: Member,
    /// The name on the wire; `None` for a field that does not travel.
    pub(crate) wire: Option<String>,
    /// Its type.
    pub(crate) ty: Type,
    /// The form it travels in, as a path that generated code can name; `None` for serde's own.
    pub(crate) form: Option<TokenStream>,
    /// What it is when it did not arrive.
    pub(crate) missing: Missing,
}

/// What a field is when it did not arrive.
#[derive(Debug)]
pub(crate) enum Missing {
    /// What Go calls the zero value of its type.
    Zero,
    /// `Default::default()`
    Default,
    /// The result of this function.
    Call(Path),
}

/// One variant of an enum without data.
#[derive(Debug)]
pub(crate) struct Variant {
    /// The name in Rust.
    pub(crate) ident: Ident,
    /// The name on the wire, for [`Shape::Text`].
    pub(crate) wire: String,
    /// What nil and a missing field read as.
    pub(crate) default: bool,
}
