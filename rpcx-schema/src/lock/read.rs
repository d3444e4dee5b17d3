//! From JSON to the model.

use std::collections::{BTreeMap, BTreeSet};

use super::json::{Json, Value};
use super::{
    Accepted, Args, ErrorEnum, ErrorVariant, Field, Lock, Message, Method, ParseError, ProtoField,
    Reserved, Service, Struct, Type, VERSION, Variants, ty,
};
use crate::document::Ty;

type Read<T> = Result<T, ParseError>;

pub(super) fn lock(text: &str) -> Read<Lock> {
    let json = Json::parse(text)?;
    let version = version(&json)?;
    let mut lock = Lock::default();
    for (name, value) in object(&json, "the lock file")? {
        match name.as_str() {
            "rpcx_lock" => {}
            "services" => lock.services = map(value, "`services`", service)?,
            "types" => lock.types = map(value, "`types`", definition)?,
            "errors" if version == 1 => lock.errors = map(value, "`errors`", plain_error)?,
            "errors" => lock.errors = map(value, "`errors`", error_enum)?,
            "removed" => lock.removed = map(value, "`removed`", service)?,
            "accepted" => {
                let all = list(value, "`accepted`")?.iter();
                lock.accepted = all.map(accepted).collect::<Read<_>>()?;
            }
            name => return Err(unknown(value, name, "a lock file")),
        }
    }
    // the first version says less, and what it does not say is not known
    Ok(match version {
        1 => lock,
        _ => lock.completed(),
    })
}

/// One warning that was looked at.
fn accepted(json: &Json) -> Read<Accepted> {
    let mut found = Accepted {
        rule: String::new(),
        subject: String::new(),
        reason: String::new(),
    };
    for (name, value) in object(json, "an accepted warning")? {
        let place = match name.as_str() {
            "rule" => &mut found.rule,
            "subject" => &mut found.subject,
            "reason" => &mut found.reason,
            name => return Err(unknown(value, name, "an accepted warning")),
        };
        *place = text(value, &format!("`{name}`"))?.trim().to_owned();
    }
    for (name, text) in [
        ("rule", &found.rule),
        ("subject", &found.subject),
        ("reason", &found.reason),
    ] {
        if text.is_empty() {
            let text = format!("an accepted warning without its `{name}`");
            return Err(ParseError::new(json.line, text));
        }
    }
    Ok(found)
}

