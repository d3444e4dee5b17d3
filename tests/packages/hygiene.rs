//! Generated code among the names, lints and editions of others.

use std::process::Command;

use super::workspace::Workspace;

const MACROS: &str = "[dependencies]\nrpcx = { path = \"ROOT\" }\n";

/// A workspace of one library.
fn library(name: &str, edition: u16, manifest: &str, source: &str) -> Workspace {
    let workspace = Workspace::new(name, &[name]);
    workspace
        .package(name, edition, manifest)
        .file(&format!("{name}/src/lib.rs"), source);
    workspace
}

fn checks(name: &str, edition: u16, manifest: &str, source: &str) {
    let workspace = library(name, edition, manifest, source);
    let said = workspace.passes(&["check"]);
    assert!(!said.contains("warning"), "{said}");
}

#[test]
fn every_edition_with_async() {
    for edition in [2018, 2021, 2024] {
        let source = include_str!("hygiene/every_form.rs");
        checks(&format!("edition{edition}"), edition, MACROS, source);
    }
}

#[test]
fn no_prelude_and_names_of_std_that_mean_something_else() {
    let source = include_str!("hygiene/shadowed.rs");
    checks("shadowed", 2021, MACROS, source);
}

#[test]
fn a_renamed_dependency() {
    let manifest = "[dependencies]\nremote = { package = \"rpcx\", path = \"ROOT\" }\n";
    let source = include_str!("hygiene/renamed.rs");
    checks("renamed", 2024, manifest, source);
}

/// clippy belongs to the toolchain of most; without it there is nothing to run.
fn has_clippy() -> bool {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(["clippy", "--version"]).output();
    let found = output.is_ok_and(|output| output.status.success());
    if !found {
        let required = std::env::var("RPCX_UI").is_ok_and(|value| value == "required");
        assert!(!required, "RPCX_UI=required, but there is no clippy");
        println!("skipped: no clippy");
    }
    found
}

#[test]
fn the_strictest_lints() {
    let source = include_str!("hygiene/strict.rs");
    let workspace = library("strict", 2024, MACROS, source);
    workspace.passes(&["check"]);
    if has_clippy() {
        workspace.passes(&["clippy"]);
    }
}

#[test]
fn the_strictest_lints_would_find_something() {
    if !has_clippy() {
        return;
    }
    let source = include_str!("hygiene/strict.rs");
    let more = "/// Pedants want an attribute here.\npub fn f() -> u8 {\n    1\n}\n";
    let workspace = library("too_lax", 2024, MACROS, &format!("{source}{more}"));
    let said = workspace.cargo(&["clippy"], &[]);
    assert!(
        !said.success && said.text.contains("clippy::must_use_candidate"),
        "{}",
        said.text
    );
}

/// The facade under another name, without macros, and under lints that say where generated code ends.
#[test]
fn code_of_a_build_script_with_a_renamed_dependency() {
    let manifest = "[dependencies]\n\
        remote = { package = \"rpcx\", path = \"ROOT\", default-features = false, features = [\"tcp\", \"msgpack\", \"json\", \"gzip\"] }\n\
        [build-dependencies]\nrpcx-build = { path = \"ROOT/rpcx-build\" }\n";
    let workspace = library(
        "included",
        2024,
        manifest,
        include_str!("hygiene/included.rs"),
    );
    workspace
        .file("included/build.rs", include_str!("hygiene/build.rs"))
        .file(
            "included/service/arith.rs",
            include_str!("hygiene/arith.rs"),
        );
    let said = workspace.passes(&["check"]);
    assert!(!said.contains("warning"), "{said}");
    if has_clippy() {
        workspace.passes(&["clippy"]);
    }
}
