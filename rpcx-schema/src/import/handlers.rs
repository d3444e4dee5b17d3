//! Functions that read and write messages themselves, `func(ctx *server.Context) error`: what they bind and write says
//! which messages they are.

use super::lexer::Token;
use super::parse::type_of_tokens;
use super::syntax::{Function, Parameter, Type, TypeKind};

/// The handler as a function of its messages, if its body says which they are.
pub(super) fn handler(function: &Function) -> Option<Function> {
    let ([context], [error]) = (&*function.parameters, &*function.results) else {
        return None;
    };
    let TypeKind::Pointer(inner) = &context.ty.kind else {
        return None;
    };
    let is_named = |ty: &Type, wanted: &str| matches!(&ty.kind, TypeKind::Named { name, .. } if name == wanted);
    if !is_named(inner, "Context") || !is_named(&error.ty, "error") {
        return None;
    }
    let passed = |method: &str| {
        let mut all = function.body.windows(4).enumerate();
        let (at, _) = all.find(|(_, part)| {
            part[0].is(&context.name) && part[1].is(".") && part[2].is(method) && part[3].is("(")
        })?;
        message(&function.body[at + 4..], &function.body)
    };
    let (args, reply) = (passed("Bind")?, passed("Write")?);
    let unnamed = |ty| Parameter {
        name: String::new(),
        ty,
        variadic: false,
    };
    Some(Function {
        parameters: vec![unnamed(args)],
        results: vec![unnamed(reply)],
        body: Vec::new(),
        instances: Vec::new(),
        ..function.clone()
    })
}

/// The type of what is passed: `&args`, `args`, `&Args{`.
fn message(tokens: &[Token], body: &[Token]) -> Option<Type> {
    let tokens = match tokens {
        [mark, rest @ ..] if mark.is("&") => rest,
        _ => tokens,
    };
    let [name, end, ..] = tokens else { return None };
    if !end.is(")") {
        return constructed(tokens);
    }
    let after = |first: &str, second: &str| {
        let mut all = body.windows(2).enumerate();
        let found = all.find(|(_, pair)| pair[0].is(first) && pair[1].is(second));
        found.map(|(at, _)| &body[at + 2..])
    };
    if let Some(rest) = after("var", &name.text) {
        return type_of_tokens(rest).map(|(ty, _)| plain(ty));
    }
    constructed(after(&name.text, ":=")?)
}

/// The type of `&T{`, `T{` and `new(T)`.
fn constructed(tokens: &[Token]) -> Option<Type> {
    let (tokens, close) = match tokens {
        [word, paren, rest @ ..] if word.is("new") && paren.is("(") => (rest, ")"),
        [mark, rest @ ..] if mark.is("&") => (rest, "{"),
        _ => (tokens, "{"),
    };
    let (ty, length) = type_of_tokens(tokens)?;
    tokens.get(length)?.is(close).then(|| plain(ty))
}

fn plain(ty: Type) -> Type {
    match ty.kind {
        TypeKind::Pointer(inner) => *inner,
        _ => ty,
    }
}
