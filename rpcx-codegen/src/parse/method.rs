//! One method of a service trait.

use quote::ToTokens;
use syn::{
    Attribute, FnArg, Ident, LitStr, Receiver, ReceiverKind, ReturnType, Safety, TraitItemFn, Type,
};

use super::argument;
use super::attributes::docs;
use super::options::{self, ServiceOptions};
use super::travel::{
    self, Place, bare, borrowed, check, check_options, generics, is_named, is_unit, last,
};
use crate::diagnostics::Diagnostics;
use crate::model::{Family, Method};

/// Reads a method and takes our attributes out of it. `None` if it was reported as wrong.
pub(super) fn read(
    item: &mut TraitItemFn,
    service: &ServiceOptions,
    diagnostics: &mut Diagnostics,
) -> Option<Method> {
    let before = diagnostics.count();
    let options = options::method(&mut item.attrs, diagnostics);
    attributes(&item.attrs, diagnostics);
    signature(item, diagnostics);
    let ident = item.sig.ident.clone();
    let (context, args) = argument::all(item, service, diagnostics);
    let ret = returned(item, options.oneway, diagnostics);
    let codecs = options.codecs.clone();
    let codecs = codecs.unwrap_or_else(|| service.codecs.clone());
    let only_serde = codecs.all().all(|family| family == Family::Serde);
    let method = Method {
        wire: match &options.name {
            Some(name) => name.value(),
            None => service.rename_methods.apply(&ident),
        },
        aliases: options.aliases.iter().map(LitStr::value).collect(),
        docs: docs(&item.attrs),
        cfgs: copied(&item.attrs, &["cfg"]),
        shown: copied(&item.attrs, &["doc", "deprecated"]),
        context,
        codecs,
        // the other families have no map that a value could be wrapped in
        wrap: options.wrap || (service.wrap && only_serde),
        args_name: options
            .args
            .as_ref()
            .and_then(|name| struct_name(name, diagnostics)),
        reply: options.reply.as_ref().map(LitStr::value),
        oneway: options.oneway,
        idempotent: options.idempotent,
        run_to_end: options.run_to_end,
        timeout_ms: options.timeout_ms,
        execution: options.execution,
        ret: ret?,
        args,
        ident,
    };
    combinations(&method, &options, diagnostics);
    (diagnostics.count() == before).then_some(method)
}

fn copied(attrs: &[Attribute], names: &[&str]) -> Vec<Attribute> {
    attrs
        .iter()
        .filter(|attr| names.iter().any(|name| attr.path().is_ident(name)))
        .cloned()
        .collect()
}

fn attributes(attrs: &[Attribute], diagnostics: &mut Diagnostics) {
    for attr in attrs {
        if attr.path().is_ident("cfg_attr")
            && attr.meta.to_token_stream().to_string().contains("rpcx")
        {
            diagnostics.at(
                attr,
                "`#[rpcx(..)]` cannot stand in `#[cfg_attr]`: the names on the wire are fixed",
            );
        }
    }
}

fn signature(item: &TraitItemFn, diagnostics: &mut Diagnostics) {
    let sig = &item.sig;
    let name = &sig.ident;
    if sig.asyncness.is_none() {
        let at = sig
            .fn_token
            .into_token_stream()
            .into_iter()
            .chain(name.to_token_stream());
        let at: proc_macro2::TokenStream = at.collect();
        diagnostics.at(
            at,
            format!(
                "the rpcx method `{name}` must be an `async fn`\nhelp: write `async fn {name}(..)`"
            ),
        );
    }
    if let Some(token) = &sig.constness {
        diagnostics.at(
            token,
            format!("the rpcx method `{name}` cannot be `const`: it runs on another machine"),
        );
    }
    if let Safety::Unsafe(token) = &sig.safety {
        diagnostics.at(token, format!("the rpcx method `{name}` cannot be `unsafe`: a remote caller cannot promise anything"));
    }
    if let Some(abi) = &sig.abi {
        diagnostics.at(abi, format!("the rpcx method `{name}` cannot be `extern`"));
    }
    if let Some(variadic) = &sig.variadic {
        diagnostics.at(
            variadic,
            format!("the rpcx method `{name}` cannot be variadic"),
        );
    }
    if !sig.generics.params.is_empty() {
        diagnostics.at(
            &sig.generics.params,
            format!("the rpcx method `{name}` cannot be generic: the receiver must know the type to decode\nhelp: use a concrete type or an enum"),
        );
    }
    if let Some(clause) = &sig.generics.where_clause {
        diagnostics.at(
            clause,
            format!("the rpcx method `{name}` cannot have a `where` clause: its types are fixed"),
        );
    }
    match sig.inputs.first() {
        Some(FnArg::Receiver(receiver)) => self_parameter(receiver, diagnostics),
        Some(FnArg::Typed(_)) | None => {
            diagnostics.at(
                name,
                format!("the rpcx method `{name}` needs `&self` as its first parameter"),
            );
        }
    }
}

