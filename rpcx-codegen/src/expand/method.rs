//! A type for each method, on which all checks of the user's types hang.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Lifetime, Type};

use super::info;
use super::lent::{Lent, lent};
use crate::message::form::{Form, asks, form_of, is_plain, without_lifetimes};
use crate::message::{at, at_type};
use crate::model::{Arg, Family, Form as Passing, Method, Service};
use crate::names::Names;
use crate::parse::argument::is_context_alone;
use crate::parse::travel::{bare, generics, is_exactly, is_unit, last, with_lifetime};

/// The markers and their implementations.
pub(super) fn markers(service: &Service, names: &Names) -> Vec<TokenStream> {
    names
        .each(service)
        .map(|(id, method, marker)| marked(id, method, marker))
        .collect()
}

fn marked(id: u32, method: &Method, marker: &Ident) -> TokenStream {
    let Method { cfgs, ret, .. } = method;
    let family = family(method);
    let args = group(method, marker);
    let form = reply_form(method, marker);
    let info = info::method(id, method);
    let travel = travel(method);
    let names = method
        .is_map()
        .then(|| names(method.args.iter().map(|arg| &arg.wire), "NAMES"));
    let reply = method
        .reply
        .as_ref()
        .map(|reply| self::names(std::iter::once(reply), "REPLY"));
    quote! {
        #travel
        #(#cfgs)*
        struct #marker;
        #(#cfgs)*
        impl __rpcx::Method for #marker {
            type Family = #family;
            type Args<'__a> = #args;
            type Form = #form;
            type Ret = #ret;
            const INFO: &'static __rpcx::MethodInfo = &#info;
            #names
            #reply
        }
    }
}

