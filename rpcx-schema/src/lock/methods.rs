//! One method before and after.

use super::diff::Diff;
use super::fields::{ARGUMENTS, FIELDS, Part, REPLY};
use super::finding::Level::{Source, Wire};
use super::ty::quoted;
use super::{Args, Field, Method};
use crate::document::Ty;

impl<'a> Diff<'a> {
    pub(super) fn method(&mut self, subject: &str, old: &'a Method, new: &'a Method) {
        let has = |method: &Method, name: &str| method.codec.split(", ").any(|one| one == name);
        if let Some(lost) = old.codec.split(", ").find(|name| !has(new, name)) {
            let (before, now) = (&old.codec, &new.codec);
            let change = format!("had the codec `{before}` and has `{now}`");
            let help = format!(
                "keep `{lost}` too: `#[rpcx(codec = \"{before}, {now}\")]`, or add a method with the other codec"
            );
            self.find((Wire, "METHOD_SAME_CODEC"), subject, change, help);
            // nothing else can be compared
            return;
        }
        self.promises(subject, old, new);
        self.args(subject, old, new);
        if !old.oneway && !new.oneway {
            self.reply(subject, old, new);
            self.error(subject, old, new);
        }
    }

    /// What is promised beside the types.
    fn promises(&mut self, subject: &str, old: &Method, new: &Method) {
        if old.oneway != new.oneway {
            let (change, help) = match new.oneway {
                true => (
                    "is `oneway` now: old callers wait for an answer that never comes",
                    "remove `oneway`, or add a oneway method beside it",
                ),
                false => (
                    "is not `oneway` any more: old callers never hear of its errors",
                    "keep `oneway`, or add a method with an answer beside it",
                ),
            };
            self.find((Wire, "METHOD_SAME_ONEWAY"), subject, change, help);
        }
        if old.idempotent && !new.idempotent {
            let change = "is not `idempotent` any more, and old clients still repeat it";
            let help = "keep `#[rpcx(idempotent)]`, or add a method that must not be repeated under another name";
            self.find((Wire, "IDEMPOTENT_NO_REMOVE"), subject, change, help);
        }
        if old.function != new.function {
            let (before, now) = (&old.function, &new.function);
            let change = format!("was the function `{before}` and is `{now}`");
            let help = "keep the function's name: the one on the wire is `#[rpcx(name = \"..\")]`";
            self.find((Source, "METHOD_SAME_FUNCTION"), subject, change, help);
        }
        if let (Some(before), Some(now)) = (old.context, new.context)
            && before != now
        {
            let change = match now {
                true => "takes the context now: implementations of the trait have another argument",
                false => {
                    "takes no context any more: implementations of the trait have one argument less"
                }
            };
            let help = "nothing changes for peers and callers";
            self.find((Source, "METHOD_SAME_CONTEXT"), subject, change, help);
        }
    }

    fn args(&mut self, subject: &str, old: &'a Method, new: &'a Method) {
        let rule = "METHOD_SAME_ARGS_FORM";
        match (&old.args, &new.args) {
            (Args::Nothing, Args::Nothing) => {}
            (Args::Bare(a, _), Args::Bare(b, _)) => {
                let place = format!("the argument of {subject}");
                self.place(&ARGUMENTS, &place, (a, b), written(&old.args, &new.args));
            }
            (Args::Map(_), Args::Map(_)) => self.map(subject, old, new),
            // a method without arguments sends nil, which reads as an empty map
            (Args::Nothing, Args::Map(new)) => self.fields(&ARGUMENTS, subject, (&[], new)),
            (before, now) => match (self.old_fields(before), self.new_fields(now)) {
                // a struct and a map of the same fields are the same bytes
                (Some(fields), Some(into))
                    if fields.iter().any(|f| into.iter().any(|i| i.wire == f.wire)) =>
                {
                    let change = format!(
                        "took {} and takes {}: the same map on the wire",
                        form(before),
                        form(now)
                    );
                    let help = "nothing is lost between peers; callers have to be rewritten";
                    self.find((Source, rule), subject, change, help);
                    self.fields(&ARGUMENTS, subject, (fields, into));
                }
                _ => {
                    let change = format!("took {} and takes {}", form(before), form(now));
                    let help = "add a method for the new form. `#[rpcx(wrap)]` makes a map of a single argument, for methods that will grow";
                    self.find((Wire, rule), subject, change, help);
                }
            },
        }
    }

    /// The type at one place, on the wire and in Rust.
    fn place(&mut self, part: &Part, place: &str, (old, new): (&Ty, &Ty), written: Written<'_>) {
        let before = self.findings.len();
        self.ty(part, place, old, new);
        if self.findings.len() == before {
            self.same_in_rust(part, place, written);
        }
    }

