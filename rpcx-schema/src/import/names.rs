//! Names in Rust for names in Go.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span};
use rpcx_codegen::names::RESERVED;
use rpcx_codegen::parse::names::Case;

/// Words that cannot be raw identifiers.
const NEVER: [&str; 5] = ["self", "super", "crate", "Self", "_"];

/// Types that generated code and the generator know by their names.
const KNOWN: [&str; 23] = [
    "Arc",
    "Array",
    "BTreeMap",
    "Box",
    "Bytes",
    "Context",
    "Cow",
    "Duration",
    "Err",
    "HashMap",
    "None",
    "Ok",
    "Option",
    "Result",
    "Self",
    "Some",
    "Stream",
    "String",
    "SystemTime",
    "Timestamp",
    "Value",
    "Vec",
    "rpcx",
];

/// `get_url` for `GetURL`, `user_id` for `UserID`; letters only, as far as there are any.
pub(super) fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (index, c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
            continue;
        }
        let before = index.checked_sub(1).and_then(|before| chars.get(before));
        let next = chars.get(index + 1);
        let starts = c.is_uppercase()
            && (before.is_some_and(|before| !before.is_uppercase())
                || next.is_some_and(|next| next.is_lowercase()));
        if starts && !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    let out = out.trim_end_matches('_').to_owned();
    if out.chars().next().is_none_or(|c| !c.is_alphabetic()) {
        return format!("x{out}");
    }
    out
}

/// `Pascal` case of a Go name, which has words in camel case.
pub(super) fn upper(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric());
    let joined: String = words
        .flat_map(|word| {
            let mut chars = word.chars();
            let first = chars.next().into_iter().flat_map(char::to_uppercase);
            first.chain(chars).collect::<Vec<_>>()
        })
        .collect();
    match joined.chars().next() {
        Some(c) if c.is_alphabetic() => joined,
        _ => format!("X{joined}"),
    }
}

/// The name as an identifier, with `r#` or `_` for keywords.
pub(super) fn identifier(name: &str) -> String {
    if NEVER.contains(&name) {
        return format!("{name}_");
    }
    match syn::parse_str::<Ident>(name) {
        Ok(_) => name.to_owned(),
        Err(_) => format!("r#{name}"),
    }
}

/// A snake case identifier that is not among `taken`, and is added to it.
pub(super) fn member(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut snake = snake(name);
    if RESERVED.contains(&&*snake) {
        snake.push('_');
    }
    let mut found = identifier(&snake);
    let mut number = 1;
    while !taken.insert(found.clone()) {
        number += 1;
        found = identifier(&format!("{snake}{number}"));
    }
    found
}

/// What the generator makes of an identifier under a case rule.
pub(super) fn wire(identifier: &str, case: Case) -> String {
    let ident = match identifier.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, Span::call_site()),
        None => Ident::new(identifier, Span::call_site()),
    };
    case.apply(&ident)
}

/// A name for a type that is not among `taken`, and is added to it.
pub(super) fn type_name(name: &str, taken: &mut BTreeSet<String>) -> String {
    let upper = upper(name);
    let mut found = upper.clone();
    if KNOWN.contains(&&*found) {
        found.push_str("Type");
    }
    let mut number = 1;
    while !taken.insert(found.clone()) {
        number += 1;
        found = format!("{upper}{number}");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found() {
        for (go, rust) in [
            ("GetURL", "get_url"),
            ("UserID", "user_id"),
            ("HTTPServer", "http_server"),
            ("A", "a"),
            ("V2Name", "v2_name"),
            ("snake_case", "snake_case"),
            ("X__Y_", "x_y"),
            ("Äpfel", "äpfel"),
            ("_", "x"),
            ("2nd", "x2nd"),
        ] {
            assert_eq!(snake(go), rust);
        }
    }

    #[test]
    fn every_name_becomes_an_identifier_of_its_own() {
        let mut taken = BTreeSet::new();
        let mut all = |name| member(name, &mut taken);
        assert_eq!(
            ["Type", "ID", "Id", "Self", "New", "Gen"].map(&mut all),
            ["r#type", "id", "id2", "self_", "new_", "gen"]
        );
        let mut taken = BTreeSet::from(["Arith".to_owned()]);
        let mut all = |name| type_name(name, &mut taken);
        assert_eq!(
            ["Arith", "option", "my_args"].map(&mut all),
            ["Arith2", "OptionType", "MyArgs"]
        );
    }
}
