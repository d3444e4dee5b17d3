//! Services of `.proto` files: fields by number.

use std::collections::{BTreeMap, BTreeSet};

use super::{Args, Field, Lock, Message, Method, ProtoField, Reserved, Service, Type, Variants};
use crate::document::Ty;

/// A method of a protobuf service.
#[derive(Clone, Debug)]
pub struct Rpc {
    /// The name on the wire.
    pub name: String,
    /// The name in Rust.
    pub function: String,
    /// The full name of the message it takes.
    pub request: String,
    /// The full name of the message it answers with.
    pub reply: String,
    /// May be repeated.
    pub idempotent: bool,
}

/// A field of a protobuf message.
#[derive(Clone, Debug)]
pub struct MessageField {
    /// The number that travels.
    pub number: i32,
    /// The name in the file.
    pub name: String,
    /// What it holds.
    pub ty: MessageType,
    /// A message without it is an error, which only proto2 has.
    pub required: bool,
    /// Whether it is set can be told: `optional`, and all fields of proto2.
    pub optional: bool,
    /// The `oneof` that it is a part of.
    pub oneof: Option<String>,
    /// What it is when it is missing, in proto2.
    pub default: Option<String>,
}

/// What a `.proto` file reserves in a message or an enum.
#[derive(Clone, Debug, Default)]
pub struct Reserve {
    /// The first and the last number of each range.
    pub numbers: Vec<(i32, i32)>,
    /// Names.
    pub names: Vec<String>,
}

impl Reserve {
    fn kept(self) -> Reserved {
        let numbers = self.numbers.into_iter();
        Reserved {
            numbers: numbers
                .map(|(first, last)| (first.into(), last.into()))
                .collect(),
            names: self.names.into_iter().collect(),
        }
    }
}

/// What a field of a protobuf message holds.
#[derive(Clone, Debug)]
pub enum MessageType {
    /// `int32`, `string` and so on, by the name that `.proto` files have for it.
    Scalar(&'static str),
    /// The full name of a message or an enum.
    Named(String),
    /// `repeated`
    List(Box<Self>),
    /// `map<key, value>`
    Map(Box<Self>, Box<Self>),
    /// A message that is written as a `group`, by its full name.
    Group(String),
}

impl MessageType {
    fn ty(&self) -> Ty {
        match self {
            // equal in bytes, so that `int32` may grow to `int64`; `sint32` and `fixed32` are not
            Self::Scalar("int32") => Ty::Number("i32"),
            Self::Scalar("int64") => Ty::Number("i64"),
            Self::Scalar("uint32") => Ty::Number("u32"),
            Self::Scalar("uint64") => Ty::Number("u64"),
            Self::Scalar("float") => Ty::Number("f32"),
            Self::Scalar("double") => Ty::Number("f64"),
            Self::Scalar("bool") => Ty::Bool,
            Self::Scalar("string") => Ty::Text,
            Self::Scalar("bytes") => Ty::Bytes,
            Self::Scalar(other) => Ty::Foreign((*other).to_owned()),
            Self::Named(name) => named(name),
            Self::Group(name) => Ty::Foreign(format!("group {}", plain(name))),
            Self::List(inner) => Ty::List(inner.ty().into()),
            Self::Map(key, value) => Ty::Map(key.ty().into(), value.ty().into()),
        }
    }
}

/// Descriptors begin full names with a dot.
fn plain(name: &str) -> String {
    name.trim_start_matches('.').to_owned()
}

fn named(name: &str) -> Ty {
    Ty::Named(plain(name))
}

impl Lock {
    /// Adds a protobuf service, whose trait has this name and whose messages travel by the names of their fields,
    /// too, where it has `all_codecs`. `false` if there is one of this path already.
    pub fn add_service(
        &mut self,
        path: &str,
        name: &str,
        rpcs: Vec<Rpc>,
        all_codecs: bool,
    ) -> bool {
        let codec = match all_codecs {
            true => BY_NAME,
            false => "protobuf",
        };
        let methods = rpcs.into_iter().map(|rpc| {
            let method = Method {
                function: rpc.function,
                aliases: BTreeSet::new(),
                codec: codec.to_owned(),
                args: Args::Bare(named(&rpc.request), None),
                removed: Vec::new(),
                reply: named(&rpc.reply),
                reply_written: None,
                reply_field: None,
                error: None,
                oneway: false,
                idempotent: rpc.idempotent,
                context: None,
            };
            (rpc.name, method)
        });
        let service = Service {
            name: name.to_owned(),
            methods: methods.collect(),
            removed: BTreeMap::new(),
        };
        self.services.insert(path.to_owned(), service).is_none()
    }

    /// Adds a protobuf message by its full name.
    pub fn add_message(&mut self, name: &str, fields: Vec<MessageField>, reserve: Reserve) {
        let fields = fields.into_iter().map(|field| {
            let ty = field.ty.ty();
            let kept = Field {
                wire: field.name,
                ty,
                required: field.required,
                written: None,
                proto: Some(ProtoField {
                    optional: field.optional,
                    oneof: field.oneof,
                    default: field.default,
                }),
            };
            (i64::from(field.number), kept)
        });
        let message = Message {
            fields: fields.collect(),
            removed: BTreeMap::new(),
            reserved: reserve.kept(),
        };
        self.types.insert(plain(name), Type::Message(message));
    }

    /// Adds a protobuf enum by its full name. Of several names for one number the first counts.
    pub fn add_enum(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = (i32, String)>,
        reserve: Reserve,
    ) {
        let mut known = BTreeMap::new();
        for (number, value) in values {
            known.entry(i64::from(number)).or_insert(value);
        }
        let variants = Variants {
            nil: known.get(&0).cloned(),
            known,
            other: None,
            removed: BTreeMap::new(),
            reserved: Some(reserve.kept()),
        };
        self.types.insert(plain(name), Type::Numbers(variants));
    }

    /// Without the types that no service uses.
    #[must_use]
    pub fn without_unused(mut self) -> Self {
        let methods = self.services.values().flat_map(|all| all.methods.values());
        let used = self.reached(methods.flat_map(Method::types));
        self.types.retain(|name, _| used.contains(name));
        self.completed()
    }

    /// The names of the types that these consist of.
    pub(super) fn reached<'a>(&'a self, from: impl Iterator<Item = &'a Ty>) -> BTreeSet<String> {
        let mut used: BTreeSet<String> = BTreeSet::new();
        let mut next: Vec<&Ty> = from.collect();
        while let Some(ty) = next.pop() {
            match ty {
                Ty::Option(inner) | Ty::List(inner) | Ty::Array(inner, _) => next.push(inner),
                Ty::Map(key, value) => next.extend([&**key, &**value]),
                Ty::Named(name) if used.insert(name.clone()) => {
                    next.extend(self.types.get(name).into_iter().flat_map(Type::types));
                }
                // a group, which is a message under another form
                Ty::Foreign(text) => {
                    let name = text.strip_prefix("group ").unwrap_or(text);
                    if let Some(found) = self
                        .types
                        .get(name)
                        .filter(|_| used.insert(name.to_owned()))
                    {
                        next.extend(found.types());
                    }
                }
                _ => {}
            }
        }
        used
    }
}

/// The codecs of a service whose messages travel by names and by numbers.
pub(super) const BY_NAME: &str = "protobuf, serde";