    fn old_fields(&self, args: &'a Args) -> Option<&'a [Field]> {
        match args {
            Args::Nothing => None,
            Args::Bare(ty, _) => self.old.fields(ty),
            Args::Map(fields) => Some(fields),
        }
    }

    fn new_fields(&self, args: &'a Args) -> Option<&'a [Field]> {
        match args {
            Args::Nothing => None,
            Args::Bare(ty, _) => self.new.fields(ty),
            Args::Map(fields) => Some(fields),
        }
    }

    fn map(&mut self, subject: &str, before: &'a Method, now: &'a Method) {
        let (old, new) = (before.fields(), now.fields());
        self.fields(&ARGUMENTS, subject, (old, new));
        self.fields_again(&ARGUMENTS, subject, &before.removed, (old, new));
        let kept = |fields: &[Field], others: &[Field]| -> Vec<String> {
            let names = fields.iter().map(|field| field.wire.clone());
            let common = names.filter(|name| others.iter().any(|other| other.wire == *name));
            common.collect()
        };
        if kept(old, new) != kept(new, old) {
            let change = "has its arguments in another order: the same bytes, but callers pass them by position";
            let help = "keep the order, and add new arguments at the end";
            self.find((Source, "ARG_SAME_ORDER"), subject, change, help);
        }
    }

    fn reply(&mut self, subject: &str, old: &'a Method, new: &'a Method) {
        let place = format!("the reply of {subject}");
        let rule = "REPLY_SAME_TYPE";
        let (before, now) = (named(old), named(new));
        match (&old.reply_field, &new.reply_field) {
            (None, None) => {
                let both = (&old.reply, &new.reply);
                self.place(&REPLY, &place, both, replies(old, new));
            }
            (Some(a), Some(b)) if a == b => {
                let place = format!("the field `{a}` of {place}");
                let both = (&old.reply, &new.reply);
                self.place(&FIELDS, &place, both, replies(old, new));
            }
            (Some(a), Some(b)) => {
                let change = format!("was in the field `{a}` and is in `{b}`");
                let help = format!("keep the field: `#[rpcx(reply = \"{a}\")]`");
                self.find((Wire, rule), place, change, help);
            }
            _ => match (self.old_reply(old), self.new_reply(new)) {
                (Some(fields), Some(into)) => {
                    let change = format!("was {before} and is {now}: a map in both cases");
                    let help = "nothing is lost between peers; callers have to be rewritten";
                    self.find((Source, rule), &*place, change, help);
                    self.fields(&FIELDS, &place, (&fields, &into));
                }
                _ => {
                    let change = format!("was {before} and is {now}");
                    let help = "add a method for the new reply";
                    self.find((Wire, rule), place, change, help);
                }
            },
        }
    }

    fn old_reply(&self, method: &Method) -> Option<Vec<Field>> {
        match &method.reply_field {
            Some(name) => Some(vec![only(name, method)]),
            None => self.old.fields(&method.reply).map(<[_]>::to_vec),
        }
    }

    fn new_reply(&self, method: &Method) -> Option<Vec<Field>> {
        match &method.reply_field {
            Some(name) => Some(vec![only(name, method)]),
            None => self.new.fields(&method.reply).map(<[_]>::to_vec),
        }
    }

    fn error(&mut self, subject: &str, old: &Method, new: &Method) {
        let rule = "METHOD_SAME_ERROR";
        match (&old.error, &new.error) {
            (Some(before), Some(now)) => self.error_enums(before, now),
            (Some(before), None) => {
                let change = format!("no longer fails with the codes of `{before}`");
                let help = format!("keep `{before}` as its error type");
                self.find((Wire, rule), subject, change, help);
            }
            (None, Some(now)) => {
                let change = format!("fails with `{now}` now; old peers still read its text");
                let help = "callers have to handle the new error type";
                self.find((Source, rule), subject, change, help);
            }
            (None, None) => {}
        }
    }
}

/// A type in Rust before and after.
pub(super) type Written<'a> = (Option<&'a String>, Option<&'a String>);

fn written<'a>(old: &'a Args, new: &'a Args) -> Written<'a> {
    let of = |args: &'a Args| match args {
        Args::Bare(_, written) => written.as_ref(),
        _ => None,
    };
    (of(old), of(new))
}

fn replies<'a>(old: &'a Method, new: &'a Method) -> Written<'a> {
    (old.reply_written.as_ref(), new.reply_written.as_ref())
}

/// The only field of a reply.
fn only(name: &str, method: &Method) -> Field {
    Field {
        wire: name.to_owned(),
        ty: method.reply.clone(),
        required: false,
        written: method.reply_written.clone(),
        proto: None,
    }
}

fn named(method: &Method) -> String {
    let ty = quoted(&method.reply);
    match &method.reply_field {
        Some(name) => format!("{ty} in the field `{name}`"),
        None => ty,
    }
}

fn form(args: &Args) -> String {
    match args {
        Args::Nothing => "nothing".to_owned(),
        Args::Bare(ty, _) => format!("{} as the whole message", quoted(ty)),
        Args::Map(fields) => {
            let names: Vec<String> = fields
                .iter()
                .map(|field| format!("`{}`", field.wire))
                .collect();
            format!("a map with {}", names.join(", "))
        }
    }
}
