//! Makes one file of the sources.
//!
//! The modules are ES modules, of which an editor, a type checker and a browser know what they are. In one file they
//! cannot import each other. So each becomes a function that is called at once and returns what the module exports,
//! and an import takes names out of that: the modules stand in an order in which this works.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::sources::{FRAME, MODULES, STYLES};

/// The page, and what its policy says of it.
#[derive(Debug)]
pub(super) struct Bundle {
    pub(super) html: String,
    /// The digest of the script, as a policy names it.
    pub(super) script: String,
    /// The digest of the style.
    pub(super) style: String,
    /// The digest of all.
    pub(super) digest: String,
}

pub(super) fn page() -> Bundle {
    let style = STYLES.iter().map(|(_, text)| *text).collect::<String>();
    let script: String = MODULES
        .iter()
        .map(|(name, text)| module(name, text))
        .collect();
    // As a browser reads it, whatever line ends the files have got.
    let (style, script) = (style.replace('\r', ""), script.replace('\r', ""));
    let html = FRAME.replace('\r', "");
    let html = html
        .replacen("STYLE", &style, 1)
        .replacen("SCRIPT", &script, 1);
    Bundle {
        script: digest(&script),
        style: digest(&style),
        digest: digest(&html),
        html,
    }
}

/// A digest as a policy names it.
pub(super) fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

/// A module as a function that is called at once.
fn module(name: &str, source: &str) -> String {
    let mut exports = Vec::new();
    let mut out = format!("const ${name} = (() => {{\n");
    for line in source.lines() {
        let exported = line.strip_prefix("export ");
        exports.extend(exported.map(declared));
        // Writing to a text cannot fail.
        let _ = match import(line) {
            Some((names, from)) => writeln!(out, "const {names} = ${from};"),
            None => writeln!(out, "{}", exported.unwrap_or(line)),
        };
    }
    let _ = writeln!(out, "return {{ {} }};\n}})();", exports.join(", "));
    out
}

/// The name that a declaration gives: `async function load(` gives `load`.
fn declared(declaration: &str) -> &str {
    let mut words = declaration.split(|c: char| !c.is_alphanumeric() && c != '_');
    let keywords = ["async", "function", "class", "const", ""];
    words
        .find(|word| !keywords.contains(word))
        .unwrap_or_default()
}

/// The names that a line imports, and the module that they come from.
fn import(line: &str) -> Option<(&str, &str)> {
    let (names, from) = line.strip_prefix("import ")?.split_once(" from \"./")?;
    Some((names, from.strip_suffix(".js\";")?))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn a_module_becomes_a_function() {
        let source = "import { h, fill } from \"./dom.js\";\n\nexport async function load() {}\nexport const A = 1;\nconst hidden = 2;\nexport class B {}\nexport function* each() {}\n";
        assert_eq!(
            module("x", source),
            "const $x = (() => {\nconst { h, fill } = $dom;\n\nasync function load() {}\nconst A = 1;\nconst hidden = 2;\n\
             class B {}\nfunction* each() {}\nreturn { load, A, B, each };\n})();\n"
        );
    }

    #[test]
    fn modules_import_only_what_is_below_them() {
        let mut below = BTreeSet::new();
        for (name, source) in MODULES {
            for line in source.lines().filter(|line| line.starts_with("import ")) {
                let (_, from) = import(line).unwrap_or_else(|| panic!("{name}: {line}"));
                assert!(
                    below.contains(from),
                    "{name}.js imports {from}.js, which is not below it"
                );
            }
            assert!(below.insert(*name), "{name}.js is there twice");
        }
    }

    /// Only what `module` knows: a name for each export, on the line of its declaration.
    #[test]
    fn exports_have_names() {
        for (name, source) in MODULES {
            for line in source
                .lines()
                .filter_map(|line| line.strip_prefix("export "))
            {
                let first = line.split(' ').next().unwrap();
                let known = ["async", "function", "function*", "class", "const"].contains(&first);
                assert!(
                    known && !declared(line).is_empty(),
                    "{name}.js: export {line}"
                );
            }
        }
    }

    #[test]
    fn every_file_is_in_the_page() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
        for (folder, files) in [
            (folder.join("code"), MODULES),
            (folder.join("style"), STYLES),
        ] {
            let known: BTreeSet<_> = files.iter().map(|(name, _)| (*name).to_owned()).collect();
            let there = fs::read_dir(&folder).unwrap().map(|entry| {
                let path = entry.unwrap().path();
                path.file_stem().unwrap().to_str().unwrap().to_owned()
            });
            assert_eq!(there.collect::<BTreeSet<_>>(), known, "{folder:?}");
        }
    }

    /// What would end the element that it stands in, or run beside the policy.
    #[test]
    fn the_page_is_whole() {
        let sources = MODULES.iter().chain(STYLES);
        for (name, source) in sources {
            for wrong in [
                "</script",
                "</style",
                "<!--",
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "eval(",
                "new Function",
            ] {
                assert!(!source.contains(wrong), "{name} has {wrong}");
            }
        }
        for wrong in ["onclick=", "onload=", "style=", "src=", "<base"] {
            assert!(!FRAME.contains(wrong), "index.html has {wrong}");
        }
    }
}
