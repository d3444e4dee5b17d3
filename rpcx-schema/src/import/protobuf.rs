//! Go that protoc has written, and the codec that clients in the files say.

use std::collections::BTreeSet;

use super::Remarks;
use super::lexer::Token;
use super::package::Package;
use super::syntax::{Field, File, TypeKind};

/// What serialize types of Go are called, and what to do for them in Rust.
const CODECS: [(&str, &str); 4] = [
    (
        "ProtoBuffer",
        "a client here uses protobuf, which the trait below does not speak\nhelp: make the services of the `.proto` file with `.proto(\"..\", [\"..\"])` in a build script, as protoc-gen-rpcx names them",
    ),
    (
        "JSON",
        "a client here uses JSON: a channel in Rust is told so with `.codec(rpcx::Codec::JSON)`; servers answer both",
    ),
    (
        "Thrift",
        "a client here uses thrift, which the trait below does not speak\nhelp: generate the messages from the `.thrift` file, and write `#[rpcx::service(codec = \"thrift\")]`",
    ),
    (
        "SerializeNone",
        "a client here sends bytes as they are: methods of bytes answer it, and `#[rpcx(codec = \"raw\")]` limits them to that",
    ),
];

pub(super) fn remarks(package: &Package<'_>, remarks: &mut Remarks) {
    for file in package.files {
        generated(file, remarks);
        let mut said = BTreeSet::new();
        for function in &file.functions {
            for (name, text) in CODECS {
                if let Some(token) = chosen(&function.body, name).filter(|_| said.insert(name)) {
                    remarks.note(token.at, text);
                }
            }
        }
    }
}

/// Where `SerializeType` is set to this one: `option.SerializeType = protocol.JSON`.
fn chosen<'a>(body: &'a [Token], name: &str) -> Option<&'a Token> {
    let found = body.windows(5).find(|window| {
        window[0].is("SerializeType")
            && (window[1].is("=") || window[1].is(":"))
            && window[3].is(".")
            && window[4].is(name)
    });
    found.map(|window| &window[0])
}

/// Structs that protoc has written stand for messages of a `.proto` file.
fn generated(file: &File, remarks: &mut Remarks) {
    let of_protoc = |field: &Field| field.tag.contains("protobuf:\"");
    let mut messages = file.types.iter().filter(|found| match &found.ty.kind {
        TypeKind::Struct(fields) => fields.iter().any(of_protoc),
        _ => false,
    });
    let Some(first) = messages.next() else { return };
    let source = file
        .docs
        .lines()
        .find_map(|line| line.trim().strip_prefix("source: "));
    let source = source.map_or_else(
        || "the `.proto` file".to_owned(),
        |name| format!("`{name}`"),
    );
    let text = format!(
        "protoc has made `{}` and the other messages of this file; here they travel as msgpack and JSON\nhelp: for protobuf make them of {source} with `.proto(\"..\", [\"..\"])` in a build script, and with `.all_codecs(true)` for all three codecs",
        first.name
    );
    remarks.note(first.at, text);
}
