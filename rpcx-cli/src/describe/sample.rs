//! A value that fits a schema, to begin with.

use serde_json::{Map, Value, json};

use super::schema::reference;

/// How deep values are inside each other; a type may contain itself.
const DEPTH: usize = 8;

/// A sample of the arguments of a method.
pub(super) fn sample(schema: &Value, definitions: &Map<String, Value>) -> Value {
    let mut path = Vec::new();
    within(schema, definitions, &mut path).unwrap_or(Value::Null)
}

/// None where a value would have to contain itself.
fn within<'a>(
    schema: &'a Value,
    definitions: &'a Map<String, Value>,
    path: &mut Vec<&'a str>,
) -> Option<Value> {
    if let Some(name) = reference(schema) {
        if path.contains(&name) || path.len() >= DEPTH {
            return None;
        }
        path.push(name);
        let value = definitions.get(name).map_or(Some(Value::Null), |schema| {
            within(schema, definitions, path)
        });
        path.pop();
        return value;
    }
    let given = ["const", "default"].iter().find_map(|key| schema.get(key));
    let listed = ["examples", "enum"]
        .iter()
        .find_map(|key| schema.get(key)?.get(0));
    if let Some(value) = given.or(listed) {
        return Some(value.clone());
    }
    let all = ["anyOf", "oneOf"]
        .iter()
        .find_map(|key| schema.get(key)?.as_array());
    if let Some(all) = all {
        let mut values = all.iter().filter_map(|one| within(one, definitions, path));
        let value = values.find(|value| !value.is_null());
        return Some(value.unwrap_or(Value::Null));
    }
    of_type(schema, definitions, path)
}

fn of_type<'a>(
    schema: &'a Value,
    definitions: &'a Map<String, Value>,
    path: &mut Vec<&'a str>,
) -> Option<Value> {
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
        kind => kind.and_then(Value::as_str),
    };
    let at_least = schema
        .get("minimum")
        .and_then(Value::as_i64)
        .unwrap_or(1)
        .max(1);
    Some(match kind {
        Some("boolean") => json!(true),
        Some("integer") => json!(at_least),
        Some("number") => json!(1.5),
        Some("string") => match schema.get("format").and_then(Value::as_str) {
            Some("date-time") => json!("2026-01-02T03:04:05Z"),
            Some("uuid") => json!("67e55044-10b1-426f-9247-bb680e5fe0c8"),
            _ if schema.get("contentEncoding").is_some() => json!("AQI="),
            _ => json!("text"),
        },
        Some("array") => match schema.get("prefixItems").and_then(Value::as_array) {
            Some(items) => {
                let items = items.iter().map(|item| within(item, definitions, path));
                Value::Array(items.map(Option::unwrap_or_default).collect())
            }
            None => {
                let item = schema
                    .get("items")
                    .and_then(|item| within(item, definitions, path));
                Value::Array(item.into_iter().collect())
            }
        },
        Some("object") => object(schema, definitions, path)?,
        _ => Value::Null,
    })
}

fn object<'a>(
    schema: &'a Value,
    definitions: &'a Map<String, Value>,
    path: &mut Vec<&'a str>,
) -> Option<Value> {
    let mut members = Map::new();
    if let Some(fields) = super::schema::fields(schema) {
        for (name, field) in fields {
            members.insert(name.clone(), within(field, definitions, path)?);
        }
    } else if let Some(values) = schema.get("additionalProperties")
        && let Some(value) = within(values, definitions, path)
        && !value.is_null()
    {
        members.insert("key".to_owned(), value);
    }
    Some(Value::Object(members))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(schema: &Value, definitions: &Value) -> String {
        sample(schema, definitions.as_object().unwrap()).to_string()
    }

    #[test]
    fn samples_fit_their_schemas() {
        let definitions = json!({
            "Args": {"type": "object", "properties": {"A": {"type": "integer"}, "B": {"type": "array", "items": {"$ref": "#/$defs/Color"}}}},
            "Color": {"enum": ["Red", "Green"]},
            "Tree": {"type": "object", "properties": {"Left": {"anyOf": [{"$ref": "#/$defs/Tree"}, {"type": "null"}]}, "All": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}},
            "Endless": {"type": "object", "properties": {"Next": {"$ref": "#/$defs/Endless"}}},
        });
        let reference = |name: &str| json!({"$ref": format!("#/$defs/{name}")});
        assert_eq!(
            of(&reference("Args"), &definitions),
            r#"{"A":1,"B":["Red"]}"#
        );
        assert_eq!(
            of(&reference("Tree"), &definitions),
            r#"{"All":[],"Left":null}"#
        );
        assert_eq!(of(&reference("Endless"), &definitions), "null");
        assert_eq!(of(&reference("Nowhere"), &definitions), "null");
        assert_eq!(
            of(
                &json!({"type": ["integer", "null"], "minimum": 5}),
                &definitions
            ),
            "5"
        );
    }
}
