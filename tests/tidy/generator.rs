//! Which module of the generator's packages may name which.

use crate::layers::{modules, root_names};
use crate::source::Source;
use crate::{Finding, finding};

/// A package of the generator, whose modules stand in one order: a module names only those before it.
struct Package {
    root: &'static str,
    order: &'static [&'static str],
}

const PACKAGES: [Package; 4] = [
    Package {
        root: "rpcx-codegen/src/",
        order: &[
            "diagnostics",
            "model",
            "parse",
            "names",
            "check",
            "message",
            "expand",
            "service",
            "service_error",
            "file",
            "lines",
        ],
    },
    Package {
        root: "rpcx-schema/src/",
        order: &[
            "document",
            "go",
            "markdown",
            "openapi",
            "typescript",
            "lock",
            "import",
        ],
    },
    Package {
        root: "rpcx-build/src/",
        order: &[
            "error", "report", "watch", "outputs", "source", "lock", "proto", "import", "describe",
            "builder", "cli",
        ],
    },
    Package {
        root: "rpcx-macros/src/",
        order: &["debug"],
    },
];

/// Checks one file of the generator. `lib.rs` stands above all modules, programs above the library.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let package = PACKAGES
        .iter()
        .find(|package| source.path.starts_with(package.root));
    let Some(package) = package else {
        return Vec::new();
    };
    let modules = modules(&source.path[package.root.len()..]);
    let Some(&own) = modules.first().filter(|name| **name != "bin") else {
        return Vec::new();
    };
    // the module that stands in for one whose feature is off
    let own = own.strip_suffix("_off").unwrap_or(own);
    let place = |wanted: &str| package.order.iter().position(|name| *name == wanted);
    let Some(height) = place(own) else {
        let text = format!(
            "`{own}` has no place among the modules: add it to the order in tests/tidy/generator.rs"
        );
        return vec![finding(source, 0, text)];
    };
    let named = root_names(&source.code, modules.len()).into_iter();
    let wrong = named.filter_map(|(offset, name)| match place(&name) {
        Some(named) if named <= height => None,
        Some(_) => Some((offset, format!("`{own}` names `{name}`, which is above it"))),
        None => Some((
            offset,
            format!("`{own}` names `crate::{name}`: write the module that defines it"),
        )),
    });
    wrong
        .map(|(offset, text)| finding(source, offset, text))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        check(&Source::new(path, text))
    }

    #[test]
    fn the_generator_has_no_knots() {
        let text = "use crate::model::Service;\nuse crate::expand::service;";
        assert_eq!(
            found("rpcx-codegen/src/check.rs", text),
            ["rpcx-codegen/src/check.rs:2: `check` names `expand`, which is above it"]
        );
        assert_eq!(
            found(
                "rpcx-codegen/src/expand/client.rs",
                "use super::super::service;"
            )
            .len(),
            1
        );
        assert_eq!(
            found(
                "rpcx-schema/src/document/mod.rs",
                "fn f() { crate::lock::read() }"
            )
            .len(),
            1
        );
        assert_eq!(
            found("rpcx-build/src/lock.rs", "use crate::builder::configure;").len(),
            1
        );
        assert_eq!(
            found(
                "rpcx-build/src/proto_off.rs",
                "use crate::builder::Builder;"
            )
            .len(),
            1
        );
    }

    #[test]
    fn what_is_below_may_be_named() {
        let text = "use crate::{diagnostics::Diagnostics, model::Method};\nuse super::arguments;";
        assert_eq!(found("rpcx-codegen/src/expand/client.rs", text), [""; 0]);
        let text = "use rpcx_codegen::model::Service;\nuse crate::document::Ty;";
        assert_eq!(found("rpcx-schema/src/go/names.rs", text), [""; 0]);
        assert_eq!(
            found("rpcx-build/src/lib.rs", "pub use builder::Builder;"),
            [""; 0]
        );
        assert_eq!(
            found(
                "rpcx-build/src/bin/cargo-rpcx.rs",
                "use rpcx_build::cli::run;"
            ),
            [""; 0]
        );
        assert_eq!(
            found("examples/from-trait/build.rs", "use crate::x::Y;"),
            [""; 0]
        );
    }

    #[test]
    fn new_modules_need_a_place_and_the_root_is_no_way_around() {
        assert!(found("rpcx-schema/src/extra.rs", "")[0].contains("no place among the modules"));
        assert_eq!(
            found("rpcx-build/src/lock.rs", "use crate::Error;"),
            [
                "rpcx-build/src/lock.rs:1: `lock` names `crate::Error`: write the module that defines it"
            ]
        );
    }
}
