//! The server interface, its registration, and the client.

use std::fmt::Write as _;

use syn::ext::IdentExt;

use super::Output;
use super::definition::structure;
use super::names::{exported, go, is_exported, of};
use super::text::{self, quoted};
use crate::document::{Described, Document, Signature, Ty, deprecated, last};
use rpcx_codegen::diagnostics::Diagnostics;
use rpcx_codegen::model::{Family, Method, Service};

/// A method with everything that is written of it.
struct Call<'a> {
    method: &'a Method,
    /// What the client passes: `*Args`, `int32`; `None` for nothing.
    argument: Option<String>,
    /// What the server is called with.
    received: String,
    /// What the server fills in, without the pointer.
    reply: String,
    /// What the client returns beside the error.
    returned: Returned,
    /// The Go name of the error type.
    error: Option<String>,
    deprecated: Option<String>,
}

enum Returned {
    Nothing,
    Value(String),
    /// A pointer to a struct.
    Pointer(String),
    /// The only field of the reply, and its type.
    Field(String, String),
}

pub(super) fn service(
    described: &Described,
    document: &Document,
    output: &mut Output,
    out: &mut Diagnostics,
) {
    let service = &described.service;
    let name = of(&service.item.ident);
    for taken in ["Path", "Server", "Client"] {
        claim(&format!("{name}{taken}"), service, output, out);
    }
    claim(&format!("Register{name}"), service, output, out);
    claim(&format!("New{name}Client"), service, output, out);
    for method in &service.methods {
        method_names(method, out);
    }
    let calls = service.methods.iter().zip(&described.signatures);
    let mut calls: Vec<Call<'_>> = calls
        .map(|(method, signature)| call(&name, method, signature, document))
        .collect();
    for (call, signature) in calls.iter_mut().zip(&described.signatures) {
        messages(call, signature, service, output, out);
    }
    path(&name, service, output);
    server(&name, service, &calls, output);
    client(&name, service, &calls, output);
}

fn claim(name: &str, service: &Service, output: &mut Output, out: &mut Diagnostics) {
    let ident = &service.item.ident;
    let what = format!("a part of the service `{ident}`");
    output.claim(name, &what, ident, out);
}

/// A Go server finds methods by their exported names.
fn method_names(method: &Method, out: &mut Diagnostics) {
    for name in std::iter::once(&method.wire).chain(&method.aliases) {
        if !is_exported(name) {
            out.at(
                &method.ident,
                format!(
                    "the name `{name}` on the wire cannot be that of a Go method\n\
                     help: begin it with an upper case letter: `#[rpcx(name = \"{}\")]`",
                    exported(name)
                ),
            );
        }
    }
}

fn call<'a>(
    service: &str,
    method: &'a Method,
    signature: &Signature,
    document: &Document,
) -> Call<'a> {
    let pointed = |ty: &Ty| document.is_struct(ty);
    let (argument, received) = match &signature.args[..] {
        _ if method.is_map() => {
            let ty = format!("*{}", args_name(service, method));
            (Some(ty.clone()), ty)
        }
        [ty] if pointed(ty) => (Some(format!("*{}", go(ty))), format!("*{}", go(ty))),
        [ty] => {
            let passed = go(ty);
            // for a pointer the server makes the value it points to, and nil would be lost
            let absent = matches!(document.unaliased(ty), Ty::Option(_))
                && go(document.unaliased(ty)).starts_with('*');
            let received = if absent {
                format!("*{passed}")
            } else {
                passed.clone()
            };
            (Some(passed), received)
        }
        _ => (None, "*struct{}".to_owned()),
    };
    let plain = go(&signature.reply);
    let (reply, returned) = match (&method.reply, &signature.reply) {
        (Some(field), _) => (
            format!("{service}{}Reply", method.wire),
            Returned::Field(exported(field), plain),
        ),
        (None, ty) if method.oneway || *ty == Ty::Unit => (plain, Returned::Nothing),
        (None, ty) if pointed(ty) => (plain.clone(), Returned::Pointer(plain)),
        (None, _) => (plain.clone(), Returned::Value(plain)),
    };
    Call {
        method,
        argument,
        received,
        reply,
        returned,
        error: signature.error.as_ref().map(|id| exported(last(id))),
        deprecated: deprecated(&method.shown),
    }
}

