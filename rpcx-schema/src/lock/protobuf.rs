//! Services of `.proto` files: fields by number.

use std::collections::{BTreeMap, BTreeSet};

use super::diff::Diff;
use super::fields::FIELDS;
use super::finding::Level::{Source, Wire};
use super::{Args, Field, Lock, Method, Service, Type};
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
                args: Args::Bare(named(&rpc.request)),
                reply: named(&rpc.reply),
                reply_field: None,
                error: None,
                oneway: false,
                idempotent: rpc.idempotent,
            };
            (rpc.name, method)
        });
        let service = Service {
            name: name.to_owned(),
            methods: methods.collect(),
        };
        self.services.insert(path.to_owned(), service).is_none()
    }

    /// Adds a protobuf message by its full name.
    pub fn add_message(&mut self, name: &str, fields: Vec<MessageField>) {
        let fields = fields.into_iter().map(|field| {
            let ty = field.ty.ty();
            let kept = Field {
                wire: field.name,
                ty,
                required: field.required,
            };
            (i64::from(field.number), kept)
        });
        let message = Type::Message(fields.collect());
        self.types.insert(plain(name), message);
    }

    /// Adds a protobuf enum by its full name. Of several names for one number the first counts.
    pub fn add_enum(&mut self, name: &str, values: impl IntoIterator<Item = (i32, String)>) {
        let mut variants = BTreeMap::new();
        for (number, value) in values {
            variants.entry(i64::from(number)).or_insert(value);
        }
        self.types.insert(plain(name), Type::Numbers(variants));
    }

    /// Without the types that no service uses.
    #[must_use]
    pub fn without_unused(mut self) -> Self {
        let mut used: BTreeSet<String> = BTreeSet::new();
        let mut next: Vec<&Ty> = Vec::new();
        for method in self.services.values().flat_map(|all| all.methods.values()) {
            next.push(&method.reply);
            match &method.args {
                Args::Nothing => {}
                Args::Bare(ty) => next.push(ty),
                Args::Map(fields) => next.extend(fields.iter().map(|field| &field.ty)),
            }
        }
        while let Some(ty) = next.pop() {
            match ty {
                Ty::Option(inner) | Ty::List(inner) | Ty::Array(inner, _) => next.push(inner),
                Ty::Map(key, value) => next.extend([&**key, &**value]),
                Ty::Named(name) if used.insert(name.clone()) => match self.types.get(name) {
                    Some(Type::Struct(fields)) => next.extend(fields.iter().map(|field| &field.ty)),
                    Some(Type::Message(fields)) => {
                        next.extend(fields.values().map(|field| &field.ty));
                    }
                    Some(Type::Alias(inner)) => next.push(inner),
                    _ => {}
                },
                _ => {}
            }
        }
        self.types.retain(|name, _| used.contains(name));
        self
    }
}

/// The codecs of a service whose messages travel by names and by numbers.
const BY_NAME: &str = "protobuf, serde";

impl Diff<'_> {
    /// Whether messages travelled by the names of their fields.
    fn names_travel(&self) -> bool {
        let mut services = self.old.services.values();
        services.any(|service| service.methods.values().any(|one| one.codec == BY_NAME))
    }

    /// Two messages: numbers are what travels.
    pub(super) fn messages(
        &mut self,
        owner: &str,
        old: &BTreeMap<i64, Field>,
        new: &BTreeMap<i64, Field>,
    ) {
        for (number, field) in old {
            let name = &field.wire;
            let subject = format!("the field `{name}` ({number}) of {owner}");
            let Some(now) = new.get(number) else {
                let moved = new.iter().find(|(_, other)| other.wire == *name);
                let (rule, change) = match moved {
                    Some((other, _)) => {
                        ("FIELD_SAME_NUMBER", format!("has the number {other} now"))
                    }
                    None => ("FIELD_NO_DELETE", "is gone".to_owned()),
                };
                let help = format!(
                    "keep the number {number} for it; mark it `deprecated` if it is no longer used"
                );
                self.find((Wire, rule), subject, change, help);
                continue;
            };
            if now.wire != *name {
                let change = format!("is called `{}` now", now.wire);
                let (level, help) = match self.names_travel() {
                    true => (
                        Wire,
                        "keep its name: peers with msgpack or JSON know it by that",
                    ),
                    false => (
                        Source,
                        "nothing changes between peers; code that names it has to be rewritten",
                    ),
                };
                self.find((level, "FIELD_SAME_NAME"), &*subject, change, help);
            }
            self.ty(&FIELDS, &subject, &field.ty, &now.ty);
            if now.required && !field.required {
                let change =
                    "is `required` now, and a message of an old peer without it is refused";
                self.find(
                    (Wire, "FIELD_NO_NEW_REQUIRED"),
                    subject,
                    change,
                    "leave it `optional`",
                );
            }
        }
        for (number, field) in new {
            if field.required && !old.contains_key(number) {
                let subject = format!("the field `{}` ({number}) of {owner}", field.wire);
                let change =
                    "is new and `required`, and a message of an old peer without it is refused";
                self.find(
                    (Wire, "FIELD_NO_NEW_REQUIRED"),
                    subject,
                    change,
                    "make it `optional`",
                );
            }
        }
    }
}
