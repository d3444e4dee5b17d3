//! Descriptions as text.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde_json::{Map, Value};

use super::sample::sample;
use super::schema::{fields, name, used};
use super::{Document, Method, Service};
use crate::outcome::{Outcome, printable};
use crate::show::{on_terminal, print};

const NAME: Style = AnsiColor::Blue.on_default().bold();
const TYPE: Style = AnsiColor::Cyan.on_default();
const MARK: Style = AnsiColor::Yellow.on_default();
const FAINT: Style = Style::new().dimmed();

/// Prints the methods: with the first line of their docs on a terminal, and as a line each elsewhere.
pub(super) fn list(document: &Document) -> Result<(), Outcome> {
    let mut out = String::new();
    if !on_terminal() {
        for name in document.names() {
            line(&mut out, format_args!("{}", printable(&name)));
        }
        return print(out.as_bytes());
    }
    for service in &document.services {
        heading(&mut out, service);
        let longest = service.methods.iter().map(|method| method.name.len()).max();
        for method in &service.methods {
            let width = longest.unwrap_or_default();
            let docs = first_line(&method.docs);
            line(
                &mut out,
                format_args!(
                    "  {NAME}{:width$}{NAME:#}  {FAINT}{docs}{FAINT:#}",
                    printable(&method.name)
                ),
            );
        }
    }
    print(out.as_bytes())
}

/// Prints all that is known.
pub(super) fn describe(document: &Document, address: &str) -> Result<(), Outcome> {
    let mut out = String::new();
    let mut schemas = Vec::new();
    for service in &document.services {
        heading(&mut out, service);
        for described in &service.methods {
            method(&mut out, service, described);
            schemas.extend([&described.args, &described.reply]);
        }
    }
    types(&mut out, &schemas, &document.definitions);
    match document.typed {
        true => samples(&mut out, document, address),
        false => line(&mut out, format_args!("{FAINT}{UNTYPED}{FAINT:#}")),
    }
    print(out.as_bytes())
}

/// What is to be known of a description without types.
pub(super) const UNTYPED: &str = "A server in Go tells names and no types: `--trait FILE` has them, a trait file or the file of Go.";

/// Writing to a text never fails.
fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = writeln!(out, "{text}");
}

fn first_line(docs: &str) -> String {
    printable(docs.trim().lines().next().unwrap_or_default())
}

fn docs(out: &mut String, docs: &str, indent: &str) {
    for text in docs.trim().lines() {
        if text.trim().is_empty() {
            out.push('\n');
            continue;
        }
        line(
            out,
            format_args!("{indent}{FAINT}{}{FAINT:#}", printable(text.trim_end())),
        );
    }
}

fn heading(out: &mut String, service: &Service) {
    let version = match &service.version {
        Value::Null => String::new(),
        Value::String(version) => format!(" {version}"),
        version => format!(" {version}"),
    };
    line(
        out,
        format_args!(
            "{NAME}{}{NAME:#}{}",
            printable(&service.name),
            printable(&version)
        ),
    );
    docs(out, &service.docs, "  ");
}

fn method(out: &mut String, service: &Service, method: &Method) {
    let mut marks = String::new();
    if method.idempotent {
        marks.push_str(" idempotent");
    }
    if method.one_way {
        marks.push_str(" one-way");
    }
    let full = printable(&format!("{}.{}", service.name, method.name));
    let arguments = type_of(&method.args);
    let reply = match method.reply.is_null() {
        true => String::new(),
        false => format!(" -> {}", type_of(&method.reply)),
    };
    line(
        out,
        format_args!(
            "\n  {NAME}{full}{NAME:#}({TYPE}{arguments}{TYPE:#}){TYPE}{reply}{TYPE:#}{MARK}{marks}{MARK:#}"
        ),
    );
    docs(out, &method.docs, "    ");
    for schema in [&method.args, &method.reply] {
        fields_of(out, schema, "    ");
    }
    for error in &method.errors {
        let text = format!("{} {} {}", error.code, error.name, error.docs);
        line(
            out,
            format_args!("    {MARK}error{MARK:#} {}", printable(text.trim())),
        );
    }
    if !method.codecs.is_empty() {
        let codecs = printable(&method.codecs.join(", "));
        line(out, format_args!("    {FAINT}in {codecs}{FAINT:#}"));
    }
}

fn type_of(schema: &Value) -> String {
    match schema.is_null() {
        true => String::new(),
        false => printable(&name(schema)),
    }
}

fn fields_of(out: &mut String, schema: &Value, indent: &str) {
    let Some(fields) = fields(schema) else { return };
    let width = fields.keys().map(String::len).max().unwrap_or_default();
    for (field, schema) in fields {
        let text = schema.get("description").and_then(Value::as_str);
        let docs = first_line(text.unwrap_or_default());
        let docs = match docs.is_empty() {
            true => docs,
            false => format!("  {FAINT}{docs}{FAINT:#}"),
        };
        line(
            out,
            format_args!(
                "{indent}{:width$}  {TYPE}{}{TYPE:#}{docs}",
                printable(field),
                type_of(schema)
            ),
        );
    }
}

/// The types that are named in schemas.
fn types(out: &mut String, schemas: &[&Value], definitions: &Map<String, Value>) {
    let (mut known, mut found) = (BTreeSet::new(), Vec::new());
    for schema in schemas {
        used(schema, definitions, &mut known, &mut found);
    }
    for (type_name, definition) in found {
        let whole = match fields(definition) {
            Some(_) => String::new(),
            None => format!(" = {}", type_of(definition)),
        };
        line(
            out,
            format_args!("\n{TYPE}{}{TYPE:#}{whole}", printable(type_name)),
        );
        let text = definition.get("description").and_then(Value::as_str);
        docs(out, text.unwrap_or_default(), "  ");
        fields_of(out, definition, "  ");
    }
}

/// A call of each method, to be copied.
fn samples(out: &mut String, document: &Document, address: &str) {
    line(out, format_args!(""));
    for service in &document.services {
        for method in &service.methods {
            let sample = sample(&method.args, &document.definitions).to_string();
            // In single quotes of a shell.
            let sample = sample.replace('\'', r"'\''");
            let call = format!(
                "rpcx call {address} {}.{} '{sample}'",
                service.name, method.name
            );
            line(out, format_args!("{FAINT}${FAINT:#} {}", printable(&call)));
        }
    }
}
