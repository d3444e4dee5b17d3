//! From trait files to the model.

use std::collections::{BTreeMap, BTreeSet};

use syn::File;
use syn::ext::IdentExt;

use super::{Args, ErrorEnum, ErrorVariant, Field, Lock, Method, Service, Struct, Type, Variants};
use crate::document::{
    self, Carried, Case, Data, Definition, Described, Document, ErrorDefinition, Kind, Missing,
    Part, Reading, Signature, Ty,
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
        let part = Part {
            name: "",
            source: "",
            parsed: file,
        };
        Self::read_all(&[part]).map_err(|errors| errors.into_iter().flatten().collect())
    }

    /// The services of trait files that see each other's types, and those of files that have only types. A type that
    /// several files have by one name is called `name::Type`.
    ///
    /// # Errors
    /// For each file what is wrong with it: two services with one path, and two types of a file with one name.
    pub fn read_all(parts: &[Part<'_>]) -> Result<Self, Vec<Vec<syn::Error>>> {
        let mut lock = Self::default();
        let mut homes: BTreeMap<String, &str> = BTreeMap::new();
        let read = document::read(parts, Reading::Everything).into_iter();
        let errors: Vec<Vec<syn::Error>> = read
            .zip(parts)
            .map(|((document, mut diagnostics), part)| {
                read_one(
                    &document,
                    &mut lock,
                    (&mut homes, part.name),
                    &mut diagnostics,
                );
                diagnostics.finish()
            })
            .collect();
        match errors.iter().all(Vec::is_empty) {
            true => Ok(lock.completed()),
            false => Err(errors),
        }
    }

    /// One lock of trait files and of protobuf files. A type that both have by one name is called
    /// `_proto::Type` in the latter.
    ///
    /// # Errors
    /// Services of one path.
    pub fn with_protobuf(mut self, protobuf: Self) -> Result<Self, String> {
        let shared: BTreeSet<String> = protobuf
            .types
            .keys()
            .filter(|name| self.types.contains_key(*name) || self.errors.contains_key(*name))
            .cloned()
            .collect();
        let protobuf = protobuf.qualified(&shared);
        for (path, service) in protobuf.services {
            if self.services.insert(path.clone(), service).is_some() {
                return Err(format!(
                    "a service of a trait file and one of a protobuf file have one path: `{path}`\n\
                     help: give one of them another path with `#[rpcx::service(name = \"..\")]`"
                ));
            }
        }
        self.types.extend(protobuf.types);
        Ok(self)
    }

    /// With `_proto::` before the names that trait files have too.
    fn qualified(mut self, shared: &BTreeSet<String>) -> Self {
        let full = |name: String| match shared.contains(&name) {
            true => format!("_proto::{name}"),
            false => name,
        };
        for method in self.methods_mut() {
            method
                .types_mut()
                .into_iter()
                .for_each(|ty| rename(ty, &full));
        }
        for definition in self.types.values_mut() {
            definition
                .types_mut()
                .into_iter()
                .for_each(|ty| rename(ty, &full));
        }
        let types = self.types.into_iter();
        self.types = types.map(|(name, value)| (full(name), value)).collect();
        self
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

fn read_one<'a>(
    document: &Document,
    lock: &mut Lock,
    (homes, file): (&mut BTreeMap<String, &'a str>, &'a str),
    out: &mut Diagnostics,
) {
    let zeros = Zeros(document);
    for described in &document.services {
        service(described, lock, (&mut *homes, file), out);
    }
    for definition in &document.types {
        let ty = self::definition(definition, &zeros);
        lock.types.extend(carried_structs(definition, &zeros));
        lock.types.insert(definition.id.clone(), ty);
    }
    for error in &document.errors {
        lock.errors.insert(error.id.clone(), error_enum(error));
    }
}

fn error_enum(error: &ErrorDefinition) -> ErrorEnum {
    let codes = error.variants.iter().zip(&error.data);
    let codes = codes.map(|(variant, data)| {
        let found = ErrorVariant {
            name: variant.name.clone(),
            data: Some(carried(data)),
        };
        (variant.value, found)
    });
    ErrorEnum {
        json: Some(error.json),
        codes: codes.collect(),
        removed: BTreeMap::new(),
    }
}

/// What a variant of an error enum carries.
fn carried(data: &Data) -> Args {
    match data {
        Data::Written(_) => Args::Nothing,
        Data::Foreign => Args::Bare(Ty::Foreign("?".to_owned()), None),
        Data::Value(ty) => Args::Bare(in_quotes(ty.clone()), None),
        Data::Fields(fields) => {
            let fields = fields.iter().map(|(wire, ty)| Field {
                wire: wire.clone(),
                required: !matches!(ty, Ty::Option(_)),
                ty: in_quotes(ty.clone()),
                written: None,
                proto: None,
            });
            Args::Map(fields.collect())
        }
    }
}

fn service<'a>(
    described: &Described,
    lock: &mut Lock,
    (homes, file): (&mut BTreeMap<String, &'a str>, &'a str),
    out: &mut Diagnostics,
) {
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
            let other = homes.get(path).filter(|other| **other != file);
            let other = other.map(|other| format!(", the first in `{other}.rs`"));
            let other = other.unwrap_or_default();
            let text = format!(
                "two services have the path `{path}`: `{first}` and `{ident}`{other}\n\
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
        removed: BTreeMap::new(),
    };
    homes.insert(path.clone(), file);
    lock.services.insert(path.clone(), found);
}

