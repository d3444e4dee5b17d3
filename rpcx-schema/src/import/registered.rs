//! What functions of the files register with a server, as far as a look at their tokens tells.

use super::At;
use super::constants::{Known, evaluate};
use super::lexer::{Kind, Token};
use super::package::Package;

/// A call of `RegisterName` or the like.
#[derive(Debug)]
pub(super) struct Registered {
    pub(super) at: At,
    /// The service path; `None` for an expression whose value is not known here.
    pub(super) path: Option<String>,
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
        .flat_map(|body| (0..body.len()).filter_map(|start| call(body, start, package)))
        .collect()
}

fn call(body: &[Token], start: usize, package: &Package<'_>) -> Option<Registered> {
    let [function, open, rest @ ..] = &body[start..] else {
        return None;
    };
    // what is defined under such a name is no call of it
    let is_definition = start > 0 && body[start - 1].is("func");
    if function.kind != Kind::Word || !open.is("(") || is_definition {
        return None;
    }
    if function.is("Register") && start > 0 && body[start - 1].is(".") {
        let name = named_type(rest, body)?;
        return Some(Registered {
            at: function.at,
            path: Some(package.originals.of(&name).to_owned()),
            what: What::Type(name),
        });
    }
    let known = [
        "RegisterName",
        "RegisterNameWithMethods",
        "RegisterFunction",
        "RegisterFunctionName",
    ];
    if !known.contains(&&*function.text) {
        return None;
    }
    let (path, rest) = argument(rest, body, package)?;
    let what = match &*function.text {
        "RegisterName" | "RegisterNameWithMethods" => {
            named_type(rest, body).map_or(What::Unknown, What::Type)
        }
        "RegisterFunction" => {
            let name = last_name(rest)?;
            let method = name.clone();
            What::Function { name, method }
        }
        "RegisterFunctionName" => {
            let (method, rest) = argument(rest, body, package)?;
            let name = last_name(rest)?;
            let method = method.unwrap_or_else(|| name.clone());
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

/// The text of an argument, if its value is known, and what follows its comma.
fn argument<'a>(
    tokens: &'a [Token],
    body: &[Token],
    package: &Package<'_>,
) -> Option<(Option<String>, &'a [Token])> {
    let comma = end_of_argument(tokens)?;
    let (argument, rest) = (&tokens[..comma], &tokens[comma + 1..]);
    let text = match argument {
        [only] if only.kind == Kind::Text => Some(only.text.clone()),
        [only] if only.kind == Kind::Word => {
            constant(&only.text, package).or_else(|| variable(&only.text, body))
        }
        // `pkg.Name`
        [_, dot, name] if dot.is(".") => constant(&name.text, package),
        _ => None,
    };
    Some((text, rest))
}

/// Where the comma behind the first argument stands.
fn end_of_argument(tokens: &[Token]) -> Option<usize> {
    let mut open = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        if ["(", "[", "{"].iter().any(|mark| token.is(mark)) {
            open += 1;
        } else if [")", "]", "}"].iter().any(|mark| token.is(mark)) {
            open = open.checked_sub(1)?;
        } else if open == 0 && token.is(",") {
            return Some(index);
        }
    }
    None
}

fn constant(name: &str, package: &Package<'_>) -> Option<String> {
    let mut constants = package.constants.iter();
    let found = constants.find(|constant| constant.name == name)?;
    match evaluate(found, &package.constants)? {
        Known::Text(text) => Some(text),
        Known::Number(_) => None,
    }
}

/// The text that a variable of the function is set to, if it is set once.
fn variable(name: &str, body: &[Token]) -> Option<String> {
    let mut set = body
        .windows(3)
        .filter(|window| window[0].is(name) && (window[1].is(":=") || window[1].is("=")));
    let value = &set.next()?[2];
    (value.kind == Kind::Text && set.next().is_none()).then(|| value.text.clone())
}

/// `T` of `new(T)`, `&T{`, `T{` and `&pkg.T{`, also of a variable that is set to one of them.
fn named_type(tokens: &[Token], body: &[Token]) -> Option<String> {
    if let Some(found) = constructed(tokens) {
        return Some(found);
    }
    let [name, end, ..] = tokens else { return None };
    if name.kind != Kind::Word || !(end.is(",") || end.is(")")) {
        return None;
    }
    let mut set = (0..body.len().saturating_sub(2))
        .filter(|at| body[*at].is(&name.text) && (body[at + 1].is(":=") || body[at + 1].is("=")));
    let at = set.next()?;
    match set.next() {
        Some(_) => None,
        None => constructed(&body[at + 2..]),
    }
}

fn constructed(tokens: &[Token]) -> Option<String> {
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
