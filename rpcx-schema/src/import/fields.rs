//! The fields of a Go struct that travel, with their names on the wire.

use super::package::Package;
use super::parse_type::base_name;
use super::syntax::{Field, Type, TypeKind};
use super::{At, Remarks};

/// How deep structs are embedded in each other at most.
const DEPTH: usize = 10;

/// A field that travels.
#[derive(Clone, Debug)]
pub(super) struct Wired<'a> {
    /// The name in Go.
    pub(super) name: &'a str,
    /// The name in msgpack.
    pub(super) wire: String,
    /// The name in JSON where it is another one, and `-` where the field is not in JSON.
    pub(super) json: Option<String>,
    pub(super) at: At,
    pub(super) docs: &'a str,
    pub(super) ty: &'a Type,
}

/// Names and options of a field in one codec.
struct Tag {
    name: String,
    options: Vec<String>,
}

impl Tag {
    /// Reads `key:"name,option"` in the tag of a field.
    fn of(tag: &str, key: &str) -> Self {
        let text = value(tag, key).unwrap_or_default();
        let mut parts = text.split(',').map(|part| part.trim().to_owned());
        Self {
            name: parts.next().unwrap_or_default(),
            options: parts.collect(),
        }
    }

    fn has(&self, option: &str) -> bool {
        self.options
            .iter()
            .any(|own| own.split(':').next() == Some(option))
    }
}

/// The value of a key in a tag.
fn value(tag: &str, key: &str) -> Option<String> {
    let mut rest = tag.trim_start();
    while let Some((name, after)) = rest.split_once(":\"") {
        let mut escaped = false;
        let end = after.find(|c: char| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        })?;
        if name.trim() == key {
            return Some(after[..end].replace("\\\"", "\""));
        }
        rest = after[end + 1..].trim_start();
    }
    None
}

/// All fields that travel, those of embedded structs in their places.
pub(super) fn wired<'a>(
    fields: &'a [Field],
    package: &Package<'a>,
    remarks: &mut Remarks,
) -> Vec<Wired<'a>> {
    let mut out: Vec<Wired<'_>> = Vec::new();
    collect(fields, package, &mut out, remarks, DEPTH);
    let mut kept: Vec<Wired<'_>> = Vec::new();
    for field in out {
        if kept.iter().any(|earlier| earlier.wire == field.wire) {
            let text = format!(
                "two fields have the name `{}` on the wire, one of them from an embedded struct; the first one is kept\n\
                 help: rename one with a tag, or name the embedded field",
                field.wire
            );
            remarks.leave_out(field.at, text);
        } else {
            kept.push(field);
        }
    }
    kept
}

/// The option by which a struct travels as a list without names.
pub(super) fn list_option(field: &Field) -> Option<&'static str> {
    let tag = Tag::of(&field.tag, "msgpack");
    ["as_array", "asArray"]
        .into_iter()
        .find(|option| tag.has(option))
}

/// What protoc writes into its structs beside the fields of the message.
fn is_of_protoc(field: &Field) -> bool {
    let is_state = match &field.ty.kind {
        TypeKind::Named {
            package: Some(package),
            ..
        } => package == "protoimpl",
        _ => false,
    };
    is_state || field.name.starts_with("XXX_")
}

fn collect<'a>(
    fields: &'a [Field],
    package: &Package<'a>,
    out: &mut Vec<Wired<'a>>,
    remarks: &mut Remarks,
    depth: usize,
) {
    for field in fields {
        let (msgpack, mut json) = (Tag::of(&field.tag, "msgpack"), Tag::of(&field.tag, "json"));
        if msgpack.name == "-" || is_of_protoc(field) {
            continue;
        }
        options(field, &msgpack, &json, remarks);
        if field.embedded
            && !msgpack.has("noinline")
            && embedded(field, package, out, remarks, depth)
        {
            if !json.name.is_empty() {
                let text = format!(
                    "in JSON Go treats the embedded `{}` by its own tag; here its fields stand by themselves",
                    field.name
                );
                remarks.note(field.at, text);
            }
            continue;
        }
        let exported = field.name.chars().next().is_some_and(char::is_uppercase);
        if !exported {
            if field.name != "_" && field.name != "_msgpack" {
                let text = format!(
                    "the field `{}` is not exported, so it does not travel",
                    field.name
                );
                remarks.note(field.at, text);
            }
            continue;
        }
        let or_own = |name: &str| match name {
            "" => field.name.clone(),
            name => name.to_owned(),
        };
        let wire = or_own(&msgpack.name);
        if field.embedded && msgpack.has("noinline") && json.name.is_empty() {
            let text = format!(
                "in JSON Go sends the fields of the embedded `{}` without it; here they stay in it",
                field.name
            );
            remarks.note(field.at, text);
            json.name.clone_from(&wire);
        }
        let json = or_own(&json.name);
        out.push(Wired {
            name: &field.name,
            json: (json != wire).then_some(json),
            wire,
            at: field.at,
            docs: &field.docs,
            ty: &field.ty,
        });
    }
}

/// Options that change the form on the wire.
fn options(field: &Field, msgpack: &Tag, json: &Tag, remarks: &mut Remarks) {
    for option in ["intern", "alias"] {
        if msgpack.has(option) {
            let text = format!("the option `{option}` of a msgpack tag has no form here");
            remarks.note(field.at, text);
        }
    }
    if json.has("string") {
        let text = format!(
            "in JSON the field `{}` travels as a string because of its tag, which has no form here",
            field.name
        );
        remarks.note(field.at, text);
    }
}

/// Adds the fields of an embedded struct, if it is one.
fn embedded<'a>(
    field: &'a Field,
    package: &Package<'a>,
    out: &mut Vec<Wired<'a>>,
    remarks: &mut Remarks,
    depth: usize,
) -> bool {
    let target = match &field.ty.kind {
        TypeKind::Pointer(inner) => inner,
        _ => &field.ty,
    };
    let TypeKind::Named {
        package: from,
        name,
        ..
    } = &target.kind
    else {
        return false;
    };
    if from.as_deref() == Some("sync") {
        // a lock, which has no exported fields
        return true;
    }
    let Some(TypeKind::Struct(fields)) = package
        .find(from.as_deref(), name)
        .map(|found| &package.underlying(&found.ty).kind)
    else {
        return false;
    };
    if depth == 0 {
        let text = format!(
            "the struct `{}` is embedded too deeply",
            base_name(&field.ty)
        );
        remarks.leave_out(field.at, text);
        return true;
    }
    collect(fields, package, out, remarks, depth - 1);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read() {
        let tag = "json:\"a\\\"b,omitempty\"  msgpack:\",noinline\" x:\"";
        assert_eq!(Tag::of(tag, "json").name, "a\"b");
        assert!(Tag::of(tag, "json").has("omitempty"));
        assert_eq!(Tag::of(tag, "msgpack").name, "");
        assert!(Tag::of(tag, "msgpack").has("noinline"));
        assert_eq!(Tag::of(tag, "y").name, "");
    }
}
