//! As much JSON as a document needs: written in the order in which it was put together.

use std::fmt::Write as _;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Json {
    Bool(bool),
    Whole(i128),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Json {
    pub(super) fn object() -> Self {
        Self::Object(Vec::new())
    }

    /// With one more member. What is no object stays what it is.
    pub(super) fn with(mut self, name: impl Into<String>, value: impl Into<Self>) -> Self {
        if let Self::Object(members) = &mut self {
            members.push((name.into(), value.into()));
        }
        self
    }

    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else {
            return None;
        };
        members
            .iter()
            .find(|(member, _)| member == name)
            .map(|(_, value)| value)
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Object(members) if members.is_empty())
    }

    /// The text with two spaces for each level.
    pub(super) fn render(&self) -> String {
        let mut out = String::new();
        self.write(0, &mut out);
        out.push('\n');
        out
    }

    fn write(&self, depth: usize, out: &mut String) {
        match self {
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Whole(value) => {
                let _ = write!(out, "{value}");
            }
            Self::Text(text) => quoted(text, out),
            Self::List(list) => {
                let each = list.iter().map(|value| (None, value));
                lines(['[', ']'], each.collect(), depth, out);
            }
            Self::Object(members) => {
                let each = members.iter().map(|(name, value)| (Some(&**name), value));
                lines(['{', '}'], each.collect(), depth, out);
            }
        }
    }
}

fn lines(
    [open, close]: [char; 2],
    all: Vec<(Option<&str>, &Json)>,
    depth: usize,
    out: &mut String,
) {
    out.push(open);
    for (index, (name, value)) in all.iter().enumerate() {
        out.push_str(if index > 0 { ",\n" } else { "\n" });
        out.push_str(&"  ".repeat(depth + 1));
        if let Some(name) = name {
            quoted(name, out);
            out.push_str(": ");
        }
        value.write(depth + 1, out);
    }
    if !all.is_empty() {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
    out.push(close);
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i128> for Json {
    fn from(value: i128) -> Self {
        Self::Whole(value)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Vec<Self>> for Json {
    fn from(list: Vec<Self>) -> Self {
        Self::List(list)
    }
}
