//! Go source to tokens, with the semicolons that Go puts at the ends of lines.

use super::{At, Remark};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Number,
    /// `'a'`
    Rune,
    /// A string; the token has what it means.
    Text,
    Mark,
    /// Written, or at the end of a line.
    Semicolon,
    End,
}

/// One token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) at: At,
}

impl Token {
    pub(super) fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Word | Kind::Mark) && self.text == text
    }
}

/// A comment: `// ..` or `/* .. */` without the marks.
#[derive(Clone, Debug)]
pub(super) struct Comment {
    pub(super) text: String,
    /// Where it begins and ends.
    pub(super) first: usize,
    pub(super) last: usize,
    /// Nothing stands before it in its line.
    pub(super) alone: bool,
}

/// A file in tokens; the last one is [`Kind::End`].
pub(super) struct Lexed {
    pub(super) tokens: Vec<Token>,
    pub(super) comments: Vec<Comment>,
}

/// Marks of more than one character, longer ones first.
const MARKS: [&str; 14] = [
    "...", "<<", ">>", "&^", "<-", "++", "--", "==", "!=", "<=", ">=", ":=", "&&", "||",
];

/// Words that can end a statement like a name.
const ENDS: [&str; 4] = ["break", "continue", "fallthrough", "return"];

const KEYWORDS: [&str; 25] = [
    "break",
    "case",
    "chan",
    "const",
    "continue",
    "default",
    "defer",
    "else",
    "fallthrough",
    "for",
    "func",
    "go",
    "goto",
    "if",
    "import",
    "interface",
    "map",
    "package",
    "range",
    "return",
    "select",
    "struct",
    "switch",
    "type",
    "var",
];

pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

/// Reads the file with the number `file`.
pub(super) fn lex(source: &str, file: usize) -> Result<Lexed, Remark> {
    let mut lexer = Lexer {
        rest: source.strip_prefix('\u{feff}').unwrap_or(source),
        at: At {
            file,
            line: 1,
            column: 1,
            length: 1,
        },
        out: Lexed {
            tokens: Vec::new(),
            comments: Vec::new(),
        },
    };
    while !lexer.rest.is_empty() {
        lexer.one()?;
    }
    lexer.line_end();
    lexer.push(Kind::End, "the end of the file", lexer.at);
    Ok(lexer.out)
}

struct Lexer<'a> {
    rest: &'a str,
    at: At,
    out: Lexed,
}

impl<'a> Lexer<'a> {
    /// Takes `length` bytes, which end at a character.
    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        match taken.rfind('\n') {
            Some(last) => {
                self.at.line += taken.matches('\n').count();
                self.at.column = 1 + taken[last + 1..].chars().count();
            }
            None => self.at.column += taken.chars().count(),
        }
        taken
    }

    fn push(&mut self, kind: Kind, text: impl Into<String>, at: At) {
        let text = text.into();
        self.out.tokens.push(Token { kind, text, at });
    }

    /// As the end of a line: a semicolon, if the line can end here.
    fn line_end(&mut self) {
        let ends = self
            .out
            .tokens
            .last()
            .is_some_and(|token| match token.kind {
                Kind::Word => !is_keyword(&token.text) || ENDS.contains(&&*token.text),
                Kind::Number | Kind::Rune | Kind::Text => true,
                Kind::Mark => matches!(&*token.text, ")" | "]" | "}" | "++" | "--"),
                Kind::Semicolon | Kind::End => false,
            });
        if ends {
            self.push(Kind::Semicolon, "the end of the line", self.at);
        }
    }

    fn one(&mut self) -> Result<(), Remark> {
        let at = self.at;
        let first = self.rest.chars().next().unwrap_or_default();
        match first {
            '\n' => {
                self.line_end();
                self.take(1);
            }
            c if c.is_whitespace() => {
                self.take(c.len_utf8());
            }
            '/' if self.rest.starts_with("//") => {
                let length = self.rest.find('\n').unwrap_or(self.rest.len());
                self.comment(length, 2, 0);
            }
            '/' if self.rest.starts_with("/*") => {
                let Some(end) = self.rest[2..].find("*/") else {
                    return Err(at.remark("this comment has no end"));
                };
                if self.rest[..end + 2].contains('\n') {
                    self.line_end();
                }
                self.comment(end + 4, 2, 2);
            }
            '"' => self.quoted('"', Kind::Text)?,
            '\'' => self.quoted('\'', Kind::Rune)?,
            '`' => {
                let Some(end) = self.rest[1..].find('`') else {
                    return Err(at.remark("this string has no end"));
                };
                let text = self.take(end + 2);
                let text = text[1..=end].replace('\r', "");
                self.push(Kind::Text, text, at);
            }
            c if c == '_' || c.is_alphabetic() => {
                let length = self.run(|c| c == '_' || c.is_alphanumeric());
                self.word(Kind::Word, length);
            }
            c if c.is_ascii_digit() => {
                let length = self.number();
                self.word(Kind::Number, length);
            }
            ';' => {
                self.take(1);
                self.push(Kind::Semicolon, ";", at);
            }
            c if c.is_ascii_punctuation() => {
                let long = MARKS.iter().find(|mark| self.rest.starts_with(**mark));
                let length = long.map_or(1, |mark| mark.len());
                self.word(Kind::Mark, length);
            }
            c => return Err(at.remark(format!("`{}` is not Go", c.escape_default()))),
        }
        Ok(())
    }

    fn run(&self, part: impl Fn(char) -> bool) -> usize {
        self.rest
            .find(|c: char| !part(c))
            .unwrap_or(self.rest.len())
    }

    /// The bytes of a number; whether it is one is found out when it is needed.
    fn number(&self) -> usize {
        let mut before = ' ';
        let is_part = |c: char| {
            let sign = matches!(c, '+' | '-') && matches!(before, 'e' | 'E' | 'p' | 'P');
            let part = c == '_' || c == '.' || c.is_ascii_alphanumeric();
            before = c;
            part || (sign && !self.rest.starts_with("0x"))
        };
        let mut is_part = is_part;
        self.rest
            .find(|c: char| !is_part(c))
            .unwrap_or(self.rest.len())
    }

    fn word(&mut self, kind: Kind, length: usize) {
        let mut at = self.at;
        let text = self.take(length);
        at.length = text.chars().count();
        self.push(kind, text, at);
    }

    fn comment(&mut self, length: usize, open: usize, close: usize) {
        let first = self.at.line;
        let alone = self
            .out
            .tokens
            .last()
            .is_none_or(|token| token.at.line < first);
        let text = self.take(length);
        self.out.comments.push(Comment {
            text: text[open..text.len() - close].replace('\r', ""),
            first,
            last: self.at.line,
            alone,
        });
    }

    /// A string with escapes, or a rune.
    fn quoted(&mut self, quote: char, kind: Kind) -> Result<(), Remark> {
        let mut at = self.at;
        let mut escaped = false;
        let end = self.rest[1..].find(|c: char| {
            let ends = c == '\n' || (c == quote && !escaped);
            escaped = c == '\\' && !escaped;
            ends
        });
        let Some(end) = end.filter(|end| !self.rest[1 + end..].starts_with('\n')) else {
            return Err(at.remark("this string has no end"));
        };
        let text = self.take(end + 2);
        at.length = text.chars().count();
        self.push(kind, unescaped(&text[1..=end]), at);
        Ok(())
    }
}

