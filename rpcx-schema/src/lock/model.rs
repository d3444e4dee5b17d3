//! What peers and callers rely on, as plain data.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Ty, last};

/// The services of a package with all that peers rely on: names, types, codes. Docs, timeouts and where
/// a handler runs are no part of it, and neither is the order of the source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// By path.
    pub(super) services: BTreeMap<String, Service>,
    /// What the services use, by its id.
    pub(super) types: BTreeMap<String, Type>,
    /// The error enums they use, by their ids.
    pub(super) errors: BTreeMap<String, ErrorEnum>,
    /// Services that were there, by path.
    pub(super) removed: BTreeMap<String, Service>,
    /// Warnings that are as they are meant to be.
    pub(super) accepted: Vec<Accepted>,
}

/// A warning that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Accepted {
    pub(super) rule: String,
    pub(super) subject: String,
    pub(super) reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Service {
    /// The name of the trait.
    pub(super) name: String,
    /// By name on the wire.
    pub(super) methods: BTreeMap<String, Method>,
    /// Methods that were there.
    pub(super) removed: BTreeMap<String, Method>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Method {
    /// The name in Rust.
    pub(super) function: String,
    pub(super) aliases: BTreeSet<String>,
    pub(super) codec: String,
    pub(super) args: Args,
    /// Arguments of a map that were there.
    pub(super) removed: Vec<Field>,
    pub(super) reply: Ty,
    /// The reply in Rust; `None` in lock files of the first version.
    pub(super) reply_written: Option<String>,
    /// The only field of the reply.
    pub(super) reply_field: Option<String>,
    pub(super) error: Option<String>,
    pub(super) oneway: bool,
    pub(super) idempotent: bool,
    /// Its function takes the context; `None` in lock files of the first version.
    pub(super) context: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Args {
    Nothing,
    /// One value, which is the whole message, and its type in Rust.
    Bare(Ty, Option<String>),
    /// In the order of the arguments.
    Map(Vec<Field>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) wire: String,
    pub(super) ty: Ty,
    /// A message without it is an error.
    pub(super) required: bool,
    /// The type in Rust; `None` in lock files of the first version, and in protobuf messages.
    pub(super) written: Option<String>,
    /// What only fields of protobuf messages have; `None` in lock files of the first version, and elsewhere.
    pub(super) proto: Option<ProtoField>,
}

/// What a field of a protobuf message has beside its type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ProtoField {
    /// Whether it is set can be told.
    pub(super) optional: bool,
    pub(super) oneof: Option<String>,
    /// What a missing one is, in proto2.
    pub(super) default: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Struct(Struct),
    /// Another name for a type.
    Alias(Ty),
    /// A struct that travels as its only field.
    Newtype(Ty),
    /// Names by number.
    Numbers(Variants<i64>),
    /// Names by the text that travels.
    Texts(Variants<String>),
    /// A map with one entry: what a variant carries, by the name of the variant.
    Choice(Struct),
    /// A protobuf message.
    Message(Message),
    /// A definition that is not looked into.
    Foreign(String),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Struct {
    /// In the order of the names.
    pub(super) fields: Vec<Field>,
    /// Fields that were there.
    pub(super) removed: Vec<Field>,
    /// Of an enum with data: the variant that nil reads as, by its name on the wire.
    pub(super) nil: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variants<K: Ord> {
    pub(super) known: BTreeMap<K, String>,
    /// The name of the variant for everything else.
    pub(super) other: Option<String>,
    /// The name of the one that nil and a missing field read as.
    pub(super) nil: Option<String>,
    /// Variants that were there.
    pub(super) removed: BTreeMap<K, String>,
    /// What a `.proto` file says; `None` for an enum of Rust.
    pub(super) reserved: Option<Reserved>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    /// By number, with their name in the file.
    pub(super) fields: BTreeMap<i64, Field>,
    /// Fields that were there and whose number is not reserved.
    pub(super) removed: BTreeMap<i64, Field>,
    pub(super) reserved: Reserved,
}

/// `reserved` of a `.proto` file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reserved {
    /// The first and the last number of each range.
    pub(super) numbers: BTreeSet<(i64, i64)>,
    pub(super) names: BTreeSet<String>,
}

impl Reserved {
    pub(super) fn has(&self, number: i64) -> bool {
        self.numbers
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&number))
    }

    /// Whether all numbers of a range are reserved, by one range or by several that follow each other.
    pub(super) fn has_all(&self, (first, end): (i64, i64)) -> bool {
        let mut next = first;
        for (from, to) in &self.numbers {
            if *from <= next && next <= *to {
                if *to >= end {
                    return true;
                }
                next = to + 1;
            }
        }
        false
    }
}

