//! The rules that look at one file by itself.

use crate::layers::words;
use crate::source::{Source, item_end};
use crate::{Finding, finding};

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 60;
/// A template of `quote!` is one expression and reads worse in pieces.
const GENERATOR_FUNCTION_LINES: usize = 80;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 5] = ["utils", "util", "common", "types", "helpers"];

const UNFINISHED: [(&str, &str); 4] = [
    ("todo!", "code that is not written yet"),
    ("unimplemented!", "code that is not written yet"),
    ("dbg!", "debug output"),
    ("#[ignore", "a test that does not run"),
];

/// Checks a Rust file.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut found = machine_paths(source);
    found.extend(file_length(source));
    found.extend(empty_names(source));
    found.extend(unfinished(source));
    if is_library(&source.path) {
        found.extend(function_lengths(source));
        found.extend(features_inside(source));
    }
    found.extend(unsafe_allowed(source));
    found
}

/// Every library of ours forbids it; `benches/` also holds generated code of others.
fn unsafe_allowed(source: &Source) -> Option<Finding> {
    let library = source.path.ends_with("src/lib.rs") && !source.path.starts_with("benches/");
    let allowed = library && !source.code.contains("#![forbid(unsafe_code)]");
    allowed.then(|| finding(source, 0, "has no `#![forbid(unsafe_code)]`".to_owned()))
}

/// Code that users run, in contrast to tests, examples and benchmarks.
fn is_library(path: &str) -> bool {
    [
        "src/",
        "rpcx-runtime/src/",
        "rpcx-cli/src/",
        "rpcx-macros/src/",
        "rpcx-build/src/",
        "rpcx-codegen/src/",
        "rpcx-schema/src/",
    ]
    .iter()
    .any(|root| path.starts_with(root))
}

fn file_length(source: &Source) -> Option<Finding> {
    let lines = source.lines_without_tests();
    let text = || format!("{lines} lines without its tests, {FILE_LINES} is the most");
    (lines > FILE_LINES).then(|| finding(source, 0, text()))
}

fn empty_names(source: &Source) -> Vec<Finding> {
    let parts = source
        .path
        .split('/')
        .map(|part| part.strip_suffix(".rs").unwrap_or(part));
    let of_path = parts
        .filter(|part| EMPTY_NAMES.contains(part))
        .map(|part| (0, part));
    let inline = EMPTY_NAMES.iter().flat_map(|name| {
        words(&source.all_code, name)
            .filter(|at| source.all_code[..*at].ends_with("mod "))
            .filter(|at| {
                source.all_code[at + name.len()..]
                    .trim_start()
                    .starts_with('{')
            })
            .map(move |at| (at, *name))
    });
    let text = |name| format!("the module name `{name}` says nothing about what is inside");
    of_path
        .chain(inline)
        .map(|(at, name)| finding(source, at, text(name)))
        .collect()
}

fn unfinished(source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    for (mark, meaning) in UNFINISHED {
        for (at, _) in source.all_code.match_indices(mark) {
            found.push(finding(source, at, format!("`{mark}`: {meaning}")));
        }
    }
    found
}

fn function_lengths(source: &Source) -> Vec<Finding> {
    let generator = ["rpcx-codegen/", "rpcx-schema/"]
        .iter()
        .any(|root| source.path.starts_with(root));
    let most = if generator {
        GENERATOR_FUNCTION_LINES
    } else {
        FUNCTION_LINES
    };
    let mut found = Vec::new();
    for at in words(&source.code, "fn") {
        let Some(name) = function_name(&source.code[at..]) else {
            continue;
        };
        let lines = source.line(item_end(&source.code, at)) - source.line(at) + 1;
        if lines > most {
            let text = format!("the function `{name}` has {lines} lines, {most} is the most");
            found.push(finding(source, at, text));
        }
    }
    found
}

/// The name behind `fn`; a type such as `fn(u8)` has none.
fn function_name(code: &str) -> Option<&str> {
    let rest = code.strip_prefix("fn ")?.trim_start();
    let end = rest.find(|c: char| !crate::source::is_word(c))?;
    (end > 0).then(|| &rest[..end])
}

/// A feature adds or removes whole items. Inside a body each one doubles what has to be tested.
fn features_inside(source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    for mark in ["cfg(", "cfg!(", "cfg_attr("] {
        for (at, _) in source.code.match_indices(mark) {
            let line_start = source.code[..at].rfind('\n').map_or(0, |end| end + 1);
            let line = source.code[line_start..].lines().next().unwrap_or_default();
            if line.contains("feature") && line.starts_with(' ') {
                let text = "a `cfg(feature)` inside an item: put it on a `mod`, a `use` or an item";
                found.push(finding(source, at, text.to_owned()));
            }
        }
    }
    found
}

/// Paths that exist on the author's machine only. Applies to every text file.
pub(crate) fn machine_paths(source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    for folder in [
        concat!("/", "home/"),
        concat!("/", "root/"),
        concat!("/", "work/"),
    ] {
        for (at, _) in source.text.match_indices(folder) {
            let before = source.text[..at].chars().next_back();
            // `some/work/dir` and `host.name/home/` are relative paths and addresses.
            let inside = before.is_some_and(|c| c.is_alphanumeric() || "._-}*~".contains(c));
            if !inside {
                let text = format!("a path of one machine: `{folder}..`");
                found.push(finding(source, at, text));
            }
        }
    }
    found
}
