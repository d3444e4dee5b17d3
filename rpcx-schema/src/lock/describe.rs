//! From a trait file to the model.

use std::collections::{BTreeMap, BTreeSet};

use syn::File;
use syn::ext::IdentExt;

use super::{Args, Field, Lock, Method, Service, Type};
use crate::document::{
    self, Carried, Case, Definition, Described, Document, Kind, Missing, Signature, Ty,
};
use rpcx_codegen::diagnostics::Diagnostics;
use rpcx_codegen::model::{self, Family};
use rpcx_codegen::parse::travel::is_named;

impl Lock {
    /// The services of a trait file that [`file::expand`](rpcx_codegen::file::expand) accepts.
    ///
    /// Types that the file does not define, tuples, generic structs and enums with data are kept as they
    /// are written.
    ///
    /// # Errors
    /// Two services with one path, and two types with one name.
    pub fn read(file: &File) -> Result<Self, Vec<syn::Error>> {
        let mut diagnostics = Diagnostics::new();
        let document = document::read_all(file, &mut diagnostics);
        let lock = read(&document, &mut diagnostics);
        let errors = diagnostics.finish();
        match errors.is_empty() {
            true => Ok(lock),
            false => Err(errors),
        }
    }

    /// One lock of several files, each with a name. A type that is in two of them is called
    /// `name::Type`.
    ///
    /// # Errors
    /// Two files with services of one path, or of one name.
    pub fn merge(parts: Vec<(String, Self)>) -> Result<Self, String> {
        let mut names = BTreeSet::new();
        if let Some((name, _)) = parts.iter().find(|(name, _)| !names.insert(name)) {
            return Err(format!(
                "two trait files have the name `{name}`, which tells their types apart\n\
                 help: rename one of them"
            ));
        }
        let mut owners: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for (file, part) in &parts {
            for name in part.types.keys().chain(part.errors.keys()) {
                owners.entry(name.clone()).or_default().insert(file);
            }
        }
        owners.retain(|_, files| files.len() > 1);
        let shared: BTreeSet<String> = owners.into_keys().collect();
        let mut all = Self::default();
        let mut homes: BTreeMap<String, String> = BTreeMap::new();
        for (file, part) in parts {
            let part = part.qualified(&shared, &file);
            for path in part.services.keys() {
                if let Some(other) = homes.insert(path.clone(), file.clone()) {
                    return Err(format!(
                        "the services of two trait files, `{other}` and `{file}`, have one path: `{path}`\n\
                         help: give one of them another path with `#[rpcx::service(name = \"..\")]`"
                    ));
                }
            }
            all.services.extend(part.services);
            all.types.extend(part.types);
            all.errors.extend(part.errors);
        }
        Ok(all)
    }

    /// With `file::` before the names that other files have too.
    fn qualified(mut self, shared: &BTreeSet<String>, file: &str) -> Self {
        let full = |name: String| match shared.contains(&name) {
            true => format!("{file}::{name}"),
            false => name,
        };
        for method in self
            .services
            .values_mut()
            .flat_map(|all| all.methods.values_mut())
        {
            match &mut method.args {
                Args::Nothing => {}
                Args::Bare(ty) => rename(ty, &full),
                Args::Map(fields) => fields
                    .iter_mut()
                    .for_each(|field| rename(&mut field.ty, &full)),
            }
            rename(&mut method.reply, &full);
            method.error = method.error.take().map(full);
        }
        for definition in self.types.values_mut() {
            match definition {
                Type::Struct(fields) | Type::Choice(fields) => {
                    fields
                        .iter_mut()
                        .for_each(|field| rename(&mut field.ty, &full));
                }
                Type::Message(fields) => {
                    fields
                        .values_mut()
                        .for_each(|field| rename(&mut field.ty, &full));
                }
                Type::Alias(ty) => rename(ty, &full),
                Type::Numbers(_) | Type::Texts(_) | Type::Foreign(_) => {}
            }
        }
        let types = self
            .types
            .into_iter()
            .map(|(name, value)| (full(name), value));
        let errors = self
            .errors
            .into_iter()
            .map(|(name, value)| (full(name), value));
        Self {
            services: self.services,
            types: types.collect(),
            errors: errors.collect(),
        }
    }
}

