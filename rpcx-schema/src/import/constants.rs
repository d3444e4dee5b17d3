//! The values of constants.

use super::lexer::Kind;
use super::parse::{Parsed, Parser};
use super::syntax::{Constant, Value};

/// What a constant is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Number(i128),
    Text(String),
}

/// How many parts are looked at for one constant, because constants can name each other many times over.
const STEPS: u32 = 10_000;

/// Constants that lead to each other further than this are not followed.
const DEPTH: usize = 30;

/// Operands of one operator in a row. Values are trees, and what walks them calls itself.
const OPERANDS: usize = 50;

const LEVELS: [&[&str]; 2] = [
    &["+", "-", "|", "^"],
    &["*", "/", "%", "<<", ">>", "&", "&^"],
];

impl Parser {
    /// A constant expression. What is not understood, such as a call, is skipped.
    pub(super) fn value(&mut self) -> Parsed<Value> {
        let value = self.deeper(|parser| parser.binary(0))?;
        let next = self.peek();
        let ends = next.kind == Kind::Semicolon || [",", ")", "]"].iter().any(|end| next.is(end));
        if ends || self.at_end() {
            return Ok(value);
        }
        while !self.at_end() && self.peek().kind != Kind::Semicolon && !self.peek().is(",") {
            let before = self.peek().at;
            self.skip_statement();
            if self.peek().at == before {
                break;
            }
        }
        Ok(Value::Unknown)
    }

    fn binary(&mut self, level: usize) -> Parsed<Value> {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.binary(level + 1)?;
        let mut count = 0;
        while let Some(operator) = operators.iter().find(|operator| self.peek().is(operator)) {
            count += 1;
            if count > OPERANDS {
                return Err(self.peek().at.remark("this value has too many parts"));
            }
            self.bump();
            let right = self.binary(level + 1)?;
            left = Value::Binary((*operator).to_owned(), Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed<Value> {
        let token = self.peek().clone();
        match (token.kind, &*token.text) {
            (Kind::Number, text) => {
                self.bump();
                Ok(integer(text).map_or(Value::Unknown, Value::Number))
            }
            (Kind::Text, _) => Ok(Value::Text(self.bump().text)),
            (Kind::Rune, _) => {
                let text = self.bump().text;
                let rune = text.chars().next();
                Ok(rune.map_or(Value::Unknown, |c| Value::Number(u32::from(c).into())))
            }
            (Kind::Mark, "-" | "+" | "^") => {
                self.bump();
                let operator = token.text.chars().next().unwrap_or('+');
                let operand = self.deeper(Self::unary)?;
                Ok(Value::Unary(operator, Box::new(operand)))
            }
            (Kind::Mark, "(") => {
                self.bump();
                let inner = self.value()?;
                self.expect(")")?;
                Ok(inner)
            }
            (Kind::Word, _) => {
                let name = self.name()?.text;
                if self.peek().is("(") && !self.peek_at(1).is(")") {
                    self.bump();
                    let inner = self.value()?;
                    self.expect(")")?;
                    return Ok(Value::Convert(name, Box::new(inner)));
                }
                Ok(Value::Name(name))
            }
            _ => Err(self.unexpected("a value")),
        }
    }
}

/// A number as Go writes it.
fn integer(text: &str) -> Option<i128> {
    let digits = text.replace('_', "").to_ascii_lowercase();
    let (digits, radix) = match digits.get(..2) {
        Some("0x") => (&digits[2..], 16),
        Some("0b") => (&digits[2..], 2),
        Some("0o") => (&digits[2..], 8),
        _ if digits.len() > 1 && digits.starts_with('0') => (&digits[1..], 8),
        _ => (&*digits, 10),
    };
    i128::from_str_radix(digits, radix).ok()
}

/// The value of a constant, or `None` if it is not a number or a text that can be told here.
pub(super) fn evaluate(constant: &Constant, all: &[&Constant]) -> Option<Known> {
    let mut evaluation = Evaluation { all, steps: STEPS };
    evaluation.known(&constant.value, constant.iota, DEPTH)
}

/// The length of an array.
pub(super) fn length(value: &Value, all: &[&Constant]) -> Option<u32> {
    let mut evaluation = Evaluation { all, steps: STEPS };
    let length = evaluation.number(value, 0, DEPTH)?;
    u32::try_from(length).ok()
}

struct Evaluation<'a> {
    all: &'a [&'a Constant],
    steps: u32,
}

impl Evaluation<'_> {
    fn number(&mut self, value: &Value, iota: i128, depth: usize) -> Option<i128> {
        match self.known(value, iota, depth)? {
            Known::Number(number) => Some(number),
            Known::Text(_) => None,
        }
    }

    fn known(&mut self, value: &Value, iota: i128, depth: usize) -> Option<Known> {
        self.steps = self.steps.checked_sub(1)?;
        Some(Known::Number(match value {
            Value::Number(number) => *number,
            Value::Text(text) => return Some(Known::Text(text.clone())),
            Value::Name(name) if name == "iota" => iota,
            Value::Name(name) => {
                let other = self.all.iter().find(|constant| constant.name == *name)?;
                return self.known(&other.value, other.iota, depth.checked_sub(1)?);
            }
            Value::Unary(operator, inner) => {
                let inner = self.number(inner, iota, depth)?;
                match operator {
                    '-' => inner.checked_neg()?,
                    '^' => !inner,
                    _ => inner,
                }
            }
            Value::Binary(operator, left, right) => {
                let (left, right) = (
                    self.known(left, iota, depth)?,
                    self.known(right, iota, depth)?,
                );
                return binary(operator, left, right);
            }
            Value::Convert(_, inner) => return self.known(inner, iota, depth),
            Value::Unknown => return None,
        }))
    }
}

fn binary(operator: &str, left: Known, right: Known) -> Option<Known> {
    match (left, right) {
        (Known::Number(left), Known::Number(right)) => {
            operation(operator, left, right).map(Known::Number)
        }
        (Known::Text(left), Known::Text(right)) if operator == "+" => {
            (left.len() + right.len() < 10_000).then(|| Known::Text(left + &right))
        }
        _ => None,
    }
}

fn operation(operator: &str, left: i128, right: i128) -> Option<i128> {
    let shift = || u32::try_from(right).ok().filter(|bits| *bits < 127);
    match operator {
        "+" => left.checked_add(right),
        "-" => left.checked_sub(right),
        "*" => left.checked_mul(right),
        "/" => left.checked_div(right),
        "%" => left.checked_rem(right),
        "<<" => left.checked_mul(1_i128.checked_shl(shift()?)?),
        ">>" => Some(left >> shift()?),
        "&" => Some(left & right),
        "|" => Some(left | right),
        "^" => Some(left ^ right),
        "&^" => Some(left & !right),
        _ => None,
    }
}
