//! From the model to JSON.

use std::collections::BTreeMap;

use super::json::{Json, Value};
use super::ty::show;
use super::{
    Accepted, Args, ErrorEnum, ErrorVariant, Field, Lock, Message, Method, Reserved, Service,
    Struct, Type, VERSION, Variants,
};
use crate::document::Ty;

/// Writes a lock; it knows what is usual for a type in Rust, which is left out.
struct Writer<'a>(&'a Lock);

type Entries = Vec<(String, Json)>;

pub(super) fn lock(lock: &Lock) -> Json {
    let writer = Writer(lock);
    let mut entries = vec![("rpcx_lock".to_owned(), Value::Whole(VERSION).into())];
    entries.push((
        "services".to_owned(),
        map(&lock.services, |one| writer.service(one)),
    ));
    add_map(&mut entries, "types", &lock.types, |one| {
        writer.definition(one)
    });
    add_map(&mut entries, "errors", &lock.errors, |one| {
        writer.error(one)
    });
    add_map(&mut entries, "removed", &lock.removed, |one| {
        writer.service(one)
    });
    if !lock.accepted.is_empty() {
        let all = lock.accepted.iter().map(accepted).collect::<Vec<_>>();
        entries.push(("accepted".to_owned(), all.into()));
    }
    Value::Object(entries).into()
}

fn accepted(accepted: &Accepted) -> Json {
    let entry = |name: &str, text: &str| (name.to_owned(), Json::from(text));
    Value::Object(vec![
        entry("rule", &accepted.rule),
        entry("subject", &accepted.subject),
        entry("reason", &accepted.reason),
    ])
    .into()
}

fn map<K: ToString, T>(all: &BTreeMap<K, T>, one: impl Fn(&T) -> Json) -> Json {
    let entries = all
        .iter()
        .map(|(name, value)| (name.to_string(), one(value)));
    Value::Object(entries.collect()).into()
}

/// A map, if there is something in it.
fn add_map<K: ToString, T>(
    entries: &mut Entries,
    name: &str,
    all: &BTreeMap<K, T>,
    one: impl Fn(&T) -> Json,
) {
    if !all.is_empty() {
        entries.push((name.to_owned(), map(all, one)));
    }
}

fn text(name: &str) -> Json {
    name.into()
}

fn texts<'a>(all: impl IntoIterator<Item = &'a String>) -> Json {
    all.into_iter()
        .map(|one| text(one))
        .collect::<Vec<_>>()
        .into()
}

fn reserved(entries: &mut Entries, reserved: &Reserved) {
    if !reserved.numbers.is_empty() {
        let ranges = reserved.numbers.iter().map(|(first, last)| {
            let range = match first == last {
                true => first.to_string(),
                false => format!("{first} to {last}"),
            };
            Json::from(&*range)
        });
        let ranges = ranges.collect::<Vec<_>>();
        entries.push(("reserved".to_owned(), ranges.into()));
    }
    if !reserved.names.is_empty() {
        entries.push(("reserved_names".to_owned(), texts(&reserved.names)));
    }
}

