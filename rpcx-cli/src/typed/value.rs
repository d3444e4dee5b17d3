//! A value in JSON, read as its type says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rpcx::Timestamp;
use serde_json::{Map, Value};

use crate::describe::{fields, near, reference};
use crate::outcome::Outcome;

/// How deep values are inside each other.
const DEPTH: usize = 64;

/// A value that is known to fit its type.
#[derive(Debug)]
pub(super) enum Typed {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Single(f32),
    Float(f64),
    Text(String),
    /// In JSON their base64.
    Bytes(Vec<u8>),
    /// As many bytes as its type says: in JSON a list.
    ByteArray(Vec<u8>),
    /// In JSON the text that was given.
    Time(String),
    List(Vec<Self>),
    Fields(Vec<(String, Self)>),
    /// By numbers, which are texts in JSON.
    Numbered(Vec<(i128, Self)>),
    /// Of a type that nothing is known of.
    Any(Value),
}

impl Typed {
    pub(super) fn into_json(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => value.into(),
            Self::Signed(value) => value.into(),
            Self::Unsigned(value) => value.into(),
            Self::Single(value) => value.into(),
            Self::Float(value) => value.into(),
            Self::Text(text) | Self::Time(text) => text.into(),
            Self::Bytes(bytes) => STANDARD.encode(bytes).into(),
            Self::ByteArray(bytes) => bytes.into(),
            Self::List(list) => list.into_iter().map(Self::into_json).collect(),
            Self::Fields(fields) => {
                let fields = fields.into_iter();
                Value::Object(fields.map(|(name, one)| (name, one.into_json())).collect())
            }
            Self::Numbered(pairs) => {
                let pairs = pairs.into_iter();
                Value::Object(
                    pairs
                        .map(|(key, one)| (key.to_string(), one.into_json()))
                        .collect(),
                )
            }
            Self::Any(value) => value,
        }
    }
}

/// The type of a schema, but for null.
fn kind(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::Array(kinds) => {
            let mut kinds = kinds.iter().filter_map(Value::as_str);
            kinds.find(|kind| *kind != "null")
        }
        kind => kind.as_str(),
    }
}

fn format(schema: &Value) -> Option<&str> {
    schema.get("format")?.as_str()
}

/// The named types that schemas refer to.
pub(super) struct Types<'a> {
    pub(super) definitions: &'a Map<String, Value>,
}

/// Where a value stands: `.Items[0].Name`.
#[derive(Clone, Copy)]
enum Place<'a> {
    Whole,
    Field(&'a Self, &'a str),
    Item(&'a Self, usize),
}

impl Place<'_> {
    fn depth(&self) -> usize {
        match self {
            Self::Whole => 0,
            Self::Field(outer, _) | Self::Item(outer, _) => outer.depth() + 1,
        }
    }

    fn path(&self) -> String {
        match self {
            Self::Whole => String::new(),
            Self::Field(outer, name) => format!("{}.{name}", outer.path()),
            Self::Item(outer, index) => format!("{}[{index}]", outer.path()),
        }
    }

    fn wrong(&self, text: impl std::fmt::Display) -> Outcome {
        match self.path().trim_start_matches('.') {
            "" => Outcome::usage(format!("the arguments: {text}")),
            path => Outcome::usage(format!("the argument `{path}`: {text}")),
        }
    }

    fn unlike(&self, wanted: &str, found: &Value) -> Outcome {
        let found = match found {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.wrong(format!("{found}, and it has to be {wanted}"))
    }
}

