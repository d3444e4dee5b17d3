//! As much JSON as a lock file needs, with lines for errors.
//!
//! The generator is part of every build with macros, so it does without a JSON library.

use std::fmt::Write as _;

use super::ParseError;

/// How deep values may nest; a lock file needs six levels.
const DEPTH: usize = 32;

/// A value and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Json {
    /// From 1; 0 for a value that was not read.
    pub(super) line: usize,
    pub(super) value: Value,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// Lock files have no other numbers.
    Whole(i64),
    Text(String),
    List(Vec<Json>),
    /// In the order of the file, each name once.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// What it is, for errors.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Whole(_) => "a number",
            Value::Text(_) => "a string",
            Value::List(_) => "a list",
            Value::Object(_) => "an object",
        }
    }

    /// Reads a whole text.
    pub(super) fn parse(text: &str) -> Result<Self, ParseError> {
        let mut reader = Reader {
            rest: text,
            line: 1,
        };
        let value = reader.value(0)?;
        match reader.peek() {
            None => Ok(value),
            Some(c) => Err(reader.error(format!("`{c}` after the end of the document"))),
        }
    }

    /// The text with two spaces for each level. Lists of plain values stay on one line, so that a
    /// change of one method or field is a change of one line.
    pub(super) fn render(&self) -> String {
        let mut out = String::new();
        self.write(0, &mut out);
        out.push('\n');
        out
    }

    fn write(&self, depth: usize, out: &mut String) {
        match &self.value {
            Value::Null => out.push_str("null"),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Whole(value) => {
                let _ = write!(out, "{value}");
            }
            Value::Text(text) => quoted(text, out),
            Value::List(items) if items.iter().all(Self::is_plain) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    item.write(depth, out);
                }
                out.push(']');
            }
            Value::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    begin(index, depth, out);
                    item.write(depth + 1, out);
                }
                end(depth, out);
                out.push(']');
            }
            Value::Object(entries) if entries.is_empty() => out.push_str("{}"),
            Value::Object(entries) => {
                out.push('{');
                for (index, (name, value)) in entries.iter().enumerate() {
                    begin(index, depth, out);
                    quoted(name, out);
                    out.push_str(": ");
                    value.write(depth + 1, out);
                }
                end(depth, out);
                out.push('}');
            }
        }
    }

    fn is_plain(&self) -> bool {
        !matches!(self.value, Value::List(_) | Value::Object(_))
    }
}

fn begin(index: usize, depth: usize, out: &mut String) {
    out.push_str(if index > 0 { ",\n" } else { "\n" });
    out.push_str(&"  ".repeat(depth + 1));
}

fn end(depth: usize, out: &mut String) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self { line: 0, value }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned()).into()
    }
}

impl From<Vec<Self>> for Json {
    fn from(items: Vec<Self>) -> Self {
        Value::List(items).into()
    }
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl Reader<'_> {
    fn error(&self, message: impl Into<String>) -> ParseError {
        ParseError::new(self.line, message)
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        self.line += usize::from(c == '\n');
        Some(c)
    }

