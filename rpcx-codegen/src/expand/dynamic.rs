//! `ArithDyn`: the trait in a form that can be a `dyn` type, with boxed futures.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Ident, Lifetime, Type};

use super::definition::parameters;
use crate::model::{Method, Service};
use crate::names::Names;
use crate::parse::travel::with_lifetime;

/// The trait, and the implementations that lead from one form to the other.
pub(super) fn dynamic(service: &Service, names: &Names) -> (TokenStream, TokenStream) {
    if !service.dynamic {
        return (TokenStream::new(), TokenStream::new());
    }
    let Names {
        dynamic,
        service: trait_name,
        vis,
        private,
        ..
    } = names;
    let docs = format!(
        " `{trait_name}` with boxed futures, for `dyn {dynamic}`. Every `{trait_name}` is one; `dyn {dynamic}` and \
         `Arc<dyn {dynamic}>` are a `{trait_name}`, whose methods are the ones to call."
    );
    let signatures = service.methods.iter().map(|method| {
        let signature = boxed(method, private);
        quote!(#[doc(hidden)] #signature;)
    });
    let unboxes = service.methods.iter().map(|method| {
        let Method {
            ident, cfgs, ret, ..
        } = method;
        let (parameters, passed) = (parameters(method, true), passed(method));
        let boxed = boxed_name(method);
        quote! {
            #(#cfgs)*
            async fn #ident(#parameters) -> #ret {
                #dynamic::#boxed(self #(, #passed)*).await
            }
        }
    });
    let definition = quote! {
        #[doc = #docs]
        #[allow(dead_code, deprecated, unused_qualifications)]
        #vis trait #dynamic: ::core::marker::Send + ::core::marker::Sync + 'static {
            #(#signatures)*
        }
    };
    let boxes = boxes(service, names);
    let impls = quote! {
        #boxes
        impl #trait_name for dyn #dynamic {
            #(#unboxes)*
        }
    };
    (definition, impls)
}

/// Every service is one in the form that can be a `dyn` type.
pub(super) fn boxes(service: &Service, names: &Names) -> TokenStream {
    let Names {
        dynamic,
        service: trait_name,
        ..
    } = names;
    let boxes = service.methods.iter().map(|method| {
        let (signature, ident) = (boxed(method, &quote!(__rpcx)), &method.ident);
        let passed = passed(method);
        quote! {
            #signature {
                __rpcx::Box::pin(<__T as #trait_name>::#ident(self #(, #passed)*))
            }
        }
    });
    quote! {
        impl<__T: #trait_name> #dynamic for __T {
            #(#boxes)*
        }
    }
}

/// Another name than that of the method, so that a call is never one of two: every type of the one trait is of the
/// other, too.
fn boxed_name(method: &Method) -> Ident {
    format_ident!("__dyn_{}", method.ident)
}

fn passed(method: &Method) -> impl Iterator<Item = &Ident> {
    let context = method.context.iter().map(|context| &context.ident);
    context.chain(method.args.iter().map(|arg| &arg.ident))
}

/// The method with a boxed future, which borrows all that it is given.
fn boxed(method: &Method, private: &TokenStream) -> TokenStream {
    let Method { cfgs, ret, .. } = method;
    let ident = boxed_name(method);
    let lifetime = Lifetime::new("'__a", Span::call_site());
    let context = method
        .context
        .iter()
        .map(|context| (&context.ident, &context.ty));
    let args = method.args.iter().map(|arg| (&arg.ident, &arg.ty));
    let parameters = context.chain(args).map(|(ident, ty): (&Ident, &Type)| {
        let ty = with_lifetime(ty, &lifetime);
        quote!(#ident: #ty)
    });
    quote! {
        #(#cfgs)*
        fn #ident<'__a>(&'__a self #(, #parameters)*)
            -> #private::Pin<#private::Box<dyn #private::Future<Output = #ret> + ::core::marker::Send + '__a>>
    }
}
