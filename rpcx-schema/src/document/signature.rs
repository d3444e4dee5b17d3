//! The types of methods.

use proc_macro2::Ident;
use syn::{GenericParam, Item, ItemType, Type};

use super::resolve::{Resolver, Seen};
use super::{Data, Described, ErrorDefinition, Signature, Ty};
use rpcx_codegen::diagnostics::Diagnostics;
use rpcx_codegen::model::{Family, Method, Service};
use rpcx_codegen::parse::travel::{generics, is_named, last, text};

/// Resolves every method of a service; methods with mistakes are left out.
pub(super) fn describe(
    mut service: Service,
    errors: &[ErrorDefinition],
    resolver: &mut Resolver<'_>,
    out: &mut Diagnostics,
) -> Described {
    let mut methods: Vec<Method> = Vec::new();
    let mut signatures = Vec::new();
    for method in std::mem::take(&mut service.methods) {
        // one method under two exclusive conditions is one method on the wire
        if methods.iter().any(|earlier| earlier.wire == method.wire) {
            continue;
        }
        // what is taken as it is written needs no description
        let found = match resolver.foreign {
            true => types(&method, errors, resolver, out),
            false => signature(&method, errors, resolver, out),
        };
        if let Some(signature) = found {
            signatures.push(signature);
            methods.push(method);
        }
    }
    service.methods = methods;
    Described {
        service,
        signatures,
    }
}

/// The messages of a family that has its own files for them.
fn described_elsewhere(family: Family) -> Option<(&'static str, &'static str)> {
    match family {
        Family::Protobuf => Some(("protobuf messages", ".proto")),
        Family::Thrift => Some(("structs of thrift", ".thrift")),
        Family::Serde | Family::Raw => None,
    }
}

fn signature(
    method: &Method,
    errors: &[ErrorDefinition],
    resolver: &mut Resolver<'_>,
    out: &mut Diagnostics,
) -> Option<Signature> {
    if let Some((messages, file)) = method.codecs.all().find_map(described_elsewhere) {
        let name = &method.ident;
        out.at(name, format!("`{name}` takes and returns {messages}, which are not described here\nhelp: generate the other side from the `{file}` file"));
        return None;
    }
    types(method, errors, resolver, out)
}

/// The types, whatever the family.
fn types(
    method: &Method,
    errors: &[ErrorDefinition],
    resolver: &mut Resolver<'_>,
    out: &mut Diagnostics,
) -> Option<Signature> {
    let args: Vec<Option<Ty>> = method
        .args
        .iter()
        .map(|arg| match method.codecs.first {
            Family::Raw => Some(Ty::Bytes),
            _ if arg.bytes => Some(Ty::Bytes),
            _ => resolver.resolve(&arg.ty, Seen::Yes, out),
        })
        .collect();
    let mut own = Diagnostics::new();
    let returned = returned(&method.ret, resolver, resolver.candidates.len(), &mut own);
    let mistakes = own.finish();
    let reply = match (method.codecs.first, &returned) {
        (Family::Raw, _) => Some(Ty::Bytes),
        (_, Some((value, _))) => resolver.resolve(value, Seen::Yes, out),
        (_, None) if resolver.foreign => Some(resolver.as_written(&method.ret)),
        (_, None) => {
            mistakes.into_iter().for_each(|error| out.syntax(error));
            None
        }
    };
    let error = returned.and_then(|(_, error)| error);
    let error = error.filter(|name| errors.iter().any(|known| known.ident == *name));
    Some(Signature {
        args: args.into_iter().collect::<Option<_>>()?,
        reply: reply?,
        error: error.map(|name| name.to_string()),
    })
}

/// The value and the name of the error type of a `Result`, also through at most `aliases` aliases.
fn returned(
    ty: &Type,
    resolver: &Resolver<'_>,
    aliases: usize,
    out: &mut Diagnostics,
) -> Option<(Type, Option<Ident>)> {
    let segment = last(ty)?;
    let given: Vec<&Type> = generics(segment).collect();
    let alias = resolver
        .candidates
        .iter()
        .find(|item| item.ident == segment.ident);
    if let Some(Item::Type(alias)) = alias.map(|found| &found.item).filter(|_| aliases > 0) {
        let (value, error) = returned(&alias.ty, resolver, aliases - 1, out)?;
        return Some((substituted(value, alias, &given), error));
    }
    let Some(value) = given.first().filter(|_| segment.ident == "Result") else {
        let shown = text(ty);
        out.at(ty, format!("the type `{shown}` is not defined in this file\nhelp: return a `Result`, or an alias of it that stands in this file"));
        return None;
    };
    let error = given.get(1).and_then(|ty| last(ty));
    Some(((*value).clone(), error.map(|segment| segment.ident.clone())))
}

/// What an alias has in the place of its parameter `value`; another `value` stays as it is.
fn substituted(value: Type, alias: &ItemType, given: &[&Type]) -> Type {
    let parameters = alias
        .generics
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(param) => Some(param),
            _ => None,
        });
    let found = parameters
        .enumerate()
        .find(|(_, param)| is_named(&value, &param.ident.to_string()));
    let replaced = found.and_then(|(index, param)| {
        let written = given.get(index).map(|ty| (*ty).clone());
        written.or_else(|| param.default.as_ref().map(|(_, ty)| ty.clone()))
    });
    replaced.unwrap_or(value)
}

/// Resolves what a variant of an error enum carries, as far as it has a form in other languages.
pub(super) fn carried(data: &mut Data, resolver: &mut Resolver<'_>) {
    let Data::Written(fields) = data else { return };
    // a type without such a form is no mistake: the error is still one with a code
    let mut own = Diagnostics::new();
    let used = resolver.used.clone();
    let resolved: Option<Vec<(Option<String>, Ty)>> = fields
        .iter()
        .map(|(name, ty)| Some((name.clone(), resolver.resolve(ty, Seen::Yes, &mut own)?)))
        .collect();
    let right = own.finish().is_empty();
    *data = match resolved.filter(|_| right).map(|mut all| (all.pop(), all)) {
        None => {
            resolver.used = used;
            Data::Foreign
        }
        Some((None, _)) => return,
        Some((Some((None, ty)), _)) => Data::Value(ty),
        Some((Some(last), before)) => {
            let all = before.into_iter().chain([last]);
            Data::Fields(all.filter_map(|(name, ty)| Some((name?, ty))).collect())
        }
    };
}
