//! Protobuf messages before and after: numbers are what travels, and names where a service has all codecs.

use std::collections::BTreeSet;

use super::diff::Diff;
use super::fields::FIELDS;
use super::finding::Level::{Source, Wire};
use super::protobuf::BY_NAME;
use super::{Field, Message, ProtoField, Reserved};

impl Diff<'_> {
    /// Whether messages travelled by the names of their fields.
    fn names_travel(&self) -> bool {
        let mut services = self.old.services.values();
        services.any(|service| service.methods.values().any(|one| one.codec == BY_NAME))
    }

    pub(super) fn messages(&mut self, owner: &str, old: &Message, new: &Message) {
        for (number, field) in &old.fields {
            let subject = subject(&field.wire, *number, owner);
            match new.fields.get(number) {
                Some(now) => self.message_field(&subject, field, now, (old, new)),
                None => self.message_field_gone(&subject, (*number, field), new),
            }
        }
        for (number, field) in &new.fields {
            if old.fields.contains_key(number) {
                continue;
            }
            let subject = subject(&field.wire, *number, owner);
            if let Some(before) = old.removed.get(number) {
                let help = "give the new field a number that was never used, and reserve this one";
                self.reused("FIELD_NO_REUSE", &subject, help, |diff| {
                    if before.wire != field.wire {
                        let change = format!("was called `{}`", before.wire);
                        diff.find((Wire, "FIELD_SAME_NAME"), &*subject, change, "");
                    }
                    diff.ty(&FIELDS, &subject, &before.ty, &field.ty);
                });
            }
            if field.required {
                let change =
                    "is new and `required`, and a message of an old peer without it is refused";
                self.find(
                    (Wire, "FIELD_NO_NEW_REQUIRED"),
                    subject,
                    change,
                    "make it `optional`",
                );
            }
        }
        self.reserved(owner, &old.reserved, &new.reserved);
    }

    fn message_field_gone(&mut self, subject: &str, (number, field): (i64, &Field), new: &Message) {
        let name = &field.wire;
        if let Some((other, _)) = new.fields.iter().find(|(_, other)| other.wire == *name) {
            let change = format!("has the number {other} now");
            let help = format!("keep the number {number} for it");
            self.find((Wire, "FIELD_SAME_NUMBER"), subject, change, help);
            return;
        }
        let rule = "FIELD_NO_DELETE";
        let name_is_safe = !self.names_travel() || new.reserved.names.contains(name);
        if new.reserved.has(number) && name_is_safe && !field.required {
            let change = "is gone and reserved: peers read nothing in its place";
            let help = "nothing can take its number; code that names it has to be rewritten";
            self.find((Source, rule), subject, change, help);
            return;
        }
        let change = match field.required {
            true => "is gone, and an old peer refuses a message without it",
            false => "is gone",
        };
        let names = match self.names_travel() {
            true => format!(" and `reserved \"{name}\";`"),
            false => String::new(),
        };
        let help = match field.required {
            true => "keep it".to_owned(),
            false => format!(
                "keep the number {number} for it and mark it `deprecated`, or give both up with `reserved {number};`{names}"
            ),
        };
        self.find((Wire, rule), subject, change, help);
    }

    fn message_field(
        &mut self,
        subject: &str,
        old: &Field,
        now: &Field,
        messages: (&Message, &Message),
    ) {
        if now.wire != old.wire {
            let change = format!("is called `{}` now", now.wire);
            let (level, help) = match self.names_travel() {
                true => (
                    Wire,
                    "keep its name: peers with msgpack or JSON know it by that",
                ),
                false => (
                    Source,
                    "nothing changes between peers; code that names it has to be rewritten",
                ),
            };
            self.find((level, "FIELD_SAME_NAME"), subject, change, help);
        }
        let before = self.findings.len();
        self.ty(&FIELDS, subject, &old.ty, &now.ty);
        if self.findings.len() == before {
            let (before, after) = (self.old.written(&old.ty), self.new.written(&now.ty));
            self.same_in_rust(&FIELDS, subject, (Some(&before), Some(&after)));
        }
        if now.required != old.required {
            let (rule, change, help) = match now.required {
                true => (
                    "FIELD_NO_NEW_REQUIRED",
                    "is `required` now, and a message of an old peer without it is refused",
                    "leave it `optional`",
                ),
                false => (
                    "FIELD_STAYS_REQUIRED",
                    "is not `required` any more, and an old peer refuses a message without it",
                    "keep it `required`, and add another field beside it",
                ),
            };
            self.find((Wire, rule), subject, change, help);
        }
        if let (Some(old), Some(now)) = (&old.proto, &now.proto) {
            self.proto_field(subject, old, now, messages);
        }
    }

    fn proto_field(
        &mut self,
        subject: &str,
        old: &ProtoField,
        now: &ProtoField,
        messages: (&Message, &Message),
    ) {
        if old.default != now.default {
            let shown = |value: &Option<String>| match value {
                Some(value) => format!("`{value}`"),
                None => "the zero value".to_owned(),
            };
            let (before, after) = (shown(&old.default), shown(&now.default));
            let change = format!("was {before} where it is missing, and is {after}");
            let help = "keep the default: peers fill it in by themselves";
            self.find((Wire, "FIELD_SAME_DEFAULT"), subject, change, help);
        }
        if old.oneof != now.oneof {
            self.oneof(subject, old, now, messages);
        } else if old.optional != now.optional {
            let change = match now.optional {
                true => "is `optional` now: an `Option` in code, the same bytes",
                false => {
                    "is not `optional` any more: no `Option` in code, and not set reads as zero"
                }
            };
            let help = "nothing changes between peers; code that names it has to be rewritten";
            self.find((Source, "FIELD_SAME_CARDINALITY"), subject, change, help);
        }
    }

    /// A field that went into a `oneof`, out of it, or whose `oneof` has another name.
    fn oneof(
        &mut self,
        subject: &str,
        old: &ProtoField,
        now: &ProtoField,
        (before, after): (&Message, &Message),
    ) {
        let members = |message: &Message, name: &Option<String>| -> BTreeSet<i64> {
            let of = |field: &Field| {
                name.is_some()
                    && field
                        .proto
                        .as_ref()
                        .is_some_and(|proto| proto.oneof == *name)
            };
            let all = message.fields.iter().filter(|(_, field)| of(field));
            all.map(|(number, _)| *number).collect()
        };
        let (together, apart) = (members(after, &now.oneof), members(before, &old.oneof));
        // fields that could be set at one time and cannot any more
        let joined = together
            .iter()
            .filter(|number| before.fields.contains_key(number) && !apart.contains(number))
            .count();
        let place = |name: &Option<String>| match name {
            Some(name) => format!("in the oneof `{name}`"),
            None => "in no oneof".to_owned(),
        };
        let change = format!("was {} and is {}", place(&old.oneof), place(&now.oneof));
        let rule = "FIELD_SAME_ONEOF";
        let alone = joined <= usize::from(old.oneof.is_none());
        if alone {
            let help = "nothing changes between peers; code that names it has to be rewritten";
            self.find((Source, rule), subject, change, help);
        } else {
            let change = format!(
                "{change}: old peers set it beside other fields of it, of which one remains"
            );
            let help = "leave it where it was, and add a new field to the oneof";
            self.find((Wire, rule), subject, change, help);
        }
    }

    /// What was reserved stays so.
    pub(super) fn reserved(&mut self, owner: &str, old: &Reserved, new: &Reserved) {
        let rule = (Wire, "RESERVED_NO_DELETE");
        for (first, last) in &old.numbers {
            if !new.has_all((*first, *last)) {
                let range = match first == last {
                    true => format!("the number {first} of {owner}"),
                    false => format!("the numbers {first} to {last} of {owner}"),
                };
                let change =
                    "are not reserved any more: something else may take what old peers know";
                let change = match first == last {
                    true => change.replacen("are", "is", 1),
                    false => change.to_owned(),
                };
                self.find(rule, range, change, "keep the `reserved`");
            }
        }
        for name in old.names.difference(&new.names) {
            let subject = format!("the name `{name}` of {owner}");
            let change = "is not reserved any more: something else may take what old peers know";
            self.find(rule, subject, change, "keep the `reserved`");
        }
    }
}

fn subject(name: &str, number: i64, owner: &str) -> String {
    format!("the field `{name}` ({number}) of {owner}")
}