impl Types<'_> {
    /// # Errors
    /// A value that does not fit.
    pub(super) fn read(&self, value: &Value, schema: &Value) -> Result<Typed, Outcome> {
        self.value(value, schema, Place::Whole)
    }

    fn value(&self, value: &Value, schema: &Value, at: Place<'_>) -> Result<Typed, Outcome> {
        if at.depth() > DEPTH {
            return Err(at.wrong("it is nested too deeply"));
        }
        let schema = self.resolved(schema);
        if value.is_null() {
            // In every place the zero value.
            return Ok(Typed::Null);
        }
        if let Some(all) = schema.get("oneOf").and_then(Value::as_array) {
            return variant(value, all, at);
        }
        if let Some(all) = schema.get("anyOf").and_then(Value::as_array) {
            let other = all
                .iter()
                .find(|one| one.get("type") != Some(&"null".into()));
            return self.value(value, other.unwrap_or(&Value::Null), at);
        }
        match kind(schema) {
            Some("boolean") => match value {
                Value::Bool(is) => Ok(Typed::Bool(*is)),
                other => Err(at.unlike("true or false", other)),
            },
            Some("integer") => integer(value, schema, at),
            Some("number") => match value.as_f64() {
                // Go reads a float of 32 bits from nothing else.
                Some(number) if format(schema) == Some("float") => Ok(Typed::Single(number as f32)),
                Some(number) => Ok(Typed::Float(number)),
                None => Err(at.unlike("a number", value)),
            },
            Some("string") => text(value, schema, at),
            Some("array") => self.list(value, schema, at),
            Some("object") => self.object(value, schema, at),
            Some("null") => Err(at.wrong("there are none")),
            _ => Ok(Typed::Any(value.clone())),
        }
    }

    /// The schema behind its names, of which a few may lead to each other.
    fn resolved<'s>(&'s self, mut schema: &'s Value) -> &'s Value {
        for _ in 0..DEPTH {
            match reference(schema) {
                Some(name) => schema = self.definitions.get(name).unwrap_or(&Value::Null),
                None => return schema,
            }
        }
        &Value::Null
    }

    fn list(&self, value: &Value, schema: &Value, at: Place<'_>) -> Result<Typed, Outcome> {
        let Value::Array(list) = value else {
            return Err(at.unlike("a list", value));
        };
        let number = |key| schema.get(key).and_then(Value::as_u64);
        let (least, most) = (number("minItems"), number("maxItems"));
        let length = list.len() as u64;
        if least.is_some_and(|least| length < least) || most.is_some_and(|most| length > most) {
            let wanted = least.or(most).unwrap_or_default();
            return Err(at.wrong(format!("it has {length} items, and needs {wanted}")));
        }
        let tuple = schema.get("prefixItems").and_then(Value::as_array);
        let items = schema.get("items").unwrap_or(&Value::Null);
        let each = list.iter().enumerate().map(|(index, one)| {
            let schema = tuple.and_then(|tuple| tuple.get(index)).unwrap_or(items);
            self.value(one, schema, Place::Item(&at, index))
        });
        let list: Vec<Typed> = each.collect::<Result<_, _>>()?;
        let is_bytes = least.is_some() && format(items) == Some("uint8");
        Ok(match is_bytes {
            true => Typed::ByteArray(list.iter().filter_map(byte).collect()),
            false => Typed::List(list),
        })
    }

    fn object(&self, value: &Value, schema: &Value, at: Place<'_>) -> Result<Typed, Outcome> {
        let Value::Object(members) = value else {
            return Err(at.unlike("an object", value));
        };
        if let Some(known) = fields(schema) {
            let each = members.iter().map(|(given, one)| {
                let found = known
                    .get_key_value(given)
                    .or_else(|| same_but_for_case(known, given));
                let (name, schema) = found.ok_or_else(|| unknown(known, given, at))?;
                let typed = self.value(one, schema, Place::Field(&at, name))?;
                Ok((name.clone(), typed))
            });
            return each.collect::<Result<_, _>>().map(Typed::Fields);
        }
        let Some(values) = schema.get("additionalProperties") else {
            return Ok(Typed::Any(value.clone()));
        };
        let is_numbered = schema.get("propertyNames").is_some();
        let mut fields = Vec::new();
        let mut numbered = Vec::new();
        for (key, one) in members {
            let at = Place::Field(&at, key);
            let typed = self.value(one, values, at)?;
            match is_numbered {
                true => {
                    let number = key.parse().map_err(|_| at.wrong("its key is no number"))?;
                    numbered.push((number, typed));
                }
                false => fields.push((key.clone(), typed)),
            }
        }
        Ok(match is_numbered {
            true => Typed::Numbered(numbered),
            false => Typed::Fields(fields),
        })
    }
}

