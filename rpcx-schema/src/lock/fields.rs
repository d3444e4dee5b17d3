//! Fields and their types.

use super::diff::Diff;
use super::finding::Level::{Source, Wire};
use super::ty::{quoted, show};
use super::{Field, Lock, Type};
use crate::document::Ty;
pub(super) use crate::document::last;

/// How many aliases may lead to each other through lists, maps and options.
const DEPTH: usize = 100;

/// The rules for a kind of place where types stand.
pub(super) struct Part {
    noun: &'static str,
    no_delete: &'static str,
    no_rename: &'static str,
    no_new_required: &'static str,
    no_reuse: &'static str,
    pub(super) same_type: &'static str,
    pub(super) same_rust_type: &'static str,
    pub(super) no_narrowing: &'static str,
    /// What to do in place of another type.
    pub(super) instead: &'static str,
    /// What to do in place of a new field that is required.
    optional: &'static str,
}

/// Arguments that travel in a map.
pub(super) const ARGUMENTS: Part = Part {
    noun: "argument",
    no_delete: "ARG_NO_DELETE",
    no_rename: "ARG_NO_RENAME",
    no_new_required: "ARG_NO_NEW_REQUIRED",
    no_reuse: "ARG_NO_REUSE",
    same_type: "ARG_SAME_TYPE",
    same_rust_type: "ARG_SAME_RUST_TYPE",
    no_narrowing: "ARG_NO_NARROWING",
    instead: "add an optional argument or a method for the new type, and keep this one",
    optional: "mark the new argument `#[rpcx(default)]`, or make it an `Option`",
};

/// Fields of structs.
pub(super) const FIELDS: Part = Part {
    noun: "field",
    no_delete: "FIELD_NO_DELETE",
    no_rename: "FIELD_NO_RENAME",
    no_new_required: "FIELD_NO_NEW_REQUIRED",
    no_reuse: "FIELD_NO_REUSE",
    same_type: "FIELD_SAME_TYPE",
    same_rust_type: "FIELD_SAME_RUST_TYPE",
    no_narrowing: "FIELD_NO_NARROWING",
    instead: "add a field for the new type, and keep this one",
    optional: "mark the new field `#[rpcx(default)]` (`#[serde(default)]` without `#[rpcx::message]`), or make it an `Option`",
};

/// Whole replies.
pub(super) const REPLY: Part = Part {
    same_type: "REPLY_SAME_TYPE",
    same_rust_type: "REPLY_SAME_RUST_TYPE",
    no_narrowing: "REPLY_NO_NARROWING",
    instead: "add a method for the new reply",
    ..FIELDS
};

