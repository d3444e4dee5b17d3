//! Types with parameters. Lifetimes are none: nothing of them travels.

use std::collections::BTreeMap;

use quote::{ToTokens, format_ident};
use syn::{GenericArgument, GenericParam, Generics, ItemStruct, PathArguments};

use super::aliases::replaced;

/// Whether there is a type or a constant among the parameters.
pub(super) fn has(generics: &Generics) -> bool {
    generics.type_params().next().is_some() || generics.const_params().next().is_some()
}

/// Whether a type or a constant is given.
pub(super) fn given(arguments: &PathArguments) -> bool {
    match arguments {
        PathArguments::None => false,
        PathArguments::AngleBracketed(list) => {
            let mut all = list.args.iter();
            all.any(|argument| !matches!(argument, GenericArgument::Lifetime(_)))
        }
        PathArguments::Parenthesized(_) => true,
    }
}

/// A struct with parameters as one without, whose fields have `parameter1` and so on for them: how they are called is
/// no promise. `None` where it has none.
pub(super) fn numbered(item: &ItemStruct) -> Option<ItemStruct> {
    let names = item.generics.params.iter().filter_map(|one| match one {
        GenericParam::Type(one) => Some(&one.ident),
        GenericParam::Const(one) => Some(&one.ident),
        GenericParam::Lifetime(_) => None,
    });
    let parameters: BTreeMap<_, _> = names
        .zip(1_usize..)
        .map(|(name, number)| {
            let number = format_ident!("parameter{number}");
            (name.to_string(), number.to_token_stream())
        })
        .collect();
    if parameters.is_empty() {
        return None;
    }
    let mut item = item.clone();
    item.generics = Generics::default();
    for field in &mut item.fields {
        field.ty = syn::parse2(replaced(field.ty.to_token_stream(), &parameters)).ok()?;
    }
    Some(item)
}
