//! A message as plain data.

use proc_macro2::{Ident, TokenStream};
use syn::{Generics, Member, Path, Type};

/// One `#[rpcx::message]` item.
#[derive(Debug)]
pub struct Message {
    /// The name of the type.
    pub ident: Ident,
    /// Its parameters.
    pub generics: Generics,
    /// The text of its doc comment.
    pub docs: String,
    /// How generated code names the facade.
    pub facade: Path,
    /// What travels.
    pub shape: Shape,
}

/// What travels.
#[derive(Debug)]
pub enum Shape {
    /// A map with one entry for each field that is not skipped.
    Map(Vec<Field>),
    /// The only field, without anything around it.
    Newtype(Box<Field>),
    /// The number of a variant.
    Number(Variants),
    /// The name of a variant.
    Text(Variants),
    /// A map with one entry: the name of a variant, and what that carries.
    Choice(Vec<Case>),
}

/// The variants of an enum.
#[derive(Debug)]
pub struct Variants {
    /// Those that are known, in source order.
    pub known: Vec<Variant>,
    /// The one for everything else.
    pub other: Option<Other>,
}

/// The `#[rpcx(other)]` variant: it holds the number or the text that no other variant has.
#[derive(Debug)]
pub struct Other {
    /// The name in Rust.
    pub ident: Ident,
    /// The text of its doc comment.
    pub docs: String,
    /// The known variants with the numbers written behind them, as those of an enum without data, and its
    /// `repr`: an enum with data cannot be cast. Empty for texts.
    pub numbers: TokenStream,
}

/// One variant of an enum with data.
#[derive(Debug)]
pub struct Case {
    /// The name in Rust.
    pub ident: Ident,
    /// The text of its doc comment.
    pub docs: String,
    /// The name on the wire.
    pub wire: String,
    /// What nil and a map without entries read as.
    pub default: bool,
    /// What it carries.
    pub carried: Carried,
}

/// What a variant carries.
#[derive(Debug)]
pub enum Carried {
    /// Nothing: an empty map travels.
    Nothing,
    /// The only field, without anything around it.
    Value(Box<Field>),
    /// A map with one entry for each field that is not skipped.
    Fields(Vec<Field>),
}

/// One field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Name or number in Rust.
    pub member: Member,
    /// The text of its doc comment.
    pub docs: String,
    /// The name on the wire; `None` for a field that does not travel.
    pub wire: Option<String>,
    /// Its type.
    pub ty: Type,
    /// The form it travels in, as a path that generated code can name; `None` for serde's own.
    pub form: Option<TokenStream>,
    /// Whether serde's form is one only if the compiler finds that the type has it: there are parameters of the message
    /// in it.
    pub open: bool,
    /// The types that are asked whether keys of maps in them cannot travel; `None` where there is none.
    pub keys: Option<TokenStream>,
    /// What was said about the form.
    pub said: Said,
    /// What it is when it did not arrive.
    pub missing: Missing,
}

/// What an attribute says about the form of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Nothing: the type decides.
    Nothing,
    /// `#[rpcx(bytes)]`
    Bytes,
    /// `#[rpcx(plain)]`
    Plain,
}

/// What a field is when it did not arrive.
#[derive(Clone, Debug)]
pub enum Missing {
    /// What Go calls the zero value of its type.
    Zero,
    /// `Default::default()`
    Default,
    /// The result of this function.
    Call(Path),
    /// Nothing: its type was refused.
    Refused,
}

/// One variant of an enum without data.
#[derive(Debug)]
pub struct Variant {
    /// The name in Rust.
    pub ident: Ident,
    /// The text of its doc comment.
    pub docs: String,
    /// The name on the wire, for [`Shape::Text`].
    pub wire: String,
    /// What nil and a missing field read as.
    pub default: bool,
}
