//! Names and types in TypeScript.

use proc_macro2::Ident;
use syn::ext::IdentExt;

use crate::document::{Ty, last};

/// What cannot be the name of a type, a class or an argument.
const KEYWORDS: [&str; 47] = [
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "yield",
];

const WITH: &str = "with";

/// Types of the language, and those that generated code names.
const TYPES: [&str; 17] = [
    "Map",
    "Promise",
    "Uint8Array",
    "any",
    "async",
    "bigint",
    "boolean",
    "declare",
    "never",
    "number",
    "object",
    "rpcx",
    "string",
    "symbol",
    "type",
    "undefined",
    "unknown",
];

/// What every object has, or what makes one something else: a promise, for one that has a `then`.
const MEMBERS: [&str; 10] = [
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "prototype",
    "then",
    "toJSON",
    "toLocaleString",
    "toString",
    "valueOf",
];

fn is_keyword(name: &str) -> bool {
    name == WITH || KEYWORDS.contains(&name)
}

/// The name of a type, an enum, an error or a trait: the same where that is possible.
pub(super) fn of(ident: &Ident) -> String {
    named(&ident.unraw().to_string())
}

/// The same, from the name in Rust.
pub(super) fn named(name: &str) -> String {
    match is_keyword(name) || TYPES.contains(&name) {
        true => format!("{name}_"),
        false => name.to_owned(),
    }
}

/// The name of the constant that says how a type travels. No name of Rust has such a sign.
pub(super) fn constant(name: &str) -> String {
    format!("${name}")
}

/// The name of an argument that stands beside `options`.
pub(super) fn parameter(ident: &Ident) -> String {
    let name = camel(&ident.unraw().to_string());
    let free = is_identifier(&name) && !is_keyword(&name) && name != "options" && name != "rpcx";
    match free {
        true => name,
        false => format!("_{name}"),
    }
}

/// The names of the members of an object or a class, from those on the wire, in the same order. Names that only
/// their case or their signs tell apart stay as they are.
pub(super) fn members<'a>(wires: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wires: Vec<&str> = wires.collect();
    let plain: Vec<String> = wires.iter().map(|wire| camel(wire)).collect();
    let count = |all: &[String], name: &str| all.iter().filter(|other| *other == name).count();
    let named = wires.iter().zip(&plain);
    let named: Vec<String> = named
        .map(|(wire, name)| match count(&plain, name) {
            1 if !name.is_empty() => name.clone(),
            _ => (*wire).to_owned(),
        })
        .collect();
    match named.iter().all(|name| count(&named, name) == 1) {
        true => named,
        false => wires.iter().map(|wire| (*wire).to_owned()).collect(),
    }
}

/// The names of the methods of a class.
pub(super) fn methods<'a>(wires: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names = members(wires);
    for index in 0..names.len() {
        while MEMBERS.contains(&&*names[index]) || names[..index].contains(&names[index]) {
            names[index].push('_');
        }
    }
    names
}

/// `userId` for `UserId`, `user_id`, `user-id` and `USER_ID`; `id` for `ID`, `httpServer` for `HTTPServer`.
fn camel(wire: &str) -> String {
    let shouts = !wire.chars().any(char::is_lowercase);
    let words = wire
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let mut out = String::new();
    for word in words {
        let word = match shouts {
            true => word.to_lowercase(),
            false => word.to_owned(),
        };
        match out.is_empty() {
            true => out.push_str(&lower_front(&word)),
            false => {
                let mut chars = word.chars();
                out.extend(chars.next().into_iter().flat_map(char::to_uppercase));
                out.push_str(chars.as_str());
            }
        }
    }
    out
}

/// The capitals at the front in small letters, but not one that begins the next word.
fn lower_front(word: &str) -> String {
    let capitals = word.chars().take_while(|c| c.is_uppercase()).count();
    let all = capitals == word.chars().count();
    let next_begins = word.chars().nth(capitals).is_some_and(char::is_alphabetic);
    let lowered = match capitals > 1 && !all && next_begins {
        true => capitals - 1,
        false => capitals,
    };
    let front = word.chars().take(lowered).flat_map(char::to_lowercase);
    front.chain(word.chars().skip(lowered)).collect()
}

fn is_identifier(name: &str) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '$');
    name.chars().next().is_some_and(first) && name.chars().all(|c| first(c) || c.is_ascii_digit())
}

/// A name as it stands before the colon of a member. Other names than those of ASCII are quoted, and one that would set
/// the prototype is in brackets.
pub(super) fn member(name: &str) -> String {
    match name {
        "__proto__" => "[\"__proto__\"]".to_owned(),
        name if is_identifier(name) => name.to_owned(),
        name => super::text::quoted(name),
    }
}

