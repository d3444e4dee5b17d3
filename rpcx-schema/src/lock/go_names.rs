//! What a Go program on the other side is likely to get wrong, and replies that cannot grow.

use super::finding::Finding;
use super::lint::warn;
use super::ty::show;
use super::{Field, Lock, Method};
use crate::document::Ty;
use crate::go::names::{exported, is_exported};

/// Words that Go writes in capitals, as its style guide lists them.
const INITIALISMS: [&str; 24] = [
    "Acl", "Api", "Ascii", "Cpu", "Css", "Dns", "Html", "Http", "Https", "Id", "Ip", "Json", "Rpc",
    "Sql", "Ssh", "Tcp", "Tls", "Ttl", "Udp", "Uri", "Url", "Utf8", "Uuid", "Xml",
];

pub(super) fn method_name(subject: &str, name: &str, out: &mut Vec<Finding>) {
    if !is_exported(name) {
        let change = format!("answers to `{name}`, which no method of a Go server can be called");
        let help = format!(
            "begin the name with a capital: `#[rpcx(name = \"{}\")]`",
            exported(name)
        );
        out.push(warn("GO_EXPORTED_NAME", subject.to_owned(), change, help));
    } else if let Some(go) = with_initialisms(name) {
        let change = format!("answers to `{name}`; in Go it is likely to be called `{go}`");
        let help = format!(
            "give it that name with `#[rpcx(name = \"{go}\")]` or `#[rpcx(alias = \"{go}\")]`"
        );
        out.push(warn("GO_INITIALISM", subject.to_owned(), change, help));
    }
}

pub(super) fn names(noun: &str, owner: &str, fields: &[Field], out: &mut Vec<Finding>) {
    for field in fields {
        let wire = &field.wire;
        let subject = format!("the {noun} `{wire}` of {owner}");
        if !is_exported(wire) {
            let change = format!(
                "is found in a Go struct only by a tag: `msgpack:\"{wire}\" json:\"{wire}\"`"
            );
            let help = format!(
                "without the tag Go reads nothing; call it `{}`, or keep to the generated Go code",
                exported(wire)
            );
            out.push(warn("GO_EXPORTED_NAME", subject, change, help));
        } else if let Some(go) = with_initialisms(wire) {
            let change = format!(
                "is likely to be `{go}` in a Go struct that was written by hand, which then reads nothing"
            );
            let help = format!(
                "give it that name with `#[rpcx(name = \"{go}\")]`, or keep to the generated Go code"
            );
            out.push(warn("GO_INITIALISM", subject, change, help));
        }
    }
}

pub(super) fn reply(lock: &Lock, subject: &str, method: &Method, out: &mut Vec<Finding>) {
    let ty = lock.unaliased(&method.reply);
    let can_grow = method.oneway
        || method.reply_field.is_some()
        || lock.fields(ty).is_some()
        || matches!(ty, Ty::Unit | Ty::Foreign(_));
    if !can_grow {
        let change = format!(
            "answers with `{}`, to which nothing can be added later",
            show(&method.reply)
        );
        let help =
            "answer with a struct, or put the value into a field with `#[rpcx(reply = \"..\")]`";
        out.push(warn(
            "REPLY_IS_STRUCT",
            subject.to_owned(),
            change,
            help.to_owned(),
        ));
    }
}

/// The name as Go's style has it, if that is another one.
fn with_initialisms(name: &str) -> Option<String> {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        let end = after.find(|c: char| c.is_uppercase() || c == '_');
        let (word, next) = rest.split_at(end.map_or(rest.len(), |end| end + first.len_utf8()));
        match INITIALISMS.contains(&word) {
            true => out.push_str(&word.to_uppercase()),
            false => out.push_str(word),
        }
        rest = next;
    }
    (out != name).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::with_initialisms;

    #[test]
    fn go_writes_initialisms_in_capitals() {
        for (name, go) in [
            ("Id", Some("ID")),
            ("UserId", Some("UserID")),
            ("HttpUrlOf", Some("HTTPURLOf")),
            ("User_Id", Some("User_ID")),
            ("Identity", None),
            ("ID", None),
            ("Käse", None),
        ] {
            assert_eq!(with_initialisms(name).as_deref(), go, "{name}");
        }
    }
}
