//! From names in Rust to names on the wire.

use proc_macro2::Ident;
use syn::ext::IdentExt;

/// A rule for names on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// `GetUser`: what Go exports.
    Pascal,
    /// `getUser`
    Camel,
    /// `get_user`
    Snake,
    /// As written.
    Asis,
}

impl Case {
    /// The values of `rename_methods` and `rename_args`.
    pub const NAMES: [&'static str; 4] = ["PascalCase", "camelCase", "snake_case", "none"];

    /// The rule with this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "PascalCase" => Some(Self::Pascal),
            "camelCase" => Some(Self::Camel),
            "snake_case" => Some(Self::Snake),
            "none" => Some(Self::Asis),
            _ => None,
        }
    }

    /// `ident` under this rule. Empty if the identifier is underscores only.
    pub fn apply(self, ident: &Ident) -> String {
        let name = ident.unraw().to_string();
        match self {
            Self::Asis => name,
            Self::Pascal => pascal(&name),
            Self::Camel => lower_first(&pascal(&name)),
            Self::Snake => snake(&name),
        }
    }
}

fn pascal(name: &str) -> String {
    name.split('_').map(upper_first).collect()
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

fn upper_first(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(chars)
        .collect()
}

fn lower_first(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .into_iter()
        .flat_map(char::to_lowercase)
        .chain(chars)
        .collect()
}

/// The candidate that `wrong` was probably meant to be.
pub fn similar<'a>(wrong: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let allowed = if wrong.len() < 4 { 1 } else { 2 };
    let (distance, best) = candidates
        .iter()
        .map(|candidate| (distance(wrong, candidate), *candidate))
        .min()?;
    (distance <= allowed).then_some(best)
}

/// Insertions, deletions and replacements from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::Span;

    #[test]
    fn rules() {
        let cases = [
            ("get_user", "GetUser", "getUser", "get_user"),
            ("r#type", "Type", "type", "type"),
            ("_unused", "Unused", "unused", "_unused"),
            ("mul", "Mul", "mul", "mul"),
            ("getUser", "GetUser", "getUser", "get_user"),
            ("v2_x", "V2X", "v2X", "v2_x"),
        ];
        for (name, pascal, camel, snake) in cases {
            let ident = match name.strip_prefix("r#") {
                Some(raw) => Ident::new_raw(raw, Span::call_site()),
                None => Ident::new(name, Span::call_site()),
            };
            assert_eq!(Case::Pascal.apply(&ident), pascal);
            assert_eq!(Case::Camel.apply(&ident), camel);
            assert_eq!(Case::Snake.apply(&ident), snake);
        }
    }

    #[test]
    fn similar_words() {
        assert_eq!(similar("onway", &["name", "oneway"]), Some("oneway"));
        assert_eq!(similar("colour", &["name", "oneway", "codec"]), None);
        assert_eq!(similar("nam", &["name", "wrap"]), Some("name"));
    }
}
