//! Types in Rust before and after: the same bytes, but code has to change.

use super::diff::Diff;
use super::fields::{Part, last};
use super::finding::Level::Source;
use super::methods::Written;

impl Diff<'_> {
    /// Whether a type is written as it was, where it is the same on the wire.
    pub(super) fn same_in_rust(&mut self, part: &Part, place: &str, written: Written<'_>) {
        let (Some(old), Some(new)) = written else {
            return;
        };
        if !self.is_renamed(old, new) {
            let change = format!("was `{old}` in Rust and is `{new}`: code has to be changed");
            let help = "nothing is lost between peers";
            self.find((Source, part.same_rust_type), place, change, help);
        }
    }

    /// Whether two texts differ at most in the names of types of the files, which have findings of their own.
    fn is_renamed(&self, old: &str, new: &str) -> bool {
        let known = |mut types: std::collections::btree_map::Keys<'_, String, _>, word: &str| {
            types.any(|name| last(name) == word)
        };
        let (before, now) = (words(old), words(new));
        before.len() == now.len()
            && before.iter().zip(&now).all(|(a, b)| {
                a == b
                    || (known(self.old.types.keys(), a)
                        && known(self.new.types.keys(), b)
                        && self
                            .compared
                            .iter()
                            .any(|(one, other)| last(one) == *a && last(other) == *b))
            })
    }
}

/// Names, and the marks between them.
fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let part = |c: char| c.is_alphanumeric() || c == '_';
        let end = match part(first) {
            true => rest.find(|c| !part(c)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (word, after) = rest.split_at(end);
        if !word.trim().is_empty() {
            out.push(word);
        }
        rest = after;
    }
    out
}
