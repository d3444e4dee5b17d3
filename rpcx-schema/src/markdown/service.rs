//! A service and its methods.

use crate::document::deprecated;
use rpcx_codegen::model::{Family, Method, Service};
use rpcx_codegen::parse::travel::{generics, is_unit, last, text};

use super::{about, cell, code, paragraph, table};

pub(super) fn service(out: &mut String, service: &Service) {
    let name = &service.item.ident;
    paragraph(out, &format!("# {name}"));
    about(out, &service.docs);
    let mut facts = format!("Service path {}", code(&service.path));
    if let Some(version) = &service.version {
        facts.push_str(&format!(", version {version}"));
    }
    paragraph(out, &(facts + "."));
    let mut seen: Vec<&str> = Vec::new();
    for one in &service.methods {
        // one method under two exclusive conditions is one method on the wire
        if !seen.contains(&&*one.wire) {
            seen.push(&one.wire);
            method(out, one);
        }
    }
}

fn method(out: &mut String, method: &Method) {
    paragraph(out, &format!("## {}", method.wire));
    if let Some(note) = deprecated(&method.shown) {
        let note = if note.is_empty() {
            "."
        } else {
            &*format!(": {note}")
        };
        paragraph(out, &format!("**Deprecated**{}", cell(note)));
    }
    about(out, &method.docs);
    arguments(out, method);
    paragraph(out, &answer(method));
    let facts = facts(method);
    if !facts.is_empty() {
        paragraph(out, &facts.join(" "));
    }
}

fn arguments(out: &mut String, method: &Method) {
    if method.is_map() {
        let rows = method.args.iter().map(|arg| {
            let optional = arg.default || text(&arg.ty).starts_with("Option<");
            let needed = if optional { "may be missing" } else { "" };
            vec![code(&arg.wire), code(&text(&arg.ty)), needed.to_owned()]
        });
        let rows: Vec<_> = rows.collect();
        table(out, &["argument", "type", ""], &rows);
    } else if let [arg] = &method.args[..] {
        let ty = code(&text(&arg.ty));
        paragraph(out, &format!("Takes {ty}, which is the whole message."));
    }
}

fn answer(method: &Method) -> String {
    if method.oneway {
        return "One way: there is no answer.".to_owned();
    }
    let parameters: Vec<_> = last(&method.ret)
        .map(|segment| generics(segment).collect())
        .unwrap_or_default();
    let mut said = match (parameters.first(), &method.reply) {
        (Some(ty), _) if is_unit(ty) => "Answers with nothing".to_owned(),
        (Some(ty), None) => format!("Answers with {}", code(&text(ty))),
        (Some(ty), Some(field)) => {
            format!(
                "Answers with {} in the field {}",
                code(&text(ty)),
                code(field)
            )
        }
        (None, _) => format!("Answers with {}", code(&text(&method.ret))),
    };
    if let Some(error) = parameters.get(1) {
        said.push_str(&format!(", or fails with {}", code(&text(error))));
    }
    said + "."
}

fn facts(method: &Method) -> Vec<String> {
    let mut facts = Vec::new();
    if !method.aliases.is_empty() {
        let names: Vec<String> = method.aliases.iter().map(|name| code(name)).collect();
        facts.push(format!("Also called {}.", names.join(", ")));
    }
    if method.idempotent {
        facts.push("May be repeated.".to_owned());
    }
    if let Some(milliseconds) = method.timeout_ms {
        facts.push(format!(
            "Callers wait {milliseconds} ms unless they say otherwise."
        ));
    }
    if method.codecs.first == Family::Raw {
        facts.push("The payload is bytes, without a codec.".to_owned());
    }
    facts
}