fn method(method: &model::Method, types: &Signature) -> Method {
    let args = match &types.args[..] {
        _ if method.is_map() => {
            let all = method.args.iter().zip(&types.args).zip(&types.written_args);
            let all = all.map(|((arg, ty), written)| Field {
                wire: arg.wire.clone(),
                ty: in_quotes(ty.clone()),
                required: !arg.default && !is_named(&arg.ty, "Option"),
                written: Some(written.clone()),
                proto: None,
            });
            Args::Map(all.collect())
        }
        [ty, ..] => Args::Bare(in_quotes(ty.clone()), types.written_args.first().cloned()),
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
        removed: Vec::new(),
        // no answer is sent, whatever the alias of a `Result` is called
        reply: match method.oneway {
            true => Ty::Unit,
            false => in_quotes(types.reply.clone()),
        },
        reply_written: (!method.oneway).then(|| types.written_reply.clone()),
        reply_field: method.reply.clone(),
        error: types.error.clone(),
        oneway: method.oneway,
        idempotent: method.idempotent,
        context: Some(method.context.is_some()),
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
    format!("{}.{}", definition.id, case.name)
}

/// The structs that variants with fields carry.
fn carried_structs(definition: &Definition, zeros: &Zeros<'_>) -> Vec<(String, Type)> {
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

fn choice(definition: &Definition, cases: &[Case]) -> Struct {
    let fields = cases.iter().map(|case| Field {
        wire: case.wire.clone(),
        ty: match &case.carried {
            Carried::Nothing => Ty::Unit,
            Carried::Value(ty) => in_quotes(ty.clone()),
            Carried::Fields(_) => Ty::Named(carried_name(definition, case)),
        },
        required: false,
        written: None,
        proto: None,
    });
    let nil = |case: &&Case| definition.nil.as_ref() == Some(&case.name);
    Struct {
        nil: cases.iter().find(nil).map(|case| case.wire.clone()),
        ..sorted(fields.collect())
    }
}

fn structure(fields: &[document::Field], zeros: &Zeros<'_>) -> Struct {
    let fields = fields.iter().map(|field| Field {
        wire: field.wire.clone(),
        ty: in_quotes(field.ty.clone()),
        required: zeros.required(field),
        written: Some(field.written.clone()),
        proto: None,
    });
    sorted(fields.collect())
}

fn sorted(mut fields: Vec<Field>) -> Struct {
    fields.sort_by(|a, b| a.wire.cmp(&b.wire));
    Struct {
        fields,
        removed: Vec::new(),
        nil: None,
    }
}

fn definition(definition: &Definition, zeros: &Zeros<'_>) -> Type {
    match &definition.kind {
        Kind::Struct(fields) => Type::Struct(structure(fields, zeros)),
        Kind::Choice(cases) => Type::Choice(choice(definition, cases)),
        Kind::Alias(ty) => Type::Alias(in_quotes(ty.clone())),
        Kind::Newtype(ty) => Type::Newtype(in_quotes(ty.clone())),
        Kind::Numbers(variants) => Type::Numbers(self::variants(variants, definition)),
        Kind::Texts(variants) => Type::Texts(self::variants(variants, definition)),
        Kind::Foreign(text) => Type::Foreign(text.clone()),
    }
}

fn variants<K: Ord + Clone>(all: &[document::Variant<K>], definition: &Definition) -> Variants<K> {
    let known = all.iter();
    Variants {
        known: known
            .map(|one| (one.value.clone(), one.name.clone()))
            .collect(),
        other: definition.other.as_ref().map(|other| other.name.clone()),
        nil: definition.nil.clone(),
        removed: BTreeMap::new(),
        reserved: None,
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
                let found = self.0.find(ty);
                found.is_none_or(|found| match &found.kind {
                    Kind::Alias(inner) | Kind::Newtype(inner) => self.has(inner, above),
                    Kind::Struct(fields) => fields.iter().all(|field| match field.missing {
                        Missing::Fine => true,
                        Missing::Zero | Missing::Error => self.has(&field.ty, above),
                    }),
                    Kind::Numbers(_) | Kind::Texts(_) | Kind::Choice(_) => {
                        found.nil.is_some() || found.keeps().is_some()
                    }
                    Kind::Foreign(_) => true,
                })
            }
            _ => true,
        }
    }
}