impl Diff<'_> {
    /// Two lists of fields of `owner`.
    pub(super) fn fields(&mut self, part: &Part, owner: &str, (old, new): (&[Field], &[Field])) {
        let missing_in =
            |list: &[Field], field: &Field| !list.iter().any(|one| one.wire == field.wire);
        let gone: Vec<&Field> = old.iter().filter(|field| missing_in(new, field)).collect();
        let mut added: Vec<&Field> = new.iter().filter(|field| missing_in(old, field)).collect();
        for field in &gone {
            let renamed = renamed(field, &gone, &added);
            added.retain(|other| renamed.is_none_or(|renamed| renamed.wire != other.wire));
            self.gone_field(part, owner, field, renamed);
        }
        for field in added.into_iter().filter(|field| field.required) {
            let subject = subject(part, owner, &field.wire);
            let change = "is new, and a message of an old peer without it is refused";
            self.find((Wire, part.no_new_required), subject, change, part.optional);
        }
        for field in old {
            if let Some(now) = new.iter().find(|now| now.wire == field.wire) {
                self.field(part, owner, field, now);
            }
        }
    }

    /// Fields that were removed once, and are there again.
    pub(super) fn fields_again(
        &mut self,
        part: &Part,
        owner: &str,
        removed: &[Field],
        (old, new): (&[Field], &[Field]),
    ) {
        for field in new {
            let is_new = !old.iter().any(|one| one.wire == field.wire);
            let before = removed.iter().find(|one| one.wire == field.wire);
            if let Some(before) = before.filter(|_| is_new) {
                let subject = subject(part, owner, &field.wire);
                let help = format!(
                    "give the new {} a name that was never used on the wire",
                    part.noun
                );
                self.reused(part.no_reuse, &subject, &help, |diff| {
                    diff.ty(part, &subject, &before.ty, &field.ty);
                });
            }
        }
    }

    fn gone_field(&mut self, part: &Part, owner: &str, field: &Field, renamed: Option<&Field>) {
        let subject = subject(part, owner, &field.wire);
        let (noun, wire) = (part.noun, &field.wire);
        let Some(renamed) = renamed else {
            let change =
                "is gone: old peers read nothing in its place, and what they send is ignored";
            let help = format!(
                "keep the {noun}, and say in its documentation if nothing reads it any more"
            );
            self.find((Wire, part.no_delete), subject, change, help);
            return;
        };
        let change = format!("is gone, and `{}` of the same type is new", renamed.wire);
        let attribute = match part.noun {
            "field" => format!(
                "`#[rpcx(name = \"{wire}\")]` (`#[serde(rename = \"{wire}\")]` without `#[rpcx::message]`)"
            ),
            _ => format!("`#[rpcx(name = \"{wire}\")]`"),
        };
        let help = format!("keep the name on the wire with {attribute}");
        self.find((Wire, part.no_rename), subject, change, help);
    }

    fn field(&mut self, part: &Part, owner: &str, old: &Field, new: &Field) {
        let subject = subject(part, owner, &old.wire);
        let before = self.findings.len();
        self.ty(part, &subject, &old.ty, &new.ty);
        if new.required && !old.required && self.findings.len() == before {
            let change = "was optional, and a message of an old peer without it is refused";
            self.find(
                (Wire, part.no_new_required),
                &*subject,
                change,
                part.optional,
            );
        } else if self.findings.len() == before {
            let written = (old.written.as_ref(), new.written.as_ref());
            self.same_in_rust(part, &subject, written);
        }
    }

    /// What stands at one place.
    pub(super) fn ty(&mut self, part: &Part, place: &str, old: &Ty, new: &Ty) {
        let pair = (show(old), show(new));
        let named = matches!((old, new), (Ty::Named(_), _) | (_, Ty::Named(_)));
        if named && self.open.contains(&pair) {
            return;
        }
        if self.open.len() == DEPTH {
            let change = "is an alias of an alias, too many levels deep to be compared";
            self.find((Wire, part.same_type), place, change, "use fewer aliases");
            return;
        }
        if named {
            self.open.push(pair);
        }
        self.unaliased(part, place, (old, new));
        if named {
            self.open.pop();
        }
    }

    fn unaliased(&mut self, part: &Part, place: &str, (old, new): (&Ty, &Ty)) {
        let (before, now): (&Lock, &Lock) = (self.old, self.new);
        match (before.unaliased(old), now.unaliased(new)) {
            (Ty::Number(a), Ty::Number(b)) => self.number(part, place, (a, b)),
            (Ty::Option(a), Ty::Option(b)) | (Ty::List(a), Ty::List(b)) => {
                self.ty(part, place, a, b)
            }
            (Ty::Array(a, length), Ty::Array(b, other)) if length == other => {
                self.ty(part, place, a, b);
            }
            (Ty::Map(key, value), Ty::Map(other_key, other_value)) => {
                self.ty(part, &format!("a key of {place}"), key, other_key);
                self.ty(part, place, value, other_value);
            }
            (Ty::Named(a), Ty::Named(b)) => self.named(part, place, (a, b)),
            (Ty::Foreign(a), Ty::Foreign(b)) if a == b => self.inside(part, a),
            (a, b) if a == b => {}
            // nil reads as the zero value where nothing is known of nothing
            (a, Ty::Option(b)) if !matches!(a, Ty::Option(_)) && before.reads_nil(a) => {
                self.ty(part, place, a, b);
            }
            (a, b) => {
                let note = optional_note(a, b);
                let change = format!("was {} and is {}{note}", quoted(old), quoted(new));
                self.find((Wire, part.same_type), place, change, part.instead);
            }
        }
    }

    fn number(&mut self, part: &Part, place: &str, (old, new): (&str, &str)) {
        let note = match (range(old), range(new)) {
            _ if old == new => return,
            (Some((low, high)), Some((lower, higher))) => {
                if lower <= low && high <= higher {
                    return;
                }
                "not all numbers fit any more, and a Go peer cuts them off without an error"
            }
            _ if (old, new) == ("f64", "f32") => {
                "a Go peer with `float32` refuses what a peer with `float64` sends, and a Rust peer rounds it"
            }
            _ if (old, new) == ("f32", "f64") => {
                let change =
                    "was `f32` and is `f64`: a Go peer that still has `float32` refuses it";
                return self.find((Wire, part.same_type), place, change, part.instead);
            }
            _ => {
                let change = format!("was `{old}` and is `{new}`");
                return self.find((Wire, part.same_type), place, change, part.instead);
            }
        };
        let change = format!("was narrowed from `{old}` to `{new}`: {note}");
        self.find((Wire, part.no_narrowing), place, change, part.instead);
    }

    fn named(&mut self, part: &Part, place: &str, (old, new): (&String, &String)) {
        if last(old) != last(new)
            && self
                .compared
                .insert((format!("name of {old}"), new.clone()))
        {
            let change = format!("is called `{}` now", last(new));
            let help =
                "nothing changes between peers; code that names the type has to be rewritten";
            self.find(
                (Source, "TYPE_SAME_NAME"),
                format!("the type `{}`", last(old)),
                change,
                help,
            );
        }
        let pair = (old.clone(), new.clone());
        let (before, now): (&Lock, &Lock) = (self.old, self.new);
        match (before.types.get(old), now.types.get(new)) {
            (Some(Type::Struct(_)), Some(Type::Struct(_)))
            | (Some(Type::Message(_)), Some(Type::Message(_))) => {
                if self.compared.insert(pair.clone()) {
                    self.structs.push(pair);
                }
            }
            (Some(Type::Numbers(a)), Some(Type::Numbers(b))) => {
                if self.variants(pair, a, b)
                    && let (Some(before), Some(now)) = (&a.reserved, &b.reserved)
                {
                    let owner = format!("`{}`", last(old));
                    self.reserved(&owner, before, now);
                }
            }
            (Some(Type::Texts(a)), Some(Type::Texts(b))) => {
                self.variants(pair, a, b);
            }
            (Some(Type::Choice(a)), Some(Type::Choice(b))) => {
                if self.compared.insert(pair) {
                    self.choices(last(old), a, b);
                }
            }
            (Some(Type::Foreign(a)), Some(Type::Foreign(b))) => {
                if self.compared.insert(pair) {
                    self.foreign(part, place, (old, a, b));
                }
            }
            (None, _) if self.buried || (old == new && !now.types.contains_key(new)) => {}
            (a, b) => {
                let change = format!("was {} and is {}", kind(old, a), kind(new, b));
                self.find((Wire, part.same_type), place, change, part.instead);
            }
        }
    }

    /// The structs that were met on the way, and those that are met in them.
    pub(super) fn pending_structs(&mut self) {
        while let Some((old, new)) = self.structs.pop() {
            let (before, now): (&Lock, &Lock) = (self.old, self.new);
            let owner = format!("`{}`", last(&old));
            match (before.types.get(&old), now.types.get(&new)) {
                (Some(Type::Struct(a)), Some(Type::Struct(b))) => {
                    self.fields(&FIELDS, &owner, (&a.fields, &b.fields));
                    self.fields_again(&FIELDS, &owner, &a.removed, (&a.fields, &b.fields));
                }
                (Some(Type::Message(a)), Some(Type::Message(b))) => self.messages(&owner, a, b),
                // only these two are put aside
                _ => {}
            }
        }
    }

    fn foreign(&mut self, part: &Part, place: &str, (name, old, new): (&str, &str, &str)) {
        if old == new {
            self.inside(part, old);
            return;
        }
        let name = last(name);
        let change = format!(
            "has the type `{name}`, whose definition is another one; it is not looked into"
        );
        let help = "make sure that both sides read the same, or use types that can be compared: structs and enums without data";
        self.find((Wire, part.same_type), place, change, help);
    }

    /// The types of the file that are named in a type which is not looked into.
    fn inside(&mut self, part: &Part, text: &str) {
        let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        for word in words {
            let known = |lock: &Lock| lock.types.contains_key(word);
            if known(self.old) && known(self.new) {
                let ty = Ty::Named(word.to_owned());
                self.ty(part, &format!("the type `{word}`"), &ty, &ty);
            }
        }
    }
}