/// Variants by code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ErrorEnum {
    /// The text is JSON; `None` in lock files of the first version.
    pub(super) json: Option<bool>,
    pub(super) codes: BTreeMap<i64, ErrorVariant>,
    /// Codes that were there.
    pub(super) removed: BTreeMap<i64, ErrorVariant>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ErrorVariant {
    pub(super) name: String,
    /// What it carries; `None` in lock files of the first version.
    pub(super) data: Option<Args>,
}

impl Args {
    fn fields(&self) -> &[Field] {
        match self {
            Self::Map(fields) => fields,
            _ => &[],
        }
    }

    pub(super) fn types(&self) -> Vec<&Ty> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Bare(ty, _) => vec![ty],
            Self::Map(fields) => fields.iter().map(|field| &field.ty).collect(),
        }
    }

    fn types_mut(&mut self) -> Vec<&mut Ty> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Bare(ty, _) => vec![ty],
            Self::Map(fields) => fields.iter_mut().map(|field| &mut field.ty).collect(),
        }
    }

    /// With the types that Rust has for those on the wire, where nothing else is said.
    fn complete(&mut self, written: &impl Fn(&Ty) -> String) {
        match self {
            Self::Nothing => {}
            Self::Bare(ty, own) => complete(own, ty, written),
            Self::Map(fields) => fields
                .iter_mut()
                .for_each(|field| complete(&mut field.written, &field.ty, written)),
        }
    }
}

fn complete(own: &mut Option<String>, ty: &Ty, written: &impl Fn(&Ty) -> String) {
    if own.is_none() {
        *own = Some(written(ty));
    }
}

impl Method {
    pub(super) fn types(&self) -> Vec<&Ty> {
        let mut all = self.args.types();
        all.extend(self.removed.iter().map(|field| &field.ty));
        all.push(&self.reply);
        all
    }

    pub(super) fn types_mut(&mut self) -> Vec<&mut Ty> {
        let mut all = self.args.types_mut();
        all.extend(self.removed.iter_mut().map(|field| &mut field.ty));
        all.push(&mut self.reply);
        all
    }

    fn complete(&mut self, written: &impl Fn(&Ty) -> String) {
        self.args.complete(written);
        for field in &mut self.removed {
            complete(&mut field.written, &field.ty, written);
        }
        complete(&mut self.reply_written, &self.reply, written);
        self.context.get_or_insert(false);
    }

    /// The arguments of a map.
    pub(super) fn fields(&self) -> &[Field] {
        self.args.fields()
    }
}

impl Type {
    /// The types that it consists of, also those of what was removed.
    pub(super) fn types(&self) -> Vec<&Ty> {
        match self {
            Self::Struct(Struct {
                fields, removed, ..
            })
            | Self::Choice(Struct {
                fields, removed, ..
            }) => fields.iter().chain(removed).map(|one| &one.ty).collect(),
            Self::Message(message) => {
                let all = message.fields.values().chain(message.removed.values());
                all.map(|one| &one.ty).collect()
            }
            Self::Alias(ty) | Self::Newtype(ty) => vec![ty],
            Self::Numbers(_) | Self::Texts(_) | Self::Foreign(_) => Vec::new(),
        }
    }

    pub(super) fn types_mut(&mut self) -> Vec<&mut Ty> {
        match self {
            Self::Struct(Struct {
                fields, removed, ..
            })
            | Self::Choice(Struct {
                fields, removed, ..
            }) => {
                let all = fields.iter_mut().chain(removed);
                all.map(|one| &mut one.ty).collect()
            }
            Self::Message(message) => {
                let all = message
                    .fields
                    .values_mut()
                    .chain(message.removed.values_mut());
                all.map(|one| &mut one.ty).collect()
            }
            Self::Alias(ty) | Self::Newtype(ty) => vec![ty],
            Self::Numbers(_) | Self::Texts(_) | Self::Foreign(_) => Vec::new(),
        }
    }
}

impl ErrorEnum {
    pub(super) fn types(&self) -> Vec<&Ty> {
        let all = self.codes.values().chain(self.removed.values());
        all.filter_map(|one| one.data.as_ref())
            .flat_map(Args::types)
            .collect()
    }
}

impl Lock {
    /// All methods, also those that were removed.
    pub(super) fn methods_mut(&mut self) -> impl Iterator<Item = &mut Method> {
        let services = self.services.values_mut().chain(self.removed.values_mut());
        services.flat_map(|one| one.methods.values_mut().chain(one.removed.values_mut()))
    }

