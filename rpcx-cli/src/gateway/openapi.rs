//! What servers say of themselves as OpenAPI 3.1: for a gateway whose servers do not say it in that form, or are several.

use serde_json::{Map, Value, json};

use crate::describe::{Document, Method, fields, reference};

/// Where the schemas of types are, in descriptions and in OpenAPI.
const DEFINITIONS: &str = "#/$defs/";
const SCHEMAS: &str = "#/components/schemas/";

/// The document of all services. Types that nothing is known of have the schema of every value.
pub(super) fn document(document: &Document) -> Value {
    let (mut tags, mut paths) = (Vec::new(), Map::new());
    for service in &document.services {
        tags.push(json!({"name": service.name, "description": service.docs}));
        for method in &service.methods {
            let path = format!("/{}/{}", escaped(&service.name), escaped(&method.name));
            paths.insert(path, item(&service.name, method, document));
        }
    }
    let titles: Vec<_> = document.services.iter().map(|one| &*one.name).collect();
    let mut schemas = document.definitions.clone();
    schemas.insert("rpcx.Problem".to_owned(), problem());
    let mut info = json!({"title": titles.join(", "), "version": "1"});
    if let Some(said) = lacking(document) {
        info["description"] = said.into();
    }
    let mut whole = json!({
        "openapi": "3.1.0",
        "info": info,
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"bearer": []}],
    });
    moved(&mut whole);
    whole
}

/// What a reader misses, and why.
fn lacking(document: &Document) -> Option<&'static str> {
    match (document.services.is_empty(), document.is_typed()) {
        (true, _) => Some(
            "The servers behind this gateway do not say what they have: in Rust they say it with the feature `reflection`, in Go with the plugin of that name. \
             Calls work without.",
        ),
        (false, true) => None,
        (false, false) => Some(
            "A server in Go tells the names of its methods and no types: a body whose schema is empty may be any JSON here, and has to be what the method takes.",
        ),
    }
}

fn item(service: &str, method: &Method, document: &Document) -> Value {
    let operation = |verb: &str| {
        json!({
            "operationId": format!("{verb}{service}.{}", method.name),
            "tags": [service],
            "summary": method.docs.lines().next().unwrap_or_default(),
            "description": method.docs,
            "responses": responses(method),
        })
    };
    let mut post = operation("");
    post["requestBody"] = json!({"content": content(&method.args)});
    let mut item = json!({"post": post});
    if method.idempotent {
        let mut get = operation("get ");
        get["parameters"] = parameters(method, document);
        item["get"] = get;
    }
    item
}

fn content(schema: &Value) -> Value {
    let schema = match schema {
        Value::Null => &json!({}),
        schema => schema,
    };
    json!({"application/json": {"schema": schema}, "application/msgpack": {"schema": schema}})
}

fn responses(method: &Method) -> Value {
    let failed = json!({
        "description": "The call failed, or was refused.",
        "content": {"application/problem+json": {"schema": {"$ref": format!("{DEFINITIONS}rpcx.Problem")}}},
    });
    json!({
        "200": {"description": "The reply.", "content": content(&method.reply)},
        "4XX": failed,
        "5XX": failed,
    })
}

/// Arguments as a query: each field is a parameter, whose text is JSON.
fn parameters(method: &Method, document: &Document) -> Value {
    let args = match reference(&method.args) {
        Some(name) => document.definitions.get(name).unwrap_or(&Value::Null),
        None => &method.args,
    };
    let parameter = |name: &str, schema: &Value| json!({"name": name, "in": "query", "content": {"application/json": {"schema": schema}}});
    match fields(args) {
        Some(fields) => fields
            .iter()
            .map(|(name, schema)| parameter(name, schema))
            .collect(),
        None => json!([parameter("_json", &json!({}))]),
    }
}

/// Lets the references follow their definitions.
fn moved(value: &mut Value) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(all) => open.extend(all),
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get_mut("$ref")
                    && let Some(name) = reference.strip_prefix(DEFINITIONS)
                {
                    *reference = format!("{SCHEMAS}{name}");
                }
                open.extend(members.values_mut());
            }
            _ => {}
        }
    }
}

/// A name in the path of a URL.
fn escaped(name: &str) -> String {
    let each = name.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    });
    each.collect()
}

/// RFC 9457, with what is known of the call.
fn problem() -> Value {
    json!({
        "type": "object",
        "description": "Why a call failed.",
        "properties": {
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "outcome": {"type": "string", "enum": ["ran", "not-run", "unknown"]},
            "reason": {"type": "string"},
            "code": {"type": "integer"},
            "data": {},
            "requestId": {"type": "string"},
        },
        "required": ["title", "status", "detail", "outcome", "requestId"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_is_said() {
        let named = r#"{"services": [{"name": "A", "methods": [{"name": "Do"}]}]}"#;
        let typed = Document::typed(named.as_bytes()).unwrap();
        assert_eq!(document(&typed)["info"]["description"], Value::Null);
        let untyped: Document = serde_json::from_str(named).unwrap();
        let mut both = Document::default();
        both.take(typed, "A");
        both.take(untyped, "A");
        for (said, of) in [
            ("no types", &both),
            ("feature `reflection`", &Document::default()),
        ] {
            let info = document(of)["info"]["description"].to_string();
            assert!(info.contains(said), "{info}");
        }
    }

    #[test]
    fn references_follow_their_definitions() {
        let text = r##"{"services": [{"name": "A b", "methods": [{"name": "Do", "idempotent": true, "args": {"$ref": "#/$defs/Args"}, "reply": {"type": "integer"}}, {"name": "Any"}]}],
            "$defs": {"Args": {"type": "object", "properties": {"X": {"$ref": "#/$defs/Item"}}}, "Item": {"type": "string"}}}"##;
        let made = document(&Document::typed(text.as_bytes()).unwrap());
        let text = made.to_string();
        assert!(!text.contains("$defs"), "{text}");
        let item = &made["paths"]["/A%20b/Do"];
        let schema = &item["post"]["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(schema["$ref"], "#/components/schemas/Args");
        assert_eq!(item["get"]["parameters"][0]["name"], "X");
        assert_eq!(
            made["components"]["schemas"]["Args"]["properties"]["X"]["$ref"],
            "#/components/schemas/Item"
        );
        let any = &made["paths"]["/A%20b/Any"]["post"]["requestBody"]["content"];
        assert_eq!(any["application/json"]["schema"], json!({}));
    }
}
