//! A JSON Schema as the name of a type.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// How deep types are named; schemas come from a peer.
const DEPTH: usize = 16;

/// A schema that refers to a definition by its name.
pub(crate) fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}

/// The name of a type: `int64`, `[string]`, `{string: Args}`, `Args or null`.
pub(super) fn name(schema: &Value) -> String {
    name_within(schema, DEPTH)
}

fn name_within(schema: &Value, depth: usize) -> String {
    let Some(depth) = depth.checked_sub(1) else {
        return "..".to_owned();
    };
    if let Some(name) = reference(schema) {
        return name.to_owned();
    }
    let inner = |key: &str| schema.get(key).map(|inner| name_within(inner, depth));
    if let Some(value) = schema.get("const") {
        return value.to_string();
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let values: Vec<_> = values.iter().map(Value::to_string).collect();
        return values.join(" | ");
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(all) = schema.get(key).and_then(Value::as_array) {
            let all: Vec<_> = all.iter().map(|one| name_within(one, depth)).collect();
            return all.join(" or ");
        }
    }
    let text = |key: &str| schema.get(key).and_then(Value::as_str);
    let of_type = |kind: &str| match kind {
        "string" if schema.get("contentEncoding").is_some() => "bytes".to_owned(),
        "string" | "integer" | "number" => text("format").unwrap_or(kind).to_owned(),
        "array" => match schema.get("prefixItems").and_then(Value::as_array) {
            Some(items) => {
                let items: Vec<_> = items.iter().map(|item| name_within(item, depth)).collect();
                format!("[{}]", items.join(", "))
            }
            None => format!("[{}]", inner("items").unwrap_or_default()),
        },
        "object" => match (text("title"), inner("additionalProperties")) {
            (Some(title), _) => title.to_owned(),
            (None, Some(values)) if fields(schema).is_none_or(Map::is_empty) => {
                format!("{{string: {values}}}")
            }
            _ => "object".to_owned(),
        },
        other => other.to_owned(),
    };
    match schema.get("type") {
        Some(Value::String(kind)) => of_type(kind),
        Some(Value::Array(kinds)) => {
            let kinds: Vec<_> = kinds
                .iter()
                .filter_map(Value::as_str)
                .map(of_type)
                .collect();
            kinds.join(" or ")
        }
        _ => "any".to_owned(),
    }
}

/// The fields of an object.
pub(crate) fn fields(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties")?.as_object()
}

/// The definitions that a schema needs, in their order, with those that they need.
pub(super) fn used<'a>(
    schema: &'a Value,
    definitions: &'a Map<String, Value>,
    known: &mut BTreeSet<&'a str>,
    found: &mut Vec<(&'a str, &'a Value)>,
) {
    let mut open = vec![schema];
    while let Some(schema) = open.pop() {
        if let Some(name) = reference(schema)
            && known.insert(name)
            && let Some(definition) = definitions.get(name)
        {
            found.push((name, definition));
            open.push(definition);
        }
        match schema {
            Value::Array(all) => open.extend(all.iter().rev()),
            Value::Object(members) => open.extend(members.values().rev()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_have_names() {
        for (schema, wanted) in [
            (json!({"$ref": "#/$defs/Args"}), "Args"),
            (json!({"type": "integer", "format": "int64"}), "int64"),
            (
                json!({"type": "string", "contentEncoding": "base64"}),
                "bytes",
            ),
            (
                json!({"type": "array", "items": {"type": "string"}}),
                "[string]",
            ),
            (
                json!({"type": "object", "additionalProperties": {"type": "boolean"}}),
                "{string: boolean}",
            ),
            (
                json!({"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}),
                "A or null",
            ),
            (json!({"type": ["string", "null"]}), "string or null"),
            (json!({"enum": ["Red", "Green"]}), "\"Red\" | \"Green\""),
            (json!({}), "any"),
            (json!(true), "any"),
        ] {
            assert_eq!(name(&schema), wanted);
        }
        let mut deep = json!({"type": "string"});
        for _ in 0..100 {
            deep = json!({"type": "array", "items": deep});
        }
        assert!(name(&deep).contains(".."));
    }
}