fn byte(value: &Typed) -> Option<u8> {
    match value {
        Typed::Unsigned(number) => u8::try_from(*number).ok(),
        // A null among them is 0.
        _ => Some(0),
    }
}

fn same_but_for_case<'a>(
    fields: &'a Map<String, Value>,
    given: &str,
) -> Option<(&'a String, &'a Value)> {
    let bare = |name: &str| name.replace('_', "").to_lowercase();
    let given = bare(given);
    fields.iter().find(|(name, _)| bare(name) == given)
}

fn unknown(fields: &Map<String, Value>, given: &str, at: Place<'_>) -> Outcome {
    let names = fields.keys().map(String::as_str).collect();
    at.wrong(format!("there is no field `{given}`"))
        .hint(near(names, given, "it has no fields"))
}

/// A variant of an enum: by what travels, or by its name.
fn variant(value: &Value, all: &[Value], at: Place<'_>) -> Result<Typed, Outcome> {
    let is_it = |one: &&Value| {
        one.get("const") == Some(value) || (value.is_string() && one.get("title") == Some(value))
    };
    match all.iter().find(is_it).and_then(|one| one.get("const")) {
        Some(Value::String(text)) => Ok(Typed::Text(text.clone())),
        Some(number) => whole(number).ok_or_else(|| at.unlike("a whole number", number)),
        None => {
            let names = all.iter().filter_map(|one| one.get("title")?.as_str());
            let given = value.as_str().unwrap_or_default();
            Err(at.wrong(format!("it is none of them: {value}")).hint(near(
                names.collect(),
                given,
                "there are none",
            )))
        }
    }
}

fn whole(value: &Value) -> Option<Typed> {
    let unsigned = value.as_u64().map(Typed::Unsigned);
    unsigned.or_else(|| value.as_i64().map(Typed::Signed))
}

fn integer(value: &Value, schema: &Value, at: Place<'_>) -> Result<Typed, Outcome> {
    let Some(number) = whole(value) else {
        return Err(at.unlike("a whole number", value));
    };
    let (is, least, most) = (
        number.as_i128(),
        schema.get("minimum").and_then(i128_of),
        schema.get("maximum").and_then(i128_of),
    );
    if least.is_some_and(|least| is < least) || most.is_some_and(|most| is > most) {
        let (least, most) = (least.unwrap_or_default(), most.unwrap_or_default());
        return Err(at.wrong(format!("{is} is not within {least} and {most}")));
    }
    Ok(number)
}

fn i128_of(value: &Value) -> Option<i128> {
    Some(whole(value)?.as_i128())
}

impl Typed {
    fn as_i128(&self) -> i128 {
        match self {
            Self::Signed(number) => i128::from(*number),
            Self::Unsigned(number) => i128::from(*number),
            _ => 0,
        }
    }
}

fn text(value: &Value, schema: &Value, at: Place<'_>) -> Result<Typed, Outcome> {
    let Value::String(text) = value else {
        return Err(at.unlike("a text", value));
    };
    if schema.get("contentEncoding").is_some() {
        let bytes = STANDARD.decode(text);
        return bytes
            .map(Typed::Bytes)
            .map_err(|error| at.wrong(format!("bytes are written in base64: {error}")));
    }
    if format(schema) == Some("date-time") {
        let time = serde_json::from_value::<Timestamp>(value.clone());
        return time
            .map(|_| Typed::Time(text.clone()))
            .map_err(|_| at.wrong("a time is written 2026-01-02T03:04:05Z"));
    }
    Ok(Typed::Text(text.clone()))
}
