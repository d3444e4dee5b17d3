//! What the services of `.proto` files promise, for the lock file.

use std::collections::HashMap;

use prost_build::Service;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::method_options::IdempotencyLevel;
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet};
use rpcx_schema::lock::{Lock, MessageField, MessageType, Reserve, Rpc};

use super::names;
use super::places::full_name;

/// The services so far.
#[derive(Debug, Default)]
pub(super) struct Promises {
    pub(super) lock: Lock,
    /// Services that cannot stand in one lock file.
    pub(super) mistakes: Vec<String>,
}

/// Adds a service under its path; its names travel where it has all codecs.
pub(super) fn service(promises: &mut Promises, path: &str, service: &Service, all_codecs: bool) {
    let rpcs = service.methods.iter().map(|rpc| Rpc {
        name: names::go(&rpc.proto_name),
        function: names::method(&rpc.name),
        request: rpc.input_proto_type.clone(),
        reply: rpc.output_proto_type.clone(),
        idempotent: match rpc.options.idempotency_level() {
            IdempotencyLevel::IdempotencyUnknown => false,
            IdempotencyLevel::NoSideEffects | IdempotencyLevel::Idempotent => true,
        },
    });
    if !promises
        .lock
        .add_service(path, &service.name, rpcs.collect(), all_codecs)
    {
        promises.mistakes.push(format!(
            "two services of protobuf files have one path, `{path}`, and a lock file tells them apart by that\n\
             help: use `full_names(true)`, or give one of them another name"
        ));
    }
}

/// Adds all messages and enums of these files.
pub(super) fn messages(lock: &mut Lock, set: &FileDescriptorSet) {
    for file in &set.file {
        for message in &file.message_type {
            self::message(lock, file.package(), message);
        }
        for found in &file.enum_type {
            enumeration(lock, file.package(), found);
        }
    }
}

fn enumeration(lock: &mut Lock, outer: &str, found: &EnumDescriptorProto) {
    let values = found.value.iter();
    let values = values.map(|value| (value.number(), value.name().to_owned()));
    let ranges = found.reserved_range.iter();
    let reserve = Reserve {
        // those of enums end with their last number
        numbers: ranges.map(|range| (range.start(), range.end())).collect(),
        names: found.reserved_name.clone(),
    };
    lock.add_enum(&full_name(outer, found.name()), values, reserve);
}

fn message(lock: &mut Lock, outer: &str, found: &DescriptorProto) {
    let name = full_name(outer, found.name());
    // `map<..>` stands in a descriptor as a message of its own
    let mut maps = HashMap::new();
    for inner in &found.nested_type {
        if inner
            .options
            .as_ref()
            .is_some_and(|options| options.map_entry())
        {
            maps.insert(format!(".{name}.{}", inner.name()), inner);
        } else {
            message(lock, &name, inner);
        }
    }
    for inner in &found.enum_type {
        enumeration(lock, &name, inner);
    }
    let fields = found.field.iter().map(|field| MessageField {
        number: field.number(),
        name: field.name().to_owned(),
        ty: ty(field, &maps),
        required: field.label() == Label::Required,
        // proto2 has one for every field
        optional: field.proto3_optional(),
        oneof: oneof(field, found),
        default: field.default_value.clone(),
    });
    let ranges = found.reserved_range.iter();
    let reserve = Reserve {
        // those of messages end behind their last number
        numbers: ranges
            .map(|range| (range.start(), range.end() - 1))
            .collect(),
        names: found.reserved_name.clone(),
    };
    lock.add_message(&name, fields.collect(), reserve);
}

/// The `oneof` of a field; that of an `optional` one is none of the file.
fn oneof(field: &FieldDescriptorProto, message: &DescriptorProto) -> Option<String> {
    let index = usize::try_from(field.oneof_index?).ok()?;
    let found = message
        .oneof_decl
        .get(index)
        .filter(|_| !field.proto3_optional());
    found.map(|oneof| oneof.name().to_owned())
}

fn ty(field: &FieldDescriptorProto, maps: &HashMap<String, &DescriptorProto>) -> MessageType {
    if let Some(entry) = maps.get(field.type_name())
        && let [key, value] = &entry.field[..]
    {
        return MessageType::Map(one(key).into(), one(value).into());
    }
    match field.label() {
        Label::Repeated => MessageType::List(one(field).into()),
        Label::Optional | Label::Required => one(field),
    }
}

fn one(field: &FieldDescriptorProto) -> MessageType {
    MessageType::Scalar(match field.r#type() {
        Type::Group => return MessageType::Group(field.type_name().to_owned()),
        Type::Message | Type::Enum => {
            return MessageType::Named(field.type_name().to_owned());
        }
        Type::Double => "double",
        Type::Float => "float",
        Type::Int64 => "int64",
        Type::Uint64 => "uint64",
        Type::Int32 => "int32",
        Type::Uint32 => "uint32",
        Type::Fixed64 => "fixed64",
        Type::Fixed32 => "fixed32",
        Type::Sfixed64 => "sfixed64",
        Type::Sfixed32 => "sfixed32",
        Type::Sint64 => "sint64",
        Type::Sint32 => "sint32",
        Type::Bool => "bool",
        Type::String => "string",
        Type::Bytes => "bytes",
    })
}
