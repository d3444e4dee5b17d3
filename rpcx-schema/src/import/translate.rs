//! Go types in Rust.

use std::collections::{BTreeMap, BTreeSet};

use super::constants::length;
use super::names;
use super::package::Package;
use super::refused::{self, Part};
use super::syntax::{Type, TypeDecl, TypeKind};
use super::{At, Remarks};

/// What is said of types so far.
pub(super) struct Types<'a> {
    pub(super) package: &'a Package<'a>,
    /// The names in Rust of the types that are used.
    names: BTreeMap<&'a str, String>,
    /// Those that are still to be written.
    pub(super) waiting: Vec<&'a TypeDecl>,
    /// Names of types that are taken.
    pub(super) taken: BTreeSet<String>,
    /// Whether named types that were looked into have no form here.
    refused: BTreeMap<&'a str, bool>,
    /// What the types at hand are of.
    pub(super) part: Part,
    /// Whether there is an array too long for `Default`.
    pub(super) long_arrays: bool,
    pub(super) remarks: Remarks,
}

const BASIC: [(&str, &str); 16] = [
    ("bool", "bool"),
    ("string", "String"),
    ("int", "i64"),
    ("int8", "i8"),
    ("int16", "i16"),
    ("int32", "i32"),
    ("int64", "i64"),
    ("uint", "u64"),
    ("uint8", "u8"),
    ("uint16", "u16"),
    ("uint32", "u32"),
    ("uint64", "u64"),
    ("byte", "u8"),
    ("rune", "i32"),
    ("float32", "f32"),
    ("float64", "f64"),
];

/// The longest array that `Default` knows.
const LONGEST: u32 = 32;

impl<'a> Types<'a> {
    pub(super) fn new(package: &'a Package<'a>, remarks: Remarks) -> Self {
        Self {
            package,
            names: BTreeMap::new(),
            waiting: Vec::new(),
            taken: BTreeSet::new(),
            refused: BTreeMap::new(),
            part: Part::Field,
            long_arrays: false,
            remarks,
        }
    }

    /// The type in Rust, or `None` if it was reported. `within` is the type that it is a part of.
    pub(super) fn rust(&mut self, ty: &Type, within: Option<&'a TypeDecl>) -> Option<String> {
        match &ty.kind {
            TypeKind::Named { .. } => self.named(ty),
            // nothing is one of the values
            TypeKind::Pointer(inner) if is_anything(inner) => self.anything(ty.at),
            TypeKind::Pointer(inner) => self.pointer(inner, within),
            TypeKind::Slice(inner) if self.is_byte(inner) => Some("Vec<u8>".to_owned()),
            TypeKind::Slice(inner) => {
                let inner = self.rust(inner, None)?;
                Some(format!("Vec<{inner}>"))
            }
            TypeKind::Array(count, inner) => {
                let Some(count) = length(count, &self.package.constants) else {
                    return self.refused(
                        ty.at,
                        "the length of this array cannot be told here\nhelp: write the number",
                    );
                };
                self.array(count, inner, within)
            }
            TypeKind::Map(key, value) => self.map(key, value),
            TypeKind::Parameter(_) => self.refused(
                ty.at,
                "a type parameter has no form without its generic type",
            ),
            TypeKind::Struct(fields) if fields.is_empty() => Some("()".to_owned()),
            TypeKind::Struct(_) => self.refused(
                ty.at,
                "a struct without a name cannot be imported\nhelp: give it a name",
            ),
            TypeKind::Interface { methods, more } if methods.is_empty() && more.is_none() => {
                self.anything(ty.at)
            }
            TypeKind::Interface { .. } => self.refused(ty.at, &refused::interface()),
            TypeKind::Other(what) => self.refused(ty.at, &refused::other(what, self.part)),
        }
    }

    /// `interface{}` and `any`.
    fn anything(&mut self, at: At) -> Option<String> {
        self.remarks.note(
            at,
            "a value of any type: where it is known what comes, a struct in its place says it",
        );
        Some("rpcx::Value".to_owned())
    }

    fn is_byte(&self, ty: &Type) -> bool {
        matches!(&ty.kind, TypeKind::Named { package: None, name, .. }
            if (name == "byte" || name == "uint8") && self.package.find(None, name).is_none())
    }

    fn named(&mut self, ty: &Type) -> Option<String> {
        let TypeKind::Named {
            package,
            name,
            arguments,
        } = &ty.kind
        else {
            return None;
        };
        if self.package.is_foreign(ty, "time", "Time") {
            return Some("rpcx::Timestamp".to_owned());
        }
        if self.package.is_foreign(ty, "time", "Duration") {
            return Some("std::time::Duration".to_owned());
        }
        if let Some(found) = self.package.find(package.as_deref(), name) {
            if !arguments.is_empty() || !found.parameters.is_empty() {
                let text = format!(
                    "the generic type `{name}` is used with other arguments than it has parameters"
                );
                return self.refused(ty.at, &text);
            }
            if self.is_refused(found) {
                return None;
            }
            return Some(self.own(found));
        }
        if let (None, Some((_, rust))) = (package, BASIC.iter().find(|(go, _)| go == name)) {
            return Some((*rust).to_owned());
        }
        if let (None, "any") = (package, &**name) {
            return self.anything(ty.at);
        }
        let text = match package {
            None => refused::basic(name, self.part),
            Some(package) => {
                let path = self.package.import(ty.at.file, package);
                refused::foreign(package, name, path.unwrap_or(package), self.part)
            }
        };
        self.refused(ty.at, &text)
    }

