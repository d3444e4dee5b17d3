//! The schema of a message.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse_quote;

use super::super::model::{Field, Message, Other, Said, Shape, Variant, Variants};
use super::super::schema;
use super::owner;

/// The implementation of `JsonSchema`, which is there where the runtime has the feature for it.
pub(super) fn describe(message: &Message) -> TokenStream {
    let Message { ident, docs, .. } = message;
    let body = match &message.shape {
        Shape::Map(fields) => map(fields),
        Shape::Newtype(field) => field_schema(field),
        Shape::Number(variants) => number(variants),
        Shape::Text(variants) => text(variants),
        Shape::Choice(cases) => super::choice::describe(cases),
    };
    let generics = super::bounded(&message.generics, &parse_quote!(__rpcx::JsonSchema));
    let (params, _, clause) = generics.split_for_impl();
    let (_, args, _) = message.generics.split_for_impl();
    quote! {
        __rpcx::reflect! {
            #[automatically_derived]
            impl #params __rpcx::JsonSchema for #ident #args #clause {
                fn schema(__schemas: &mut __rpcx::Schemas) -> __rpcx::Json {
                    use __rpcx::{ByParts as _, Unknown as _};
                    let __place = ::core::concat!(::core::file!(), ":", ::core::line!());
                    __schemas.define::<Self>(__place, #docs, &|__schemas| #body)
                }
            }
        }
    }
}

pub(super) fn map(fields: &[Field]) -> TokenStream {
    let each = fields.iter().filter_map(|field| {
        let (wire, docs) = (field.wire.as_ref()?, &field.docs);
        let schema = field_schema(field);
        Some(quote!(__rpcx::Property(#wire, #docs, &|__schemas| #schema)))
    });
    quote!(__schemas.object(&[#(#each),*]))
}

pub(super) fn field_schema(field: &Field) -> TokenStream {
    match field.said {
        Said::Bytes => schema::of_bytes(),
        Said::Plain => schema::of(&field.ty, false),
        Said::Nothing => schema::of(&field.ty, field.form.is_some()),
    }
}

fn number(variants: &Variants) -> TokenStream {
    let owner = owner(variants);
    let each = variants.known.iter().map(|Variant { ident, docs, .. }| {
        let name = ident.to_string();
        quote!((__rpcx::Json::from(#owner::#ident as ::core::primitive::i64), #name, #docs))
    });
    among(
        quote!(&[#(#each),*]),
        variants,
        &parse_quote!(::core::primitive::i64),
    )
}

fn text(variants: &Variants) -> TokenStream {
    let each = variants.known.iter().map(|variant| {
        let Variant {
            ident, docs, wire, ..
        } = variant;
        let name = ident.to_string();
        quote!((__rpcx::Json::from(#wire), #name, #docs))
    });
    among(
        quote!(&[#(#each),*]),
        variants,
        &parse_quote!(::core::primitive::str),
    )
}

/// One of these values, or with a catch-all variant any of this type.
fn among(values: TokenStream, variants: &Variants, ty: &syn::Type) -> TokenStream {
    match &variants.other {
        None => quote!(__schemas.variants(#values)),
        Some(Other { ident, docs, .. }) => {
            let (name, schema) = (ident.to_string(), schema::of(ty, false));
            quote!(__schemas.variants_or(#values, __rpcx::Property(#name, #docs, &|__schemas| #schema)))
        }
    }
}
