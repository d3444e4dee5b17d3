//! The trait file.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;

use super::constants::{Known, evaluate};
use super::fields::{Wired, wired};
use super::names::{member, snake, type_name, wire};
use super::package::Package;
use super::refused::Part;
use super::services::{Method, Service, services};
use super::syntax::{Constant, Type, TypeDecl, TypeKind, Value};
use super::translate::Types;
use super::{Remarks, Source};
use rpcx_codegen::parse::names::Case;

/// Everything as text. It is of no use if there are errors.
pub(super) fn file(sources: &[Source<'_>], package: &Package<'_>, remarks: &mut Remarks) -> String {
    let services = services(package, remarks);
    if services.is_empty() && !remarks.left_out.is_empty() {
        remarks.errors.append(&mut remarks.left_out);
        return String::new();
    }
    if services.is_empty() {
        let place = match sources {
            [one] => one.path.to_owned(),
            several => format!("these {} files", several.len()),
        };
        let text = format!(
            "there is no service in {place}\n\
             help: a service has methods such as `Mul(ctx context.Context, args *Args, reply *Reply) error`"
        );
        remarks.error(super::At::default(), text);
        return String::new();
    }
    let mut types = Types::new(package, std::mem::take(remarks));
    let named = named(&services, &mut types);
    let mut traits: Vec<String> = Vec::new();
    for (service, name) in services.iter().zip(&named) {
        traits.extend(self::service(service, name, &mut types));
    }
    let definitions = definitions(&mut types);
    *remarks = types.remarks;
    if traits.is_empty() {
        // nothing remains, so that what was left out is all there is to say
        remarks.errors.append(&mut remarks.left_out);
        return String::new();
    }
    let mut out = header(sources, package);
    out.push_str(&notes(sources, remarks));
    for part in definitions.iter().chain(&traits) {
        out.push('\n');
        out.push_str(part);
    }
    out
}

fn header(sources: &[Source<'_>], package: &Package<'_>) -> String {
    let paths: Vec<&str> = sources.iter().map(|source| source.path).collect();
    let mut out = String::new();
    let mut lines = String::new();
    // What stands on each file, as a license does, is there once.
    let mut said = HashSet::new();
    for file in package.files {
        let generated = file.docs.starts_with("Code generated ");
        if !file.docs.is_empty() && !generated && said.insert(&file.docs) {
            lines.push_str(&file.docs);
            lines.push_str("\n\n");
        }
    }
    let _ = write!(lines, "Imported from {}.", paths.join(", "));
    docs(&mut out, "", "//!", &lines);
    out
}

fn notes(sources: &[Source<'_>], remarks: &Remarks) -> String {
    let mut out = String::new();
    for (title, all) in [
        ("What is left out", &remarks.left_out),
        ("What is not the same as in Go", &remarks.notes),
    ] {
        let all = super::counted(super::sorted(all.clone()));
        if !all.is_empty() {
            let _ = writeln!(out, "\n// {title}:");
        }
        for note in all {
            let path = sources.get(note.file).map_or("", |source| source.path);
            let text = note.message.replace('\n', " ");
            let _ = writeln!(out, "// - {path}:{}:{}: {text}", note.line, note.column);
        }
    }
    out
}

/// Comments as Rust takes them: without indentation and fences, which would be code to test.
fn docs(out: &mut String, indent: &str, mark: &str, text: &str) {
    for line in text.lines() {
        let line = line.trim().replace("```", "'''");
        let space = if line.is_empty() { "" } else { " " };
        let _ = writeln!(out, "{indent}{mark}{space}{line}");
    }
}

/// The names of the traits. Those of types must differ from them and what is generated for them.
fn named(services: &[Service<'_>], types: &mut Types<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for service in services {
        let name = type_name(&service.name, &mut types.taken);
        for part in ["Client", "Server", "Dyn"] {
            types.taken.insert(format!("{name}{part}"));
        }
        names.push(name);
    }
    names
}

/// `None` where no method remains.
fn service<'a>(service: &Service<'a>, name: &str, types: &mut Types<'a>) -> Option<String> {
    let mut out = String::new();
    docs(&mut out, "", "///", &service.docs);
    match service.path == name {
        true => out.push_str("#[rpcx::service]\n"),
        false => {
            let _ = writeln!(out, "#[rpcx::service(name = {:?})]", service.path);
        }
    }
    let _ = writeln!(out, "pub trait {name} {{");
    let mut taken = BTreeSet::new();
    let methods = service.methods.iter();
    let methods: Vec<String> = methods
        .filter_map(|method| self::method(method, &mut taken, types))
        .collect();
    out.push_str(&methods.join("\n"));
    out.push_str("}\n");
    (!methods.is_empty()).then_some(out)
}

/// `None` where a type of it has no form.
fn method<'a>(
    method: &Method<'a>,
    taken: &mut BTreeSet<String>,
    types: &mut Types<'a>,
) -> Option<String> {
    types.part = Part::Argument;
    let argument = argument(method, types);
    types.part = Part::Reply;
    let reply = types.rust(method.reply, None);
    types.part = Part::Field;
    let (Some(argument), Some(reply)) = (argument, reply) else {
        let text = format!("the method `{}` is left out with them", method.wire);
        types.remarks.leave_out(method.function.at, text);
        return None;
    };
    let mut written_out = String::new();
    let out = &mut written_out;
    let (written, note) = deprecated(&method.function.docs);
    docs(out, "    ", "///", &written);
    if let Some(note) = note {
        let _ = writeln!(out, "    #[deprecated = {note:?}]");
    }
    let ident = member(&method.wire, taken);
    let mut options = Vec::new();
    if wire(&ident, Case::Pascal) != method.wire {
        options.push(format!("name = {:?}", method.wire));
    }
    let aliases = method.aliases.iter();
    options.extend(aliases.map(|alias| format!("alias = {alias:?}")));
    if !options.is_empty() {
        let _ = writeln!(out, "    #[rpcx({})]", options.join(", "));
    }
    let _ = writeln!(
        out,
        "    async fn {ident}(&self{argument}) -> rpcx::Result<{reply}>;"
    );
    Some(written_out)
}

/// The docs, and the note of a paragraph that begins with `Deprecated: `.
fn deprecated(text: &str) -> (String, Option<String>) {
    let lines: Vec<&str> = text.lines().collect();
    let Some(at) = lines
        .iter()
        .position(|line| line.starts_with("Deprecated: "))
    else {
        return (text.to_owned(), None);
    };
    let paragraph = lines[at..].iter().take_while(|line| !line.is_empty());
    let note: Vec<&str> = paragraph.copied().collect();
    let mut rest: Vec<&str> = lines[..at].to_vec();
    rest.extend(&lines[at + note.len()..]);
    let note = note.join(" ").replacen("Deprecated: ", "", 1);
    (rest.join("\n").trim().to_owned(), Some(note))
}

/// The only argument, with a comma before it. It borrows where that is a choice.
fn argument<'a>(method: &Method<'a>, types: &mut Types<'a>) -> Option<String> {
    let ty = match &method.args.ty.kind {
        TypeKind::Pointer(inner) => inner,
        _ => &method.args.ty,
    };
    if matches!(&ty.kind, TypeKind::Struct(fields) if fields.is_empty()) {
        return Some(String::new());
    }
    let name = match &*method.args.name {
        "" | "_" => "args",
        name => name,
    };
    let name = member(name, &mut BTreeSet::new());
    let rust = types.rust(ty, None)?;
    let rust = match &*rust {
        "String" => "&str".to_owned(),
        "Vec<u8>" => "&[u8]".to_owned(),
        _ if types.is_struct(ty) => format!("&{rust}"),
        _ => rust,
    };
    Some(format!(", {name}: {rust}"))
}

