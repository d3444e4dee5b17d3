//! The rules of the house, checked by plain `cargo test`: layers, sizes, names, leftovers.
//!
//! Every finding is one line, `file:line: message`, and all are reported at once.

#[path = "tidy/docs.rs"]
mod docs;
#[path = "tidy/generator.rs"]
mod generator;
#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/rules.rs"]
mod rules;
#[path = "tidy/self_test.rs"]
mod self_test;
#[path = "tidy/source.rs"]
mod source;

use std::fs;
use std::path::Path;

use source::Source;

/// What is wrong, ready to print.
type Finding = String;

fn finding(source: &Source, offset: usize, message: String) -> Finding {
    format!("{}:{}: {message}", source.path, source.line(offset))
}

/// Files whose text is looked at beside the Rust sources.
const TEXTS: [&str; 12] = [
    "md", "toml", "go", "txt", "sh", "stderr", "mod", "proto", "py", "js", "css", "html",
];

/// Folders that hold nothing we wrote.
const FOREIGN: [&str; 5] = ["target", ".git", "corpus", "artifacts", "node_modules"];

#[test]
fn the_tree_is_tidy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    collect(root, root, &mut sources);
    assert!(
        sources
            .iter()
            .any(|source| source.path == "rpcx-runtime/src/lib.rs"),
        "wrong root"
    );
    let mut findings: Vec<_> = sources.iter().flat_map(check).collect();
    findings.sort();
    assert!(
        findings.is_empty(),
        "{} findings\n{}\n",
        findings.len(),
        findings.join("\n")
    );
}

fn check(source: &Source) -> Vec<Finding> {
    if !source.path.ends_with(".rs") {
        let mut found = rules::machine_paths(source);
        found.extend(docs::check(source));
        return found;
    }
    let mut found = rules::check(source);
    found.extend(docs::check(source));
    found.extend(layers::check(source));
    found.extend(generator::check(source));
    found
}

fn collect(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    for entry in entries {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            if !FOREIGN.contains(&name.as_str()) {
                collect(root, &path, sources);
            }
        } else if is_text(&path) {
            let relative = path.strip_prefix(root).unwrap();
            let parts: Vec<_> = relative.iter().map(|part| part.to_str().unwrap()).collect();
            let text =
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
            sources.push(Source::new(&parts.join("/"), &text));
        }
    }
}

fn is_text(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| extension == "rs" || TEXTS.contains(&extension))
        || path.ends_with(".ci/run")
}
