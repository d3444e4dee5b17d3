//! What Go rpcx would serve.

use std::collections::BTreeSet;

use super::package::Package;
use super::parse_type::base_name;
use super::registered::{Listed, Registered, What, registered};
use super::served::{functions, said};
use super::syntax::{Function, Parameter, Type, TypeDecl, TypeKind};
use super::{At, Remarks};

/// A service.
pub(super) struct Service<'a> {
    /// The name in Go.
    pub(super) name: String,
    /// The name on the wire.
    pub(super) path: String,
    pub(super) docs: String,
    pub(super) at: At,
    pub(super) methods: Vec<Method<'a>>,
}

/// A method of a service.
#[derive(Clone)]
pub(super) struct Method<'a> {
    /// The name on the wire.
    pub(super) wire: String,
    /// Further names that do the same.
    pub(super) aliases: Vec<String>,
    pub(super) function: &'a Function,
    pub(super) args: &'a Parameter,
    /// The type that the reply points to.
    pub(super) reply: &'a Type,
}

/// What the files have.
struct Found<'a, 'b> {
    package: &'b Package<'a>,
    /// Types with the methods that rpcx would take, in the order of their first method.
    concrete: Vec<(String, Vec<Method<'a>>)>,
    calls: Vec<Registered<'a>>,
}

/// All services, in source order.
pub(super) fn services<'a>(package: &Package<'a>, remarks: &mut Remarks) -> Vec<Service<'a>> {
    let calls = registered(package);
    let concrete = promoted(package, receivers(package, remarks), &calls);
    let found = Found {
        package,
        concrete,
        calls,
    };
    let mut services = found.interfaces(remarks);
    let of_interfaces = services.len();
    let Found {
        concrete, calls, ..
    } = found;
    for (name, mut methods) in concrete {
        limit(&name, &mut methods, &calls, remarks);
        if forwarded(package, &name, &services[..of_interfaces]).is_some() {
            continue;
        }
        let declared = package.find(None, &name);
        services.push(Service {
            path: path(&name, &calls, package, remarks)
                .unwrap_or_else(|| package.originals.of(&name).to_owned()),
            docs: declared.map_or_else(String::new, |found| found.docs.clone()),
            at: declared.map_or(methods[0].function.at, |found| found.at),
            methods,
            name,
        });
    }
    said(package, &calls, &services, remarks);
    functions(package, &calls, &mut services, remarks);
    errors(package, remarks);
    services.sort_by_key(|service| service.at);
    services
}

