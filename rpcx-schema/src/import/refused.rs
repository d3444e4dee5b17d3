//! What is said of types that do not travel, and what to do in their place, which differs between a field, which can be
//! left out, and the argument or reply of a method, which cannot.

use super::namespaces::is_of_go;

/// What a type is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Argument,
    Reply,
    Field,
}

const LEFT_OUT: &str = "leave the field out with the tag `msgpack:\"-\" json:\"-\"`";

/// A function or a channel, by what it is called.
pub(super) fn other(what: &str, part: Part) -> String {
    let help = match (what, part) {
        (_, Part::Field) => LEFT_OUT,
        ("a channel", Part::Argument) => {
            "send the values: a list of them as the argument, or a call for each"
        }
        ("a channel", Part::Reply) => {
            "reply with a list of the values; what comes later is sent to the client as messages of the server (`Server.SendMessage` in Go, `Peer::push` in Rust)"
        }
        (_, Part::Argument) => {
            "send what the function works on, and give each thing it can do a method or a value of its own"
        }
        (_, Part::Reply) => "reply with what the function would return, or make it a method",
    };
    format!("{what} does not travel{}\nhelp: {help}", of(part))
}

pub(super) fn interface() -> String {
    "an interface with methods does not travel\nhelp: use the struct that is behind it, or `any`"
        .to_owned()
}

/// A type without a package that is not in the files.
pub(super) fn basic(name: &str, part: Part) -> String {
    match name {
        "error" => "an `error` does not travel as a value\nhelp: send its text".to_owned(),
        "complex64" | "complex128" => format!(
            "`{name}` does not travel{}\nhelp: send a struct of its real and its imaginary part",
            of(part)
        ),
        "uintptr" => address("`uintptr`", part),
        _ => format!(
            "the type `{name}` is not in these files\nhelp: import the files of the package together"
        ),
    }
}

/// A type of a package that is not given.
pub(super) fn foreign(package: &str, name: &str, path: &str, part: Part) -> String {
    let shown = format!("`{package}.{name}`");
    match (path, name) {
        ("unsafe", _) => address(&shown, part),
        ("encoding/json", "RawMessage") => format!(
            "{shown} is JSON as it is, which has a form of its own in each codec\nhelp: use `any` for values, or `[]byte` for the text"
        ),
        ("context", "Context") => format!(
            "{shown} does not travel{}\nhelp: its deadline and metadata travel with each call, as the context of the method",
            of(part)
        ),
        _ if path == "C" || is_of_go(path) => {
            let help = match part {
                Part::Field => format!(
                    "{LEFT_OUT}, or send what the other side needs of it as a struct, a text or bytes"
                ),
                _ => "send what the other side needs of it as a struct, a text or bytes".to_owned(),
            };
            format!("the type {shown} comes with Go and has no form here\nhelp: {help}")
        }
        ("", _) => format!(
            "the type {shown} is of another package\nhelp: import its file together with this one, or copy the type"
        ),
        _ => format!(
            "the type {shown} is of another package\nhelp: import the files of `{path}` together with this one, or copy the type"
        ),
    }
}

fn address(shown: &str, part: Part) -> String {
    let help = match part {
        Part::Field => format!("send what is behind it, or {LEFT_OUT}"),
        _ => "send what is behind it".to_owned(),
    };
    format!("{shown} is an address, which means nothing elsewhere\nhelp: {help}")
}

/// Of a method it is said for which part, because the line has both.
fn of(part: Part) -> &'static str {
    match part {
        Part::Argument => " as an argument",
        Part::Reply => " as a reply",
        Part::Field => "",
    }
}