    /// The next character that is no space.
    fn peek(&mut self) -> Option<char> {
        while self.rest.starts_with([' ', '\t', '\n', '\r']) {
            self.next();
        }
        self.rest.chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.next();
        }
        found
    }

    fn unexpected(&mut self, wanted: &str) -> ParseError {
        for mark in ["<<<<<<<", "=======", ">>>>>>>", "|||||||"] {
            if self.rest.starts_with(mark) {
                return self.error(
                    "this is a mark of a merge that is not finished\n\
                     help: take either side, and generate the file anew",
                );
            }
        }
        match self.peek() {
            Some(c) => self.error(format!("expected {wanted}, found `{c}`")),
            None => self.error(format!("expected {wanted}, found the end of the file")),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, ParseError> {
        if depth == DEPTH {
            return Err(self.error("values nest too deep for a lock file"));
        }
        let first = self.peek();
        let line = self.line;
        let value = match first {
            Some('{') => self.object(depth)?,
            Some('[') => self.list(depth)?,
            Some('"') => Value::Text(self.text()?),
            Some('-' | '0'..='9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Json { line, value })
    }

    fn word(&mut self) -> Result<Value, ParseError> {
        for (word, value) in [
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("null", Value::Null),
        ] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Ok(value);
            }
        }
        Err(self.unexpected("a value"))
    }

    fn number(&mut self) -> Result<Value, ParseError> {
        let part = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
        let end = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        let parsed = number
            .parse()
            .map_err(|_| self.error(format!("`{number}` is no whole number of 64 bits")))?;
        self.rest = rest;
        Ok(Value::Whole(parsed))
    }

    fn list(&mut self, depth: usize) -> Result<Value, ParseError> {
        let mut items = Vec::new();
        self.next();
        if self.take(']') {
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.take(']') {
                return Ok(Value::List(items));
            }
            if !self.take(',') {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, ParseError> {
        let mut entries: Vec<(String, Json)> = Vec::new();
        self.next();
        if self.take('}') {
            return Ok(Value::Object(entries));
        }
        let mut names = std::collections::BTreeSet::new();
        loop {
            if self.peek() != Some('"') {
                return Err(self.unexpected("a name in quotes"));
            }
            let name = self.text()?;
            if !names.insert(name.clone()) {
                return Err(self.error(format!("the name {name:?} stands here twice")));
            }
            if !self.take(':') {
                return Err(self.unexpected("`:`"));
            }
            entries.push((name, self.value(depth + 1)?));
            if self.take('}') {
                return Ok(Value::Object(entries));
            }
            if !self.take(',') {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
    }

    /// A string, at its opening quote.
    fn text(&mut self) -> Result<String, ParseError> {
        self.next();
        let mut out = String::new();
        loop {
            match self.next() {
                Some('"') => return Ok(out),
                Some('\\') => out.push(self.escape()?),
                Some(c) if c >= ' ' => out.push(c),
                Some(_) => return Err(self.error("a string ends with its line")),
                None => return Err(self.error("a string without its closing quote")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, ParseError> {
        match self.next() {
            Some(c @ ('"' | '\\' | '/')) => Ok(c),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('u') => self.code(),
            _ => Err(self.error("an unknown escape in a string")),
        }
    }

    /// Four digits; two of them for what does not fit into sixteen bits.
    fn code(&mut self) -> Result<char, ParseError> {
        let high = self.unit()?;
        let mut code = high;
        if (0xd800..0xdc00).contains(&high) && self.rest.starts_with("\\u") {
            self.rest = &self.rest[2..];
            let low = self.unit()?;
            if (0xdc00..0xe000).contains(&low) {
                code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            }
        }
        char::from_u32(code).ok_or_else(|| self.error("half a character in a string"))
    }

    fn unit(&mut self) -> Result<u32, ParseError> {
        let digits = self
            .rest
            .get(..4)
            .filter(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let unit = unit.ok_or_else(|| self.error("four hexadecimal digits belong to `\\u`"))?;
        self.rest = &self.rest[4..];
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let error = Json::parse(text).expect_err("a mistake");
        format!("{}: {}", error.line, error.message)
    }

    #[test]
    fn what_is_written_is_read() {
        let text = "{\n  \"a\": [\"x\\\"\\\\\\n\\u0001é\", -7, true, null],\n  \"b\": {},\n  \"c\": [\n    [1],\n    []\n  ]\n}\n";
        assert_eq!(Json::parse(text).unwrap().render(), text);
        let escaped = Json::parse("\"\\ud83d\\ude00\\/\\t\"").unwrap();
        assert!(matches!(escaped.value, Value::Text(text) if text == "😀/\t"));
    }

    #[test]
    fn mistakes_have_a_line() {
        for (text, expected) in [
            ("", "1: expected a value, found the end of the file"),
            ("{\n\"a\" 1}", "2: expected `:`, found `1`"),
            ("{\"a\": 1\n\"b\": 2}", "2: expected `,` or `}`, found `\"`"),
            (
                "{\"a\": 1,\n\"a\": 2}",
                "2: the name \"a\" stands here twice",
            ),
            ("[1, 2.5]", "1: `2.5` is no whole number of 64 bits"),
            ("\"abc", "1: a string without its closing quote"),
            ("\"a\nb\"", "2: a string ends with its line"),
            ("\"\\ud800\"", "1: half a character in a string"),
            ("\"\\u12\"", "1: four hexadecimal digits belong to `\\u`"),
            ("[] x", "1: `x` after the end of the document"),
        ] {
            assert_eq!(error(text), expected, "{text}");
        }
        assert!(error("{\n<<<<<<< ours\n}").starts_with("2: this is a mark of a merge"));
        assert!(error(&"[".repeat(100_000)).contains("nest too deep"));
    }
}
