//! Which layer of the runtime may name which.

use crate::source::{Source, is_word};
use crate::{Finding, finding};

/// The layers, bottom first: a layer names only those before it.
const ORDER: [&str; 24] = [
    "sync",
    "task",
    "seldom",
    "pace",
    "error",
    "address",
    "event",
    "protocol",
    "codec",
    "schema",
    "descriptor",
    "context",
    "layer",
    "service",
    "reflection",
    "transport",
    "connection",
    "dispatch",
    "discovery",
    "client",
    "server",
    "gateway",
    "in_process",
    "telemetry",
];

/// What the order would allow and the design does not.
const APART: [(&str, &str, &str); 3] = [
    ("server", "client", "what both need belongs below both"),
    ("transport", "protocol", "a byte stream never sees a frame"),
    ("transport", "codec", "a byte stream never sees a value"),
];

/// Layers that run without a runtime.
const WITHOUT_TOKIO: [&str; 2] = ["protocol", "codec"];

const ROOT: &str = "rpcx-runtime/src/";

/// Checks one file of the runtime. `lib.rs` and `private.rs`, the door for generated code, stand
/// above all layers.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let Some(path) = source.path.strip_prefix(ROOT) else {
        return Vec::new();
    };
    let modules = modules(path);
    let Some(&layer) = modules.first() else {
        return Vec::new();
    };
    if layer == "private" {
        return Vec::new();
    }
    let mut found = Vec::new();
    if !ORDER.contains(&layer) {
        let text = format!(
            "`{layer}` has no place among the layers: add it to the order in tests/tidy/layers.rs"
        );
        found.push(finding(source, 0, text));
        return found;
    }
    for (offset, name) in root_names(&source.code, modules.len()) {
        if let Some(wrong) = judge(layer, &name) {
            found.push(finding(source, offset, wrong));
        }
    }
    if layer != "sync" {
        for offset in words(&source.code, "PoisonError") {
            let text = "a lock is taken with `crate::sync::lock`".to_owned();
            found.push(finding(source, offset, text));
        }
    }
    if WITHOUT_TOKIO.contains(&layer) {
        for offset in words(&source.code, "tokio") {
            found.push(finding(source, offset, format!("`{layer}` names tokio")));
        }
    }
    found
}

/// The modules around the code of a file: `protocol/compress/gzip.rs` is in three.
pub(crate) fn modules(path: &str) -> Vec<&str> {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    let mut parts: Vec<_> = stem.split('/').collect();
    if matches!(parts.last(), Some(&("mod" | "lib"))) {
        parts.pop();
    }
    parts
}

fn judge(layer: &str, name: &str) -> Option<String> {
    let place = |wanted: &str| ORDER.iter().position(|layer| *layer == wanted);
    if name.starts_with(char::is_uppercase) || name == "*" {
        return Some(format!(
            "`crate::{name}`: write the module that defines it, not the crate root"
        ));
    }
    let Some(named) = place(name) else {
        return Some(format!(
            "`{layer}` names `crate::{name}`, which is no layer"
        ));
    };
    if let Some((_, _, why)) = APART.iter().find(|(a, b, _)| *a == layer && *b == name) {
        return Some(format!("`{layer}` names `{name}`: {why}"));
    }
    let own = place(layer)?;
    (named > own).then(|| format!("`{layer}` names `{name}`, which is above it"))
}

/// Every name that a path takes from the crate root, with its offset.
pub(crate) fn root_names(code: &str, depth: usize) -> Vec<(usize, String)> {
    let up = "super::".repeat(depth);
    let from_root = words(code, "crate").filter_map(|at| Some((at, after(code, at, "crate::")?)));
    let from_below = words(code, "super")
        .filter(|at| !code[..*at].ends_with("super::"))
        .filter_map(|at| Some((at, after(code, at, &up)?)));
    let paths: Vec<_> = from_root.chain(from_below).collect();
    paths
        .into_iter()
        .flat_map(|(at, rest)| heads(rest).into_iter().map(move |name| (at, name)))
        .collect()
}

/// What follows `prefix` at `at`. A `super` behind it would be one too many to compile.
fn after<'a>(code: &'a str, at: usize, prefix: &str) -> Option<&'a str> {
    code[at..].strip_prefix(prefix)
}

/// The first name of a path, or of each path in a group.
fn heads(rest: &str) -> Vec<String> {
    let Some(group) = rest.trim_start().strip_prefix('{') else {
        return vec![head(rest)];
    };
    let (mut depth, mut names, mut start) = (0, Vec::new(), 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.push(head(&group[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty() && name != "self");
    names
}

fn head(path: &str) -> String {
    let path = path.trim_start();
    match path.starts_with('*') {
        true => "*".to_owned(),
        false => path.chars().take_while(|c| is_word(*c)).collect(),
    }
}

/// Where `word` stands as a word of its own.
pub(crate) fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |at| {
            let alone = |c: Option<char>| !c.is_some_and(is_word);
            alone(code[..*at].chars().next_back()) && alone(code[at + word.len()..].chars().next())
        })
}