    /// A type without the names that aliases and newtypes give it.
    pub(super) fn unaliased<'a>(&'a self, ty: &'a Ty) -> &'a Ty {
        let mut ty = ty;
        // no chain is longer than all types; one that leads back to itself ends here
        for _ in 0..=self.types.len() {
            match ty {
                Ty::Named(name) => match self.types.get(name) {
                    Some(Type::Alias(inner) | Type::Newtype(inner)) => ty = inner,
                    _ => break,
                },
                _ => break,
            }
        }
        ty
    }

    /// The fields of a struct, also through aliases.
    pub(super) fn fields<'a>(&'a self, ty: &'a Ty) -> Option<&'a [Field]> {
        let Ty::Named(name) = self.unaliased(ty) else {
            return None;
        };
        match self.types.get(name) {
            Some(Type::Struct(found)) => Some(&found.fields),
            _ => None,
        }
    }

    /// What Rust has for a type, where nothing else is said.
    pub(super) fn written(&self, ty: &Ty) -> String {
        written(ty, &self.aliases(), 0)
    }

    fn aliases(&self) -> BTreeMap<String, Ty> {
        let aliases = self.types.iter().filter_map(|(name, found)| match found {
            Type::Alias(ty) => Some((name.clone(), ty.clone())),
            _ => None,
        });
        aliases.collect()
    }

    /// Fills in what is left out because it is usual.
    #[must_use]
    pub(super) fn completed(mut self) -> Self {
        let aliases = self.aliases();
        let written = |ty: &Ty| written(ty, &aliases, 0);
        for method in self.methods_mut() {
            method.complete(&written);
        }
        for found in self.types.values_mut() {
            match found {
                Type::Struct(Struct {
                    fields, removed, ..
                })
                | Type::Choice(Struct {
                    fields, removed, ..
                }) => {
                    for field in fields.iter_mut().chain(removed) {
                        complete(&mut field.written, &field.ty, &written);
                    }
                }
                Type::Message(message) => {
                    for field in message
                        .fields
                        .values_mut()
                        .chain(message.removed.values_mut())
                    {
                        field.proto.get_or_insert_default();
                    }
                }
                _ => {}
            }
        }
        for error in self.errors.values_mut() {
            error.json.get_or_insert(false);
            for variant in error.codes.values_mut().chain(error.removed.values_mut()) {
                variant.data.get_or_insert(Args::Nothing).complete(&written);
            }
        }
        self
    }
}

/// How many aliases for keys are looked through, one within the other. No program has so many, but a lock file may be
/// what a merge has made of it.
const KEYS: usize = 8;

/// `keys`: the aliases for keys that this is in.
fn written(ty: &Ty, aliases: &BTreeMap<String, Ty>, keys: usize) -> String {
    let mut named = ty;
    // an alias that leads back to itself ends here
    for _ in 0..=aliases.len() {
        match named {
            Ty::Named(name) if aliases.contains_key(name) => named = &aliases[name],
            _ => break,
        }
    }
    let inner = |ty: &Ty| written(ty, aliases, keys);
    match named {
        Ty::Any => "Value".to_owned(),
        Ty::Unit => "()".to_owned(),
        Ty::Bool => "bool".to_owned(),
        Ty::Number(name) => (*name).to_owned(),
        Ty::Text => "String".to_owned(),
        Ty::Bytes => "Vec<u8>".to_owned(),
        Ty::ByteArray(length) => format!("[u8; {length}]"),
        Ty::Time => "Timestamp".to_owned(),
        Ty::Duration => "Duration".to_owned(),
        // aliases that consist of themselves have no end
        Ty::Option(part) if !is_alias(part, aliases) => format!("Option<{}>", inner(part)),
        Ty::List(part) if !is_alias(part, aliases) => format!("Vec<{}>", inner(part)),
        Ty::Array(part, length) if !is_alias(part, aliases) => {
            format!("[{}; {length}]", inner(part))
        }
        Ty::Map(key, value)
            if is_alias(key, aliases) && !is_alias(value, aliases) && keys < KEYS =>
        {
            let key = written(key, aliases, keys + 1);
            format!("HashMap<{key}, {}>", inner(value))
        }
        Ty::Map(key, value) if !is_alias(key, aliases) && !is_alias(value, aliases) => {
            format!("HashMap<{}, {}>", inner(key), inner(value))
        }
        Ty::Named(name) => last(name).to_owned(),
        other => super::ty::show(other),
    }
}

fn is_alias(ty: &Ty, aliases: &BTreeMap<String, Ty>) -> bool {
    matches!(ty, Ty::Named(name) if aliases.contains_key(name))
}
