//! Which errors an enum has.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use super::{ErrorEnum, Variant};

/// The implementation of `ErrorInfos`, which is there where the runtime has the feature for it.
pub(super) fn describe(error: &ErrorEnum) -> TokenStream {
    let ident = &error.ident;
    let each = error.variants.iter().map(|variant| {
        let Variant {
            ident, docs, code, ..
        } = variant;
        let name = ident.unraw().to_string();
        quote!(__rpcx::ErrorInfo::new(#code, #name, #docs))
    });
    quote! {
        __rpcx::reflect! {
            impl __rpcx::ErrorInfos for #ident {
                const ERRORS: &'static [__rpcx::ErrorInfo] = &[#(#each),*];
            }
        }
    }
}
