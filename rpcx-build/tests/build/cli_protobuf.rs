//! `cargo rpcx` with protobuf files, and without the feature for them.

use super::cli::Package;

/// A package whose only service is in a protobuf file.
fn with_protobuf(test: &str) -> Package {
    let package = Package::new(test);
    let head =
        "[package]\nname = \"bank\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n\n";
    let table = "[package.metadata.rpcx]\nprotos = [\"service/a.proto\"]\nfull-names = true\nrust = \".\"\n";
    package.file("Cargo.toml", &format!("{head}{table}"));
    package.file("service/a.proto", "syntax = \"proto3\"; package a; service S { rpc F(M) returns (M); } message M { bool x = 1; }\n");
    package
}

#[cfg(feature = "proto")]
#[test]
fn protobuf_files_are_locked_and_generated() {
    let package = with_protobuf("protobuf");
    assert_eq!(package.run(&["lock"]).0, 0);
    assert!(package.read("rpcx.lock").contains("\"a.S\": {"));
    assert_eq!(package.run(&["gen"]), (0, String::new()));
    assert!(package.read("a.rs").contains("pub struct SClient"));
    let (text, table) = (package.read("service/a.proto"), package.read("Cargo.toml"));
    package.file(
        "service/a.proto",
        &text.replace("service S {", "service S { rpc W(stream M) returns (M);"),
    );
    let (code, said) = package.run(&["gen"]);
    assert!(code == 2 && said.contains("Streams::Skip"), "{said}");
    package.file("Cargo.toml", &format!("{table}skip-streams = true\n"));
    assert_eq!(package.run(&["gen"]), (0, String::new()));
    package.file("service/a.proto", &text);
    let text = package
        .read("service/a.proto")
        .replace("bool x", "string x");
    package.file("service/a.proto", &text);
    let (code, text) = package.run(&["check"]);
    assert_eq!(code, 1);
    assert!(
        text.starts_with(
            "WIRE FIELD_SAME_TYPE: the field `x` (1) of `a.M` was `bool` and is `string`\n"
        ),
        "{text}"
    );
}

#[cfg(not(feature = "proto"))]
#[test]
fn protobuf_files_need_their_feature() {
    let (code, text) = with_protobuf("no-protobuf").run(&["lock"]);
    assert_eq!(code, 2);
    assert_eq!(
        text,
        "error: service/a.proto: protobuf files need the feature `proto` of `rpcx-build`\n\n"
    );
}
