//! Errors with the place and the line they are about.

use std::path::Path;

/// One text for each error: `path:line:column: message`, and below it the line with a mark.
pub(crate) fn located(path: &Path, source: &str, errors: &[syn::Error]) -> Vec<String> {
    let lines: Vec<&str> = source.lines().collect();
    let all = errors.iter().flat_map(|error| error.clone().into_iter());
    all.map(|error| one(path, &lines, &error)).collect()
}

fn one(path: &Path, lines: &[&str], error: &syn::Error) -> String {
    let path = path.display();
    let text = error.to_string();
    let (message, help) = text.split_once('\n').unwrap_or((&text, ""));
    let (start, end) = (error.span().start(), error.span().end());
    let line = start.line.checked_sub(1).and_then(|index| lines.get(index));
    // the span of an error about the whole file is that of the macro call, which is no place here
    let Some(line) = line.filter(|_| (start.line, end.column) != (1, 0)) else {
        return format!("{path}: {text}");
    };
    let number = start.line.to_string();
    let margin = " ".repeat(number.len());
    let length = if end.line == start.line {
        end.column.saturating_sub(start.column)
    } else {
        1
    };
    let mark = format!("{}{}", " ".repeat(start.column), "^".repeat(length.max(1)));
    let column = start.column + 1;
    let mut out = format!(
        "{path}:{number}:{column}: {message}\n{margin} |\n{number} | {line}\n{margin} | {mark}"
    );
    if !help.is_empty() {
        out.push_str(&format!("\n{margin} = {help}"));
    }
    out
}
