//! Several files that are one interface: each sees the types of the others.

use std::collections::BTreeMap;
use std::rc::Rc;

use syn::File;

use super::collect::{self, Candidate, Found};
use super::lengths::Lengths;
use super::resolve::Resolver;
use super::scope::Scope;
use super::{Definition, Document, ErrorDefinition, cycles, define, signature};
use rpcx_codegen::diagnostics::Diagnostics;
use rpcx_codegen::parse::attributes::docs;

/// A file of an interface: one with services, or one with types alone.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::exhaustive_structs,
    reason = "the build script's files, as they are"
)]
pub struct Part<'a> {
    /// Its name without `.rs`, which is that of its module in paths such as `types::User`.
    pub name: &'a str,
    /// The path that outputs name.
    pub source: &'a str,
    /// What stands in it.
    pub parsed: &'a File,
}

/// How types are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// What has no form in other languages is a mistake.
    Portable,
    /// As `Portable`, and what the error enums of methods carry is looked into.
    PortableWithErrors,
    /// What has no form in other languages is taken as it is written.
    Everything,
}

/// Reads files that the Rust output accepts: a document for each, and its mistakes.
pub(crate) fn read(parts: &[Part<'_>], reading: Reading) -> Vec<(Document, Diagnostics)> {
    let mut out: Vec<Diagnostics> = parts.iter().map(|_| Diagnostics::new()).collect();
    let mut found: Vec<Found> = parts
        .iter()
        .zip(&mut out)
        .map(|(part, out)| collect::collect(&part.parsed.items, out))
        .collect();
    let names: Vec<String> = parts.iter().map(|part| part.name.to_owned()).collect();
    let scopes: Vec<Scope> = parts.iter().map(|part| Scope::of(part.parsed)).collect();
    let lengths = Lengths::of(parts.iter().map(|part| part.parsed));
    let (candidates, mut errors) = together(&mut found, &names);
    let mut resolver = Resolver::new(
        &candidates,
        (&names, &scopes),
        &lengths,
        reading == Reading::Everything,
    );
    if cycles::refuse(&resolver, &mut out) {
        let nothing = parts.iter().map(|_| Vec::new()).collect();
        let documents = documents(parts, nothing, (Vec::new(), Vec::new()));
        return documents.into_iter().zip(out).collect();
    }
    let mut services: Vec<Vec<_>> = Vec::new();
    for (home, found) in found.iter_mut().enumerate() {
        resolver.home = home;
        let own = std::mem::take(&mut found.services).into_iter();
        let described =
            own.map(|service| signature::describe(service, &errors, &mut resolver, &mut out[home]));
        services.push(described.collect());
    }
    if reading != Reading::Portable {
        let signatures = services.iter().flatten().flat_map(|one| &one.signatures);
        let used: Vec<&String> = signatures.filter_map(|one| one.error.as_ref()).collect();
        errors.retain(|error| used.contains(&&error.id));
        for error in &mut errors {
            resolver.home = error.home;
            for data in &mut error.data {
                signature::carried(data, &mut resolver);
            }
        }
    }
    let types = define::reached(&mut resolver, &mut out);
    documents(parts, services, (types, errors))
        .into_iter()
        .zip(out)
        .collect()
}

/// All types and errors, with ids that tell those of one name apart.
fn together(found: &mut [Found], names: &[String]) -> (Vec<Candidate>, Vec<ErrorDefinition>) {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for found in &*found {
        let types = found.types.iter().map(|one| &one.ident);
        for ident in types.chain(found.errors.iter().map(|one| &one.ident)) {
            *count.entry(ident.to_string()).or_default() += 1;
        }
    }
    let (mut candidates, mut errors) = (Vec::new(), Vec::new());
    for (home, (found, file)) in found.iter_mut().zip(names).enumerate() {
        let id = |ident: &proc_macro2::Ident| match count.get(&ident.to_string()) {
            Some(1) => ident.to_string(),
            _ => format!("{file}::{ident}"),
        };
        for mut one in std::mem::take(&mut found.types) {
            (one.home, one.id) = (home, id(&one.ident));
            candidates.push(one);
        }
        for mut one in std::mem::take(&mut found.errors) {
            (one.home, one.id) = (home, id(&one.ident));
            errors.push(one);
        }
    }
    (candidates, errors)
}

fn documents(
    parts: &[Part<'_>],
    services: Vec<Vec<super::Described>>,
    (types, errors): (Vec<(usize, Definition)>, Vec<ErrorDefinition>),
) -> Vec<Document> {
    let types: Vec<(usize, Rc<Definition>)> = types
        .into_iter()
        .map(|(home, one)| (home, Rc::new(one)))
        .collect();
    let errors: Vec<Rc<ErrorDefinition>> = errors.into_iter().map(Rc::new).collect();
    parts
        .iter()
        .zip(services)
        .enumerate()
        .map(|(file, (part, services))| {
            let of = |own: bool| {
                let all = types.iter().filter(move |(home, _)| (*home == file) == own);
                all.map(|(_, one)| Rc::clone(one)).collect()
            };
            let errors_of = |own: bool| {
                let all = errors.iter().filter(move |one| (one.home == file) == own);
                all.cloned().collect()
            };
            Document {
                docs: docs(&part.parsed.attrs),
                services,
                types: of(true),
                elsewhere: of(false),
                errors: errors_of(true),
                errors_elsewhere: errors_of(false),
            }
        })
        .collect()
}
