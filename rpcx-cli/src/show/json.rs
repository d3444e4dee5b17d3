//! JSON on several lines and in colours, with its numbers and its order as they came.

use anstyle::{AnsiColor, Style};

const KEY: Style = AnsiColor::Blue.on_default().bold();
const TEXT: Style = AnsiColor::Green.on_default();
const NUMBER: Style = AnsiColor::Cyan.on_default();
const WORD: Style = AnsiColor::Magenta.on_default();

/// Lays out a document that is well formed.
pub(crate) fn pretty(json: &[u8]) -> Vec<u8> {
    let mut pretty = Pretty {
        rest: json,
        out: Vec::with_capacity(json.len() * 2),
        depth: 0,
    };
    while pretty.token() {}
    pretty.out
}

struct Pretty<'a> {
    rest: &'a [u8],
    out: Vec<u8>,
    depth: usize,
}

impl Pretty<'_> {
    /// Moves one token over; false at the end.
    fn token(&mut self) -> bool {
        self.rest = self.rest.trim_ascii_start();
        let Some((&first, after)) = self.rest.split_first() else {
            return false;
        };
        match first {
            b'{' | b'[' => {
                self.out.push(first);
                self.rest = after.trim_ascii_start();
                match self.rest.first() {
                    Some(&end) if b"}]".contains(&end) => {
                        self.out.push(end);
                        self.rest = &self.rest[1..];
                    }
                    _ => self.line(self.depth + 1),
                }
            }
            b'}' | b']' => {
                self.line(self.depth.saturating_sub(1));
                self.out.push(first);
                self.rest = after;
            }
            b',' => {
                self.out.push(first);
                self.rest = after;
                self.line(self.depth);
            }
            b':' => {
                self.out.extend_from_slice(b": ");
                self.rest = after;
            }
            _ => self.scalar(first),
        }
        true
    }

    /// Appends what a peer has written; what it did not escape is escaped.
    fn push(&mut self, mut bytes: &[u8]) {
        while let Some(&first) = bytes.first() {
            let length = match control(bytes) {
                Some((control, length)) => {
                    let escape = format!("\\u{control:04x}");
                    self.out.extend_from_slice(escape.as_bytes());
                    length
                }
                None => {
                    self.out.push(first);
                    1
                }
            };
            bytes = &bytes[length..];
        }
    }

    fn line(&mut self, depth: usize) {
        self.depth = depth;
        self.out.push(b'\n');
        self.out.resize(self.out.len() + 2 * depth, b' ');
    }

    fn scalar(&mut self, first: u8) {
        let length = match first {
            b'"' => text_length(self.rest),
            _ => {
                let end = |byte: &u8| b",]}: \t\r\n".contains(byte);
                self.rest.iter().position(end).unwrap_or(self.rest.len())
            }
        };
        let (scalar, rest) = self.rest.split_at(length.max(1));
        let is_key = rest.trim_ascii_start().first() == Some(&b':');
        let style = match first {
            b'"' if is_key => KEY,
            b'"' => TEXT,
            b'-' | b'0'..=b'9' => NUMBER,
            _ => WORD,
        };
        self.out
            .extend_from_slice(style.render().to_string().as_bytes());
        self.push(scalar);
        self.out
            .extend_from_slice(style.render_reset().to_string().as_bytes());
        self.rest = rest;
    }
}

/// Whether bytes begin with a character that could steer a terminal, and how many bytes it has.
fn control(bytes: &[u8]) -> Option<(u8, usize)> {
    match bytes {
        [byte @ (..0x20 | 0x7f), ..] => Some((*byte, 1)),
        [0xc2, byte @ 0x80..=0x9f, ..] => Some((*byte, 2)),
        _ => None,
    }
}

/// The length of a text with its quotes.
fn text_length(json: &[u8]) -> usize {
    let mut escaped = false;
    let end = json.iter().skip(1).position(|byte| match byte {
        _ if escaped => {
            escaped = false;
            false
        }
        b'\\' => {
            escaped = true;
            false
        }
        byte => *byte == b'"',
    });
    end.map_or(json.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(json: &str) -> String {
        let text = pretty(json.as_bytes());
        String::from_utf8(anstream::adapter::strip_bytes(&text).into_vec()).unwrap()
    }

    #[test]
    fn documents_are_laid_out_as_they_are() {
        assert_eq!(
            plain(r#"{"a":[1,2.50,{}],"b":"x\"{,}\\","c":null,"d":[]}"#),
            "{\n  \"a\": [\n    1,\n    2.50,\n    {}\n  ],\n  \"b\": \"x\\\"{,}\\\\\",\n  \"c\": null,\n  \"d\": []\n}"
        );
        assert_eq!(plain("18446744073709551615"), "18446744073709551615");
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(
            plain("\"a\u{1b}[2J\u{9b}\u{7f}\""),
            r#""a\u001b[2J\u009b\u007f""#
        );
    }

    #[test]
    fn bytes_that_are_no_json_end() {
        for wrong in ["", "\"", "\"\\", "]]]", "{\"a", ":,", "\u{0}"] {
            plain(wrong);
        }
    }
}