/// The struct that the arguments travel as.
fn args_name(service: &str, method: &Method) -> String {
    match &method.args_name {
        Some(name) => of(name),
        None => format!("{service}{}Args", method.wire),
    }
}

/// The structs that only this method has.
fn messages(
    call: &Call<'_>,
    signature: &Signature,
    service: &Service,
    output: &mut Output,
    out: &mut Diagnostics,
) {
    let method = call.method;
    let wire = &method.wire;
    let service_name = of(&service.item.ident);
    if method.is_map() {
        let name = args_name(&service_name, method);
        claim(&name, service, output, out);
        let fields = method.args.iter().zip(&signature.args);
        let fields: Vec<_> = fields.map(|(arg, ty)| ("", &*arg.wire, ty)).collect();
        let written = structure(&name, &fields, &method.ident, out);
        output.declare(&format!(
            "// {name} has the arguments of {wire}.\n{written}"
        ));
    }
    if let Some(field) = &method.reply {
        let name = format!("{service_name}{wire}Reply");
        claim(&name, service, output, out);
        let fields = [("", &**field, &signature.reply)];
        let written = structure(&name, &fields, &method.ident, out);
        output.declare(&format!("// {name} is what {wire} answers.\n{written}"));
    }
}

fn path(name: &str, service: &Service, output: &mut Output) {
    let path = quoted(&service.path);
    output.declare(&format!(
        "// {name}Path is the service path on the wire.\nconst {name}Path = {path}"
    ));
}

