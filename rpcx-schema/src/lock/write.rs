//! From the model to JSON.

use std::collections::BTreeMap;

use super::json::{Json, Value};
use super::ty::show;
use super::{Args, Field, Lock, Method, Service, Type, VERSION};

pub(super) fn lock(lock: &Lock) -> Json {
    let mut entries = vec![("rpcx_lock".to_owned(), Value::Whole(VERSION).into())];
    entries.push(("services".to_owned(), map(&lock.services, service)));
    if !lock.types.is_empty() {
        entries.push(("types".to_owned(), map(&lock.types, definition)));
    }
    if !lock.errors.is_empty() {
        entries.push(("errors".to_owned(), map(&lock.errors, numbered)));
    }
    Value::Object(entries).into()
}

fn map<K: ToString, T>(all: &BTreeMap<K, T>, one: impl Fn(&T) -> Json) -> Json {
    let entries = all
        .iter()
        .map(|(name, value)| (name.to_string(), one(value)));
    Value::Object(entries.collect()).into()
}

fn service(service: &Service) -> Json {
    Value::Object(vec![
        ("trait".to_owned(), service.name.as_str().into()),
        ("methods".to_owned(), map(&service.methods, method)),
    ])
    .into()
}

/// What is usual is left out.
fn method(method: &Method) -> Json {
    let mut entries: Vec<(String, Json)> = Vec::new();
    let mut add = |name: &str, value: Json| entries.push((name.to_owned(), value));
    add("fn", method.function.as_str().into());
    if !method.aliases.is_empty() {
        let aliases = method.aliases.iter().map(|alias| alias.as_str().into());
        add("alias", aliases.collect::<Vec<_>>().into());
    }
    if method.codec != "serde" {
        add("codec", method.codec.as_str().into());
    }
    match &method.args {
        Args::Nothing => {}
        Args::Bare(ty) => add("args", show(ty).as_str().into()),
        Args::Map(args) => add("args", fields(args)),
    }
    match &method.reply_field {
        Some(name) => {
            let pair: Vec<Json> = vec![name.as_str().into(), show(&method.reply).as_str().into()];
            add("reply", pair.into());
        }
        None if method.oneway => {}
        None => add("reply", show(&method.reply).as_str().into()),
    }
    if let Some(error) = &method.error {
        add("error", error.as_str().into());
    }
    for (name, value) in [("oneway", method.oneway), ("idempotent", method.idempotent)] {
        if value {
            add(name, Value::Bool(true).into());
        }
    }
    Value::Object(entries).into()
}

fn fields(fields: &[Field]) -> Json {
    fields.iter().map(row).collect::<Vec<_>>().into()
}

/// `["Name", "type", "required"]`
fn row(field: &Field) -> Json {
    let mut row: Vec<Json> = vec![field.wire.as_str().into(), show(&field.ty).as_str().into()];
    if field.required {
        row.push("required".into());
    }
    row.into()
}

fn definition(definition: &Type) -> Json {
    let (kind, value) = match definition {
        Type::Struct(all) => ("struct", fields(all)),
        Type::Alias(ty) => ("alias", show(ty).as_str().into()),
        Type::Numbers(variants) => ("numbers", numbered(variants)),
        Type::Texts(variants) => ("texts", map(variants, |name| name.as_str().into())),
        Type::Choice(all) => ("choice", fields(all)),
        Type::Message(all) => ("message", map(all, row)),
        Type::Foreign(text) => ("source", text.as_str().into()),
    };
    Value::Object(vec![(kind.to_owned(), value)]).into()
}

fn numbered(variants: &BTreeMap<i64, String>) -> Json {
    map(variants, |name| name.as_str().into())
}
