//! Recursive type aliases. rustc refuses them, but outputs are made before it reads a file, and what looks through aliases
//! would come to no end.

use syn::{GenericArgument, Item, PathArguments, Type};

use super::resolve::Resolver;
use rpcx_codegen::diagnostics::Diagnostics;
use rpcx_codegen::parse::travel::{bare, last};

/// Reports each of them in its file, and says whether there is one.
pub(super) fn refuse(resolver: &Resolver<'_>, out: &mut [Diagnostics]) -> bool {
    let named: Vec<Vec<usize>> = (0..resolver.candidates.len())
        .map(|index| named_by(index, resolver))
        .collect();
    let mut any = false;
    for (index, one) in resolver.candidates.iter().enumerate() {
        let Some(way) = way_back(index, &named) else {
            continue;
        };
        let name = |at: &usize| format!("`{}`", resolver.candidates[*at].ident);
        let by: Vec<String> = way.iter().map(name).collect();
        let by = match by.is_empty() {
            true => String::new(),
            false => format!(", by way of {}", by.join(" and ")),
        };
        let text = format!(
            "the type alias `{0}` is recursive{by}\nhelp: Rust has no recursive aliases: make `{0}` a struct",
            one.ident
        );
        out[one.home].at(&one.ident, text);
        any = true;
    }
    any
}

/// The aliases that stand in what an alias stands for. One that is called like a parameter is not meant.
fn named_by(index: usize, resolver: &Resolver<'_>) -> Vec<usize> {
    let one = &resolver.candidates[index];
    let Item::Type(alias) = &one.item else {
        return Vec::new();
    };
    let mut found = Vec::new();
    add(&alias.ty, one.home, resolver, &mut found);
    let parameters: Vec<_> = alias.generics.type_params().collect();
    found.retain(|at| {
        let ident = &resolver.candidates[*at].ident;
        !parameters.iter().any(|parameter| parameter.ident == *ident)
    });
    found
}

fn add(ty: &Type, home: usize, resolver: &Resolver<'_>, found: &mut Vec<usize>) {
    match bare(ty) {
        Type::Reference(reference) => add(&reference.elem, home, resolver, found),
        Type::Slice(slice) => add(&slice.elem, home, resolver, found),
        Type::Array(array) => add(&array.elem, home, resolver, found),
        Type::Tuple(tuple) => {
            for part in &tuple.elems {
                add(part, home, resolver, found);
            }
        }
        Type::Path(_) => {
            found.extend(resolver.alias(ty, home));
            let arguments = last(ty).map(|segment| &segment.arguments);
            let Some(PathArguments::AngleBracketed(list)) = arguments else {
                return;
            };
            for argument in &list.args {
                if let GenericArgument::Type(ty) = argument {
                    add(ty, home, resolver, found);
                }
            }
        }
        _ => {}
    }
}

/// The aliases on the shortest way from one back to itself.
fn way_back(start: usize, named: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut from = vec![None; named.len()];
    let mut reached = vec![start];
    let mut next = 0;
    while let Some(at) = reached.get(next).copied() {
        next += 1;
        for to in &named[at] {
            if *to == start {
                let before = |at: &usize| from[*at];
                let way = std::iter::successors(Some(at), before);
                let mut way: Vec<usize> = way.take_while(|at| *at != start).collect();
                way.reverse();
                return Some(way);
            }
            if from[*to].is_none() {
                from[*to] = Some(at);
                reached.push(*to);
            }
        }
    }
    None
}
