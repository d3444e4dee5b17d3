//! `#[derive(rpcx::ServiceError)]`: an enum that travels as text, code and data, and comes back as itself.

mod describe;
mod expand;
mod parse;

use proc_macro2::{Ident, TokenStream};
use syn::{LitStr, Member, Type};

use crate::diagnostics::{Diagnostics, compile_errors};

/// Expands `#[derive(rpcx::ServiceError)] item`.
///
/// Mistakes become `compile_error!` calls at the user's tokens, all in one go, followed by an
/// implementation that keeps methods with this error type from being reported too.
pub fn expand(item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::new();
    let parsed = match syn::parse2(item) {
        Ok(item) => parse::error(item, &mut diagnostics),
        Err(error) => {
            diagnostics.syntax(error);
            None
        }
    };
    let errors = diagnostics.finish();
    let mut out = compile_errors(&errors);
    out.extend(parsed.map(|error| match errors.is_empty() {
        true => expand::error(&error),
        false => expand::fallback(&error),
    }));
    out
}

/// The model of an error enum.
pub fn read(input: syn::DeriveInput, diagnostics: &mut Diagnostics) -> Option<ErrorEnum> {
    parse::error(input, diagnostics)
}

/// One error enum.
#[derive(Debug)]
pub struct ErrorEnum {
    /// Its name.
    pub ident: Ident,
    /// How generated code names the facade.
    pub facade: syn::Path,
    /// The variants with codes.
    pub variants: Vec<Variant>,
    /// The variant that takes everything else.
    pub other: Option<Ident>,
    /// The text travels as `{"code": .., "msg": ".."}`.
    pub json: bool,
    /// Variants have `#[error(..)]`, so that thiserror writes `Display` and `Error`.
    pub foreign_display: bool,
    /// `From<rpcx::Error>` is ours to write: no `#[from]` of another derive is there.
    pub from: bool,
    /// `Display` and `Error` are ours to write: the variants have messages.
    pub display: bool,
}

/// One variant with a code.
#[derive(Debug)]
pub struct Variant {
    /// Its name.
    pub ident: Ident,
    /// The text of its doc comment.
    pub docs: String,
    /// The code on the wire.
    pub code: i64,
    /// The handler has done nothing, and another server has to take the call.
    pub elsewhere: bool,
    /// The text, with what the fields are bound to in place of their names.
    pub message: Option<LitStr>,
    /// The fields have names.
    pub named: bool,
    /// In source order.
    pub fields: Vec<Field>,
}

/// One field of a variant.
#[derive(Debug)]
pub struct Field {
    /// Its name or number in Rust.
    pub member: Member,
    /// What it is bound to in generated code: no name that a constant in scope could have.
    pub bound: Ident,
    /// Its type.
    pub ty: Type,
}
