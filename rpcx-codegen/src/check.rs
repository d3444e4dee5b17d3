//! Rules that concern a whole service: names that must differ.

use proc_macro2::Ident;
use quote::ToTokens;

use crate::diagnostics::Diagnostics;
use crate::model::{Method, Service};
use crate::names::{Names, RESERVED, exclusive, generated_in, struct_taken};

/// Reports every clash of names, also with those of generated code.
pub(crate) fn check(service: &Service, diagnostics: &mut Diagnostics) {
    generated_in(service.item.to_token_stream(), diagnostics);
    for (index, method) in service.methods.iter().enumerate() {
        reserved(service, method, diagnostics);
        arguments(method, diagnostics);
        wire_names(method, &service.methods[..index], diagnostics);
        structs(service, index, diagnostics);
    }
}

fn reserved(service: &Service, method: &Method, diagnostics: &mut Diagnostics) {
    let ident = &method.ident;
    if !service.client || !RESERVED.iter().any(|name| ident == name) {
        return;
    }
    let client = Names::of(service).client;
    let wire = &method.wire;
    diagnostics.at(
        ident,
        format!(
            "`{ident}` is also a function of the generated `{client}`\n\
             help: rename the method and keep the name on the wire with `#[rpcx(name = \"{wire}\")]`"
        ),
    );
}

fn arguments(method: &Method, diagnostics: &mut Diagnostics) {
    for (index, arg) in method.args.iter().enumerate() {
        let Some(earlier) = method.args[..index]
            .iter()
            .find(|earlier| earlier.wire == arg.wire)
        else {
            continue;
        };
        let (name, first, second) = (&arg.wire, &earlier.ident, &arg.ident);
        diagnostics.at(
            &arg.ident,
            format!(
                "two arguments of `{}` have the name `{name}` on the wire: `{first}` and `{second}`\n\
                 help: give one of them another name with `#[rpcx(name = \"..\")]`",
                method.ident
            ),
        );
    }
}

/// The struct of the arguments needs a name that the service does not use otherwise.
fn structs(service: &Service, index: usize, diagnostics: &mut Diagnostics) {
    let method = &service.methods[index];
    if let (Some(name), Some(taken)) = (&method.args_name, struct_taken(service, index)) {
        let text = format!(
            "`{name}` is already the name of {taken}\n\
             help: choose another name for the arguments of `{}`",
            method.ident
        );
        diagnostics.at(name, text);
    }
}

fn wire_names(method: &Method, earlier: &[Method], diagnostics: &mut Diagnostics) {
    let own = std::iter::once(&method.wire).chain(&method.aliases);
    for (index, name) in own.enumerate() {
        // the same method twice under two conditions is one method
        let other = earlier
            .iter()
            .find(|other| has_name(other, name) && !exclusive(method, other));
        let clash = match other {
            Some(other) => Some(&other.ident),
            None if repeated(method, index, name) => Some(&method.ident),
            None => None,
        };
        if let Some(first) = clash {
            diagnostics.at(&method.ident, clash_text(name, first, &method.ident));
        }
    }
}

fn clash_text(name: &str, first: &Ident, second: &Ident) -> String {
    if first == second {
        return format!(
            "the method `{first}` has the name `{name}` on the wire twice\nhelp: leave out the alias"
        );
    }
    format!(
        "two methods have the name `{name}` on the wire: `{first}` and `{second}`\n\
         help: give one of them another name with `#[rpcx(name = \"..\")]`"
    )
}

fn has_name(method: &Method, name: &str) -> bool {
    method.wire == name || method.aliases.iter().any(|alias| alias == name)
}

/// Whether the alias with this position repeats the name or an alias before it.
fn repeated(method: &Method, index: usize, name: &str) -> bool {
    index > 0
        && (method.wire == name
            || method.aliases[..index - 1]
                .iter()
                .any(|alias| alias == name))
}
