//! The text of Go's package `reflection`: types and methods of a service in something like Go.
//!
//! Go writes `type (s *Arith) Mul(..)` where `func` is meant, and its tools look for that.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::document::{Described, DescribedMethod, DescribedService};
use crate::schema::Json;

/// The package that the types of a Rust program are in.
const PACKAGE: &str = "package main\n\n";

/// All services in one text.
pub(super) fn services(described: &Described) -> String {
    let types = Types::of(described);
    let each = described.services.iter();
    let texts: String = each.map(|service| text(service, &types)).collect();
    format!("{PACKAGE}{texts}")
}

/// The service with this path.
pub(super) fn service(described: &Described, path: &str) -> Option<String> {
    let found = described.services.iter().find(|one| one.path == path)?;
    Some(format!("{PACKAGE}{}", text(found, &Types::of(described))))
}

fn text(service: &DescribedService, types: &Types) -> String {
    // a path may have dots, a type of Go cannot
    let name: String = service
        .path
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '_' })
        .collect();
    let mut out = format!("type {name} struct{{}}\n\n");
    let mut written = BTreeSet::new();
    for method in &service.methods {
        let (args, reply) = types.of_method(method);
        types.write(&args, &mut written, &mut out);
        types.write(&reply, &mut written, &mut out);
        let (args, reply) = (types.name(&args, 0), types.name(&reply, 0));
        let method = method.info.name();
        // Writing to a text cannot fail.
        let _ = write!(
            out,
            "type (s *{name}) {method}(ctx context.Context, arg *{args}, reply *{reply}) error {{\n\treturn nil\n}}\n\n"
        );
    }
    out
}

/// The types of all services, by name.
struct Types {
    resolved: crate::schema::Resolved,
}

impl Types {
    fn of(described: &Described) -> Self {
        Self {
            resolved: described.schemas.finish(""),
        }
    }

    /// The schemas of arguments and reply, with names.
    fn of_method(&self, method: &DescribedMethod) -> (Json, Json) {
        let reply = method.reply.clone().unwrap_or_else(Json::object);
        let args = self.resolved.resolve(&method.args);
        let args = match args.get("properties") {
            // Arguments that are a map have no type, and Go has to name one.
            Some(_) if args.get("title").is_none() => {
                let title = format!("{}Args", method.info.name());
                args.with("title", title)
            }
            _ => args,
        };
        (args, self.resolved.resolve(&reply))
    }

    /// Writes the definitions of a type and of those in it, each once.
    fn write(&self, schema: &Json, written: &mut BTreeSet<String>, out: &mut String) {
        let name = self.name(schema, 0);
        let body = match schema.get("$ref") {
            Some(_) => self.resolved.definitions.get(reference(schema)),
            None => schema.get("properties").map(|_| schema),
        };
        for inner in inner(schema) {
            self.write(inner, written, out);
        }
        let Some(body) = body else { return };
        if !written.insert(name.clone()) {
            return;
        }
        let Some(properties) = body.get("properties") else {
            let _ = write!(out, "type {name} {}\n\n", self.name(body, 0));
            return;
        };
        let _ = writeln!(out, "type {name} struct {{");
        for (field, schema) in properties.members() {
            let _ = writeln!(out, "\t{field} {}", self.name(schema, 0));
        }
        let _ = write!(out, "}}\n\n");
        for (_, schema) in properties.members() {
            self.write(schema, written, out);
        }
    }

    /// The type of Go that a schema is about.
    fn name(&self, schema: &Json, depth: usize) -> String {
        if schema.get("$ref").is_some() {
            return reference(schema).replace('.', "_");
        }
        let text = |name: &str| schema.get(name).and_then(Json::as_str);
        let kind = text("type").or_else(|| schema.get("type")?.items().first()?.as_str());
        let of = |inner: Option<&Json>| match inner {
            Some(inner) if depth < 16 => self.name(inner, depth + 1),
            _ => "any".to_owned(),
        };
        let name = match (kind, text("format")) {
            (Some("boolean"), _) => "bool",
            (Some("string"), Some("date-time")) => "time.Time",
            (Some("string"), _) if schema.get("contentEncoding").is_some() => "[]byte",
            (Some("string"), _) => "string",
            (Some("integer"), Some(format)) => return format.to_owned(),
            (Some("integer"), None) => "int64",
            (Some("number"), Some("float")) => "float32",
            (Some("number"), _) => "float64",
            (Some("array"), _) => return format!("[]{}", of(schema.get("items"))),
            (Some("object"), _) if schema.get("properties").is_some() => {
                return text("title").unwrap_or("any").to_owned();
            }
            (Some("object"), _) => {
                return format!("map[string]{}", of(schema.get("additionalProperties")));
            }
            _ => match schema.get("anyOf") {
                Some(all) => return format!("*{}", of(all.items().first())),
                None => "any",
            },
        };
        name.to_owned()
    }
}

fn reference(schema: &Json) -> &str {
    schema.get("$ref").and_then(Json::as_str).unwrap_or("any")
}

/// The schemas that a type of Go is made of, beside those of its fields.
fn inner(schema: &Json) -> impl Iterator<Item = &Json> {
    let one = ["items", "additionalProperties"];
    let one = one.into_iter().filter_map(|name| schema.get(name));
    one.chain(schema.get("anyOf").into_iter().flat_map(Json::items))
}