fn server(name: &str, service: &Service, calls: &[Call<'_>], output: &mut Output) {
    let mut interface = String::new();
    text::docs(&mut interface, "", &service.docs, None);
    if !service.docs.is_empty() {
        interface.push_str("//\n");
    }
    let _ = write!(
        interface,
        "// A server implements {name}Server, and Register{name} registers it. Calls run concurrently.\n\
         type {name}Server interface {{\n"
    );
    for call in calls {
        let method = call.method;
        text::docs(
            &mut interface,
            "\t",
            &method.docs,
            call.deprecated.as_deref(),
        );
        let Call {
            received, reply, ..
        } = call;
        let _ = writeln!(
            interface,
            "\t{}(ctx context.Context, args {received}, reply *{reply}) error",
            method.wire
        );
    }
    interface.push_str("}\n");
    output.declare(&interface);
    let mut register = format!(
        "// Register{name} serves impl on s. The metadata is what registries tell clients, often nothing.\n\
         func Register{name}(s *server.Server, impl {name}Server, metadata string) error {{\n\
         \tmethods := []string{{\n"
    );
    for call in calls {
        for wire in std::iter::once(&call.method.wire).chain(&call.method.aliases) {
            let _ = writeln!(register, "\t\t{},", quoted(wire));
        }
    }
    let receiver = receiver(name);
    let _ = write!(
        register,
        "\t}}\n\treturn s.RegisterNameWithMethods({name}Path, {receiver}{{impl}}, methods, metadata)\n}}"
    );
    output.declare(&register);
    output.declare(&format!(
        "// {receiver} adds to an implementation what only the wire needs.\n\
         type {receiver} struct {{\n\t{name}Server\n}}"
    ));
    for call in calls {
        forwards(name, call, output);
    }
}

fn receiver(name: &str) -> String {
    format!("receiverOf{name}")
}

/// Methods of the receiver: those with coded errors, and aliases.
fn forwards(name: &str, call: &Call<'_>, output: &mut Output) {
    let Call {
        method,
        received,
        reply,
        error,
        ..
    } = call;
    let receiver = receiver(name);
    let wire = &method.wire;
    let head = |own: &str| {
        format!(
            "func (r {receiver}) {own}(ctx context.Context, args {received}, reply *{reply}) error {{"
        )
    };
    if let Some(error) = error {
        let call = format!("r.{name}Server.{wire}(ctx, args, reply)");
        let body = format!("\treturn send{error}(ctx, {call})\n}}");
        output.declare(&format!("{}\n{body}", head(wire)));
    }
    for alias in &method.aliases {
        let body = format!("\treturn r.{wire}(ctx, args, reply)\n}}");
        output.declare(&format!("{}\n{body}", head(alias)));
    }
}

fn client(name: &str, service: &Service, calls: &[Call<'_>], output: &mut Output) {
    let ident = service.item.ident.unraw();
    output.declare(&format!(
        "// {name}Client calls {ident}.\ntype {name}Client struct {{\n\txclient client.XClient\n}}"
    ));
    output.declare(&format!(
        "// New{name}Client calls through xclient, which must be made for {name}Path.\n\
         func New{name}Client(xclient client.XClient) *{name}Client {{\n\
         \treturn &{name}Client{{xclient: xclient}}\n}}"
    ));
    for call in calls {
        output.declare(&client_method(name, call));
    }
}

fn client_method(name: &str, call: &Call<'_>) -> String {
    let method = call.method;
    let mut out = String::new();
    text::docs(&mut out, "", &method.docs, call.deprecated.as_deref());
    if method.codecs.first == Family::Raw {
        if !out.is_empty() {
            out.push_str("//\n");
        }
        out.push_str(
            "// The option SerializeType of the XClient must be protocol.SerializeNone.\n",
        );
    }
    let argument = match &call.argument {
        Some(ty) => format!(", args {ty}"),
        None => String::new(),
    };
    let results = match &call.returned {
        Returned::Nothing => "error".to_owned(),
        Returned::Value(ty) | Returned::Field(_, ty) => format!("({ty}, error)"),
        Returned::Pointer(ty) => format!("(*{ty}, error)"),
    };
    let _ = writeln!(
        out,
        "func (c *{name}Client) {}(ctx context.Context{argument}) {results} {{",
        method.wire
    );
    if let Some(milliseconds) = method.timeout_ms {
        let _ = write!(
            out,
            "\tif _, limited := ctx.Deadline(); !limited {{\n\
             \t\tvar cancel context.CancelFunc\n\
             \t\tctx, cancel = context.WithTimeout(ctx, {milliseconds}*time.Millisecond)\n\
             \t\tdefer cancel()\n\t}}\n"
        );
    }
    out.push_str(&client_body(call));
    out.push_str("}\n");
    out
}

fn client_body(call: &Call<'_>) -> String {
    let method = call.method;
    let wire = quoted(&method.wire);
    let args = match &call.argument {
        Some(_) => "args",
        None => "&struct{}{}",
    };
    if method.oneway {
        return format!("\treturn c.xclient.Oneshot(ctx, {wire}, {args})\n");
    }
    let invoke = |reply: &str| match &call.error {
        Some(error) => format!("call{error}(ctx, c.xclient, {wire}, {args}, {reply})"),
        None => format!("c.xclient.Call(ctx, {wire}, {args}, {reply})"),
    };
    match &call.returned {
        Returned::Nothing => format!("\treturn {}\n", invoke("&struct{}{}")),
        Returned::Value(ty) => format!(
            "\tvar reply {ty}\n\terr := {}\n\treturn reply, err\n",
            invoke("&reply")
        ),
        Returned::Field(field, _) => format!(
            "\tvar reply {}\n\terr := {}\n\treturn reply.{field}, err\n",
            call.reply,
            invoke("&reply")
        ),
        Returned::Pointer(ty) => format!(
            "\treply := new({ty})\n\tif err := {}; err != nil {{\n\t\treturn nil, err\n\t}}\n\treturn reply, nil\n",
            invoke("reply")
        ),
    }
}
