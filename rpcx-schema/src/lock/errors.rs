//! Error enums: variants by code, and what they carry.

use super::diff::Diff;
use super::fields::{FIELDS, last};
use super::finding::Level::{Source, Wire};
use super::ty::quoted;
use super::{Args, ErrorEnum, ErrorVariant};

impl Diff<'_> {
    pub(super) fn error_enums(&mut self, old_name: &str, new_name: &str) {
        let pair = (format!("error {old_name}"), new_name.to_owned());
        if !self.compared.insert(pair) {
            return;
        }
        let (before, now) = (self.old, self.new);
        let empty = ErrorEnum::default();
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
        self.error_form(owner, old, new);
        for (code, variant) in &old.codes {
            let subject = format!("the code {code} of `{owner}`");
            match new.codes.get(code) {
                Some(now) if now.name == variant.name => self.data(owner, variant, now),
                Some(now) => {
                    let (before, now) = (&variant.name, &now.name);
                    let change = format!("was `{before}` and is `{now}`");
                    let help = format!(
                        "give `{now}` a code that was never used, and leave {code} to `{before}`"
                    );
                    self.find((Wire, "ERROR_CODE_SAME_MEANING"), subject, change, help);
                }
                None => self.code_gone(subject, (*code, &variant.name), new),
            }
        }
        for (code, variant) in &new.codes {
            let name = &variant.name;
            let before = old.removed.get(code).filter(|before| before.name != *name);
            if let Some(before) = before.filter(|_| !old.codes.contains_key(code)) {
                let change = format!(
                    "is `{name}`, and was `{}` before it was removed",
                    before.name
                );
                let help = format!("give `{name}` a code that was never used");
                let subject = format!("the code {code} of `{owner}`");
                self.find((Wire, "ERROR_CODE_NO_REUSE"), subject, change, help);
            }
        }
    }

    fn code_gone(&mut self, subject: String, (code, name): (i64, &str), new: &ErrorEnum) {
        let moved = new.codes.iter().find(|(_, other)| other.name == name);
        let moved = moved.map(|(code, _)| format!("; `{name}` has {code} now"));
        let moved = moved.unwrap_or_default();
        let change = format!(
            "(`{name}`) is gone: new clients do not know what an old server means by it{moved}"
        );
        let help = format!(
            "keep `{name}` with `#[rpcx(code = {code})]`, so that nothing else takes the code"
        );
        self.find((Wire, "ERROR_CODE_NO_DELETE"), subject, change, help);
    }

    /// What the text of an error looks like.
    fn error_form(&mut self, owner: &str, old: &ErrorEnum, new: &ErrorEnum) {
        let (Some(before), Some(now)) = (old.json, new.json) else {
            return;
        };
        if before != now {
            let change = match now {
                true => "sends its texts as JSON now, which old peers show as it is",
                false => "sends plain texts now, in which peers that parse them find no code",
            };
            let help = match now {
                true => "leave `wire = \"json\"` away",
                false => "keep `wire = \"json\"`",
            };
            let subject = format!("the error `{owner}`");
            self.find((Wire, "ERROR_SAME_FORM"), subject, change, help);
        }
    }

    /// What a variant carries. A client that cannot read it has the catch-all variant in its place.
    fn data(&mut self, owner: &str, old: &ErrorVariant, new: &ErrorVariant) {
        let (Some(before), Some(now)) = (&old.data, &new.data) else {
            return;
        };
        let place = format!("`{owner}::{}`", old.name);
        match (before, now) {
            (Args::Nothing, Args::Nothing) => {}
            (Args::Bare(a, _), Args::Bare(b, _)) => {
                self.ty(&FIELDS, &format!("the value of {place}"), a, b);
            }
            (Args::Map(a), Args::Map(b)) => self.fields(&FIELDS, &place, (a, b)),
            (a, b) => {
                let change = format!("carried {} and carries {}", form(a), form(b));
                let help = "add a variant with a code of its own: where the data cannot be read, the error arrives as the variant `#[rpcx(other)]`";
                self.find((Wire, "ERROR_SAME_DATA"), place, change, help);
            }
        }
    }
}

fn form(data: &Args) -> String {
    match data {
        Args::Nothing => "nothing".to_owned(),
        Args::Bare(ty, _) => format!("one value, {}", quoted(ty)),
        Args::Map(fields) => {
            let names: Vec<String> = fields.iter().map(|one| format!("`{}`", one.wire)).collect();
            format!("fields {}", names.join(", "))
        }
    }
}