/// Before all else: another version may differ in anything.
fn version(json: &Json) -> Read<i64> {
    let entries = object(json, "the lock file")?;
    let found = entries.iter().find(|(name, _)| name == "rpcx_lock");
    let help = "help: generate it anew with `cargo rpcx lock`";
    match found.map(|(_, value)| (&value.value, value.line)) {
        Some((Value::Whole(version @ 1..=VERSION), _)) => Ok(*version),
        Some((Value::Whole(other), line)) => Err(ParseError::new(
            line,
            format!(
                "this is a lock file of version {other}, and versions up to {VERSION} are understood here\n\
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
    let (mut methods, mut removed) = (BTreeMap::new(), BTreeMap::new());
    for (key, value) in object(json, "a service")? {
        match key.as_str() {
            "trait" => name = Some(text(value, "`trait`")?.to_owned()),
            "methods" => methods = map(value, "`methods`", method)?,
            "removed" => removed = map(value, "`removed`", method)?,
            key => return Err(unknown(value, key, "a service")),
        }
    }
    let name = name.ok_or_else(|| ParseError::new(json.line, "a service without its `trait`"))?;
    Ok(Service {
        name,
        methods,
        removed,
    })
}

fn method(json: &Json) -> Read<Method> {
    let mut method = Method {
        function: String::new(),
        aliases: BTreeSet::new(),
        codec: "serde".to_owned(),
        args: Args::Nothing,
        removed: Vec::new(),
        reply: Ty::Unit,
        reply_written: None,
        reply_field: None,
        error: None,
        oneway: false,
        idempotent: false,
        context: None,
    };
    let mut args_as = None;
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
            "args_as" => args_as = Some(text(value, "`args_as`")?.to_owned()),
            "removed" => method.removed = fields(value, "`removed`")?,
            "reply_as" => {
                method.reply_written = Some(text(value, "`reply_as`")?.to_owned());
            }
            "context" => method.context = Some(flag(value, "`context`")?),
            "reply" => (method.reply_field, method.reply) = reply(value)?,
            "error" => method.error = Some(text(value, "`error`")?.to_owned()),
            "oneway" => method.oneway = flag(value, "`oneway`")?,
            "idempotent" => method.idempotent = flag(value, "`idempotent`")?,
            key => return Err(unknown(value, key, "a method")),
        }
    }
    if let (Args::Bare(_, written), Some(_)) = (&mut method.args, &args_as) {
        *written = args_as;
    }
    if method.function.is_empty() {
        return Err(ParseError::new(json.line, "a method without its `fn`"));
    }
    Ok(method)
}

fn args(json: &Json) -> Read<Args> {
    match &json.value {
        Value::Text(text) => ty::parse(text, json.line).map(|ty| Args::Bare(ty, None)),
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
    let form = "a field is `[\"Name\", \"type\"]`, with `\"required\"` behind it or not";
    let [name, written, marks @ ..] = list(row, "a field")? else {
        return Err(ParseError::new(row.line, form));
    };
    let mut field = Field {
        wire: text(name, "the name of a field")?.to_owned(),
        ty: ty::parse(text(written, "the type of a field")?, written.line)?,
        required: false,
        written: None,
        proto: None,
    };
    for mark in marks {
        let text = text(mark, "the mark of a field")?;
        let proto = field.proto.get_or_insert_with(ProtoField::default);
        match text.split_once(' ') {
            None if text == "required" => field.required = true,
            None if text == "optional" => proto.optional = true,
            Some(("as", written)) => field.written = Some(written.to_owned()),
            Some(("oneof", name)) => proto.oneof = Some(name.to_owned()),
            Some(("default", value)) => proto.default = Some(value.to_owned()),
            _ => return Err(ParseError::new(row.line, form)),
        }
        if field
            .proto
            .as_ref()
            .is_some_and(|proto| *proto == ProtoField::default())
        {
            field.proto = None;
        }
    }
    Ok(field)
}

fn definition(json: &Json) -> Read<Type> {
    let form = "a type is one of `struct`, `choice`, `alias`, `newtype`, `numbers`, `texts`, `message` and `source`";
    let [(kind, value), more @ ..] = object(json, "a type")? else {
        return Err(ParseError::new(json.line, form));
    };
    let found = match kind.as_str() {
        "struct" | "choice" => {
            let mut more = More::new(more, kind);
            let removed = more.removed(|value| fields(value, "`removed`"))?;
            let found = Struct {
                fields: sorted(fields(value, "`struct`")?),
                removed: sorted(removed.unwrap_or_default()),
                nil: more.nil,
            };
            match kind.as_str() {
                "struct" => Type::Struct(found),
                _ => Type::Choice(found),
            }
        }
        "alias" => Type::Alias(ty::parse(text(value, "`alias`")?, value.line)?),
        "newtype" => Type::Newtype(ty::parse(text(value, "`newtype`")?, value.line)?),
        "numbers" => Type::Numbers(variants(
            more,
            kind,
            by_number(value, "`numbers`", name)?,
            |value| by_number(value, "`removed`", name),
        )?),
        "texts" => Type::Texts(variants(
            more,
            kind,
            map(value, "`texts`", name)?,
            |value| map(value, "`removed`", name),
        )?),
        "message" => {
            let mut more = More::new(more, kind);
            let removed = more.removed(|value| by_number(value, "`removed`", field))?;
            Type::Message(Message {
                fields: by_number(value, "`message`", field)?,
                removed: removed.unwrap_or_default(),
                reserved: more.reserved,
            })
        }
        "source" => Type::Foreign(text(value, "`source`")?.to_owned()),
        kind => return Err(unknown(value, kind, "a type")),
    };
    if let (Type::Alias(_) | Type::Newtype(_) | Type::Foreign(_), [(name, value), ..]) =
        (&found, more)
    {
        return Err(unknown(value, name, "such a type"));
    }
    Ok(found)
}

fn sorted(mut fields: Vec<Field>) -> Vec<Field> {
    fields.sort_by(|a, b| a.wire.cmp(&b.wire));
    fields
}

fn variants<K: Ord + Default>(
    more: &[(String, Json)],
    kind: &str,
    known: BTreeMap<K, String>,
    removed: impl Fn(&Json) -> Read<BTreeMap<K, String>>,
) -> Read<Variants<K>> {
    let mut more = More::new(more, kind);
    let removed = more.removed(removed)?;
    let zero = known.get(&K::default()).cloned();
    Ok(Variants {
        nil: more.nil.or(zero),
        known,
        other: more.other,
        removed: removed.unwrap_or_default(),
        reserved: more.proto.then_some(more.reserved),
    })
}

/// What stands behind the kind of a type.
struct More<'a> {
    entries: &'a [(String, Json)],
    kind: &'a str,
    other: Option<String>,
    nil: Option<String>,
    proto: bool,
    reserved: Reserved,
}

impl<'a> More<'a> {
    fn new(entries: &'a [(String, Json)], kind: &'a str) -> Self {
        Self {
            entries,
            kind,
            other: None,
            nil: None,
            proto: false,
            reserved: Reserved::default(),
        }
    }

    /// Reads all of it, and gives what was removed.
    fn removed<T>(&mut self, removed: impl Fn(&Json) -> Read<T>) -> Read<Option<T>> {
        let mut found = None;
        let is_enum = matches!(self.kind, "numbers" | "texts");
        for (name, value) in self.entries {
            match name.as_str() {
                "removed" => found = Some(removed(value)?),
                "other" if is_enum => self.other = Some(text(value, "`other`")?.to_owned()),
                "nil" if is_enum || self.kind == "choice" => {
                    self.nil = Some(text(value, "`nil`")?.to_owned());
                }
                "proto" if is_enum => self.proto = flag(value, "`proto`")?,
                "reserved" if !matches!(self.kind, "struct" | "choice") => {
                    let all = list(value, "`reserved`")?.iter();
                    self.reserved.numbers = all.map(range).collect::<Read<_>>()?;
                }
                "reserved_names" if !matches!(self.kind, "struct" | "choice") => {
                    let all = list(value, "`reserved_names`")?.iter();
                    let all = all.map(|name| text(name, "a reserved name").map(str::to_owned));
                    self.reserved.names = all.collect::<Read<_>>()?;
                }
                name => return Err(unknown(value, name, "such a type")),
            }
        }
        Ok(found)
    }
}

/// `3` or `5 to 9`.
fn range(json: &Json) -> Read<(i64, i64)> {
    let written = text(json, "a reserved range")?;
    let (first, last) = written.split_once(" to ").unwrap_or((written, written));
    match (first.parse(), last.parse()) {
        (Ok(first), Ok(last)) if first <= last => Ok((first, last)),
        _ => Err(ParseError::new(
            json.line,
            format!("`{written}` is no range of numbers"),
        )),
    }
}

/// An error enum of the first version: names by code.
fn plain_error(json: &Json) -> Read<ErrorEnum> {
    let codes = by_number(json, "an error enum", |value| {
        Ok(ErrorVariant {
            name: name(value)?,
            data: None,
        })
    })?;
    Ok(ErrorEnum {
        json: None,
        codes,
        removed: BTreeMap::new(),
    })
}

fn error_enum(json: &Json) -> Read<ErrorEnum> {
    let mut found = ErrorEnum::default();
    for (name, value) in object(json, "an error enum")? {
        match name.as_str() {
            "wire" => match text(value, "`wire`")? {
                "json" => found.json = Some(true),
                other => {
                    let text = format!("`wire` is `json` or not there, not `{other}`");
                    return Err(ParseError::new(value.line, text));
                }
            },
            "codes" => found.codes = by_number(value, "`codes`", code)?,
            "removed" => found.removed = by_number(value, "`removed`", code)?,
            name => return Err(unknown(value, name, "an error enum")),
        }
    }
    Ok(found)
}

/// A name, a name and a type, or a name and fields.
fn code(json: &Json) -> Read<ErrorVariant> {
    let variant = |name: &str, data: Args| ErrorVariant {
        name: name.to_owned(),
        data: Some(data),
    };
    match &json.value {
        Value::List(_) => {
            let row = field(json)?;
            Ok(variant(&row.wire, Args::Bare(row.ty, row.written)))
        }
        Value::Object(entries) => {
            let [(first, name), (second, all)] = &entries[..] else {
                return Err(wrong(json, "a variant with fields", "`name` and `fields`"));
            };
            if (first.as_str(), second.as_str()) != ("name", "fields") {
                return Err(wrong(json, "a variant with fields", "`name` and `fields`"));
            }
            let all = fields(all, "`fields`")?;
            Ok(variant(text(name, "`name`")?, Args::Map(all)))
        }
        _ => Ok(variant(&name(json)?, Args::Nothing)),
    }
}

fn name(json: &Json) -> Read<String> {
    text(json, "the name of a variant").map(str::to_owned)
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