/// The types that are used, in source order.
fn definitions(types: &mut Types<'_>) -> Vec<String> {
    let mut bodies = Vec::new();
    while let Some(found) = types.waiting.pop() {
        let name = types.rust_name(found);
        bodies.push((found.at, definition(found, &name, types)));
    }
    bodies.sort_by_key(|(at, _)| *at);
    let mut out: Vec<String> = bodies.into_iter().map(|(_, body)| body).collect();
    let derives = match types.long_arrays {
        true => "Clone, Debug, PartialEq",
        false => "Clone, Debug, Default, PartialEq",
    };
    for text in &mut out {
        *text = text.replace("#[derive(DERIVES)]", &format!("#[derive({derives})]"));
    }
    out
}

fn definition<'a>(found: &'a TypeDecl, name: &str, types: &mut Types<'a>) -> String {
    let mut out = String::new();
    docs(&mut out, "", "///", &found.docs);
    if let TypeKind::Struct(fields) = &found.ty.kind {
        let fields = wired(fields, types.package, &mut types.remarks);
        structure(&mut out, found, name, &fields, types);
        return out;
    }
    let plain = types.rust(&found.ty, Some(found));
    let plain = plain.unwrap_or_default();
    // An alias is not looked through by the generated codec, a type of its own is; and Rust has no recursive alias.
    if has_form(&plain) || types.package.is_recursive(found) {
        let plain = with_self(&plain, name);
        let _ = writeln!(
            out,
            "#[rpcx::message]\n#[derive(DERIVES)]\npub struct {name}(pub {plain});"
        );
    } else {
        let _ = writeln!(out, "pub type {name} = {plain};");
        constants(&mut out, found, name, &plain, types);
    }
    out
}

