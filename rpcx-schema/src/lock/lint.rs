//! What is worth a look while it can still be changed.

use std::collections::BTreeSet;

use super::finding::{Finding, Level};
use super::go_names::{method_name, names, reply};
use super::{Args, ErrorEnum, Lock, Type};
use crate::document::{NUMBERS, Ty};

/// The rules of all warnings that are no changes.
pub(super) const RULES: [&str; 5] = [
    "GO_EXPORTED_NAME",
    "GO_INITIALISM",
    "REPLY_IS_STRUCT",
    "ENUM_HAS_OTHER",
    "TYPE_IS_SEEN",
];

/// Names of Rust among those that make up a type.
const KNOWN: [&str; 32] = [
    "Arc",
    "BTreeMap",
    "BTreeSet",
    "Box",
    "Bytes",
    "Cow",
    "Duration",
    "HashMap",
    "HashSet",
    "IpAddr",
    "Ipv4Addr",
    "Ipv6Addr",
    "LinkedList",
    "NonZeroI32",
    "NonZeroI64",
    "NonZeroU32",
    "NonZeroU64",
    "NonZeroU8",
    "Option",
    "Rc",
    "Result",
    "SocketAddr",
    "String",
    "SystemTime",
    "Timestamp",
    "Vec",
    "VecDeque",
    "bool",
    "char",
    "i128",
    "str",
    "u128",
];

/// What is worth a look while it can still be changed. Everything is a [`Level::Warning`].
pub fn lint(lock: &Lock) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, service) in &lock.services {
        for (wire, method) in &service.methods {
            let subject = format!("the method `{path}.{wire}`");
            for name in std::iter::once(wire).chain(&method.aliases) {
                method_name(&subject, name, &mut findings);
            }
            if method.codec != "serde" {
                continue;
            }
            if let Args::Map(fields) = &method.args {
                names(
                    "argument",
                    &format!("`{path}.{wire}`"),
                    fields,
                    &mut findings,
                );
            }
            reply(lock, &subject, method, &mut findings);
        }
    }
    for (name, definition) in &lock.types {
        match definition {
            Type::Struct(found) => {
                names("field", &format!("`{name}`"), &found.fields, &mut findings)
            }
            Type::Numbers(variants) if variants.reserved.is_none() => {
                catch_all(name, (variants.other.is_some(), "i64"), &mut findings);
            }
            Type::Texts(variants) => {
                catch_all(name, (variants.other.is_some(), "String"), &mut findings);
            }
            _ => {}
        }
    }
    findings.extend(unseen(lock));
    findings
}

pub(super) fn warn(rule: &'static str, subject: String, change: String, help: String) -> Finding {
    Finding {
        rule,
        level: Level::Warning,
        subject,
        change,
        help,
    }
}

fn catch_all(name: &str, (is_there, holds): (bool, &str), out: &mut Vec<Finding>) {
    if !is_there {
        let change = "has no variant for everything else: a variant that is added is refused by all peers that were built before";
        let help = format!("add `#[rpcx(other)] Other({holds})` to it");
        let subject = format!("the enum `{name}`");
        out.push(warn("ENUM_HAS_OTHER", subject, change.to_owned(), help));
    }
}

/// Types that stand in no file that was named, so that changes of them are not noticed: a part of [`lint`], which builds say, too.
pub fn unseen(lock: &Lock) -> Vec<Finding> {
    let methods = lock.services.values().flat_map(|one| one.methods.values());
    let of_methods = methods.flat_map(|method| method.types());
    let of_types = lock.types.values().flat_map(Type::types);
    let of_errors = lock.errors.values().flat_map(ErrorEnum::types);
    let mut found: BTreeSet<String> = BTreeSet::new();
    for ty in of_methods.chain(of_types).chain(of_errors) {
        foreign(ty, &mut |text| found.extend(unknown(text, lock)));
    }
    let findings = found.into_iter().map(|name| {
        let change = "stands in no file that the lock file is made of: its changes are not noticed";
        let help = "name the file that defines it beside the others, with `.trait_file(..)` or in `trait-files`";
        warn("TYPE_IS_SEEN", format!("the type `{name}`"), change.to_owned(), help.to_owned())
    });
    findings.collect()
}

/// Hands over the texts of types that are not looked into.
fn foreign(ty: &Ty, out: &mut impl FnMut(&str)) {
    match ty {
        Ty::Foreign(text) => out(text),
        Ty::Option(inner) | Ty::List(inner) | Ty::Array(inner, _) => foreign(inner, out),
        Ty::Map(key, value) => {
            foreign(key, out);
            foreign(value, out);
        }
        _ => {}
    }
}

/// Names of types in a text that the lock file does not know, with their paths.
fn unknown(text: &str, lock: &Lock) -> Vec<String> {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = text.split(|c| !part(c));
    let words = words.map(|word| word.trim_matches(':')).filter(|word| {
        let last = word.rsplit("::").next().unwrap_or(word);
        let begins = last.chars().next().is_some_and(char::is_uppercase);
        let is_known = KNOWN.contains(&last)
            || NUMBERS.contains(&last)
            || lock
                .types
                .keys()
                .any(|name| crate::document::last(name) == last);
        begins && !is_known
    });
    words.map(str::to_owned).collect()
}
