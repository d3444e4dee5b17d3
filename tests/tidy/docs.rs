//! Docs as users read them, rendered: names that they can write, and links that lead somewhere.

use crate::source::Source;
use crate::{Finding, finding};

/// Checks the docs of a Rust file that users see, and the pages that are rendered as docs.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let pages = source.path.starts_with("src/docs/") || GUIDES.contains(&&*source.path);
    if pages {
        return of_lines(source, Some);
    }
    let seen = [
        "src/",
        "rpcx-runtime/src/",
        "rpcx-macros/src/",
        "rpcx-build/src/",
    ];
    match source.path.ends_with(".rs") && seen.iter().any(|root| source.path.starts_with(root)) {
        true => of_lines(source, |line| {
            let line = line.trim_start();
            line.strip_prefix("///")
                .or_else(|| line.strip_prefix("//!"))
        }),
        false => Vec::new(),
    }
}

/// Pages of `docs/` that are modules of `rpcx::guides`.
const GUIDES: [&str; 7] = [
    "docs/authorization.md",
    "docs/build-scripts.md",
    "docs/errors.md",
    "docs/evolution.md",
    "docs/state.md",
    "docs/testing.md",
    "docs/types.md",
];

fn of_lines<'a>(source: &'a Source, docs: impl Fn(&'a str) -> Option<&'a str>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut offset = 0;
    for line in source.text.split_inclusive('\n') {
        if let Some(text) = docs(line) {
            let mut add = |message: String| found.push(finding(source, offset, message));
            // hidden lines are not rendered
            let hidden = text.trim_start().starts_with("# ");
            if text.contains("use rpcx_runtime") && !hidden {
                add("an example names `rpcx_runtime`, where a user writes `rpcx`".to_owned());
            }
            for target in relative_links(text) {
                add(format!("`{target}` leads nowhere from rendered docs"));
            }
        }
        offset += line.len();
    }
    found
}

/// What a link names that is a file beside this one.
fn relative_links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1);
    let targets = targets.filter_map(|rest| rest.split(')').next());
    targets.filter(|target| {
        let file = target.split('#').next().unwrap_or_default();
        let is_file = [".md", ".rs", ".ts", ".go", ".toml", "/"]
            .iter()
            .any(|end| file.ends_with(end));
        is_file && !target.contains("://") && !target.starts_with('#')
    })
}