    /// Whether a named type that is no struct has no form here; a struct is written without the fields that have none. What is
    /// wrong with it is said once.
    fn is_refused(&mut self, found: &'a TypeDecl) -> bool {
        if let Some(known) = self.refused.get(&*found.name) {
            return *known;
        }
        // a type that leads back to itself is decided by the rest of it
        self.refused.insert(&found.name, false);
        let refused = match &found.ty.kind {
            TypeKind::Struct(fields) => fields.iter().any(|field| self.is_list(field)),
            _ if self.package.is_foreign(&found.ty, "time", "Time") && !found.alias => {
                let text = format!(
                    "`{}` is a time without the methods of one, and Go sends nothing of it\nhelp: use `time.Time`",
                    found.name
                );
                self.remarks.leave_out(found.at, text);
                true
            }
            _ => {
                let before = self.remarks.notes.len();
                let form = self.rust(&found.ty, Some(found));
                // they are said when it is written
                self.remarks.notes.truncate(before);
                form.is_none()
            }
        };
        self.refused.insert(&found.name, refused);
        refused
    }

    /// Whether a field says that its struct is a list without names.
    fn is_list(&mut self, field: &super::syntax::Field) -> bool {
        let option = super::fields::list_option(field);
        if let Some(option) = option {
            let text = format!(
                "a struct with `{option}` travels as a list without names, which has no form here"
            );
            self.remarks.leave_out(field.at, text);
        }
        option.is_some()
    }

    /// The name of a type that is used.
    pub(super) fn rust_name(&self, found: &TypeDecl) -> String {
        self.names.get(&*found.name).cloned().unwrap_or_default()
    }

    /// The name of a type of the files, which is to be written then.
    fn own(&mut self, found: &'a TypeDecl) -> String {
        if let Some(name) = self.names.get(&*found.name) {
            return name.clone();
        }
        let name = names::type_name(&found.name, &mut self.taken);
        self.names.insert(&found.name, name.clone());
        self.waiting.push(found);
        name
    }

    fn pointer(&mut self, inner: &Type, within: Option<&'a TypeDecl>) -> Option<String> {
        if matches!(self.package.underlying(inner).kind, TypeKind::Pointer(_)) {
            return self.refused(inner.at, "a pointer to a pointer has no form here");
        }
        let rust = self.rust(inner, within)?;
        let loops = within.is_some_and(|within| self.reaches(inner, within, &mut BTreeSet::new()));
        Some(match loops {
            true => format!("Option<Box<{rust}>>"),
            false => format!("Option<{rust}>"),
        })
    }

    /// Whether a value of `ty` holds one of `target`, other than in a list or a map.
    fn reaches(&self, ty: &Type, target: &TypeDecl, seen: &mut BTreeSet<String>) -> bool {
        match &ty.kind {
            TypeKind::Named { package, name, .. } => {
                let Some(found) = self.package.find(package.as_deref(), name) else {
                    return false;
                };
                found.name == target.name
                    || (seen.insert(name.clone()) && self.reaches(&found.ty, target, seen))
            }
            TypeKind::Pointer(inner) | TypeKind::Array(_, inner) => {
                self.reaches(inner, target, seen)
            }
            TypeKind::Struct(fields) => fields
                .iter()
                .any(|field| self.reaches(&field.ty, target, seen)),
            _ => false,
        }
    }

    fn array(&mut self, count: u32, inner: &Type, within: Option<&'a TypeDecl>) -> Option<String> {
        self.long_arrays |= count > LONGEST;
        if self.is_byte(inner) {
            return Some(format!("[u8; {count}]"));
        }
        let inner = self.rust(inner, within)?;
        Some(format!("[{inner}; {count}]"))
    }

    fn map(&mut self, key: &Type, value: &Type) -> Option<String> {
        let fits = match &self.package.underlying(key).kind {
            TypeKind::Named {
                package: None,
                name,
                ..
            } => {
                BASIC.iter().any(|(go, _)| go == name)
                    && !matches!(&**name, "bool" | "float32" | "float64")
            }
            _ => false,
        };
        if !fits {
            return self.refused(key.at, "the key of a map must be a string or an integer");
        }
        let key = self.rust(key, None)?;
        let value = self.rust(value, None)?;
        Some(format!("std::collections::BTreeMap<{key}, {value}>"))
    }

    fn refused(&mut self, at: At, message: &str) -> Option<String> {
        self.remarks.leave_out(at, message);
        None
    }

    /// Whether `ty` is a struct that travels as a map.
    pub(super) fn is_struct(&self, ty: &Type) -> bool {
        matches!(ty.kind, TypeKind::Named { .. })
            && matches!(self.package.underlying(ty).kind, TypeKind::Struct(_))
    }
}

fn is_anything(ty: &Type) -> bool {
    match &ty.kind {
        TypeKind::Interface { methods, more } => methods.is_empty() && more.is_none(),
        TypeKind::Named {
            package: None,
            name,
            ..
        } => name == "any",
        _ => false,
    }
}
