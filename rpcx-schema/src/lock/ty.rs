//! Types as short texts: `i32`, `string?`, `[User]`, `{string: i64}`.

use super::ParseError;
use crate::document::{NUMBERS, Ty};

/// How deep types may nest.
const DEPTH: usize = 64;

/// Names that are no types of a file.
const WORDS: [&str; 7] = ["any", "()", "bool", "string", "bytes", "time", "duration"];

/// The text of a type.
pub(super) fn show(ty: &Ty) -> String {
    match ty {
        Ty::Any => "any".to_owned(),
        Ty::Unit => "()".to_owned(),
        Ty::Bool => "bool".to_owned(),
        Ty::Number(name) => (*name).to_owned(),
        Ty::Text => "string".to_owned(),
        Ty::Bytes => "bytes".to_owned(),
        Ty::ByteArray(length) => format!("bytes({length})"),
        Ty::Time => "time".to_owned(),
        Ty::Duration => "duration".to_owned(),
        Ty::Option(inner) => format!("{}?", show(inner)),
        Ty::List(inner) => format!("[{}]", show(inner)),
        Ty::Array(inner, length) => format!("[{}; {length}]", show(inner)),
        Ty::Map(key, value) => format!("{{{}: {}}}", show(key), show(value)),
        // a type of the file that is called like one of ours
        Ty::Named(name) if is_ours(name) => format!("r#{name}"),
        Ty::Named(name) => name.clone(),
        Ty::Foreign(text) => format!("`{}`", text.replace('`', "'")),
    }
}

/// The text of a type for a sentence.
pub(super) fn quoted(ty: &Ty) -> String {
    match ty {
        Ty::Foreign(_) => show(ty),
        ty => format!("`{}`", show(ty)),
    }
}

fn is_ours(name: &str) -> bool {
    WORDS.contains(&name) || NUMBERS.contains(&name)
}

/// The type of a text on this line of a lock file.
pub(super) fn parse(text: &str, line: usize) -> Result<Ty, ParseError> {
    let mut reader = Reader { rest: text };
    match reader.ty(0) {
        Some(ty) if reader.rest.is_empty() => Ok(ty),
        _ => Err(ParseError::new(line, format!("`{text}` is no type"))),
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn take(&mut self, mark: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(mark)?;
        Some(())
    }

    fn ty(&mut self, depth: usize) -> Option<Ty> {
        if depth == DEPTH {
            return None;
        }
        let mut ty = match self.rest.chars().next()? {
            '[' => self.list(depth)?,
            '{' => self.map(depth)?,
            '`' => self.foreign()?,
            _ => self.word()?,
        };
        let mut levels = depth;
        while self.take("?").is_some() {
            levels += 1;
            if levels == DEPTH {
                return None;
            }
            ty = Ty::Option(ty.into());
        }
        Some(ty)
    }

    fn list(&mut self, depth: usize) -> Option<Ty> {
        self.take("[")?;
        let inner = self.ty(depth + 1)?.into();
        if self.take("]").is_some() {
            return Some(Ty::List(inner));
        }
        self.take("; ")?;
        let length = self.length()?;
        self.take("]")?;
        Some(Ty::Array(inner, length))
    }

    fn map(&mut self, depth: usize) -> Option<Ty> {
        self.take("{")?;
        let key = self.ty(depth + 1)?.into();
        self.take(": ")?;
        let value = self.ty(depth + 1)?.into();
        self.take("}")?;
        Some(Ty::Map(key, value))
    }

    fn foreign(&mut self) -> Option<Ty> {
        self.take("`")?;
        let (text, rest) = self.rest.split_once('`')?;
        self.rest = rest;
        Some(Ty::Foreign(text.to_owned()))
    }

    fn length(&mut self) -> Option<u64> {
        let digits = |c: char| !c.is_ascii_digit();
        let end = self.rest.find(digits).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        number.parse().ok()
    }

    fn word(&mut self) -> Option<Ty> {
        if self.take("()").is_some() {
            return Some(Ty::Unit);
        }
        let part = |c: char| c.is_alphanumeric() || "_:#.".contains(c);
        let mut end = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        // the colon between a key and a value is no part of `file::Name`
        if self.rest[..end].ends_with(':') {
            end -= 1;
        }
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        if let Some(number) = NUMBERS.into_iter().find(|name| *name == word) {
            return Some(Ty::Number(number));
        }
        Some(match word {
            "" => return None,
            "any" => Ty::Any,
            "bool" => Ty::Bool,
            "string" => Ty::Text,
            "bytes" if self.take("(").is_some() => {
                let length = self.length()?;
                self.take(")")?;
                Ty::ByteArray(length)
            }
            "bytes" => Ty::Bytes,
            "time" => Ty::Time,
            "duration" => Ty::Duration,
            word => {
                let plain = word.strip_prefix("r#").filter(|name| is_ours(name));
                Ty::Named(plain.unwrap_or(word).to_owned())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for text in [
            "()",
            "bool",
            "u64?",
            "[[i8; 2]; 3]??",
            "{string: [bytes(16)?]}",
            "{Key: {i32: duration}}",
            "file::User",
            "{string: pkg.v1.User}",
            "r#time",
            "r#type",
            "`(u8, Vec<u8>)`?",
            "[Äpfel]",
        ] {
            let ty = parse(text, 1).unwrap_or_else(|_| panic!("{text}"));
            assert_eq!(show(&ty), text);
        }
        assert_eq!(parse("r#time", 1).unwrap(), Ty::Named("time".to_owned()));
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for text in [
            "", "[", "[u8", "u8]", "{u8}", "`x", "bytes(x)", "a b", "[u8; -1]",
        ] {
            let error = parse(text, 7).expect_err(text);
            assert_eq!(error.to_string(), format!("line 7: `{text}` is no type"));
        }
        parse(&"[".repeat(100_000), 1).unwrap_err();
        parse(&format!("u8{}", "?".repeat(100_000)), 1).unwrap_err();
    }
}
