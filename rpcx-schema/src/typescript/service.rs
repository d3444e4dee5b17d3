//! Clients, and handlers of what a server pushes.

use std::fmt::Write as _;

use super::Output;
use super::definition::{Member, Presence, deprecated, structure};
use super::names::{constant, member, methods, named, of, parameter, schema, ty};
use super::text::{self, quoted};
use crate::document::{self, Described, Signature, Ty, last};
use rpcx_codegen::diagnostics::Diagnostics;
use rpcx_codegen::model::{Family, Method, Service};

/// A method with what is written of it.
struct Call<'a> {
    method: &'a Method,
    /// The name in the class.
    name: String,
    argument: Option<Argument>,
    reply: &'a Ty,
    error: Option<String>,
}

/// What a method is called with.
struct Argument {
    name: String,
    ty: String,
    /// The value that says how it travels.
    schema: String,
}

pub(super) fn service(described: &Described, output: &mut Output, out: &mut Diagnostics) {
    let service = &described.service;
    let name = of(&service.item.ident);
    claim(&format!("{name}Client"), service, output, out);
    let names = methods(service.methods.iter().map(|method| &*method.wire));
    let calls = service.methods.iter().zip(names).zip(&described.signatures);
    let calls: Vec<Call<'_>> = calls
        .map(|((method, own), signature)| Call {
            method,
            name: own,
            argument: argument(method, signature, service, output, out),
            reply: &signature.reply,
            error: signature.error.as_deref().map(|id| named(last(id))),
        })
        .collect();
    client(&name, service, &calls, output);
    if !calls.is_empty() && calls.iter().all(|call| call.method.oneway) {
        claim(&format!("{name}Handler"), service, output, out);
        claim(&format!("serve{name}"), service, output, out);
        handler(&name, service, &calls, output);
    }
}

fn claim(name: &str, service: &Service, output: &mut Output, out: &mut Diagnostics) {
    let ident = &service.item.ident;
    let what = format!("a part of the service `{ident}`");
    output.claim(name, &what, ident, out);
}

/// What a method is called with. Several arguments are one object, for which there is an interface.
fn argument(
    method: &Method,
    signature: &Signature,
    service: &Service,
    output: &mut Output,
    out: &mut Diagnostics,
) -> Option<Argument> {
    if !method.is_map() {
        let (arg, of) = method.args.first().zip(signature.args.first())?;
        return Some(Argument {
            name: parameter(&arg.ident),
            ty: ty(of),
            schema: schema(of),
        });
    }
    let name = match &method.args_name {
        Some(name) => of(name),
        None => format!(
            "{}{}Args",
            of(&service.item.ident),
            capitalized(&method.wire)
        ),
    };
    claim(&name, service, output, out);
    let fields = method.args.iter().zip(&signature.args);
    let fields: Vec<Member<'_>> = fields
        .map(|(arg, ty)| Member {
            docs: "",
            wire: &arg.wire,
            ty,
            presence: match arg.default {
                true => Presence::Omittable,
                false => Presence::Zero,
            },
        })
        .collect();
    let docs = format!("The arguments of `{}`.", method.wire);
    let mut written = String::new();
    text::docs(&mut written, "", &docs, &[]);
    written.push_str(&structure(&name, &fields));
    output.declare(&written);
    Some(Argument {
        name: "args".to_owned(),
        schema: constant(&name),
        ty: name,
    })
}

/// A name on the wire as the part of one in TypeScript.
fn capitalized(wire: &str) -> String {
    let words = wire.split(|c: char| !c.is_ascii_alphanumeric());
    let words = words.map(|word| {
        let mut chars = word.chars();
        let first = chars.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(chars).collect::<String>()
    });
    words.collect()
}

