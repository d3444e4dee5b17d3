//! Enums: variants by what travels, and errors by code.

use std::collections::BTreeMap;
use std::fmt::Debug;

use super::Field;
use super::diff::Diff;
use super::fields::{FIELDS, last};
use super::finding::Level::{Source, Warning, Wire};

impl Diff<'_> {
    /// The variants of an enum, by what travels for them.
    pub(super) fn variants<K: Ord + Clone + Debug>(
        &mut self,
        (old_name, new_name): (String, String),
        old: &BTreeMap<K, String>,
        new: &BTreeMap<K, String>,
    ) {
        if !self.compared.insert((old_name.clone(), new_name)) {
            return;
        }
        let owner = last(&old_name);
        for (value, name) in old {
            let subject = format!("the variant `{owner}::{name}`");
            match (new.get(value), value_of(new, name)) {
                (Some(now), _) if now == name => {}
                (None, Some(other)) => {
                    let change = format!("travels as {other:?} and no longer as {value:?}");
                    let help = format!("keep the value: {value:?}");
                    self.find((Wire, "ENUM_VARIANT_SAME_VALUE"), subject, change, help);
                }
                (None, None) => {
                    let change = format!("is gone: {value:?} of an old peer is refused");
                    let help = "keep the variant as long as a peer may send it";
                    self.find((Wire, "ENUM_VARIANT_NO_DELETE"), subject, change, help);
                }
                (Some(now), other) => {
                    // names that have changed places mean something else, a new name does not
                    let moved = other.is_some() || value_of(old, now).is_some();
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
    }

    /// The variants of an enum with data, by their names on the wire.
    pub(super) fn choices(&mut self, owner: &str, old: &[Field], new: &[Field]) {
        for case in old {
            let subject = format!("the variant `{}` of `{owner}`", case.wire);
            match new.iter().find(|now| now.wire == case.wire) {
                Some(now) => self.ty(&FIELDS, &subject, &case.ty, &now.ty),
                None => {
                    let change = "is gone: an old peer that sends it is refused";
                    let help = "keep the variant as long as a peer may send it";
                    self.find((Wire, "ENUM_VARIANT_NO_DELETE"), subject, change, help);
                }
            }
        }
        let added = new
            .iter()
            .filter(|case| !old.iter().any(|one| one.wire == case.wire));
        for case in added {
            let subject = format!("the variant `{}` of `{owner}`", case.wire);
            let change = "is new: an old peer that is sent it fails";
            let help =
                "send it only to peers that know it: by a new method, or once all of them do";
            self.find((Warning, "ENUM_VARIANT_NEW"), subject, change, help);
        }
    }

    /// Two error enums.
    pub(super) fn error_enums(&mut self, old_name: &str, new_name: &str) {
        let pair = (format!("error {old_name}"), new_name.to_owned());
        if !self.compared.insert(pair) {
            return;
        }
        let (before, now) = (self.old, self.new);
        let empty = BTreeMap::new();
        let old = before.errors.get(old_name).unwrap_or(&empty);
        let new = now.errors.get(new_name).unwrap_or(&empty);
        let owner = last(old_name);
        if owner != last(new_name) {
            let change = format!("is called `{}` now", last(new_name));
            let help =
                "nothing changes between peers; code that names the type has to be rewritten";
            self.find(
                (Source, "TYPE_SAME_NAME"),
                format!("the error `{owner}`"),
                change,
                help,
            );
        }
        for (code, name) in old {
            let subject = format!("the code {code} of `{owner}`");
            match new.get(code) {
                Some(now) if now == name => {}
                Some(now) => {
                    let change = format!("was `{name}` and is `{now}`");
                    let help = format!(
                        "give `{now}` a code that was never used, and leave {code} to `{name}`"
                    );
                    self.find((Wire, "ERROR_CODE_SAME_MEANING"), subject, change, help);
                }
                None => {
                    let moved =
                        value_of(new, name).map(|code| format!("; `{name}` has {code} now"));
                    let moved = moved.unwrap_or_default();
                    let change = format!(
                        "(`{name}`) is gone: new clients do not know what an old server means by it{moved}"
                    );
                    let help = format!(
                        "keep `{name}` with `#[rpcx(code = {code})]`, so that nothing else takes the code"
                    );
                    self.find((Wire, "ERROR_CODE_NO_DELETE"), subject, change, help);
                }
            }
        }
    }
}

fn value_of<'a, K>(variants: &'a BTreeMap<K, String>, name: &str) -> Option<&'a K> {
    let mut found = variants.iter().filter(|(_, other)| *other == name);
    found.next().map(|(value, _)| value)
}
