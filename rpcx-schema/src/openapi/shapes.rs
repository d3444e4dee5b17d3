//! The schemas of types: the same as those that a server gives with the feature `reflection`.

use super::json::Json;
use crate::document::{Carried, Case, Definition, Field, Kind, Other, Ty, Variant};

/// Where the schemas of types are in a document of OpenAPI.
pub(super) const SCHEMAS: &str = "#/components/schemas/";

/// What the types of one file are called in the document.
pub(super) struct Names<'a> {
    /// Where the schemas of types are.
    pub(super) schemas: &'static str,
    /// The name of the file, in front of the names of types that another file has too.
    pub(super) file: &'a str,
    pub(super) shared: &'a dyn Fn(&str) -> bool,
}

impl Names<'_> {
    /// A type that several files of one interface have is `file::Type` already.
    pub(super) fn of(&self, ty: &str) -> String {
        match (self.shared)(ty) && !ty.contains("::") {
            true => format!("{}.{ty}", self.file),
            false => ty.replace("::", "."),
        }
    }

    pub(super) fn reference(&self, ty: &str) -> Json {
        Json::object().with("$ref", format!("{}{}", self.schemas, self.of(ty)))
    }
}

fn kind(name: &str) -> Json {
    Json::object().with("type", name)
}

pub(super) fn object(fields: impl IntoIterator<Item = (String, Json)>) -> Json {
    kind("object").with("properties", Json::Object(fields.into_iter().collect()))
}

pub(super) fn schema(ty: &Ty, names: &Names<'_>) -> Json {
    match ty {
        Ty::Unit => kind("null"),
        Ty::Bool => kind("boolean"),
        Ty::Number(name) => number(name),
        Ty::Text => kind("string"),
        Ty::Bytes => kind("string").with("contentEncoding", "base64"),
        // as in Go, an array of bytes is a list of numbers in JSON
        Ty::ByteArray(length) => fixed(number("u8"), *length),
        Ty::Time => kind("string").with("format", "date-time"),
        Ty::Duration => kind("integer")
            .with("format", "int64")
            .with("minimum", 0)
            .with("maximum", i128::from(i64::MAX))
            .with("description", "Nanoseconds."),
        Ty::Option(inner) => nullable(schema(inner, names)),
        Ty::List(inner) => array(schema(inner, names)),
        Ty::Array(inner, length) => fixed(schema(inner, names), *length),
        Ty::Map(key, value) => {
            let object = kind("object");
            let object = match &**key {
                Ty::Number(_) => {
                    let digits = Json::object().with("pattern", "^-?[0-9]+$");
                    object.with("propertyNames", digits)
                }
                _ => object,
            };
            object.with("additionalProperties", schema(value, names))
        }
        Ty::Named(name) => names.reference(name),
        Ty::Any | Ty::Foreign(_) => Json::object(),
    }
}

fn array(items: Json) -> Json {
    match items.is_empty() {
        true => kind("array"),
        false => kind("array").with("items", items),
    }
}

fn fixed(items: Json, length: u64) -> Json {
    let length = i128::from(length);
    array(items)
        .with("minItems", length)
        .with("maxItems", length)
}

fn nullable(schema: Json) -> Json {
    let Json::Object(mut members) = schema else {
        return schema;
    };
    if members.is_empty() {
        return Json::Object(members);
    }
    let Some((_, kind)) = members.iter_mut().find(|(name, _)| name == "type") else {
        let all = vec![Json::Object(members), kind("null")];
        return Json::object().with("anyOf", all);
    };
    if let Json::Text(one) = kind {
        *kind = Json::List(vec![one.as_str().into(), "null".into()]);
    }
    Json::Object(members)
}

fn number(name: &str) -> Json {
    let (format, range) = match name {
        "f32" => return kind("number").with("format", "float"),
        "f64" => return kind("number").with("format", "double"),
        "i8" => ("int8", (i128::from(i8::MIN), i128::from(i8::MAX))),
        "i16" => ("int16", (i128::from(i16::MIN), i128::from(i16::MAX))),
        "i32" => ("int32", (i128::from(i32::MIN), i128::from(i32::MAX))),
        "i64" => ("int64", (i128::from(i64::MIN), i128::from(i64::MAX))),
        "u8" => ("uint8", (0, i128::from(u8::MAX))),
        "u16" => ("uint16", (0, i128::from(u16::MAX))),
        "u32" => ("uint32", (0, i128::from(u32::MAX))),
        "u64" => ("uint64", (0, i128::from(u64::MAX))),
        _ => return kind("integer"),
    };
    let integer = kind("integer").with("format", format);
    integer.with("minimum", range.0).with("maximum", range.1)
}

/// A type of the file. Where its form is that of another type it is a reference to it.
pub(super) fn definition(definition: &Definition, names: &Names<'_>) -> Json {
    let body = match &definition.kind {
        Kind::Struct(fields) => structure(fields, names),
        Kind::Alias(ty) | Kind::Newtype(ty) => schema(ty, names),
        Kind::Numbers(all) => {
            let each = variants(all, |value| Json::Whole(i128::from(*value)));
            among(each, definition.keeps(), number("i64"))
        }
        Kind::Texts(all) => {
            let each = variants(all, |value| value.as_str().into());
            among(each, definition.keeps(), kind("string"))
        }
        Kind::Choice(cases) => choices(cases, names),
        Kind::Foreign(_) => Json::object(),
    };
    described(body, &definition.docs)
}

fn structure(fields: &[Field], names: &Names<'_>) -> Json {
    object(fields.iter().map(|field| {
        let schema = schema(&field.ty, names);
        (field.wire.clone(), described(schema, &field.docs))
    }))
}

fn choices(cases: &[Case], names: &Names<'_>) -> Json {
    let each = cases.iter().map(|case| {
        let carried = match &case.carried {
            Carried::Nothing => object([]),
            Carried::Value(ty) => schema(ty, names),
            Carried::Fields(fields) => structure(fields, names),
        };
        let one = object([(case.wire.clone(), carried)]);
        let required: Vec<Json> = vec![case.wire.as_str().into()];
        described(one.with("required", required), &case.docs)
    });
    Json::object().with("oneOf", each.collect::<Vec<_>>())
}

/// One of the variants, or with a catch-all variant any value of their kind.
fn among(mut each: Vec<Json>, other: Option<&Other>, all: Json) -> Json {
    let Some(other) = other else {
        return Json::object().with("oneOf", each);
    };
    each.push(described(all.with("title", &*other.name), &other.docs));
    Json::object().with("anyOf", each)
}

fn variants<T>(all: &[Variant<T>], value: impl Fn(&T) -> Json) -> Vec<Json> {
    let each = all.iter().map(|variant| {
        let one = Json::object().with("const", value(&variant.value));
        described(one.with("title", &*variant.name), &variant.docs)
    });
    each.collect()
}

/// The docs of the place take the place of those of the type.
fn described(schema: Json, docs: &str) -> Json {
    let Json::Object(mut members) = schema else {
        return schema;
    };
    if !docs.is_empty() {
        members.retain(|(name, _)| name != "description");
        members.push(("description".to_owned(), docs.into()));
    }
    Json::Object(members)
}
