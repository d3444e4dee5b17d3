//! Types as they are written in Rust, for what code has to be changed for.

use quote::ToTokens;
use syn::{GenericArgument, Item, PathArguments, Type};

use super::resolve::Resolver;
use rpcx_codegen::parse::travel::{bare, last, text};

/// How many aliases are looked through.
const DEPTH: usize = 16;

impl Resolver<'_> {
    /// The type without lifetimes, paths and the names that aliases give it.
    pub(super) fn written(&self, ty: &Type) -> String {
        self.plain(ty, self.home, DEPTH)
    }

    /// The same of a type that stands in the file `home`.
    pub(super) fn written_in(&self, ty: &Type, home: usize) -> String {
        self.plain(ty, home, DEPTH)
    }

    fn plain(&self, ty: &Type, home: usize, depth: usize) -> String {
        let inner = |ty: &Type| self.plain(ty, home, depth);
        match bare(ty) {
            Type::Reference(reference) => format!("&{}", inner(&reference.elem)),
            Type::Slice(slice) => format!("[{}]", inner(&slice.elem)),
            Type::Array(array) => {
                let length = match self.lengths.get(&array.len, home) {
                    Some(length) => length.to_string(),
                    None => array.len.to_token_stream().to_string(),
                };
                format!("[{}; {length}]", inner(&array.elem))
            }
            Type::Tuple(tuple) => {
                let parts: Vec<String> = tuple.elems.iter().map(inner).collect();
                format!("({})", parts.join(", "))
            }
            Type::Path(_) => self.path_of(ty, home, depth),
            other => text(other),
        }
    }

    fn path_of(&self, ty: &Type, home: usize, depth: usize) -> String {
        let Some(segment) = last(ty) else {
            return text(ty);
        };
        if let (Some(found), Some(depth)) = (self.found(ty, home), depth.checked_sub(1))
            && let Item::Type(alias) = &found.item
        {
            if alias.generics.params.is_empty() {
                return self.plain(&alias.ty, found.home, depth);
            }
            if let Some(filled) = super::aliases::filled(alias, segment) {
                return self.plain(&filled, home, depth);
            }
        }
        let PathArguments::AngleBracketed(list) = &segment.arguments else {
            return segment.ident.to_string();
        };
        let arguments = list.args.iter().filter_map(|argument| match argument {
            GenericArgument::Lifetime(_) => None,
            GenericArgument::Type(ty) => Some(self.plain(ty, home, depth)),
            other => Some(other.to_token_stream().to_string()),
        });
        let arguments: Vec<String> = arguments.collect();
        match arguments.is_empty() {
            true => segment.ident.to_string(),
            false => format!("{}<{}>", segment.ident, arguments.join(", ")),
        }
    }
}