/// The type in TypeScript.
pub(super) fn ty(of: &Ty) -> String {
    match of {
        Ty::Any => "rpcx.Plain".to_owned(),
        Ty::Unit => "undefined".to_owned(),
        Ty::Bool => "boolean".to_owned(),
        Ty::Number("i64" | "u64") => "bigint".to_owned(),
        Ty::Number(_) => "number".to_owned(),
        Ty::Text => "string".to_owned(),
        Ty::Bytes | Ty::ByteArray(_) => "Uint8Array".to_owned(),
        Ty::Time => "rpcx.Timestamp".to_owned(),
        Ty::Duration => "rpcx.Duration".to_owned(),
        Ty::Option(inner) => match ty(inner) {
            inner if inner.ends_with("undefined") => inner,
            inner => format!("{inner} | undefined"),
        },
        Ty::List(inner) | Ty::Array(inner, _) => match ty(inner) {
            inner if inner.contains(" | ") && !inner.ends_with('>') => format!("({inner})[]"),
            inner => format!("{inner}[]"),
        },
        Ty::Map(key, value) => format!("Map<{}, {}>", ty(key), ty(value)),
        Ty::Named(id) => named(last(id)),
        // was reported, so nothing of this is written
        Ty::Foreign(text) => text.clone(),
    }
}

/// The value that says how the type travels.
pub(super) fn schema(of: &Ty) -> String {
    match of {
        Ty::Any => "rpcx.any".to_owned(),
        Ty::Unit => "rpcx.unit".to_owned(),
        Ty::Bool => "rpcx.bool".to_owned(),
        Ty::Number(name) => format!("rpcx.{name}"),
        Ty::Text => "rpcx.text".to_owned(),
        Ty::Bytes => "rpcx.bytes".to_owned(),
        Ty::ByteArray(length) => format!("rpcx.byteArray({length})"),
        Ty::Time => "rpcx.time".to_owned(),
        Ty::Duration => "rpcx.duration".to_owned(),
        Ty::Option(inner) => format!("rpcx.optional({})", schema(inner)),
        Ty::List(inner) => format!("rpcx.list({})", schema(inner)),
        Ty::Array(inner, length) => format!("rpcx.list({}, {length})", schema(inner)),
        Ty::Map(key, value) => format!("rpcx.map({}, {})", schema(key), schema(value)),
        Ty::Named(id) => constant(&named(last(id))),
        // was reported, so nothing of this is written
        Ty::Foreign(text) => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(wires: &[&str]) -> Vec<String> {
        members(wires.iter().copied())
    }

    #[test]
    fn members_are_in_camel_case() {
        for (wire, name) in [
            ("A", "a"),
            ("ID", "id"),
            ("UserId", "userId"),
            ("UserID", "userID"),
            ("user_id", "userId"),
            ("user-id", "userId"),
            ("USER_ID", "userId"),
            ("HTTPServer", "httpServer"),
            ("HTTP2", "http2"),
            ("ABTest", "abTest"),
            ("2nd", "2nd"),
            ("Äpfel", "äpfel"),
            ("__proto__", "proto"),
            ("-", "-"),
        ] {
            assert_eq!(all(&[wire]), [name], "{wire}");
        }
    }

    #[test]
    fn members_that_would_be_one_stay_as_they_are() {
        assert_eq!(all(&["user_id", "UserId", "B"]), ["user_id", "UserId", "b"]);
        assert_eq!(all(&["a_b", "a-b", "aB", "AB"]), ["a_b", "a-b", "aB", "ab"]);
        assert_eq!(all(&["A", "a", "-", "_"]), ["A", "a", "-", "_"]);
        // what stays as it is meets another one's name
        assert_eq!(all(&["x_y", "XY", "xY", "xy"]), ["x_y", "XY", "xY", "xy"]);
    }

    #[test]
    fn methods_do_not_hide_what_every_object_has() {
        let names = methods(["Then", "ToString", "Get", "Constructor"].into_iter());
        assert_eq!(names, ["then_", "toString_", "get", "constructor_"]);
    }

    #[test]
    fn keywords_are_told_apart() {
        let ident = |name: &str| syn::parse_str::<Ident>(name).unwrap();
        assert_eq!(of(&ident("Map")), "Map_");
        assert_eq!(of(&ident("string")), "string_");
        assert_eq!(of(&ident("User")), "User");
        assert_eq!(parameter(&ident("new")), "_new");
        assert_eq!(parameter(&ident("options")), "_options");
        assert_eq!(parameter(&ident("r#type")), "type");
        assert_eq!(parameter(&ident("user_id")), "userId");
    }

    #[test]
    fn names_are_quoted_where_they_must_be() {
        assert_eq!(member("userId"), "userId");
        assert_eq!(member("2nd"), "\"2nd\"");
        assert_eq!(member("a\"b"), "\"a\\\"b\"");
        assert_eq!(member("__proto__"), "[\"__proto__\"]");
    }
}
