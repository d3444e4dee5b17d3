//! Names and options as constants.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::model::{Execution, Method, Service};
use crate::names::Names;

/// The description of the service.
pub(super) fn service(service: &Service, names: &Names) -> TokenStream {
    let path = &service.path;
    let docs = (!service.docs.is_empty())
        .then_some(&service.docs)
        .into_iter();
    let version = service.version.iter();
    let methods = names.each(service).map(|(_, method, marker)| {
        let cfgs = &method.cfgs;
        quote!(#(#cfgs)* <#marker as __rpcx::Method>::INFO)
    });
    quote! {
        static __INFO: __rpcx::ServiceInfo = __rpcx::ServiceInfo::new(#path, &[#(#methods),*])
            #(.docs(#docs))* #(.version(#version))* .types(__rpcx::types!(__describe));
    }
}

/// The description of a method.
pub(super) fn method(id: u32, method: &Method) -> TokenStream {
    let Method {
        wire,
        aliases,
        docs,
        ..
    } = method;
    let mut options = TokenStream::new();
    if !aliases.is_empty() {
        options.extend(quote!(.aliases(&[#(#aliases),*])));
    }
    if !docs.is_empty() {
        options.extend(quote!(.docs(#docs)));
    }
    if method.oneway {
        options.extend(quote!(.oneway()));
    }
    if method.idempotent {
        options.extend(quote!(.idempotent()));
    }
    if method.run_to_end {
        options.extend(quote!(.run_to_end()));
    }
    if let Some(milliseconds) = method.timeout_ms {
        options.extend(quote!(.timeout_ms(#milliseconds)));
    }
    match method.execution {
        Execution::Inline => {}
        Execution::Spawn => options.extend(quote!(.execution(__rpcx::Execution::Spawn))),
        Execution::Blocking => options.extend(quote!(.execution(__rpcx::Execution::Blocking))),
    }
    quote!(__rpcx::MethodInfo::new(#id, #wire) #options)
}

/// The arms of the lookup by name: one for each name on the wire.
pub(super) fn arms<'a>(
    service: &'a Service,
    names: &'a Names,
) -> impl Iterator<Item = TokenStream> + 'a {
    names
        .each(service)
        .map(|(_, method, marker)| arm(method, marker))
}

fn arm(method: &Method, marker: &Ident) -> TokenStream {
    let cfgs = &method.cfgs;
    let all = std::iter::once(&method.wire).chain(&method.aliases);
    let literals = all.map(|name| proc_macro2::Literal::byte_string(name.as_bytes()));
    quote! {
        #(#cfgs)*
        #(#literals)|* => <#marker as __rpcx::Method>::INFO,
    }
}
