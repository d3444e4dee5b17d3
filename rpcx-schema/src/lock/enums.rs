//! Enums: variants by what travels.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

use super::diff::Diff;
use super::fields::{FIELDS, last};
use super::finding::Level::{Source, Warning, Wire};
use super::{Struct, Variants};

impl Diff<'_> {
    /// The variants of an enum, by what travels for them; whether they were compared now, and not earlier.
    pub(super) fn variants<K: Value>(
        &mut self,
        (old_name, new_name): (String, String),
        old: &Variants<K>,
        new: &Variants<K>,
    ) -> bool {
        if !self.compared.insert((old_name.clone(), new_name)) {
            return false;
        }
        let owner = last(&old_name);
        for (value, name) in &old.known {
            let subject = format!("the variant `{owner}::{name}`");
            match (new.known.get(value), value_of(&new.known, name)) {
                (Some(now), _) if now == name => {}
                (None, Some(other)) => {
                    let change = format!("travels as {other:?} and no longer as {value:?}");
                    let help = format!("keep the value: {value:?}");
                    self.find((Wire, "ENUM_VARIANT_SAME_VALUE"), subject, change, help);
                }
                (None, None) => self.variant_gone(subject, value, new),
                (Some(now), other) => {
                    // names that have changed places mean something else, a new name does not
                    let moved = other.is_some() || value_of(&old.known, now).is_some();
                    let change = format!("has the name `{now}` now, for {value:?}");
                    if moved {
                        let help = "give every name the value it had";
                        self.find((Wire, "ENUM_VARIANT_SAME_VALUE"), subject, change, help);
                    } else {
                        let help =
                            "nothing changes between peers; code that names it has to be rewritten";
                        self.find((Source, "ENUM_VARIANT_SAME_NAME"), subject, change, help);
                    }
                }
            }
        }
        self.new_variants(owner, old, new);
        self.catch_all(owner, old, new);
        let kept = |nil: &&String| {
            value_of(&old.known, nil).is_some_and(|value| new.known.contains_key(value))
        };
        if let Some(before) = old.nil.as_ref().filter(kept) {
            let now = new.nil.as_ref();
            let value = now.and_then(|now| value_of(&new.known, now));
            if value != value_of(&old.known, before) {
                self.nil(owner, before, now);
            }
        }
        true
    }

    fn variant_gone<K: Value>(&mut self, subject: String, value: &K, new: &Variants<K>) {
        let rule = "ENUM_VARIANT_NO_DELETE";
        let reserved = new.reserved.as_ref().zip(value.number());
        if reserved.is_some_and(|(reserved, number)| reserved.has(number)) {
            let change =
                "is gone, and its number is reserved: it arrives as a number without a name";
            let help = "nothing can take its number; code that names it has to be rewritten";
            self.find((Source, rule), subject, change, help);
        } else if let Some(other) = new.other.as_ref().filter(|_| !self.buried) {
            let change = format!("is gone: {value:?} of an old peer arrives as `{other}`");
            let help = "nothing is refused; code that names it has to be rewritten, and nothing else may take its value";
            self.find((Source, rule), subject, change, help);
        } else {
            let change = format!("is gone: {value:?} of an old peer is refused");
            let help = "keep the variant as long as a peer may send it, or add one for everything else with `#[rpcx(other)]`";
            self.find((Wire, rule), subject, change, help);
        }
    }

    fn new_variants<K: Value>(&mut self, owner: &str, old: &Variants<K>, new: &Variants<K>) {
        for (value, name) in &new.known {
            let moved = value_of(&old.known, name).is_some();
            if old.known.contains_key(value) || moved {
                continue;
            }
            let subject = format!("the variant `{owner}::{name}`");
            if let Some(before) = old.removed.get(value).filter(|before| *before != name) {
                let change =
                    format!("has the value {value:?}, which was `{before}` before it was removed");
                let help = "give it a value that was never used";
                self.find((Wire, "ENUM_VARIANT_NO_REUSE"), subject, change, help);
            } else if old.other.is_none() && old.reserved.is_none() && !self.buried {
                let change = format!("is new, and peers that were built before refuse {value:?}");
                let help = "bring out all readers before it is sent. An enum with a variant for everything else, `#[rpcx(other)]`, takes new ones from then on";
                self.find((Warning, "ENUM_VARIANT_NEW"), subject, change, help);
            }
        }
    }

    /// The variants of an enum with data, by their names on the wire.
    pub(super) fn choices(&mut self, owner: &str, old: &Struct, new: &Struct) {
        for case in &old.fields {
            let subject = format!("the variant `{}` of `{owner}`", case.wire);
            match new.fields.iter().find(|now| now.wire == case.wire) {
                Some(now) => self.ty(&FIELDS, &subject, &case.ty, &now.ty),
                None => {
                    let change = "is gone: an old peer that sends it is refused";
                    let help = "keep the variant as long as a peer may send it";
                    self.find((Wire, "ENUM_VARIANT_NO_DELETE"), subject, change, help);
                }
            }
        }
        let kept = |nil: &&String| new.fields.iter().any(|case| case.wire == **nil);
        if let Some(before) = old.nil.as_ref().filter(kept)
            && old.nil != new.nil
        {
            self.nil(owner, before, new.nil.as_ref());
        }
        for case in &new.fields {
            if old.fields.iter().any(|one| one.wire == case.wire) {
                continue;
            }
            let subject = format!("the variant `{}` of `{owner}`", case.wire);
            let before = old.removed.iter().find(|one| one.wire == case.wire);
            if let Some(before) = before {
                let help = "give the new variant a name that was never used on the wire";
                self.reused("ENUM_VARIANT_NO_REUSE", &subject, help, |diff| {
                    diff.ty(&FIELDS, &subject, &before.ty, &case.ty);
                });
            }
            if !self.buried {
                let change = "is new: an old peer that is sent it fails";
                let help =
                    "send it only to peers that know it: by a new method, or once all of them do";
                self.find((Warning, "ENUM_VARIANT_NEW"), subject, change, help);
            }
        }
    }

    /// What nil and a missing field read as; `before` is still there.
    fn nil(&mut self, owner: &str, before: &str, now: Option<&String>) {
        let reads = match now {
            Some(now) => format!("read as `{now}` now"),
            None => "are refused now".to_owned(),
        };
        let change = format!("is no longer the default: nil and a missing field {reads}");
        let help = "keep `#[rpcx(default)]` on it: Go and old peers leave out what is zero";
        let subject = format!("the variant `{owner}::{before}`");
        self.find((Wire, "ENUM_SAME_DEFAULT"), subject, change, help);
    }

    fn catch_all<K: Value>(&mut self, owner: &str, old: &Variants<K>, new: &Variants<K>) {
        let rule = "ENUM_KEEPS_OTHER";
        match (&old.other, &new.other) {
            (Some(before), None) => {
                let subject = format!("the variant `{owner}::{before}`");
                let change = "is gone: values that have no variant are refused, and were taken";
                let help = "keep the variant for everything else";
                self.find((Wire, rule), subject, change, help);
            }
            (Some(before), Some(now)) if before != now => {
                let subject = format!("the variant `{owner}::{before}`");
                let change = format!("is called `{now}` now");
                let help = "nothing changes between peers; code that names it has to be rewritten";
                self.find((Source, "ENUM_VARIANT_SAME_NAME"), subject, change, help);
            }
            (None, Some(now)) => {
                let subject = format!("the variant `{owner}::{now}`");
                let change = "is new: a `match` without it no longer compiles";
                let help = "nothing changes between peers, but for values that were refused";
                self.find((Source, rule), subject, change, help);
            }
            _ => {}
        }
    }
}

/// What travels for a variant.
pub(super) trait Value: Ord + Clone + Debug + Display {
    /// If it is a number.
    fn number(&self) -> Option<i64>;
}

impl Value for i64 {
    fn number(&self) -> Option<i64> {
        Some(*self)
    }
}

impl Value for String {
    fn number(&self) -> Option<i64> {
        None
    }
}

fn value_of<'a, K>(variants: &'a BTreeMap<K, String>, name: &str) -> Option<&'a K> {
    let mut found = variants.iter().filter(|(_, other)| *other == name);
    found.next().map(|(value, _)| value)
}
