//! What protoc-gen-go calls the fields of a struct.

use std::collections::HashMap;

use prost_build::Config;
use prost_types::{DescriptorProto, FileDescriptorSet};

use super::MARK;
use crate::proto::names::go;
use crate::proto::places::full_name;

/// Functions that every generated struct has, so that no field is called like one.
const METHODS: [&str; 8] = [
    "Reset",
    "String",
    "ProtoMessage",
    "Marshal",
    "Unmarshal",
    "ExtensionRangeArray",
    "ExtensionMap",
    "Descriptor",
];

/// Puts an attribute with its names above every field.
pub(in crate::proto) fn attributes(set: &FileDescriptorSet, config: &mut Config) {
    for file in &set.file {
        for found in &file.message_type {
            message(found, file.package(), config);
        }
    }
}

fn message(found: &DescriptorProto, outer: &str, config: &mut Config) {
    let name = full_name(outer, found.name());
    for inner in &found.nested_type {
        message(inner, &name, config);
    }
    for field in fields(found) {
        let outer = match &field.oneof {
            Some(oneof) => full_name(&name, oneof),
            None => name.clone(),
        };
        let path = format!(".{}", full_name(&outer, &field.proto));
        let Field { go, json, kept, .. } = field;
        // the path tells the attribute from those that prost repeats for what is nested below it
        let attribute = format!("#[{MARK}({path:?}, {go:?}, {json:?}, {kept})]");
        config.field_attribute(&path, attribute);
    }
}

/// A field of a struct of Go.
#[derive(Debug, PartialEq, Eq)]
struct Field {
    /// In the `.proto` file.
    proto: String,
    /// In Go, and in msgpack.
    go: String,
    /// In JSON.
    json: String,
    /// Has no `omitempty`.
    kept: bool,
    /// The `oneof` that it is in, which is a level of the path by which prost knows it.
    oneof: Option<String>,
}

/// The fields of a message and its `oneof`s. Go's rules: a field is renamed until neither it nor its getter is
/// called as something before it; a `oneof` is named when its first field is.
fn fields(found: &DescriptorProto) -> Vec<Field> {
    let mut used: HashMap<String, bool> = HashMap::new();
    for method in METHODS {
        used.insert(method.to_owned(), true);
    }
    let mut unique = |mut name: String, getter: bool| {
        let taken = |name: &String| used.get(name).copied().unwrap_or(false);
        while taken(&name) || (getter && taken(&format!("Get{name}"))) {
            name.push('_');
        }
        used.insert(name.clone(), true);
        used.insert(format!("Get{name}"), getter);
        name
    };
    let mut named = vec![false; found.oneof_decl.len()];
    let mut out = Vec::new();
    for field in &found.field {
        let name = unique(go(field.name()), true);
        let index = field
            .oneof_index
            .and_then(|index| usize::try_from(index).ok());
        let index = index.filter(|place| *place < named.len());
        let oneof = index.filter(|_| !field.proto3_optional());
        if let Some(place) = index
            && let Some(first) = named.get_mut(place).filter(|named| !**named)
        {
            *first = true;
            let proto = found.oneof_decl[place].name();
            let name = unique(go(proto), false);
            if oneof.is_some() {
                out.push(Field {
                    proto: proto.to_owned(),
                    json: name.clone(),
                    go: name,
                    kept: true,
                    oneof: None,
                });
            }
        }
        out.push(Field {
            proto: field.name().to_owned(),
            // the structs around the fields of a oneof have no tags
            json: match oneof {
                Some(_) => name.clone(),
                None => field.name().to_owned(),
            },
            go: name,
            kept: false,
            oneof: oneof.map(|place| found.oneof_decl[place].name().to_owned()),
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use prost_types::{FieldDescriptorProto, OneofDescriptorProto};

    use super::*;

    fn names(given: &[(&str, Option<i32>)], oneofs: &[&str]) -> Vec<String> {
        let field = |(name, oneof): &(&str, Option<i32>)| FieldDescriptorProto {
            name: Some((*name).to_owned()),
            oneof_index: *oneof,
            ..Default::default()
        };
        let oneof = |name: &&str| OneofDescriptorProto {
            name: Some((*name).to_owned()),
            ..Default::default()
        };
        let message = DescriptorProto {
            field: given.iter().map(field).collect(),
            oneof_decl: oneofs.iter().map(oneof).collect(),
            ..Default::default()
        };
        let all = fields(&message).into_iter();
        all.map(|field| format!("{}={}/{}", field.proto, field.go, field.json))
            .collect()
    }

    #[test]
    fn as_protoc_gen_go_has_them() {
        let plain = names(
            &[("user_name", None), ("userID", None), ("reset", None)],
            &[],
        );
        assert_eq!(
            plain,
            [
                "user_name=UserName/user_name",
                "userID=UserID/userID",
                "reset=Reset_/reset"
            ]
        );
        // a field is not called like the getter of another, nor its getter like a field
        let getters = names(
            &[("a", None), ("get_a", None), ("get_b", None), ("b", None)],
            &[],
        );
        assert_eq!(
            getters,
            ["a=A/a", "get_a=GetA_/get_a", "get_b=GetB/get_b", "b=B_/b"]
        );
        let oneof = names(
            &[("id", None), ("mail", Some(0)), ("phone", Some(0))],
            &["contact"],
        );
        assert_eq!(
            oneof,
            [
                "id=Id/id",
                "contact=Contact/Contact",
                "mail=Mail/Mail",
                "phone=Phone/Phone"
            ]
        );
    }
}
