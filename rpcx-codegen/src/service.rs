//! `#[rpcx::service]`, start to end.

use proc_macro2::TokenStream;

use crate::diagnostics::{Diagnostics, compile_errors};
use crate::{check, expand, parse};

/// Expands `#[rpcx::service(attr)] item`.
///
/// Mistakes become `compile_error!` calls at the user's tokens, all in one go, followed by the trait
/// and a client and a server without content, so that the rest of the crate is still checked.
pub fn expand(attr: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::new();
    let service = parse::service(attr, item.clone(), &mut diagnostics);
    if let Some(service) = &service {
        check::check(service, &mut diagnostics);
    }
    let errors = diagnostics.finish();
    let mut out = compile_errors(&errors);
    out.extend(match service {
        None => item,
        Some(service) if errors.is_empty() => expand::service(&service),
        Some(service) => expand::fallback(&service),
    });
    out
}
