//! Names and types in Go.

use proc_macro2::Ident;
use syn::ext::IdentExt;

use crate::document::{Ty, last};

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

/// Whether a package can have this name.
pub(super) fn is_package(name: &str) -> bool {
    let first = name.chars().next();
    first.is_some_and(|c| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !KEYWORDS.contains(&name)
}

/// Whether Go exports a method or a field with this name.
pub(crate) fn is_exported(name: &str) -> bool {
    name.chars().next().is_some_and(char::is_uppercase)
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The exported Go name for a name on the wire: the same where that is possible.
pub(crate) fn exported(name: &str) -> String {
    if is_exported(name) {
        return name.to_owned();
    }
    let words = name.split(|c: char| !c.is_alphanumeric());
    let joined: String = words
        .flat_map(|word| {
            let mut chars = word.chars();
            let first = chars.next().into_iter().flat_map(char::to_uppercase);
            first.chain(chars).collect::<Vec<_>>()
        })
        .collect();
    if is_exported(&joined) {
        joined
    } else {
        format!("X{joined}")
    }
}

/// The Go name of a type or a trait.
pub(super) fn of(ident: &Ident) -> String {
    exported(&ident.unraw().to_string())
}

/// The type in Go. What may be absent is a pointer, or a slice or a map that can be nil.
pub(super) fn go(ty: &Ty) -> String {
    match ty {
        Ty::Any => "any".to_owned(),
        Ty::Unit => "struct{}".to_owned(),
        Ty::Bool => "bool".to_owned(),
        Ty::Number(name) => number(name),
        Ty::Text => "string".to_owned(),
        Ty::Bytes => "[]byte".to_owned(),
        Ty::ByteArray(length) => format!("[{length}]byte"),
        Ty::Time => "time.Time".to_owned(),
        Ty::Duration => "time.Duration".to_owned(),
        Ty::Option(inner) => match &**inner {
            Ty::Any | Ty::Option(_) | Ty::Bytes | Ty::List(_) | Ty::Map(..) => go(inner),
            inner => format!("*{}", go(inner)),
        },
        Ty::List(inner) => format!("[]{}", go(inner)),
        Ty::Array(inner, length) => format!("[{length}]{}", go(inner)),
        Ty::Map(key, value) => format!("map[{}]{}", go(key), go(value)),
        Ty::Named(id) => exported(last(id)),
        // was reported, so nothing of this is written
        Ty::Foreign(text) => text.clone(),
    }
}

fn number(name: &str) -> String {
    match name.split_at(1) {
        ("i", bits) => format!("int{bits}"),
        ("u", bits) => format!("uint{bits}"),
        (_, bits) => format!("float{bits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exported() {
        for (wire, go) in [
            ("Id", "Id"),
            ("ID", "ID"),
            ("new_name", "NewName"),
            ("newName", "NewName"),
            ("kebab-case", "KebabCase"),
            ("2nd", "X2nd"),
            ("_", "X"),
            ("Äpfel", "Äpfel"),
        ] {
            assert_eq!(exported(wire), go, "{wire}");
            assert!(is_exported(go));
        }
    }

    #[test]
    fn packages_have_lower_case_names() {
        assert!(is_package("arith") && is_package("arith2"));
        assert!(!is_package("type") && !is_package("Arith") && !is_package("a-b"));
        assert!(!is_package("") && !is_package("2a"));
    }
}