/// The codec families, as a type.
fn family(method: &Method) -> TokenStream {
    let one = |family: Family| match family {
        Family::Serde => quote!(__rpcx::Serde),
        Family::Protobuf => quote!(__rpcx::Prost),
        Family::Thrift => quote!(__rpcx::Thrift),
        Family::Raw => quote!(__rpcx::Raw),
    };
    let first = one(method.codecs.first);
    if method.codecs.open
        && let Some(asked) = bytes(method)
    {
        return quote!(__rpcx::ByTypes<{ #asked }>);
    }
    let more: Vec<_> = method
        .codecs
        .more
        .iter()
        .map(|family| one(*family))
        .collect();
    match more.len() {
        0 => first,
        1 => quote!(__rpcx::Both<#first, #(#more),*>),
        // Thrift stands alone, so there are no more than three.
        _ => quote!(__rpcx::Three<#first, #(#more),*>),
    }
}

/// Asks whether the argument and the reply are byte strings or nothing. `None` where the tokens say that they are
/// not, or that both are nothing.
fn bytes(method: &Method) -> Option<TokenStream> {
    let argument = match &method.args[..] {
        [] => None,
        [arg] if !method.is_map() => Some(bare(&arg.ty)),
        _ => return None,
    };
    if method.reply.is_some() {
        return None;
    }
    let reply = value(method).map(bare);
    let argument = argument.filter(|ty| !is_unit(ty));
    if argument.is_none() && reply.is_some_and(is_unit) {
        return None;
    }
    let asked = |ty: &Type| match form_of(ty, &[])? {
        Form::Asked { ty, .. } => Some(ty),
        Form::Known(_) => is_lent_bytes(ty).then(|| quote!(&[__rpcx::u8])),
    };
    let or_unit = |ty: Option<&Type>| match ty {
        Some(ty) if !is_unit(ty) => asked(ty),
        _ => Some(quote!(())),
    };
    let argument = or_unit(argument)?;
    let ret = &method.ret;
    Some(match reply {
        Some(reply) => {
            let reply = or_unit(Some(reply))?;
            quote!(__rpcx::Probe::<(#argument, #reply)>::RAW)
        }
        None => quote!(__rpcx::Answer::<(#argument, #ret)>::RAW),
    })
}

/// `&[u8]`
fn is_lent_bytes(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference)
        if matches!(bare(&reference.elem), Type::Slice(slice) if is_exactly(&slice.elem, "u8")))
}

fn names<'a>(list: impl Iterator<Item = &'a String>, name: &str) -> TokenStream {
    let name = Ident::new(name, Span::call_site());
    quote!(const #name: &'static [&'static __rpcx::str] = &[#(#list),*];)
}

/// The argument group. Its span is that of the type it is about, because rustc blames the group as a
/// whole for an element that cannot travel.
fn group(method: &Method, marker: &Ident) -> TokenStream {
    let elements = method.args.iter().map(|arg| element(arg, method));
    match &method.args[..] {
        [] => quote!(__rpcx::NoArgs),
        [arg] if !method.is_map() => quote_spanned!(arg.ty.span()=> __rpcx::One<#(#elements)*>),
        all => {
            let types = all.iter().map(|arg| &arg.ty);
            let (first, last) = blamed(types, method.ident.span());
            let group = quote_spanned!(first=> __rpcx::Fields);
            let end = quote_spanned!(last=> >);
            quote!(#group <__rpcx::ArgNames<#marker>, (#(#elements,)*) #end)
        }
    }
}

/// What an error about a group of these types is shown at: from the first to the last of those that may be to blame,
/// which is often one.
pub(crate) fn blamed<'a>(types: impl Iterator<Item = &'a Type>, whole: Span) -> (Span, Span) {
    let mut own = types.filter(|ty| !of_the_language(ty)).map(Spanned::span);
    match own.next() {
        Some(first) => (first, own.last().unwrap_or(first)),
        None => (whole, whole),
    }
}

fn element(arg: &Arg, method: &Method) -> TokenStream {
    let span = arg.ty.span();
    let (ty, form) = carried(arg, method);
    let element = match form {
        Some(form) => quote_spanned!(span=> __rpcx::As<#ty, #form>),
        None => quote_spanned!(span=> __rpcx::As<#ty>),
    };
    match method.is_map() && (arg.default || is_option(&arg.ty)) {
        true => quote_spanned!(span=> __rpcx::OrDefault<#element>),
        false => element,
    }
}

/// Whether the type of an argument travels, whatever its name means: numbers and texts, lent or not.
fn of_the_language(ty: &Type) -> bool {
    match bare(ty) {
        Type::Reference(reference) => of_the_language(&reference.elem),
        Type::Slice(slice) => of_the_language(&slice.elem),
        ty => is_plain(ty),
    }
}

/// `Option<T>`; an `Option` without a parameter is a type of the user's own.
fn is_option(ty: &Type) -> bool {
    last(ty).is_some_and(|segment| segment.ident == "Option" && generics(segment).count() == 1)
}

/// Whether more than one of the arguments may be to blame, so that each is asked for at its own place.
fn is_one_of_several(method: &Method) -> bool {
    let own = method.args.iter().filter(|arg| !of_the_language(&arg.ty));
    method.is_map() && method.codecs.has(Family::Serde) && own.count() > 1
}

/// That each of several arguments travels: an error at its type where it does not.
fn travel(method: &Method) -> Option<TokenStream> {
    let several = is_one_of_several(method);
    let each = method.args.iter().filter(|_| several);
    let each: Vec<TokenStream> = each.filter_map(|arg| checked(arg, method)).collect();
    let cfgs = &method.cfgs;
    (!each.is_empty()).then(|| quote!(#(#cfgs)* const _: () = { #(#each)* };))
}

fn checked(arg: &Arg, method: &Method) -> Option<TokenStream> {
    let (ty, form) = match lent(arg, method) {
        Some(Lent::List(element)) => {
            let many = Lent::List(element.clone()).carried().1;
            (quote!([#element]), many)
        }
        Some(_) => return None,
        None if arg.bytes || is_context_alone(decoded(arg)) => return None,
        None => {
            let ty = decoded(arg);
            (ty.to_token_stream(), form_of(ty, &[])?.of_a_field())
        }
    };
    let (place, ty) = (at(&arg.ty), without_lifetimes(ty));
    let form = asks(&form).then(|| at_type(form, &arg.ty))?;
    Some(quote_spanned!(place=> let _: __rpcx::message::Travels<#ty, #form>;))
}

/// The type that travels for an argument, and its form if it is not serde's own.
fn carried(arg: &Arg, method: &Method) -> (TokenStream, Option<TokenStream>) {
    if let Some(lent) = lent(arg, method) {
        let (ty, form) = lent.carried();
        let checked = matches!(lent, Lent::List(_)) && is_one_of_several(method);
        let form = match checked {
            true => quote!(__rpcx::Checked<#form>),
            false => quote!(__rpcx::Formed<#form>),
        };
        return (ty, Some(form));
    }
    let ty = with_lifetime(decoded(arg), &Lifetime::new("'__a", Span::call_site()));
    let form = match (method.codecs.first, method.codecs.has(Family::Serde)) {
        (Family::Thrift, _) => is_unit(&ty).then(empty_struct),
        (_, false) => None,
        (_, true) if arg.bytes => Some(quote!(__rpcx::Formed<__rpcx::codec::Bytes>)),
        (_, true) => form_of(&ty, &[]).map(|form| match is_context_alone(&ty) {
            true => form.of_a_context(),
            false if is_one_of_several(method) => form.of_one_of_several(),
            false => form.of_a_value(),
        }),
    };
    (ty.to_token_stream(), form)
}

/// What a handler is called with for an argument that was decoded.
pub(super) fn given(arg: &Arg, method: &Method) -> TokenStream {
    let ident = &arg.ident;
    match lent(arg, method) {
        Some(Lent::Optional(_)) => quote!(#ident.as_deref()),
        Some(_) => quote!(&#ident),
        None if arg.form == Passing::Reference => quote!(&#ident),
        None => quote!(#ident),
    }
}

/// The type that is decoded for an argument.
pub(super) fn decoded(arg: &Arg) -> &Type {
    match (arg.form, bare(&arg.ty)) {
        (Passing::Reference, Type::Reference(reference)) => &reference.elem,
        (_, ty) => ty,
    }
}

/// `()` is no message of thrift; it travels as a struct without fields.
fn empty_struct() -> TokenStream {
    quote!(__rpcx::Formed<__rpcx::EmptyStruct>)
}

/// The type of the value that a method answers with; `None` where an alias hides it, so that the compiler alone knows which
/// it is.
pub(super) fn value(method: &Method) -> Option<&Type> {
    let result = last(&method.ret)?;
    let value = generics(result).next();
    value.filter(|_| result.ident.to_string().ends_with("Result"))
}

fn reply_form(method: &Method, marker: &Ident) -> TokenStream {
    let value = value(method);
    let ret = &method.ret;
    let form = match (method.codecs.first, value) {
        (Family::Thrift, value) => {
            // behind an alias a oneway method still has no value
            let unit = method.oneway || value.is_some_and(is_unit);
            return unit
                .then(empty_struct)
                .unwrap_or_else(|| quote!(__rpcx::Plain));
        }
        (_, Some(value)) if method.codecs.has(Family::Serde) => form_of(value, &[]),
        (_, None) if method.codecs.has(Family::Serde) => {
            let own = quote!(__rpcx::Answer::<#ret>::OWN);
            return match &method.reply {
                None => quote!(__rpcx::Chosen<{ #own }>),
                Some(_) => {
                    let serde = quote!(__rpcx::Answer::<#ret>::SERDE);
                    quote!(__rpcx::Formed<__rpcx::InField<#marker, __rpcx::codec::Chosen<{ #own | #serde }>>>)
                }
            };
        }
        _ => None,
    };
    if method.reply.is_none() {
        return form.map_or_else(|| quote!(__rpcx::Plain), |form| form.of_a_value());
    }
    let form = form.map_or_else(|| quote!(__rpcx::Plain), |form| form.of_a_field());
    quote!(__rpcx::Formed<__rpcx::InField<#marker, #form>>)
}

/// What the client passes for an argument: always a reference.
pub(super) fn passed(arg: &Arg, method: &Method) -> TokenStream {
    let ident = &arg.ident;
    match lent(arg, method) {
        Some(Lent::List(_)) => return quote!(&__rpcx::codec::List::Lent(#ident)),
        Some(Lent::Optional(_)) => return quote!(&#ident.map(__rpcx::Cow::Borrowed)),
        Some(_) => return quote!(&__rpcx::Cow::Borrowed(#ident)),
        None => {}
    }
    match arg.form {
        Passing::Reference => ident.to_token_stream(),
        Passing::Owned | Passing::Borrowed => quote!(&#ident),
    }
}