/// What a string means. An escape that is not known stays as it is.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let (c, length) = escape(rest).unwrap_or(('\\', 0));
        out.push(c);
        rest = &rest[length..];
    }
    out + rest
}

/// The character that an escape stands for, and the length of the escape in bytes.
fn escape(text: &str) -> Option<(char, usize)> {
    let coded = |start: usize, digits: usize, radix: u32| {
        let number = u32::from_str_radix(text.get(start..start + digits)?, radix).ok()?;
        Some((char::from_u32(number)?, start + digits))
    };
    Some(match text.chars().next()? {
        'n' => ('\n', 1),
        't' => ('\t', 1),
        'r' => ('\r', 1),
        'a' => ('\u{7}', 1),
        'b' => ('\u{8}', 1),
        'f' => ('\u{c}', 1),
        'v' => ('\u{b}', 1),
        c @ ('\\' | '"' | '\'') => (c, 1),
        'x' => return coded(1, 2, 16),
        'u' => return coded(1, 4, 16),
        'U' => return coded(1, 8, 16),
        '0'..='7' => return coded(0, 3, 8),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        let tokens = lex(source, 0).map_err(|remark| remark.message).unwrap();
        tokens.tokens.into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn lines_end_as_in_go() {
        let end = "the end of the line";
        assert_eq!(
            texts("a b /* \n */ (\n) // c\nreturn\nfunc\n'\\'' 0x1p-2 \"\\u00e4\\\"\" `\\n`"),
            [
                "a",
                "b",
                end,
                "(",
                ")",
                end,
                "return",
                end,
                "func",
                "'",
                "0x1p",
                "-",
                "2",
                "ä\"",
                "\\n",
                end,
                "the end of the file"
            ]
        );
    }

    #[test]
    fn places_are_counted_in_characters() {
        let lexed = lex("ä\n\t`x\ny` z", 3)
            .map_err(|remark| remark.message)
            .unwrap();
        let last = &lexed.tokens[lexed.tokens.len() - 3];
        assert_eq!(
            (&*last.text, last.at.file, last.at.line, last.at.column),
            ("z", 3, 3, 4)
        );
    }

    #[test]
    fn what_has_no_end_has_a_place() {
        for source in ["a \"b\nc\"", "a `b", "a /* b", "a 'b"] {
            let remark = lex(source, 0).err().unwrap();
            assert_eq!((remark.line, remark.column), (1, 3), "{source}");
        }
    }
}