impl Lock {
    /// Whether a reader takes nil for a value of this type: every type has a zero value but enums without one.
    fn reads_nil(&self, ty: &Ty) -> bool {
        let Ty::Named(name) = self.unaliased(ty) else {
            return true;
        };
        match self.types.get(name) {
            Some(Type::Numbers(variants)) => variants.nil.is_some() || variants.other.is_some(),
            Some(Type::Texts(variants)) => variants.nil.is_some() || variants.other.is_some(),
            _ => true,
        }
    }
}

/// The new field of the same type whose name differs in case alone; or else the only new one of this
/// type, if no other that is gone has it.
fn renamed<'a>(field: &Field, gone: &[&Field], added: &[&'a Field]) -> Option<&'a Field> {
    let letters = |name: &str| name.replace(['_', '-'], "").to_lowercase();
    let in_case =
        |other: &&&Field| other.ty == field.ty && letters(&other.wire) == letters(&field.wire);
    if let Some(found) = added.iter().find(in_case) {
        return Some(*found);
    }
    let mut alike = added.iter().filter(|other| other.ty == field.ty);
    let first = alike.next()?;
    let others = gone.iter().filter(|other| other.ty == field.ty).count();
    (alike.next().is_none() && others == 1).then_some(*first)
}

fn subject(part: &Part, owner: &str, wire: &str) -> String {
    format!("the {} `{wire}` of {owner}", part.noun)
}

