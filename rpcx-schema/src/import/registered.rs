//! What functions of the files register with a server, as far as a look at their tokens tells.

use super::At;
use super::constants::{Known, evaluate};
use super::lexer::{Kind, Token};
use super::package::Package;

/// A call of `RegisterName` or the like.
#[derive(Debug)]
pub(super) struct Registered {
    pub(super) at: At,
    /// The service path.
    pub(super) path: String,
    pub(super) what: What,
}

/// What is registered.
#[derive(Debug)]
pub(super) enum What {
    /// A value of this type.
    Type(String),
    /// A function, and the name of the method.
    Function { name: String, method: String },
    /// A value whose type cannot be told here.
    Unknown,
}

/// All calls, in source order.
pub(super) fn registered(package: &Package<'_>) -> Vec<Registered> {
    let functions = package.files.iter().flat_map(|file| &file.functions);
    let bodies = functions.map(|function| &*function.body);
    bodies
        .flat_map(|body| (0..body.len()).filter_map(|start| call(&body[start..], package)))
        .collect()
}

fn call(tokens: &[Token], package: &Package<'_>) -> Option<Registered> {
    let [function, open, rest @ ..] = tokens else {
        return None;
    };
    if function.kind != Kind::Word || !open.is("(") {
        return None;
    }
    let (path, rest) = argument(rest, package)?;
    let what = match &*function.text {
        "RegisterName" | "RegisterNameWithMethods" => {
            named_type(rest).map_or(What::Unknown, What::Type)
        }
        "RegisterFunction" => {
            let name = last_name(rest)?;
            let method = name.clone();
            What::Function { name, method }
        }
        "RegisterFunctionName" => {
            let (method, rest) = argument(rest, package)?;
            let name = last_name(rest)?;
            What::Function { name, method }
        }
        _ => return None,
    };
    Some(Registered {
        at: function.at,
        path,
        what,
    })
}

/// A string or a constant, and what follows the comma.
fn argument<'a>(tokens: &'a [Token], package: &Package<'_>) -> Option<(String, &'a [Token])> {
    let [first, comma, rest @ ..] = tokens else {
        return None;
    };
    if !comma.is(",") {
        return None;
    }
    let text = match first.kind {
        Kind::Text => first.text.clone(),
        Kind::Word => {
            let mut constants = package.constants.iter();
            let found = constants.find(|constant| constant.name == first.text)?;
            match evaluate(found, &package.constants)? {
                Known::Text(text) => text,
                Known::Number(_) => return None,
            }
        }
        _ => return None,
    };
    Some((text, rest))
}

/// `T` of `new(T)`, `&T{`, `T{` and `&pkg.T{`.
fn named_type(tokens: &[Token]) -> Option<String> {
    let mut rest = tokens;
    let mut open = "{";
    if let [word, paren, after @ ..] = rest
        && word.is("new")
        && paren.is("(")
    {
        (rest, open) = (after, ")");
    } else if let [mark, after @ ..] = rest
        && mark.is("&")
    {
        rest = after;
    }
    match rest {
        [name, end, ..] if name.kind == Kind::Word && end.is(open) => Some(name.text.clone()),
        [_, dot, name, end, ..] if dot.is(".") && end.is(open) => Some(name.text.clone()),
        _ => None,
    }
}

/// The name of a function that is passed.
fn last_name(tokens: &[Token]) -> Option<String> {
    match tokens {
        [name, end, ..] if name.kind == Kind::Word && (end.is(",") || end.is(")")) => {
            Some(name.text.clone())
        }
        [_, dot, name, ..] if dot.is(".") => Some(name.text.clone()),
        _ => None,
    }
}
