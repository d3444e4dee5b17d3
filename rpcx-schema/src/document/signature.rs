//! The types of methods.

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
    let places = (resolver.home, resolver.candidates.len());
    let returned = returned(&method.ret, resolver, places, &mut own);
    let mistakes = own.finish();
    let written_reply = match &returned {
        Some(Returned { value, home, .. }) => resolver.written_in(value, *home),
        None => resolver.written(&method.ret),
    };
    let reply = match (method.codecs.first, &returned) {
        (Family::Raw, _) => Some(Ty::Bytes),
        (_, Some(Returned { value, home, .. })) => {
            let own = std::mem::replace(&mut resolver.home, *home);
            let reply = match *home == own {
                true => resolver.resolve(value, Seen::Yes, out),
                false => resolve_elsewhere(value, &method.ret, resolver, out),
            };
            resolver.home = own;
            reply
        }
        (_, None) if resolver.foreign => Some(resolver.as_written(&method.ret)),
        (_, None) => {
            mistakes.into_iter().for_each(|error| out.syntax(error));
            None
        }
    };
    let error = returned.and_then(|returned| returned.error);
    let error = error.and_then(|(ty, home)| resolver.error(&ty, home, errors));
    let written = method.args.iter().map(|arg| resolver.written(&arg.ty));
    Some(Signature {
        args: args.into_iter().collect::<Option<_>>()?,
        reply: reply?,
        error: error.map(|error| error.id.clone()),
        written_args: written.collect(),
        written_reply,
    })
}

/// Resolves a type that stands in another file; what is wrong with it is said at `place`.
fn resolve_elsewhere(
    ty: &Type,
    place: &Type,
    resolver: &mut Resolver<'_>,
    out: &mut Diagnostics,
) -> Option<Ty> {
    let mut own = Diagnostics::new();
    let found = resolver.resolve(ty, Seen::Yes, &mut own);
    for error in own.finish() {
        out.at(place, error.to_string());
    }
    found
}

/// What a method returns.
struct Returned {
    value: Type,
    /// The file whose names the value is written with.
    home: usize,
    /// The error type, and its file.
    error: Option<(Type, usize)>,
}

/// The value and the error type of a `Result` in the file `home`, also through at most `aliases` aliases.
fn returned(
    ty: &Type,
    resolver: &Resolver<'_>,
    (home, aliases): (usize, usize),
    out: &mut Diagnostics,
) -> Option<Returned> {
    let segment = last(ty)?;
    let given: Vec<&Type> = generics(segment).collect();
    let alias = resolver.found(ty, home).filter(|_| aliases > 0);
    if let Some((Item::Type(alias), there)) = alias.map(|found| (&found.item, found.home)) {
        let mut found = returned(&alias.ty, resolver, (there, aliases - 1), out)?;
        if let Some(replaced) = substituted(&found.value, alias, &given) {
            (found.value, found.home) = (replaced, home);
        }
        return Some(found);
    }
    let Some(value) = given.first().filter(|_| segment.ident == "Result") else {
        let shown = text(ty);
        let (place, help) = match resolver.is_alone() {
            true => ("this file", "this file"),
            false => ("these files", "one of these files"),
        };
        out.at(ty, format!("the type `{shown}` is not defined in {place}\nhelp: return a `Result`, or an alias of it that stands in {help}"));
        return None;
    };
    Some(Returned {
        value: (*value).clone(),
        home,
        error: given.get(1).map(|ty| ((*ty).clone(), home)),
    })
}

/// What an alias has in the place of its parameter `value`; `None` for another `value`.
fn substituted(value: &Type, alias: &ItemType, given: &[&Type]) -> Option<Type> {
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
        .find(|(_, param)| is_named(value, &param.ident.to_string()));
    found.and_then(|(index, param)| {
        let written = given.get(index).map(|ty| (*ty).clone());
        written.or_else(|| param.default.as_ref().map(|(_, ty)| ty.clone()))
    })
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