fn self_parameter(receiver: &Receiver, diagnostics: &mut Diagnostics) {
    let found = match &receiver.kind {
        ReceiverKind::Reference(_, None, None) => return,
        ReceiverKind::Reference(_, _, Some(_)) => {
            diagnostics.at(
                receiver,
                "an rpcx method takes `&self`, not `&mut self`: calls run concurrently\n\
                 help: keep mutable state in a `Mutex`, a channel or an atomic",
            );
            return;
        }
        ReceiverKind::Reference(_, Some(lifetime), None) => {
            diagnostics.at(
                lifetime,
                format!("an rpcx method takes `&self`, without the lifetime `{lifetime}`"),
            );
            return;
        }
        ReceiverKind::Typed(_, ty) => format!("self: {}", travel::text(ty)),
        _ => "self".to_owned(),
    };
    diagnostics.at(
        receiver,
        format!("an rpcx method takes `&self`, not `{found}`: one service answers many calls\nhelp: write `&self`"),
    );
}

/// The return type, if it can be the one of an rpcx method.
fn returned(item: &TraitItemFn, oneway: bool, diagnostics: &mut Diagnostics) -> Option<Type> {
    let name = &item.sig.ident;
    let needed =
        format!("the rpcx method `{name}` must return a `Result`: a remote call can always fail");
    let ty = match &item.sig.output {
        ReturnType::Default => {
            diagnostics.at(name, format!("{needed}\nhelp: write `-> rpcx::Result<()>`, with `#[rpcx(oneway)]` if no answer is wanted"));
            return None;
        }
        ReturnType::Type(_, ty) => ty,
    };
    let before = diagnostics.count();
    if is_no_result(ty) {
        let found = travel::text(ty);
        diagnostics.at(
            ty,
            format!("{needed}\nhelp: write `-> rpcx::Result<{found}>`"),
        );
        return None;
    }
    match value_and_error(ty) {
        Some((value, error)) => {
            check(value, Place::Reply, diagnostics);
            check_error(value, error, diagnostics);
        }
        None => check(ty, Place::Reply, diagnostics),
    }
    check_options(ty, diagnostics);
    let value = last(ty).and_then(|segment| generics(segment).next());
    if let Some(value) = value
        && oneway
        && is_named(ty, "Result")
        && !is_unit(value)
    {
        diagnostics.at(value, format!("the oneway method `{name}` has no answer, so it cannot return a value\nhelp: write `-> rpcx::Result<()>`"));
    }
    (diagnostics.count() == before).then(|| (**ty).clone())
}

/// The two types of a `Result` that names its error.
fn value_and_error(ty: &Type) -> Option<(&Type, &Type)> {
    let result = last(ty).filter(|segment| segment.ident == "Result")?;
    match generics(result).collect::<Vec<_>>()[..] {
        [value, error] => Some((value, error)),
        _ => None,
    }
}

/// Error types that have nothing to travel, whatever stands in the brackets; about others rustc has more to say. Some of them
/// are not `Send` either, which would be further errors.
fn check_error(value: &Type, error: &Type, diagnostics: &mut Diagnostics) {
    let named = |name: &&str| is_named(error, name);
    let has_none = ["Box", "Arc", "Rc", "String"].iter().any(named);
    if has_none || matches!(bare(error), Type::Reference(_) | Type::Tuple(_)) {
        let (found, value) = (travel::text(error), travel::text(value));
        diagnostics.at(
            error,
            format!(
                "`{found}` cannot be the error type of an rpcx method: it has no code that callers could tell it by\n\
                 help: write `rpcx::Result<{value}>`, and `.map_err(rpcx::Error::internal)?` where an error of another library comes up, \
                 or an enum of your own with `#[derive(rpcx::ServiceError)]`"
            ),
        );
    }
}