fn rename(ty: &mut Ty, full: &impl Fn(String) -> String) {
    match ty {
        Ty::Named(name) => *name = full(std::mem::take(name)),
        Ty::Option(inner) | Ty::List(inner) | Ty::Array(inner, _) => rename(inner, full),
        Ty::Map(key, value) => {
            rename(key, full);
            rename(value, full);
        }
        _ => {}
    }
}

fn read(document: &Document, out: &mut Diagnostics) -> Lock {
    let mut lock = Lock::default();
    let zeros = Zeros(document);
    for described in &document.services {
        service(described, &mut lock, out);
    }
    for definition in &document.types {
        let ty = self::definition(definition, &zeros);
        lock.types.extend(carried(definition, &zeros));
        lock.types.insert(definition.ident.to_string(), ty);
    }
    let methods = lock.services.values().flat_map(|all| all.methods.values());
    let used: BTreeSet<&String> = methods.filter_map(|method| method.error.as_ref()).collect();
    for error in &document.errors {
        let name = error.ident.to_string();
        if used.contains(&name) {
            let variants = error.variants.iter();
            let variants = variants.map(|variant| (variant.value, variant.name.clone()));
            lock.errors.insert(name, variants.collect());
        }
    }
    lock
}

fn service(described: &Described, lock: &mut Lock, out: &mut Diagnostics) {
    let service = &described.service;
    let ident = &service.item.ident;
    let path = &service.path;
    if let Some(earlier) = lock.services.get(path) {
        // one service under two exclusive conditions is one service on the wire
        if !service
            .item
            .attrs
            .iter()
            .any(|attr| attr.path().is_ident("cfg"))
        {
            let first = &earlier.name;
            let text = format!(
                "two services have the path `{path}`: `{first}` and `{ident}`\n\
                 help: give one of them another path with `#[rpcx::service(name = \"..\")]`"
            );
            out.at(ident, text);
        }
        return;
    }
    let methods = service.methods.iter().zip(&described.signatures);
    let methods = methods.map(|(method, types)| (method.wire.clone(), self::method(method, types)));
    let found = Service {
        name: ident.unraw().to_string(),
        methods: methods.collect(),
    };
    lock.services.insert(path.clone(), found);
}

fn method(method: &model::Method, types: &Signature) -> Method {
    let args = match &types.args[..] {
        _ if method.is_map() => {
            let all = method.args.iter().zip(&types.args);
            let all = all.map(|(arg, ty)| Field {
                wire: arg.wire.clone(),
                ty: in_quotes(ty.clone()),
                required: !arg.default && !is_named(&arg.ty, "Option"),
            });
            Args::Map(all.collect())
        }
        [ty, ..] => Args::Bare(in_quotes(ty.clone())),
        [] => Args::Nothing,
    };
    let codecs = method.codecs.all().map(|family| match family {
        Family::Serde => "serde",
        Family::Protobuf => "protobuf",
        Family::Raw => "raw",
        Family::Thrift => "thrift",
    });
    let codecs: Vec<&str> = codecs.collect();
    Method {
        function: method.ident.unraw().to_string(),
        aliases: method.aliases.iter().cloned().collect(),
        codec: codecs.join(", "),
        args,
        // no answer is sent, whatever the alias of a `Result` is called
        reply: match method.oneway {
            true => Ty::Unit,
            false => in_quotes(types.reply.clone()),
        },
        reply_field: method.reply.clone(),
        error: types.error.clone(),
        oneway: method.oneway,
        idempotent: method.idempotent,
    }
}

/// A foreign type stands in backquotes in a lock file, so it has none of its own.
fn in_quotes(ty: Ty) -> Ty {
    match ty {
        Ty::Foreign(text) => Ty::Foreign(text.replace('`', "'")),
        Ty::Option(inner) => Ty::Option(in_quotes(*inner).into()),
        Ty::List(inner) => Ty::List(in_quotes(*inner).into()),
        Ty::Array(inner, length) => Ty::Array(in_quotes(*inner).into(), length),
        Ty::Map(key, value) => Ty::Map(in_quotes(*key).into(), in_quotes(*value).into()),
        ty => ty,
    }
}

