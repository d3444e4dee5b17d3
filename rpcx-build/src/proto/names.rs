//! The names that Go programs call a service of a `.proto` file by.

use std::collections::BTreeSet;

use heck::ToUpperCamelCase;
use prost_types::FileDescriptorSet;
use rpcx_codegen::names::RESERVED;

/// A name as protoc-gen-go writes it: `say_hello` is `SayHello`, `_x` is `XX`, `a_1` is `A_1`.
pub(super) fn go(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut chars = name.chars().peekable();
    let mut inside_word = false;
    while let Some(c) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(char::is_ascii_lowercase);
        match c {
            '_' if out.is_empty() => out.push('X'),
            '_' if next_is_lower => {}
            c if inside_word && c.is_ascii_lowercase() => {
                out.push(c);
                continue;
            }
            c => out.push(c.to_ascii_uppercase()),
        }
        // what follows a digit or an underscore begins a word
        inside_word = c.is_ascii_alphabetic();
    }
    out
}

/// The name of a method in Rust, which must not be one of the functions that every client has.
pub(super) fn method(snake: &str) -> String {
    let suffix = if RESERVED.contains(&snake) { "_" } else { "" };
    format!("{snake}{suffix}")
}

/// The names of messages, enums and services in Rust, by package.
#[derive(Debug)]
pub(super) struct Taken {
    types: BTreeSet<(String, String)>,
    services: BTreeSet<(String, String)>,
}

impl Taken {
    pub(super) fn of(set: &FileDescriptorSet) -> Self {
        let (mut types, mut services) = (BTreeSet::new(), BTreeSet::new());
        for file in &set.file {
            let package = || file.package().to_owned();
            let messages = file.message_type.iter().map(|found| found.name());
            let enums = file.enum_type.iter().map(|found| found.name());
            types.extend(
                messages
                    .chain(enums)
                    .map(|name| (package(), name.to_upper_camel_case())),
            );
            let names = file
                .service
                .iter()
                .map(|found| found.name().to_upper_camel_case());
            services.extend(names.map(|name| (package(), name)));
        }
        Self { types, services }
    }

    /// `name`, or one made of it under which trait, client and server are the only items of the package.
    pub(super) fn free(&self, package: &str, name: &str) -> String {
        let is_free = |tried: &String| {
            let has = |set: &BTreeSet<(String, String)>, name: String| {
                set.contains(&(package.to_owned(), name))
            };
            let own = tried == name;
            let parts = ["", "Client", "Server"].map(|part| format!("{tried}{part}"));
            let service =
                |part: &String| has(&self.services, part.clone()) && !(own && part == name);
            parts
                .iter()
                .all(|part| !has(&self.types, part.clone()) && !service(part))
        };
        let mut tried = name.to_owned();
        while !is_free(&tried) {
            tried.push_str("Service");
        }
        tried
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn as_protoc_gen_go_has_them() {
        for (proto, go) in [
            ("SayHello", "SayHello"),
            ("say_hello", "SayHello"),
            ("sayHello", "SayHello"),
            ("say_Hello", "Say_Hello"),
            ("_say", "XSay"),
            ("_Say", "XSay"),
            ("get2nd", "Get2Nd"),
            ("get_2nd", "Get_2Nd"),
            ("HTTPGet", "HTTPGet"),
            ("a__b", "A_B"),
            ("say_", "Say_"),
        ] {
            assert_eq!(super::go(proto), go, "{proto}");
        }
    }
}
