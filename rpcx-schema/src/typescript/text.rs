//! Text in TypeScript.

use std::fmt::Write as _;

/// A comment of TSDoc: what a doc comment says, and tags such as `@deprecated`.
pub(super) fn docs(out: &mut String, indent: &str, docs: &str, tags: &[String]) {
    let mut lines = markdown(docs);
    if !lines.is_empty() && !tags.is_empty() {
        lines.push(String::new());
    }
    for tag in tags {
        let words: Vec<&str> = tag.split_whitespace().collect();
        lines.push(closed(&words.join(" ")));
    }
    match &lines[..] {
        [] => {}
        [one] => {
            let _ = writeln!(out, "{indent}/** {one} */");
        }
        all => {
            let _ = writeln!(out, "{indent}/**");
            for line in all {
                let space = if line.is_empty() { "" } else { " " };
                let _ = writeln!(out, "{indent} *{space}{line}");
            }
            let _ = writeln!(out, "{indent} */");
        }
    }
}

/// The lines of a doc comment. Code without a language is Rust there, and its hidden lines stay hidden; a line
/// that begins as a tag is none.
fn markdown(docs: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut in_code, mut in_rust) = (false, false);
    for line in docs.trim_end().lines() {
        let start = line.trim_start();
        if let Some(language) = start.strip_prefix("```") {
            in_rust = !in_code && language.trim().is_empty();
            in_code = !in_code;
            let added = if in_rust { "rust" } else { "" };
            lines.push(closed(&format!("{}{added}", line.trim_end())));
            continue;
        }
        if in_rust && (start == "#" || start.starts_with("# ")) {
            continue;
        }
        let line = closed(line.trim_end());
        lines.push(match line.trim_start().starts_with('@') {
            true => line.replacen('@', "\\@", 1),
            false => line,
        });
    }
    lines
}

/// Text that does not end the comment it stands in.
fn closed(line: &str) -> String {
    line.replace("*/", "*\\/")
}

/// A string literal.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(text: &str, tags: &[&str]) -> String {
        let mut out = String::new();
        let tags: Vec<String> = tags.iter().map(|&tag| tag.to_owned()).collect();
        docs(&mut out, "", text, &tags);
        out
    }

    #[test]
    fn comments_are_tsdoc() {
        assert_eq!(comment("", &[]), "");
        assert_eq!(comment("The sum.", &[]), "/** The sum. */\n");
        let long = "The sum. */\n\n@see it\n```\n# hidden\nlet x = 1;\n```\n```json\n# kept\n```";
        assert_eq!(
            comment(long, &["@deprecated use\n`b`"]),
            "/**\n * The sum. *\\/\n *\n * \\@see it\n * ```rust\n * let x = 1;\n * ```\n * ```json\n * # kept\n * ```\n *\n * @deprecated use `b`\n */\n"
        );
    }

    #[test]
    fn strings_are_quoted() {
        assert_eq!(quoted("a\"\\\n\u{2028}世"), "\"a\\\"\\\\\\u000a\\u2028世\"");
    }
}