impl Writer<'_> {
    fn service(&self, service: &Service) -> Json {
        let mut entries = vec![
            ("trait".to_owned(), text(&service.name)),
            (
                "methods".to_owned(),
                map(&service.methods, |one| self.method(one)),
            ),
        ];
        add_map(&mut entries, "removed", &service.removed, |one| {
            self.method(one)
        });
        Value::Object(entries).into()
    }

    /// What is usual is left out.
    fn method(&self, method: &Method) -> Json {
        let mut entries: Entries = Vec::new();
        let mut add = |name: &str, value: Json| entries.push((name.to_owned(), value));
        add("fn", text(&method.function));
        if !method.aliases.is_empty() {
            add("alias", texts(&method.aliases));
        }
        if method.codec != "serde" {
            add("codec", text(&method.codec));
        }
        match &method.args {
            Args::Nothing => {}
            Args::Bare(ty, written) => {
                add("args", show(ty).as_str().into());
                if let Some(written) = self.unusual(ty, written.as_ref()) {
                    add("args_as", text(written));
                }
            }
            Args::Map(args) => add("args", self.fields(args)),
        }
        if !method.removed.is_empty() {
            add("removed", self.fields(&method.removed));
        }
        match &method.reply_field {
            Some(name) => {
                let pair: Vec<Json> = vec![text(name), show(&method.reply).as_str().into()];
                add("reply", pair.into());
            }
            None if method.oneway => {}
            None => add("reply", show(&method.reply).as_str().into()),
        }
        if let Some(written) = self.unusual(&method.reply, method.reply_written.as_ref()) {
            add("reply_as", text(written));
        }
        if let Some(error) = &method.error {
            add("error", text(error));
        }
        let flags = [
            ("oneway", method.oneway),
            ("idempotent", method.idempotent),
            ("context", method.context == Some(true)),
        ];
        for (name, value) in flags {
            if value {
                add(name, Value::Bool(true).into());
            }
        }
        Value::Object(entries).into()
    }

    /// A type in Rust that is not the usual one for the type on the wire.
    fn unusual<'a>(&self, ty: &Ty, written: Option<&'a String>) -> Option<&'a String> {
        written.filter(|written| **written != self.0.written(ty))
    }

    fn fields(&self, fields: &[Field]) -> Json {
        let rows = fields.iter().map(|field| self.row(field));
        rows.collect::<Vec<_>>().into()
    }

    /// `["Name", "type", "required"]`
    fn row(&self, field: &Field) -> Json {
        let mut row: Vec<Json> = vec![text(&field.wire), show(&field.ty).as_str().into()];
        if field.required {
            row.push("required".into());
        }
        if let Some(written) = self.unusual(&field.ty, field.written.as_ref()) {
            row.push(format!("as {written}").as_str().into());
        }
        if let Some(proto) = &field.proto {
            if proto.optional {
                row.push("optional".into());
            }
            if let Some(oneof) = &proto.oneof {
                row.push(format!("oneof {oneof}").as_str().into());
            }
            if let Some(default) = &proto.default {
                row.push(format!("default {default}").as_str().into());
            }
        }
        row.into()
    }

    fn definition(&self, definition: &Type) -> Json {
        let one = |kind: &str, value: Json| vec![(kind.to_owned(), value)];
        let entries = match definition {
            Type::Struct(found) | Type::Choice(found) => {
                let Struct {
                    fields,
                    removed,
                    nil,
                } = found;
                let kind = match definition {
                    Type::Choice(_) => "choice",
                    _ => "struct",
                };
                let mut entries = one(kind, self.fields(fields));
                if let Some(nil) = nil {
                    entries.push(("nil".to_owned(), text(nil)));
                }
                if !removed.is_empty() {
                    entries.push(("removed".to_owned(), self.fields(removed)));
                }
                entries
            }
            Type::Alias(ty) => one("alias", show(ty).as_str().into()),
            Type::Newtype(ty) => one("newtype", show(ty).as_str().into()),
            Type::Numbers(variants) => self.variants("numbers", variants),
            Type::Texts(variants) => self.variants("texts", variants),
            Type::Message(message) => self.message(message),
            Type::Foreign(source) => one("source", text(source)),
        };
        Value::Object(entries).into()
    }

    fn variants<K: Ord + ToString + Default>(&self, kind: &str, variants: &Variants<K>) -> Entries {
        let mut entries = vec![(kind.to_owned(), map(&variants.known, |one| text(one)))];
        if let Some(other) = &variants.other {
            entries.push(("other".to_owned(), text(other)));
        }
        // usually it is the one with the zero value
        let zero = variants.known.get(&K::default());
        if let Some(nil) = variants.nil.as_ref().filter(|nil| Some(*nil) != zero) {
            entries.push(("nil".to_owned(), text(nil)));
        }
        if let Some(found) = &variants.reserved {
            entries.push(("proto".to_owned(), Value::Bool(true).into()));
            reserved(&mut entries, found);
        }
        add_map(&mut entries, "removed", &variants.removed, |one| text(one));
        entries
    }

    fn message(&self, message: &Message) -> Entries {
        let fields = map(&message.fields, |field| self.row(field));
        let mut entries = vec![("message".to_owned(), fields)];
        reserved(&mut entries, &message.reserved);
        add_map(&mut entries, "removed", &message.removed, |field| {
            self.row(field)
        });
        entries
    }

    fn error(&self, error: &ErrorEnum) -> Json {
        let mut entries: Entries = Vec::new();
        if error.json == Some(true) {
            entries.push(("wire".to_owned(), "json".into()));
        }
        entries.push(("codes".to_owned(), map(&error.codes, |one| self.code(one))));
        add_map(&mut entries, "removed", &error.removed, |one| {
            self.code(one)
        });
        Value::Object(entries).into()
    }

    fn code(&self, variant: &ErrorVariant) -> Json {
        let data = match &variant.data {
            None | Some(Args::Nothing) => return text(&variant.name),
            Some(Args::Bare(ty, written)) => {
                let row = Field {
                    wire: variant.name.clone(),
                    ty: ty.clone(),
                    required: false,
                    written: written.clone(),
                    proto: None,
                };
                return self.row(&row);
            }
            Some(Args::Map(fields)) => self.fields(fields),
        };
        Value::Object(vec![
            ("name".to_owned(), text(&variant.name)),
            ("fields".to_owned(), data),
        ])
        .into()
    }
}