fn client(name: &str, service: &Service, calls: &[Call<'_>], output: &mut Output) {
    let mut class = String::new();
    text::docs(&mut class, "", &service.docs, &[]);
    let _ = writeln!(class, "export class {name}Client extends rpcx.Client {{");
    for (index, call) in calls.iter().enumerate() {
        if index > 0 {
            class.push('\n');
        }
        let (docs, tags) = (facts(call), tags(call));
        text::docs(&mut class, "  ", &docs, &tags);
        let (parameters, value) = match &call.argument {
            Some(Argument { name, ty, .. }) => (format!("{name}: {ty}, "), &**name),
            None => (String::new(), "undefined"),
        };
        let reply = match call.reply {
            Ty::Unit => "void".to_owned(),
            reply => ty(reply),
        };
        let _ = write!(
            class,
            "  {}({parameters}options?: rpcx.CallOptions): Promise<{reply}> {{\n\
             \x20   return this.$call({{ {} }}, {value}, options);\n  }}\n",
            member(&call.name),
            facts_of_the_wire(service, call).join(", ")
        );
    }
    class.push_str("}\n");
    output.declare(&class);
}

/// The docs of a method, and what else a caller has to know.
fn facts(call: &Call<'_>) -> String {
    let method = call.method;
    let mut facts: Vec<String> = Vec::new();
    if method.oneway {
        facts.push("One way: over a WebSocket it is done when it is sent.".to_owned());
    }
    if method.idempotent {
        facts.push("Idempotent: it is made again also when its outcome is unknown.".to_owned());
    }
    if let Some(milliseconds) = method.timeout_ms {
        facts.push(format!(
            "Its timeout is {milliseconds} ms unless the options say otherwise."
        ));
    }
    match (method.docs.trim_end(), facts.is_empty()) {
        (docs, true) => docs.to_owned(),
        ("", false) => facts.join(" "),
        (docs, false) => format!("{docs}\n\n{}", facts.join(" ")),
    }
}

fn tags(call: &Call<'_>) -> Vec<String> {
    let throws = call
        .error
        .as_ref()
        .map(|error| format!("@throws {{@link {error}}}"));
    let note = document::deprecated(&call.method.shown);
    throws
        .into_iter()
        .chain(note.map(|note| deprecated(&note)))
        .collect()
}

/// The members of the description of a method.
fn facts_of_the_wire(service: &Service, call: &Call<'_>) -> Vec<String> {
    let method = call.method;
    let args = call
        .argument
        .as_ref()
        .map_or("rpcx.unit", |argument| &argument.schema);
    let reply = match &method.reply {
        Some(field) => format!("rpcx.field({}, {})", quoted(field), schema(call.reply)),
        None => schema(call.reply),
    };
    let mut members = vec![
        format!("service: {}", quoted(&service.path)),
        format!("name: {}", quoted(&method.wire)),
        format!("args: {args}"),
        format!("reply: {reply}"),
    ];
    let flags = [
        ("oneway", method.oneway),
        ("idempotent", method.idempotent),
        ("raw", method.codecs.first == Family::Raw),
    ];
    members.extend(
        flags
            .iter()
            .filter(|(_, on)| *on)
            .map(|(flag, _)| format!("{flag}: true")),
    );
    members.extend(
        method
            .timeout_ms
            .map(|milliseconds| format!("timeout: {milliseconds}")),
    );
    let error = call.error.as_ref();
    members.extend(error.map(|error| format!("error: {error}.from")));
    members
}

/// A service whose methods are all one-way is one that a server may push to.
fn handler(name: &str, service: &Service, calls: &[Call<'_>], output: &mut Output) {
    let mut interface = format!(
        "/** What takes the messages that a server pushes to {name}. */\nexport interface {name}Handler {{\n"
    );
    let mut table = format!(
        "/** Gives `handler` what the server pushes, until the function that comes back is called. */\n\
         export function serve{name}(transport: rpcx.WsTransport, handler: {name}Handler): () => void {{\n\
         \x20 return transport.serve({}, {{\n",
        quoted(&service.path)
    );
    for call in calls {
        text::docs(&mut interface, "  ", &call.method.docs, &tags(call));
        let key = member(&call.name);
        let (parameter, (args, passed), schema) = match &call.argument {
            Some(Argument { name, ty, schema }) => {
                (format!("{name}: {ty}, "), ("args", "args, "), &**schema)
            }
            None => (String::new(), ("_", ""), "rpcx.unit"),
        };
        let _ = writeln!(interface, "  {key}?({parameter}push: rpcx.Push): void;");
        let access = match key.starts_with(['"', '[']) {
            true => format!("[{}]", quoted(&call.name)),
            false => format!(".{key}"),
        };
        let _ = writeln!(
            table,
            "    {}: rpcx.pushed({schema}, ({args}, push) => handler{access}?.({passed}push)),",
            member(&call.method.wire)
        );
    }
    output.declare(&format!("{interface}}}\n"));
    output.declare(&format!("{table}  }});\n}}\n"));
}