/// Takes away the methods of a type that are not registered.
fn limit(
    name: &str,
    methods: &mut Vec<Method<'_>>,
    calls: &[Registered<'_>],
    remarks: &mut Remarks,
) {
    let mut listed: BTreeSet<&str> = BTreeSet::new();
    let of_type = |call: &&Registered<'_>| matches!(&call.what, What::Type(own) if own == name);
    let mut all = true;
    for call in calls.iter().filter(of_type) {
        match &call.methods {
            Listed::All => return,
            Listed::These(names) => listed.extend(names.iter().map(String::as_str)),
            Listed::Unknown => {
                let text = format!(
                    "which methods of `{name}` are registered here cannot be told: all are taken"
                );
                remarks.note(call.at, text);
                return;
            }
        }
        all = false;
    }
    if !all {
        methods.retain(|method| listed.contains(&*method.wire));
    }
}

/// Error types are no part of a signature in Go, so the sources do not say which method returns them.
fn errors(package: &Package<'_>, remarks: &mut Remarks) {
    for function in package.files.iter().flat_map(|file| &file.functions) {
        let declared = function
            .receiver
            .as_ref()
            .and_then(|name| package.find(None, name));
        if let Some(declared) = declared
            && function.name == "Error"
            && function.parameters.is_empty()
        {
            let text = format!(
                "of the error `{}` only the text arrives; for codes write an enum with `#[derive(rpcx::ServiceError)]`",
                declared.name
            );
            remarks.note(declared.at, text);
        }
    }
}

/// The path that a type is registered by.
fn path(
    name: &str,
    calls: &[Registered<'_>],
    package: &Package<'_>,
    remarks: &mut Remarks,
) -> Option<String> {
    let mut found = calls
        .iter()
        .filter(|call| matches!(&call.what, What::Type(ty) if ty == name));
    let mut first: Option<&str> = None;
    let mut unknown = None;
    for call in &mut found {
        match (&call.path, first) {
            (Some(path), None) => first = Some(path),
            (Some(path), Some(first)) if path != first => {
                let text = format!(
                    "`{name}` is also registered as `{path}`: register the Rust service by both paths"
                );
                remarks.note(call.at, text);
            }
            (Some(_), Some(_)) => {}
            (None, _) => unknown = unknown.or(Some(call.at)),
        }
    }
    if let Some(at) = unknown {
        let taken = first.unwrap_or_else(|| package.originals.of(name));
        let text = format!(
            "`{name}` is registered by a path that is computed, and not known here; it has the path `{taken}`\nhelp: write the path that clients call into `#[rpcx::service(name = \"..\")]`"
        );
        remarks.note(at, text);
    }
    first.map(str::to_owned)
}

/// Types with the methods that rpcx would take, in the order of their first method.
fn receivers<'a>(package: &Package<'a>, remarks: &mut Remarks) -> Vec<(String, Vec<Method<'a>>)> {
    let mut found: Vec<(String, Vec<Method<'a>>)> = Vec::new();
    let functions = || package.files.iter().flat_map(|file| &file.functions);
    for function in functions() {
        let (Some(receiver), Some(method)) = (&function.receiver, method(function, package)) else {
            continue;
        };
        match found.iter_mut().find(|(name, _)| name == receiver) {
            Some((_, methods)) => methods.push(method),
            None => found.push((receiver.clone(), vec![method])),
        }
    }
    for function in functions() {
        let of_service = |receiver: &String| found.iter().any(|(name, _)| name == receiver);
        if function.receiver.as_ref().is_some_and(of_service) && method(function, package).is_none()
        {
            unsuitable(function, remarks);
        }
    }
    found
}

/// Adds the methods that types have from those they embed. A type without methods of its own counts if it is
/// registered.
fn promoted<'a>(
    package: &Package<'a>,
    mut concrete: Vec<(String, Vec<Method<'a>>)>,
    calls: &[Registered<'_>],
) -> Vec<(String, Vec<Method<'a>>)> {
    for call in calls {
        if let What::Type(name) = &call.what
            && concrete.iter().all(|(own, _)| own != name)
        {
            concrete.push((name.clone(), Vec::new()));
        }
    }
    let before = concrete.clone();
    for (name, methods) in &mut concrete {
        let mut waiting = vec![name.as_str()];
        let mut seen: Vec<&str> = Vec::new();
        while let Some(next) = waiting.pop() {
            if seen.contains(&next) {
                continue;
            }
            seen.push(next);
            let own = before.iter().find(|(name, _)| name == next);
            for method in own.into_iter().flat_map(|(_, own)| own) {
                if methods.iter().all(|other| other.wire != method.wire) {
                    methods.push(method.clone());
                }
            }
            if let Some(TypeKind::Struct(fields)) = package.find(None, next).map(|ty| &ty.ty.kind) {
                let embedded = fields.iter().filter(|field| field.embedded);
                waiting.extend(embedded.filter_map(|field| base(&field.ty)));
            }
        }
    }
    concrete.retain(|(_, methods)| !methods.is_empty());
    concrete
}

/// The name of an embedded type.
fn base(ty: &Type) -> Option<&str> {
    match &ty.kind {
        TypeKind::Pointer(inner) => base(inner),
        TypeKind::Named { name, .. } => Some(name),
        _ => None,
    }
}

fn unsuitable(function: &Function, remarks: &mut Remarks) {
    if is_exported(&function.name) {
        let text = format!(
            "`{}` is left out: rpcx serves methods of a context, arguments and a pointer for the reply that return an error",
            function.name
        );
        remarks.note(function.at, text);
    }
}

fn is_exported(name: &str) -> bool {
    name.chars().next().is_some_and(char::is_uppercase)
}

/// The function as a method of a type, if it is exported and has the shape of one.
fn method<'a>(function: &'a Function, package: &Package<'_>) -> Option<Method<'a>> {
    is_exported(&function.name)
        .then(|| shaped(function, package))
        .flatten()
}

/// The function as a method of a service, if it has that shape.
pub(super) fn shaped<'a>(function: &'a Function, package: &Package<'_>) -> Option<Method<'a>> {
    let ([context, args, reply], [error]) = (&*function.parameters, &*function.results) else {
        return None;
    };
    let is_error =
        matches!(&error.ty.kind, TypeKind::Named { package: None, name, .. } if name == "error");
    let is_context = package.is_foreign(&context.ty, "context", "Context");
    let TypeKind::Pointer(reply_type) = &reply.ty.kind else {
        return None;
    };
    let fits = is_error && is_context && !reply.variadic && !args.variadic && !function.generic;
    fits.then(|| Method {
        wire: function.name.clone(),
        aliases: Vec::new(),
        function,
        args,
        reply: reply_type,
    })
}

impl<'a> Found<'a, '_> {
    /// Interfaces of such methods, unless a type of the files has them all: then that is served.
    fn interfaces(&self, remarks: &mut Remarks) -> Vec<Service<'a>> {
        let mut services = Vec::new();
        for declared in &self.package.types {
            let TypeKind::Interface {
                methods: written,
                more,
            } = &declared.ty.kind
            else {
                continue;
            };
            let as_method = |function| method(function, self.package);
            let methods: Vec<Method<'a>> = written.iter().filter_map(as_method).collect();
            if methods.is_empty() {
                continue;
            }
            for function in written.iter().filter(|one| as_method(one).is_none()) {
                unsuitable(function, remarks);
            }
            if let Some(name) = self.served(&methods) {
                let interface = &declared.name;
                let text = format!(
                    "the interface `{interface}` is left out, because `{name}` has its methods"
                );
                remarks.note(declared.at, text);
                continue;
            }
            if let Some(at) = more {
                let text = format!(
                    "what `{}` embeds is left out: add its methods",
                    declared.name
                );
                remarks.note(*at, text);
            }
            services.push(self.interface(declared, methods, remarks));
        }
        services
    }

    /// The type that has all these methods.
    fn served(&self, methods: &[Method<'a>]) -> Option<&str> {
        let names = |methods: &[Method<'a>]| -> BTreeSet<String> {
            methods.iter().map(|method| method.wire.clone()).collect()
        };
        let wanted = names(methods);
        let mut all = self.concrete.iter();
        let found = all.find(|(_, own)| wanted.is_subset(&names(own)));
        found.map(|(name, _)| &**name)
    }

    fn interface(
        &self,
        declared: &'a TypeDecl,
        mut methods: Vec<Method<'a>>,
        remarks: &mut Remarks,
    ) -> Service<'a> {
        let mut service = Service {
            path: path(&declared.name, &self.calls, self.package, remarks)
                .unwrap_or_else(|| self.package.originals.of(&declared.name).to_owned()),
            name: declared.name.clone(),
            docs: declared.docs.clone(),
            at: declared.at,
            methods: Vec::new(),
        };
        let wrappers = self.package.types.iter();
        for wrapper in wrappers.filter(|ty| embeds(ty, &declared.name)) {
            if let Some(path) = path(&wrapper.name, &self.calls, self.package, remarks) {
                service.path = path;
                generated(&mut service);
            }
            let mut all = self.concrete.iter();
            let own = all.find(|(name, _)| *name == wrapper.name);
            for extra in own.into_iter().flat_map(|(_, own)| own) {
                let target = forward(extra.function);
                let target = methods
                    .iter_mut()
                    .find(|method| Some(&*method.wire) == target);
                if let Some(method) = target.filter(|method| method.wire != extra.wire) {
                    method.aliases.push(extra.wire.clone());
                }
            }
        }
        service.methods = methods;
        service
    }
}

/// What our own generator calls `ArithServer`, with a sentence of its own, is the service `Arith`.
fn generated(service: &mut Service<'_>) {
    let Some(name) = service
        .name
        .strip_suffix("Server")
        .filter(|name| !name.is_empty())
    else {
        return;
    };
    let sentence = format!("A server implements {name}Server,");
    if let Some(at) = service.docs.find(&sentence) {
        service.docs.truncate(at);
        service.docs.truncate(service.docs.trim_end().len());
    }
    service.name = name.to_owned();
}

fn embeds(declared: &TypeDecl, interface: &str) -> bool {
    let TypeKind::Struct(fields) = &declared.ty.kind else {
        return false;
    };
    fields
        .iter()
        .any(|field| field.embedded && base_name(&field.ty) == interface)
}

/// The service of an interface that a type only adds to.
fn forwarded<'a, 'b>(
    package: &Package<'a>,
    name: &str,
    services: &'b [Service<'a>],
) -> Option<&'b Service<'a>> {
    let declared = package.find(None, name)?;
    let of = |service: &Service<'a>| {
        embeds(declared, &service.name) || embeds(declared, &format!("{}Server", service.name))
    };
    services.iter().find(|service| of(service))
}

/// The name of the method that the only statement of a method calls: `return r.Name(ctx, args, reply)`.
fn forward(function: &Function) -> Option<&str> {
    match &*function.body {
        [_, word, _, dot, name, open, ..] if word.is("return") && dot.is(".") && open.is("(") => {
            Some(&name.text)
        }
        _ => None,
    }
}
