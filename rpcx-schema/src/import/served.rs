//! Services of functions that are registered one by one, and what is said of registrations that nothing here answers to.

use super::Remarks;
use super::package::Package;
use super::registered::{Registered, What};
use super::services::{Method, Service, shaped};
use super::syntax::{Function, TypeKind};

/// Names what is registered and is in no service.
pub(super) fn said(
    package: &Package<'_>,
    calls: &[Registered<'_>],
    services: &[Service<'_>],
    remarks: &mut Remarks,
) {
    for call in calls {
        match (&call.what, &call.path) {
            (What::Unknown, Some(path)) => {
                let text = format!(
                    "what is registered as `{path}` here cannot be told: see that the path of its service is right"
                );
                remarks.note(call.at, text);
            }
            (What::Unknown, None) => remarks.note(
                call.at,
                "what is registered here, and by which path, cannot be told: see that the path of its service is right",
            ),
            (What::Type(name), path) => {
                let of_interface = services.iter().any(|service| service.name == *name);
                let path = path.as_deref().unwrap_or(name);
                let has_service = of_interface || services.iter().any(|one| one.path == *path);
                if !has_service {
                    remarks.leave_out(call.at, missing(package, name, path));
                }
            }
            _ => {}
        }
    }
}

fn missing(package: &Package<'_>, name: &str, path: &str) -> String {
    match package.find(None, name) {
        None => format!(
            "the service `{path}` is left out, because its type `{name}` is not in these files\n\
             help: import the files of its package together with this one"
        ),
        Some(found) if matches!(found.ty.kind, TypeKind::Interface { .. }) => format!(
            "the service `{path}` is left out, because `{name}` is an interface without a method that rpcx serves\n\
             help: import the file of the type that is behind it"
        ),
        Some(_) => format!(
            "the service `{path}` is left out, because `{name}` has no method that rpcx serves\n\
             help: methods have a context, arguments and a pointer for the reply, and return an error"
        ),
    }
}

/// Adds functions and handlers that are registered by themselves: one service for each path.
pub(super) fn functions<'a>(
    package: &Package<'a>,
    calls: &[Registered<'a>],
    services: &mut Vec<Service<'a>>,
    remarks: &mut Remarks,
) {
    let of_types = services.len();
    for call in calls {
        let (shown, found, wire) = match &call.what {
            What::NoFunction(written) => (written.clone(), None, &None),
            What::Function {
                function,
                method: wire,
            } => (shown(function), shaped(function, package), wire),
            What::Handler {
                file,
                function,
                method,
            } => {
                let mut all = package.files[*file].handlers.iter();
                let Some(typed) = all.find(|handler| handler.at == function.at) else {
                    remarks.leave_out(call.at, untyped(call, method.as_deref()));
                    continue;
                };
                (shown(function), of_handler(typed), method)
            }
            What::Type(_) | What::Unknown => continue,
        };
        let Some(mut found) = found else {
            let text = format!(
                "the function `{shown}` that is registered here is not in these files, or not one that rpcx serves"
            );
            remarks.leave_out(call.at, text);
            continue;
        };
        let (Some(path), Some(wire)) = (&call.path, wire) else {
            remarks.leave_out(call.at, unknown(&shown, call.path.as_deref()));
            continue;
        };
        found.wire.clone_from(wire);
        add(services, of_types, (call, path), found, remarks);
    }
}

/// What a function is called in a remark.
fn shown(function: &Function) -> String {
    match &*function.name {
        "" => "func".to_owned(),
        name => name.to_owned(),
    }
}

fn unknown(shown: &str, path: Option<&str>) -> String {
    match path {
        None => format!(
            "the function `{shown}` is registered by a path that is computed, and not known here, so it is left out\n\
             help: write a trait with the path that clients call"
        ),
        Some(path) => format!(
            "the function `{shown}` is registered in `{path}` by a name that is not known here, so it is left out\n\
             help: give it one that stands there, with `RegisterFunctionName`, or write a trait with `#[rpcx::service(name = {path:?})]` and a method with `#[rpcx(name = \"..\")]`"
        ),
    }
}

/// What is said of a handler whose messages are not known.
fn untyped(call: &Registered<'_>, method: Option<&str>) -> String {
    let (path, method) = (call.path.as_deref().unwrap_or(".."), method.unwrap_or(".."));
    format!(
        "the handler of `{path}.{method}` reads and writes its messages itself, and which these are cannot be told, so it is left out\n\
         help: write a trait with `#[rpcx::service(name = {path:?})]` and in it `#[rpcx(name = {method:?})] async fn call(&self, args: &Args) -> rpcx::Result<Reply>;` with the types that it reads and writes"
    )
}

fn of_handler(function: &Function) -> Option<Method<'_>> {
    let ([args], [reply]) = (&*function.parameters, &*function.results) else {
        return None;
    };
    Some(Method {
        wire: function.name.clone(),
        aliases: Vec::new(),
        function,
        args,
        reply: &reply.ty,
    })
}

/// Adds a method to the service that has this path.
fn add<'a>(
    services: &mut Vec<Service<'a>>,
    of_types: usize,
    (call, path): (&Registered<'_>, &str),
    method: Method<'a>,
    remarks: &mut Remarks,
) {
    let handler = matches!(call.what, What::Handler { .. });
    // a function in the place of a type takes its path away, and a handler stands beside it
    let from = if handler { 0 } else { of_types };
    let known = services[from..]
        .iter_mut()
        .find(|service| service.path == *path);
    let Some(service) = known else {
        services.push(Service {
            name: path.to_owned(),
            path: path.to_owned(),
            docs: String::new(),
            at: method.function.at,
            methods: vec![method],
        });
        return;
    };
    // several servers of one program may register the same
    let mut methods = service.methods.iter();
    match methods.find(|known| known.wire == method.wire) {
        Some(known) if known.function.at == method.function.at => {}
        Some(_) => {
            let text = format!(
                "another function is registered as `{path}.{}`, and taken in place of `{}`",
                method.wire,
                shown(method.function)
            );
            remarks.note(call.at, text);
        }
        None => service.methods.push(method),
    }
}
