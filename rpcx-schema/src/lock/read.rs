//! From JSON to the model.

use std::collections::{BTreeMap, BTreeSet};

use super::json::{Json, Value};
use super::{Args, Field, Lock, Method, ParseError, Service, Type, VERSION, ty};
use crate::document::Ty;

type Read<T> = Result<T, ParseError>;

pub(super) fn lock(text: &str) -> Read<Lock> {
    let json = Json::parse(text)?;
    version(&json)?;
    let mut lock = Lock::default();
    for (name, value) in object(&json, "the lock file")? {
        match name.as_str() {
            "rpcx_lock" => {}
            "services" => lock.services = map(value, "`services`", service)?,
            "types" => lock.types = map(value, "`types`", definition)?,
            "errors" => {
                lock.errors = map(value, "`errors`", |value| numbered(value, "an error enum"))?;
            }
            name => return Err(unknown(value, name, "a lock file")),
        }
    }
    Ok(lock)
}

/// Before all else: another version may differ in anything.
fn version(json: &Json) -> Read<()> {
    let entries = object(json, "the lock file")?;
    let found = entries.iter().find(|(name, _)| name == "rpcx_lock");
    let help = "help: generate it anew with `cargo rpcx lock`";
    match found.map(|(_, value)| (&value.value, value.line)) {
        Some((Value::Whole(VERSION), _)) => Ok(()),
        Some((Value::Whole(other), line)) => Err(ParseError::new(
            line,
            format!(
                "this is a lock file of version {other}, and version {VERSION} is understood here\n\
                 help: use the version of `rpcx-build` that wrote it, or a newer one"
            ),
        )),
        Some((_, line)) => Err(ParseError::new(
            line,
            format!("`rpcx_lock` must be the number of the version\n{help}"),
        )),
        None => Err(ParseError::new(
            json.line,
            format!("this is no lock file: it has no `rpcx_lock`\n{help}"),
        )),
    }
}

fn wrong(json: &Json, what: &str, wanted: &str) -> ParseError {
    let kind = json.kind();
    ParseError::new(json.line, format!("{what} must be {wanted}, not {kind}"))
}

fn unknown(json: &Json, name: &str, place: &str) -> ParseError {
    ParseError::new(json.line, format!("{place} has no `{name}`"))
}

fn object<'a>(json: &'a Json, what: &str) -> Read<&'a [(String, Json)]> {
    match &json.value {
        Value::Object(entries) => Ok(entries),
        _ => Err(wrong(json, what, "an object")),
    }
}

fn list<'a>(json: &'a Json, what: &str) -> Read<&'a [Json]> {
    match &json.value {
        Value::List(items) => Ok(items),
        _ => Err(wrong(json, what, "a list")),
    }
}

fn text<'a>(json: &'a Json, what: &str) -> Read<&'a str> {
    match &json.value {
        Value::Text(text) => Ok(text),
        _ => Err(wrong(json, what, "a string")),
    }
}

fn flag(json: &Json, what: &str) -> Read<bool> {
    match &json.value {
        Value::Bool(value) => Ok(*value),
        _ => Err(wrong(json, what, "true or false")),
    }
}

fn map<T>(json: &Json, what: &str, one: impl Fn(&Json) -> Read<T>) -> Read<BTreeMap<String, T>> {
    let entries = object(json, what)?.iter();
    entries
        .map(|(name, value)| Ok((name.clone(), one(value)?)))
        .collect()
}

fn service(json: &Json) -> Read<Service> {
    let mut name = None;
    let mut methods = BTreeMap::new();
    for (key, value) in object(json, "a service")? {
        match key.as_str() {
            "trait" => name = Some(text(value, "`trait`")?.to_owned()),
            "methods" => methods = map(value, "`methods`", method)?,
            key => return Err(unknown(value, key, "a service")),
        }
    }
    let name = name.ok_or_else(|| ParseError::new(json.line, "a service without its `trait`"))?;
    Ok(Service { name, methods })
}

