//! Errors with the place and the line they are about.

use std::path::Path;

/// A place in a file, as lines and columns are counted in editors, except that columns begin at 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    /// From 1; 0 where there is no place.
    pub(crate) line: usize,
    /// From 0.
    pub(crate) column: usize,
    /// How many characters of the line it is about.
    pub(crate) length: usize,
}

/// One text for each error: `path:line:column: message`, and below it the line with a mark.
pub(crate) fn located(path: &Path, source: &str, errors: &[syn::Error]) -> Vec<String> {
    let all = errors.iter().flat_map(|error| error.clone().into_iter());
    all.map(|error| marked(path, source, mark(&error), &error.to_string()))
        .collect()
}

fn mark(error: &syn::Error) -> Mark {
    let (start, end) = (error.span().start(), error.span().end());
    // the span of an error about the whole file is that of the macro call, which is no place here
    let line = match (start.line, end.column) {
        (1, 0) => 0,
        (line, _) => line,
    };
    let length = if end.line == start.line {
        end.column.saturating_sub(start.column)
    } else {
        1
    };
    Mark {
        line,
        column: start.column,
        length,
    }
}

/// `path:line:column: message`, and below it the line with a mark. What follows the first line of
/// `text` comes last.
pub(crate) fn marked(path: &Path, source: &str, mark: Mark, text: &str) -> String {
    let path = path.display();
    let (message, help) = text.split_once('\n').unwrap_or((text, ""));
    let line = mark.line.checked_sub(1);
    let Some(line) = line.and_then(|index| source.lines().nth(index)) else {
        return format!("{path}: {text}");
    };
    let number = mark.line.to_string();
    let margin = " ".repeat(number.len());
    let below = format!(
        "{}{}",
        " ".repeat(mark.column),
        "^".repeat(mark.length.max(1))
    );
    let column = mark.column + 1;
    let mut out = format!(
        "{path}:{number}:{column}: {message}\n{margin} |\n{number} | {line}\n{margin} | {below}"
    );
    if !help.is_empty() {
        out.push_str(&format!("\n{margin} = {help}"));
    }
    out
}