/// What nil does, where a type became an `Option` or was one.
fn optional_note(old: &Ty, new: &Ty) -> &'static str {
    match (old, new) {
        (old, Ty::Option(inner)) if **inner == *old => {
            ": peers that do not know of nothing have no value for it"
        }
        (Ty::Option(inner), new) if **inner == *new => {
            ": nothing, which old peers may send, would read as a zero value"
        }
        _ => "",
    }
}

fn kind(name: &str, found: Option<&Type>) -> String {
    let what = match found {
        Some(Type::Struct(_)) => "the struct",
        Some(Type::Message(_)) => "the message",
        Some(Type::Numbers(_)) => "the enum of numbers",
        Some(Type::Texts(_)) => "the enum of texts",
        Some(Type::Choice(_)) => "the enum with data",
        Some(Type::Alias(_) | Type::Newtype(_) | Type::Foreign(_)) | None => "the type",
    };
    format!("{what} `{}`", last(name))
}

/// The smallest and the largest number of a type of whole numbers.
fn range(number: &str) -> Option<(i128, i128)> {
    let (sign, bits) = number.split_at_checked(1)?;
    let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 64)?;
    match sign {
        "i" => Some((-(1 << (bits - 1)), (1 << (bits - 1)) - 1)),
        "u" => Some((0, (1 << bits) - 1)),
        _ => None,
    }
}