/// Whether a type travels in a form of ours and not of serde.
fn has_form(rust: &str) -> bool {
    let bytes = rust.contains("Vec<u8>") || rust.contains("[u8; ");
    bytes || rust.contains("std::time::Duration")
}

fn structure<'a>(
    out: &mut String,
    found: &'a TypeDecl,
    name: &str,
    fields: &[Wired<'a>],
    types: &mut Types<'a>,
) {
    // fields without a form are left out
    let forms: Vec<(&Wired<'a>, String)> = fields
        .iter()
        .filter_map(|field| Some((field, types.rust(field.ty, Some(found))?)))
        .collect();
    let (fields, forms): (Vec<Wired<'a>>, Vec<String>) = forms
        .into_iter()
        .map(|(field, form)| (field.clone(), form))
        .unzip();
    let mut taken = BTreeSet::new();
    let idents: Vec<String> = fields
        .iter()
        .map(|field| member(field.name, &mut taken))
        .collect();
    let (rule, case) = rule(&idents, &fields);
    let _ = writeln!(out, "#[rpcx::message{rule}]\n#[derive(DERIVES)]");
    if fields.is_empty() {
        let _ = writeln!(out, "pub struct {name} {{}}");
        return;
    }
    let _ = writeln!(out, "pub struct {name} {{");
    for ((field, ident), rust) in fields.iter().zip(&idents).zip(&forms) {
        docs(out, "    ", "///", field.docs);
        if let Some(json) = &field.json {
            let text = match &**json {
                "-" => "In JSON Go leaves this field out.".to_owned(),
                json => format!(
                    "In JSON Go calls this field {json:?}; here it is {:?} in every codec.",
                    field.wire
                ),
            };
            let _ = writeln!(out, "    // {text}");
            types.remarks.note(field.at, text);
        }
        if wire(ident, case) != field.wire {
            let _ = writeln!(out, "    #[rpcx(name = {:?})]", field.wire);
        }
        let rust = with_self(rust, name);
        let _ = writeln!(out, "    pub {ident}: {rust},");
    }
    out.push_str("}\n");
}

/// `Self` for the name of the type itself, as clippy wants it.
fn with_self(rust: &str, name: &str) -> String {
    let is_part = |c: char| c == '_' || c.is_alphanumeric();
    let mut out = String::new();
    let mut rest = rust;
    while let Some(at) = rest.find(is_part) {
        let (before, word) = rest.split_at(at);
        let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
        out.push_str(before);
        out.push_str(if &word[..end] == name {
            "Self"
        } else {
            &word[..end]
        });
        rest = &word[end..];
    }
    out + rest
}

/// The case rule that leaves the fewest names to write.
fn rule(idents: &[String], fields: &[Wired<'_>]) -> (&'static str, Case) {
    let rules = [
        ("", Case::Pascal),
        ("(rename_all = \"camelCase\")", Case::Camel),
        ("(rename_all = \"snake_case\")", Case::Snake),
    ];
    let others = |case: Case| {
        let pairs = idents.iter().zip(fields);
        pairs
            .filter(|(ident, field)| wire(ident, case) != field.wire)
            .count()
    };
    let mut best = rules[0];
    for rule in rules {
        if others(rule.1) < others(best.1) {
            best = rule;
        }
    }
    best
}

/// The constants of a named number or string.
fn constants(out: &mut String, found: &TypeDecl, name: &str, rust: &str, types: &mut Types<'_>) {
    let all = &types.package.constants;
    let mut taken = BTreeSet::new();
    for constant in all.iter().filter(|constant| is_of(constant, &found.name)) {
        if constant.name == "_" {
            continue;
        }
        let (ty, value) = match evaluate(constant, all) {
            Some(Known::Number(number)) if rust.starts_with(['i', 'u']) => {
                (name, number.to_string())
            }
            Some(Known::Text(text)) if rust == "String" => ("&str", format!("{text:?}")),
            _ => {
                let text = format!(
                    "the value of the constant `{}` cannot be told here",
                    constant.name
                );
                types.remarks.note(found.at, text);
                continue;
            }
        };
        let mut screaming = snake(&constant.name).to_uppercase();
        while !taken.insert(screaming.clone()) {
            screaming.push('_');
        }
        docs(out, "", "///", &constant.docs);
        let _ = writeln!(out, "pub const {screaming}: {ty} = {value};");
    }
}

fn is_of(constant: &Constant, name: &str) -> bool {
    match (&constant.ty, &constant.value) {
        (Some(Type { kind, .. }), _) => {
            matches!(kind, TypeKind::Named { package: None, name: own, .. } if own == name)
        }
        (None, Value::Convert(own, _)) => own == name,
        _ => false,
    }
}
