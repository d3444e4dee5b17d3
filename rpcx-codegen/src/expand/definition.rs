//! The trait as the compiler sees it, and its implementation for shared pointers.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    Attribute, FnArg, ItemTrait, Pat, ReturnType, TraitItem, TraitItemFn, Type, TypeParamBound,
};

use crate::model::{Method, Service};
use crate::names::Names;
use crate::parse::own_bound;

/// The user's trait with `async fn` spelled out as a future that is `Send`.
pub(super) fn definition(item: &ItemTrait) -> TokenStream {
    let mut item = item.clone();
    item.colon_token = Some(Default::default());
    let bounds: [(&str, TypeParamBound); 3] = [
        ("Send", syn::parse_quote!(::core::marker::Send)),
        ("Sync", syn::parse_quote!(::core::marker::Sync)),
        ("static", syn::parse_quote!('static)),
    ];
    for (name, bound) in bounds {
        if !item
            .supertraits
            .iter()
            .any(|one| own_bound(one) == Some(name))
        {
            item.supertraits.push(bound);
        }
    }
    ours_out(&mut item.attrs);
    // the client calls without the trait, so a trait of its own may never be named
    item.attrs.push(syn::parse_quote!(#[allow(dead_code)]));
    for part in &mut item.items {
        if let TraitItem::Fn(function) = part {
            spell_out(function);
        }
    }
    item.into_token_stream()
}

/// Leaves no attribute that only this macro understands.
fn ours_out(attrs: &mut Vec<Attribute>) {
    attrs.retain(|attr| !attr.path().is_ident("rpcx"));
}

/// The function with its future spelled out.
pub(super) fn spell_out(function: &mut TraitItemFn) {
    ours_out(&mut function.attrs);
    for input in &mut function.sig.inputs {
        if let FnArg::Typed(input) = input {
            input
                .attrs
                .retain(|attr| !attr.path().is_ident("rpcx") && !attr.path().is_ident("serde"));
            // was reported; rustc would say it again
            if function.default.is_none() && !matches!(*input.pat, Pat::Ident(_) | Pat::Wild(_)) {
                *input.pat = syn::parse_quote!(_);
            }
        }
    }
    if function.sig.asyncness.take().is_none() {
        return;
    }
    let output = match &function.sig.output {
        ReturnType::Type(_, ty) => (**ty).clone(),
        ReturnType::Default => syn::parse_quote!(()),
    };
    let future = future(&output);
    function.sig.output = syn::parse_quote!(-> #future);
    if let Some(body) = &mut function.default {
        let statements = &body.stmts;
        *body = syn::parse_quote!({ async move { #(#statements)* } });
        function
            .attrs
            .push(syn::parse_quote!(#[allow(clippy::manual_async_fn)]));
    }
}

/// `impl Future<Output = R> + Send`, with the span of `R`: an error about it is one about the method.
fn future(output: &Type) -> TokenStream {
    quote_spanned!(output.span()=> impl ::core::future::Future<Output = #output> + ::core::marker::Send)
}

/// `&self` and the parameters as the trait has them.
pub(super) fn parameters(method: &Method, with_context: bool) -> TokenStream {
    let context = method
        .context
        .iter()
        .filter(|_| with_context)
        .map(|context| (&context.ident, &context.ty));
    let args = method.args.iter().map(|arg| (&arg.ident, &arg.ty));
    let all = context.chain(args).map(|(ident, ty)| quote!(#ident: #ty));
    quote!(&self #(, #all)*)
}

/// A shared service is a service.
pub(super) fn for_arc(service: &Service, names: &Names) -> TokenStream {
    let trait_name = &names.service;
    let methods = service.methods.iter().map(|method| {
        let Method {
            ident,
            cfgs,
            ret,
            context,
            ..
        } = method;
        let parameters = parameters(method, true);
        let context = context.iter().map(|context| &context.ident);
        let passed = context.chain(method.args.iter().map(|arg| &arg.ident));
        quote! {
            #(#cfgs)*
            async fn #ident(#parameters) -> #ret {
                <__T as #trait_name>::#ident(&**self #(, #passed)*).await
            }
        }
    });
    quote! {
        impl<__T: #trait_name + ?::core::marker::Sized> #trait_name for __rpcx::Arc<__T> {
            #(#methods)*
        }
    }
}