fn method(json: &Json) -> Read<Method> {
    let mut method = Method {
        function: String::new(),
        aliases: BTreeSet::new(),
        codec: "serde".to_owned(),
        args: Args::Nothing,
        reply: Ty::Unit,
        reply_field: None,
        error: None,
        oneway: false,
        idempotent: false,
    };
    for (key, value) in object(json, "a method")? {
        match key.as_str() {
            "fn" => method.function = text(value, "`fn`")?.to_owned(),
            "alias" => {
                let names = list(value, "`alias`")?.iter();
                let names = names.map(|name| text(name, "an alias").map(str::to_owned));
                method.aliases = names.collect::<Read<_>>()?;
            }
            "codec" => method.codec = text(value, "`codec`")?.to_owned(),
            "args" => method.args = args(value)?,
            "reply" => (method.reply_field, method.reply) = reply(value)?,
            "error" => method.error = Some(text(value, "`error`")?.to_owned()),
            "oneway" => method.oneway = flag(value, "`oneway`")?,
            "idempotent" => method.idempotent = flag(value, "`idempotent`")?,
            key => return Err(unknown(value, key, "a method")),
        }
    }
    if method.function.is_empty() {
        return Err(ParseError::new(json.line, "a method without its `fn`"));
    }
    Ok(method)
}

fn args(json: &Json) -> Read<Args> {
    match &json.value {
        Value::Text(text) => ty::parse(text, json.line).map(Args::Bare),
        Value::List(_) => fields(json, "`args`").map(Args::Map),
        _ => Err(wrong(json, "`args`", "a string or a list")),
    }
}

fn reply(json: &Json) -> Read<(Option<String>, Ty)> {
    let Value::List(pair) = &json.value else {
        return Ok((None, ty::parse(text(json, "`reply`")?, json.line)?));
    };
    let [name, written] = &pair[..] else {
        return Err(wrong(json, "`reply`", "a type, or a name and a type"));
    };
    let reply = ty::parse(text(written, "a type")?, written.line)?;
    Ok((Some(text(name, "a name")?.to_owned()), reply))
}

fn fields(json: &Json, what: &str) -> Read<Vec<Field>> {
    let mut names = BTreeSet::new();
    let rows = list(json, what)?.iter().map(|row| {
        let field = field(row)?;
        match names.insert(field.wire.clone()) {
            true => Ok(field),
            false => {
                let text = format!("two fields `{}`", field.wire);
                Err(ParseError::new(row.line, text))
            }
        }
    });
    rows.collect()
}

fn field(row: &Json) -> Read<Field> {
    let (name, written, required) = match list(row, "a field")? {
        [name, ty] => (name, ty, false),
        [name, ty, mark] if text(mark, "the mark of a field")? == "required" => (name, ty, true),
        _ => {
            let form = "a field is `[\"Name\", \"type\"]`, with `\"required\"` behind it or not";
            return Err(ParseError::new(row.line, form));
        }
    };
    Ok(Field {
        wire: text(name, "the name of a field")?.to_owned(),
        ty: ty::parse(text(written, "the type of a field")?, written.line)?,
        required,
    })
}

fn definition(json: &Json) -> Read<Type> {
    let [(kind, value)] = object(json, "a type")? else {
        let form = "a type is one of `struct`, `choice`, `alias`, `numbers`, `texts`, `message` and `source`";
        return Err(ParseError::new(json.line, form));
    };
    Ok(match kind.as_str() {
        "struct" => {
            let mut fields = fields(value, "`struct`")?;
            fields.sort_by(|a, b| a.wire.cmp(&b.wire));
            Type::Struct(fields)
        }
        "choice" => {
            let mut fields = fields(value, "`choice`")?;
            fields.sort_by(|a, b| a.wire.cmp(&b.wire));
            Type::Choice(fields)
        }
        "alias" => Type::Alias(ty::parse(text(value, "`alias`")?, value.line)?),
        "numbers" => Type::Numbers(numbered(value, "`numbers`")?),
        "message" => Type::Message(by_number(value, "`message`", field)?),
        "texts" => Type::Texts(map(value, "`texts`", name)?),
        "source" => Type::Foreign(text(value, "`source`")?.to_owned()),
        kind => return Err(unknown(value, kind, "a type")),
    })
}

fn name(json: &Json) -> Read<String> {
    text(json, "the name of a variant").map(str::to_owned)
}

fn numbered(json: &Json, what: &str) -> Read<BTreeMap<i64, String>> {
    by_number(json, what, name)
}

fn by_number<T>(json: &Json, what: &str, one: impl Fn(&Json) -> Read<T>) -> Read<BTreeMap<i64, T>> {
    let entries = object(json, what)?.iter();
    let numbered = entries.map(|(number, value)| {
        let parsed = number.parse().map_err(|_| {
            let text = format!("`{number}` is no whole number of 64 bits");
            ParseError::new(value.line, text)
        })?;
        Ok((parsed, one(value)?))
    });
    numbered.collect()
}
