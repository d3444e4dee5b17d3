//! Text as gofmt leaves it.

use std::fmt::Write as _;

/// A line of a struct or of a list of constants.
pub(super) struct Row {
    pub(super) docs: String,
    pub(super) name: String,
    pub(super) rest: String,
    /// The tag of a field, with its quotes.
    pub(super) tag: Option<String>,
}

/// A doc comment. Marks that Go gives a meaning of its own are left out.
pub(super) fn docs(out: &mut String, indent: &str, docs: &str, deprecated: Option<&str>) {
    let mut lines: Vec<String> = Vec::new();
    for line in docs.lines().map(str::trim) {
        if line.starts_with("```") || (line.is_empty() && lines.last().is_none_or(String::is_empty))
        {
            continue;
        }
        lines.push(plain(line));
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    if let Some(note) = deprecated {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let note = if note.is_empty() {
            "do not use it."
        } else {
            note
        };
        let note: Vec<&str> = note.split_whitespace().collect();
        lines.push(plain(&format!("Deprecated: {}", note.join(" "))));
    }
    for line in lines {
        let space = if line.is_empty() { "" } else { " " };
        let _ = writeln!(out, "{indent}//{space}{line}");
    }
}

/// Without headings, link definitions and doubled quotes, which gofmt would write in another way.
fn plain(line: &str) -> String {
    let mut line = line
        .trim_start_matches('#')
        .trim_start()
        .replace("]: ", "] ");
    for (double, single) in [("``", "`"), ("''", "'")] {
        while line.contains(double) {
            line = line.replace(double, single);
        }
    }
    line
}

/// Rows with their parts in columns, as far as no comment stands between them.
pub(super) fn rows(out: &mut String, rows: &[Row]) {
    let mut start = 0;
    while start < rows.len() {
        let length = 1 + rows[start + 1..]
            .iter()
            .take_while(|row| !has_comment(row))
            .count();
        block(out, &rows[start..start + length]);
        start += length;
    }
}

fn has_comment(row: &Row) -> bool {
    let mut text = String::new();
    docs(&mut text, "", &row.docs, None);
    !text.is_empty()
}

fn block(out: &mut String, rows: &[Row]) {
    let name = rows.iter().map(|row| width(&row.name)).max().unwrap_or(0);
    let mut tagged = 0;
    for (index, row) in rows.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| rows.get(index));
        if before.is_none_or(|row| row.tag.is_none()) {
            let run = rows[index..].iter().take_while(|row| row.tag.is_some());
            tagged = run.map(|row| width(&row.rest)).max().unwrap_or(0);
        }
        docs(out, "\t", &row.docs, None);
        let gap = " ".repeat(name - width(&row.name));
        let _ = write!(out, "\t{}{gap} {}", row.name, row.rest);
        if let Some(tag) = &row.tag {
            let gap = " ".repeat(tagged.saturating_sub(width(&row.rest)));
            let _ = write!(out, "{gap} {tag}");
        }
        out.push('\n');
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// A Go string literal.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
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

    #[test]
    fn comments_are_as_gofmt_leaves_them() {
        let mut out = String::new();
        let text = "# Sum\n\n\n- ``a``\n```\n  x\n```\n\n";
        docs(&mut out, "\t", text, Some("use\n`b`"));
        assert_eq!(
            out,
            "\t// Sum\n\t//\n\t// - `a`\n\t// x\n\t//\n\t// Deprecated: use `b`\n"
        );
    }

    #[test]
    fn strings_are_quoted() {
        assert_eq!(quoted("a\"\\\n世"), "\"a\\\"\\\\\\u000a世\"");
    }
}
