//! Loops over literals, in which several things are registered by one call.

use super::lexer::{Kind, Token};
use super::syntax::Function;
use super::values::{Scene, group, is_open, list, local};

/// `for key, value := range over {`
pub(super) struct Range<'a> {
    pub(super) key: Option<&'a Token>,
    pub(super) over: &'a [Token],
}

/// The loop that a variable is the value of.
pub(super) fn range<'a>(value: &Token, function: &'a Function) -> Option<Range<'a>> {
    let body = &function.body;
    let at = (2..body.len().saturating_sub(2)).find(|at| {
        body[*at].is(&value.text) && body[at + 1].is(":=") && body[at + 2].is("range")
    })?;
    let key = body[at - 1].is(",").then(|| &body[at - 2]);
    let rest = &body[at + 3..];
    // the last group before the end of the line is what the loop does
    let (mut next, mut last) = (0, None);
    while let Some(token) = rest.get(next) {
        if token.kind == Kind::Semicolon {
            break;
        }
        if token.is("{") {
            last = Some(next);
        }
        next += match is_open(token) {
            true => group(&rest[next..])?,
            false => 1,
        };
    }
    Some(Range {
        key,
        over: &rest[..last?],
    })
}

/// The elements of a literal, also of a variable that is set to one.
pub(super) fn elements<'a>(tokens: &'a [Token], scene: Scene<'a>) -> Option<Vec<&'a [Token]>> {
    if let [only] = tokens {
        let value = local(&only.text, scene)?;
        return elements(value, scene).filter(|_| value.len() > 1);
    }
    let mut next = 0;
    let mut last = None;
    while let Some(token) = tokens.get(next) {
        let length = match is_open(token) {
            true => group(&tokens[next..])?,
            false => 1,
        };
        last = token.is("{").then_some(next + 1..next + length - 1);
        next += length;
    }
    Some(list(&tokens[last?]))
}
