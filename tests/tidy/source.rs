//! Source text, and the same text with all but the code blanked out.

use std::ops::Range;

/// One file, seen as the rules need it.
pub(crate) struct Source {
    /// The path from the project's root, with `/` between its parts.
    pub(crate) path: String,
    /// The file as it is.
    pub(crate) text: String,
    /// The file with comments, texts and `#[cfg(test)]` items replaced by blanks. Byte offsets and
    /// lines are those of `text`.
    pub(crate) code: String,
    /// As `code`, but with the `#[cfg(test)]` items kept.
    pub(crate) all_code: String,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let all_code = without_comments(text);
        let mut code = all_code.clone();
        for item in test_items(&all_code) {
            code.replace_range(item.clone(), &blank(&all_code[item]));
        }
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code,
            all_code,
        }
    }

    /// The line of a byte offset, counted from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        1 + self.text[..offset]
            .bytes()
            .filter(|byte| *byte == b'\n')
            .count()
    }

    /// How many lines there are beside `#[cfg(test)]` items.
    pub(crate) fn lines_without_tests(&self) -> usize {
        let lines = |text: &str| text.lines().count();
        let tests = test_items(&self.all_code)
            .map(|item| lines(&self.all_code[item]))
            .sum();
        lines(&self.text).saturating_sub(tests)
    }
}

/// Spaces in place of everything but line ends, so that offsets stay.
fn blank(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
        .collect()
}

fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (length, keep) = token(rest, out.chars().next_back());
        let (token, after) = rest.split_at(length);
        match keep {
            true => out.push_str(token),
            false => out.push_str(&blank(token)),
        }
        rest = after;
    }
    out
}

/// The length of what stands at the front of `rest`, and whether it is code.
fn token(rest: &str, before: Option<char>) -> (usize, bool) {
    let in_word = before.is_some_and(is_word);
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), false);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), false);
    }
    if let Some(length) = raw_text(rest).filter(|_| !in_word) {
        return (length, false);
    }
    if let Some(body) = rest.strip_prefix('"') {
        return (1 + quoted(body, '"'), false);
    }
    if let Some(length) = character(rest) {
        return (length, false);
    }
    (rest.chars().next().map_or(1, char::len_utf8), true)
}

pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        if here.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
        } else {
            at += 1;
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of `r"..."`, `br#"..."#` and so on.
fn raw_text(rest: &str) -> Option<usize> {
    let prefix = ["r", "br", "cr"].into_iter().find(|prefix| {
        rest.strip_prefix(prefix)
            .is_some_and(|after| after.starts_with(['"', '#']))
    })?;
    let after = &rest[prefix.len()..];
    let hashes = after.bytes().take_while(|byte| *byte == b'#').count();
    let body = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(prefix.len() + hashes + 1 + length)
}

/// The length up to and with the closing quote.
fn quoted(body: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    body.len()
}

/// The length of a character literal; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix('\'')?;
    let first = body.chars().next()?;
    if first == '\\' {
        return Some(1 + quoted(body, '\''));
    }
    let after = &body[first.len_utf8()..];
    after.starts_with('\'').then_some(2 + first.len_utf8())
}

/// Where the items behind a `#[cfg(test)]` at the start of a line are.
fn test_items(code: &str) -> impl Iterator<Item = Range<usize>> + use<'_> {
    let marks = code.match_indices("#[cfg(test)]").map(|(at, _)| at);
    let outer = marks.filter(|at| *at == 0 || code.as_bytes()[at - 1] == b'\n');
    outer.map(|at| at..item_end(code, at))
}

/// Where the item that begins at `at` ends: behind its block, or its semicolon.
pub(crate) fn item_end(code: &str, at: usize) -> usize {
    let mut depth = 0usize;
    for (offset, byte) in code[at..].bytes().enumerate() {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let ends = byte == b'}' || byte == b';';
        if ends && depth == 0 {
            return at + offset + 1;
        }
    }
    code.len()
}
