//! Loops over literals, in which several things are registered by one call.

use std::rc::Rc;

use super::lexer::{Kind, Token};
use super::syntax::Function;
use super::values::{Scene, Values, group, is_open, list, local, split};

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

/// What the variables of a loop are in one of its turns.
pub(super) struct Turn<'a> {
    key: Option<(&'a Token, &'a [Token])>,
    value: &'a Token,
    element: &'a [Token],
    /// Where the literal stands that the loop is over.
    scene: Scene<'a>,
    /// The fields of an element, in their order.
    fields: Rc<[String]>,
}

impl<'a> Turn<'a> {
    /// The turns of the loop that a call is in whose argument this is: a variable of the loop, or a field of one.
    pub(super) fn all(
        argument: &'a [Token],
        scene: Scene<'a>,
        values: &Values<'a, '_>,
    ) -> Option<Vec<Self>> {
        let value = match argument {
            [value] => value,
            [value, dot, _] if dot.is(".") => value,
            _ => return None,
        };
        let range = range(value, scene.function)?;
        let (literal, scene) = values.literal(range.over, scene);
        let fields: Rc<[String]> = values.fields(literal).into();
        let turn = |element: &'a [Token]| {
            let colon = split(element, ":").first().copied();
            let (key, element) = match colon {
                Some(at) => (Some(&element[..at]), &element[at + 1..]),
                None => (None, element),
            };
            Self {
                key: range.key.zip(key),
                value,
                element,
                scene,
                fields: Rc::clone(&fields),
            }
        };
        Some(elements(literal, scene)?.into_iter().map(turn).collect())
    }

    /// What an expression of the loop is in this turn; `None` for a field that the element does not set.
    pub(super) fn resolve(
        &self,
        tokens: &'a [Token],
        scene: Scene<'a>,
    ) -> Option<(&'a [Token], Scene<'a>)> {
        match tokens {
            [only] if only.is(&self.value.text) => Some((self.element, self.scene)),
            [only] => match self.key {
                Some((name, key)) if only.is(&name.text) => Some((key, self.scene)),
                _ => Some((tokens, scene)),
            },
            [of, dot, field] if dot.is(".") && of.is(&self.value.text) => {
                Some((self.field(&field.text)?, self.scene))
            }
            _ => Some((tokens, scene)),
        }
    }

    /// What an element that is a literal of a struct sets a field to.
    fn field(&self, name: &str) -> Option<&'a [Token]> {
        let parts = elements(self.element, self.scene)?;
        let named = parts.iter().find_map(|part| match part {
            [field, colon, value @ ..] if colon.is(":") && field.is(name) => Some(value),
            _ => None,
        });
        named.or_else(|| {
            let part = *parts.get(self.fields.iter().position(|field| field == name)?)?;
            let is_named = part.get(1).is_some_and(|colon| colon.is(":"));
            (!is_named).then_some(part)
        })
    }
}

/// The elements of a literal, also of a variable that is set to one.
pub(super) fn elements<'a>(tokens: &'a [Token], scene: Scene<'a>) -> Option<Vec<&'a [Token]>> {
    if let [only] = tokens {
        let value = local(&only.text, scene).filter(|value| value.len() > 1)?;
        return elements(value, scene);
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
