//! The document: methods, flags, errors, and the schemas of types.

use rpcx::reflection::describe;
use rpcx::services::Service;
use serde_json::{Value, json};

use super::shapes::{MyShop, ShopServer};

fn document() -> Value {
    let document = describe([ShopServer::new(MyShop).info()]);
    serde_json::from_str(&document.to_string()).unwrap()
}

fn method<'a>(document: &'a Value, name: &str) -> &'a Value {
    let methods = document["services"][0]["methods"].as_array().unwrap();
    methods.iter().find(|one| one["name"] == name).unwrap()
}

#[test]
fn a_method_has_its_docs_flags_codecs_and_errors() {
    let document = document();
    let service = &document["services"][0];
    assert_eq!(service["name"], "Shop");
    assert_eq!(service["docs"], "What can be bought.");
    assert_eq!(service["version"], "1.2");
    let user = method(&document, "User");
    let errors = json!([
        {"code": 404, "name": "Gone", "docs": "There is none left."},
        {"code": 7, "name": "Poor", "docs": ""},
    ]);
    assert_eq!(user["docs"], "The user with a number.");
    assert_eq!(user["errors"], errors);
    assert_eq!(user["codecs"], json!(["msgpack", "json"]));
    assert_eq!(
        (&user["idempotent"], &user["one_way"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(user["reply"], json!({"$ref": "#/$defs/shapes.User"}));
    let log = method(&document, "Log");
    assert_eq!(
        (&log["one_way"], &log["reply"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(log["args"], json!({"type": "string"}));
    let ping = method(&document, "Ping");
    assert_eq!(
        (&ping["args"], &ping["reply"]),
        (&json!({"type": "null"}), &json!({"type": "null"}))
    );
    assert_eq!(ping["errors"], json!([]));
    assert_eq!(method(&document, "Bytes")["codecs"], json!(["raw"]));
}

#[test]
fn arguments_are_a_message_a_map_or_a_value() {
    let document = document();
    assert_eq!(
        method(&document, "Buy")["args"],
        json!({"$ref": "#/$defs/BuyArgs"})
    );
    let buy = &document["$defs"]["BuyArgs"]["properties"];
    assert_eq!(
        buy["Photo"],
        json!({"type": "string", "contentEncoding": "base64"})
    );
    assert_eq!(buy["Item"], json!({"type": "string"}));
    let pages = &method(&document, "Pages")["args"];
    assert_eq!(pages["type"], "object");
    assert_eq!(
        pages["properties"]["After"],
        json!({"type": ["string", "null"]})
    );
    assert_eq!(pages["properties"]["Foreign"], json!({}));
    assert_eq!(
        method(&document, "Sum")["reply"]["properties"]["Sum"]["format"],
        "int64"
    );
    // Containers of types without a schema.
    assert_eq!(method(&document, "Swap")["args"], json!({"type": "array"}));
    let reply = json!({"type": "object", "additionalProperties": {"type": "boolean"}});
    assert_eq!(method(&document, "Swap")["reply"], reply);
}

#[test]
fn fields_are_what_they_are_in_json() {
    let document = document();
    let user = &document["$defs"]["shapes.User"];
    assert_eq!(user["description"], "A user of the shop.");
    let fields = &user["properties"];
    assert_eq!(fields["Id"]["description"], "Never reused.");
    assert_eq!(fields["Id"]["maximum"], u64::MAX);
    for (name, schema) in [
        ("DisplayName", json!({"type": "string"})),
        (
            "Photo",
            json!({"type": ["string", "null"], "contentEncoding": "base64"}),
        ),
        (
            "Parent",
            json!({"anyOf": [{"$ref": "#/$defs/shapes.User"}, {"type": "null"}], "description": "Invited by."}),
        ),
        ("Mode", json!({"$ref": "#/$defs/Mode"})),
        ("Since", json!({"type": "string", "format": "date-time"})),
        (
            "Key",
            json!({"type": "array", "items": {"type": "integer", "format": "uint8", "minimum": 0, "maximum": 255}, "minItems": 4, "maxItems": 4}),
        ),
        ("IdOf", json!({"$ref": "#/$defs/UserId"})),
        ("Other", json!({"$ref": "#/$defs/other.User"})),
        ("Page", json!({"$ref": "#/$defs/Page_Level"})),
        (
            "Alias",
            json!({"type": "array", "items": {"type": "array", "items": {"type": "number", "format": "float"}}}),
        ),
        (
            "ByNumber",
            json!({"type": "object", "propertyNames": {"pattern": "^-?[0-9]+$"}, "additionalProperties": {"type": "array"}}),
        ),
    ] {
        assert_eq!(fields[name], schema, "{name}");
    }
    assert_eq!(fields["Every"]["type"], "integer");
    assert_eq!(fields["Raw"]["items"]["format"], "uint8");
    assert_eq!(fields["Pause"]["required"], json!(["secs", "nanos"]));
    assert_eq!(fields["Pair"]["prefixItems"][1], json!({}));
    assert_eq!(fields["Tags"]["additionalProperties"]["format"], "uint32");
    assert_eq!(fields.get("Cache"), None);
    let names: Vec<_> = fields.as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 18, "{names:?}");
}

#[test]
fn choices_and_generic_types_are_described_once_for_each_form() {
    let document = document();
    let mode = json!([
        {"const": 1, "title": "Read", "description": "Reads alone."},
        {"const": 4, "title": "Write"},
    ]);
    assert_eq!(document["$defs"]["Mode"]["oneOf"], mode);
    let color = json!([{"const": "Red", "title": "Red"}, {"const": "dark-blue", "title": "Blue"}]);
    assert_eq!(document["$defs"]["Color"]["oneOf"], color);
    let page = &document["$defs"]["Page_Level"]["properties"]["Items"];
    assert_eq!(
        *page,
        json!({"type": "array", "items": {"$ref": "#/$defs/Level"}})
    );
    let page = &document["$defs"]["Page_User"]["properties"]["Items"];
    assert_eq!(
        *page,
        json!({"type": "array", "items": {"$ref": "#/$defs/shapes.User"}})
    );
}

#[test]
fn members_are_in_the_order_of_the_source() {
    let text = describe([ShopServer::new(MyShop).info()]).to_string();
    let at = |name: &str| text.find(&format!("\"{name}\":")).unwrap();
    assert!(at("Id") < at("DisplayName") && at("DisplayName") < at("Alias"));
}