/// The name of what a variant with fields carries. No type of a file has a dot in its name.
fn carried_name(definition: &Definition, case: &Case) -> String {
    format!("{}.{}", definition.ident, case.name)
}

/// The structs that variants with fields carry.
fn carried(definition: &Definition, zeros: &Zeros<'_>) -> Vec<(String, Type)> {
    let Kind::Choice(cases) = &definition.kind else {
        return Vec::new();
    };
    let structs = cases.iter().filter_map(|case| match &case.carried {
        Carried::Fields(fields) => {
            let name = carried_name(definition, case);
            Some((name, Type::Struct(structure(fields, zeros))))
        }
        Carried::Nothing | Carried::Value(_) => None,
    });
    structs.collect()
}

fn choice(definition: &Definition, cases: &[Case]) -> Vec<Field> {
    let fields = cases.iter().map(|case| Field {
        wire: case.wire.clone(),
        ty: match &case.carried {
            Carried::Nothing => Ty::Unit,
            Carried::Value(ty) => in_quotes(ty.clone()),
            Carried::Fields(_) => Ty::Named(carried_name(definition, case)),
        },
        required: false,
    });
    let mut fields: Vec<Field> = fields.collect();
    fields.sort_by(|a, b| a.wire.cmp(&b.wire));
    fields
}

fn structure(fields: &[document::Field], zeros: &Zeros<'_>) -> Vec<Field> {
    let fields = fields.iter().map(|field| Field {
        wire: field.wire.clone(),
        ty: in_quotes(field.ty.clone()),
        required: zeros.required(field),
    });
    let mut fields: Vec<Field> = fields.collect();
    fields.sort_by(|a, b| a.wire.cmp(&b.wire));
    fields
}

fn definition(definition: &Definition, zeros: &Zeros<'_>) -> Type {
    match &definition.kind {
        Kind::Struct(fields) => Type::Struct(structure(fields, zeros)),
        Kind::Choice(cases) => Type::Choice(choice(definition, cases)),
        Kind::Alias(ty) => Type::Alias(in_quotes(ty.clone())),
        Kind::Numbers(variants) => {
            let variants = variants.iter();
            Type::Numbers(variants.map(|one| (one.value, one.name.clone())).collect())
        }
        Kind::Texts(variants) => {
            let variants = variants.iter();
            Type::Texts(
                variants
                    .map(|one| (one.value.clone(), one.name.clone()))
                    .collect(),
            )
        }
        Kind::Foreign(text) => Type::Foreign(text.clone()),
    }
}

/// Which types have a zero value, that is, what a missing field of a message reads as.
struct Zeros<'a>(&'a Document);

impl Zeros<'_> {
    fn required(&self, field: &document::Field) -> bool {
        match field.missing {
            Missing::Fine => false,
            Missing::Error => true,
            Missing::Zero => !self.has(&field.ty, &mut BTreeSet::new()),
        }
    }

    /// `above` are the structs that the type is a part of.
    fn has(&self, ty: &Ty, above: &mut BTreeSet<String>) -> bool {
        match ty {
            Ty::Array(inner, length) => *length == 0 || self.has(inner, above),
            Ty::Named(name) if above.insert(name.clone()) => {
                let found = self.0.types.iter().find(|one| one.ident == *name);
                found.is_none_or(|found| match &found.kind {
                    Kind::Alias(inner) => self.has(inner, above),
                    Kind::Struct(fields) => fields.iter().all(|field| match field.missing {
                        Missing::Fine => true,
                        Missing::Zero | Missing::Error => self.has(&field.ty, above),
                    }),
                    Kind::Numbers(_) | Kind::Texts(_) | Kind::Choice(_) => found.nil.is_some(),
                    Kind::Foreign(_) => true,
                })
            }
            _ => true,
        }
    }
}