/// The name of a struct.
fn struct_name(name: &LitStr, diagnostics: &mut Diagnostics) -> Option<Ident> {
    let ident = name.parse::<Ident>().ok();
    if ident.is_none() {
        let wrong = name.value();
        diagnostics.at(name, format!("`{wrong}` cannot be the name of a struct\nhelp: write a name such as `args = \"MulArgs\"`"));
    }
    ident
}

/// A struct of the arguments needs arguments that travel as a map and that it can own.
fn arguments_struct(method: &Method, args: &LitStr, diagnostics: &mut Diagnostics) {
    let name = &method.ident;
    if !method.is_map() {
        let text = match method.args.is_empty() {
            true => format!(
                "`args` names the struct of the arguments, but `{name}` has none\nhelp: remove it"
            ),
            false => format!(
                "`args` names the struct of the arguments, but the only argument of `{name}` is the message itself\nhelp: remove it, or add `wrap`"
            ),
        };
        diagnostics.at(args, text);
        return;
    }
    for arg in method.args.iter().filter(|arg| borrowed(&arg.ty)) {
        let ty = &arg.ty;
        let (shown, wanted) = (travel::text(ty), args.value());
        diagnostics.at(ty, format!("the struct `{wanted}` owns the arguments of `{name}`, so it cannot have a field of the type `{shown}`\nhelp: use a type that does not borrow, or remove `args`"));
    }
}

/// Types that are not a `Result` under any alias; for others rustc decides.
fn is_no_result(ty: &Type) -> bool {
    const NAMES: [&str; 27] = [
        "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32",
        "i64", "i128", "isize", "f32", "f64", "String", "Vec", "Option", "Box", "HashMap",
        "BTreeMap", "HashSet", "BTreeSet", "Bytes", "Duration",
    ];
    match bare(ty) {
        Type::Tuple(_) | Type::Array(_) | Type::Slice(_) | Type::Never(_) => true,
        ty => last(ty).is_some_and(|segment| NAMES.iter().any(|name| segment.ident == name)),
    }
}

/// What the families can do whose payload is one value of a kind of its own.
fn whole_payload(method: &Method, options: &options::MethodOptions, diagnostics: &mut Diagnostics) {
    let whole = method.codecs.all().find(|one| *one != Family::Serde);
    let Some(family) = whole else { return };
    let (codec, wrapped, least) = match family {
        Family::Serde => return,
        Family::Protobuf => ("protobuf", "a message has fields of its own", 1),
        Family::Thrift => ("thrift", "a struct has fields of its own", 1),
        Family::Raw => ("raw", "raw bytes have no fields", 0),
    };
    let name = &method.ident;
    let count = method.args.len();
    if count > 1 || count < least {
        let help = match (family, count) {
            (Family::Thrift, 0) => "\nhelp: add an argument of the type `()`, the empty struct",
            (_, 0) => "\nhelp: add an argument of the type `()`, the empty message",
            _ => "",
        };
        diagnostics.at(name, format!("with `codec = \"{codec}\"` the method `{name}` must take exactly one message, it takes {count}{help}"));
    } else if options.wrap {
        diagnostics.at(
            name,
            format!("with `codec = \"{codec}\"` the method `{name}` cannot be wrapped: {wrapped}"),
        );
    }
    if let Some(reply) = &options.reply {
        diagnostics.at(
            reply,
            format!("with `codec = \"{codec}\"` a reply cannot be given a field"),
        );
    }
}

/// Options that need other options or another signature.
fn combinations(method: &Method, options: &options::MethodOptions, diagnostics: &mut Diagnostics) {
    let name = &method.ident;
    whole_payload(method, options, diagnostics);
    if let (Some(reply), true) = (&options.reply, method.oneway) {
        diagnostics.at(
            reply,
            format!("the oneway method `{name}` has no answer, so `reply` names nothing"),
        );
    }
    if let Some(args) = &options.args {
        arguments_struct(method, args, diagnostics);
    }
    if let Some(arg) = method
        .args
        .iter()
        .find(|arg| arg.default && !method.is_map())
    {
        diagnostics.at(&arg.ident, format!("`default` is for a field that may be missing, but the only argument of `{name}` is the message itself\nhelp: add `#[rpcx(wrap)]` to the method"));
    }
}
