//! Lock files: what they hold, and what a change of a trait file does to them.
//!
//! `UPDATE_EXPANDED=1 cargo test -p rpcx-schema` writes the recorded texts anew; the change is reviewed
//! as a diff.

use std::path::{Path, PathBuf};
use std::{env, fs};

use proptest::prelude::*;
use rpcx_schema::Part;
use rpcx_schema::go;
use rpcx_schema::lock::{Level, Lock, diff, lint};

pub(super) fn lock(source: &str) -> Lock {
    let parsed = syn::parse_file(source).unwrap_or_else(|error| panic!("{error}\n{source}"));
    let errors = rpcx_codegen::file::expand(&parsed).errors;
    assert!(errors.is_empty(), "{errors:?}\n{source}");
    Lock::read(&parsed).unwrap_or_else(|errors| panic!("{errors:?}\n{source}"))
}

/// `LEVEL RULE` of each finding, sorted.
pub(super) fn rules(old: &Lock, new: &Lock) -> Vec<String> {
    let found = diff(old, new).into_iter();
    let mut rules: Vec<_> = found
        .map(|finding| format!("{} {}", finding.level, finding.rule))
        .collect();
    rules.sort();
    rules
}

pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lock")
}

fn read(name: &str) -> Lock {
    lock(&fs::read_to_string(folder().join(name)).unwrap())
}

fn recorded(name: &str, now: &str) {
    let path = folder().join(name);
    if env::var_os("UPDATE_EXPANDED").is_some() {
        fs::write(path, now).unwrap();
        return;
    }
    let before = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(now, before, "{name} is not up to date");
}

#[test]
fn every_input_of_the_other_tests_has_a_lock() {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = [
        "rpcx-codegen/tests/expand",
        "rpcx-codegen/tests/message",
        "rpcx-schema/tests/go",
    ]
    .map(|name| packages.join(name));
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path());
    let mut services = 0;
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.ends_with(".rs") || name.ends_with(".expanded.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        // some of them are a trait without the attribute
        let Ok(now) = Lock::read(&syn::parse_file(&text).unwrap()) else {
            panic!("{}", path.display());
        };
        assert_eq!(
            Lock::parse(&now.render()).as_ref(),
            Ok(&now),
            "{}",
            path.display()
        );
        assert_eq!(diff(&now, &now), [], "{}", path.display());
        lint(&now);
        services += usize::from(now.render().contains("\"trait\""));
    }
    assert!(services >= 5, "{services} files with services");
}

#[test]
fn the_order_of_the_source_does_not_matter() {
    let ordered = "
        #[rpcx::message] pub struct A { pub x: u8, pub y: B }
        #[rpcx::message] pub struct B { pub z: Level }
        #[rpcx::message] pub enum Level { Low = 1, High = 2 }
        #[derive(rpcx::ServiceError)]
        pub enum Wrong { #[rpcx(code = 1)] One, #[rpcx(code = 2)] Two, #[rpcx(other)] Rpc(rpcx::Error) }
        #[rpcx::service] trait S {
            async fn f(&self, a: A) -> Result<u8, Wrong>;
            #[rpcx(alias = \"Y\", alias = \"X\")] async fn g(&self) -> rpcx::Result<B>;
        }
        #[rpcx::service] trait T { async fn f(&self) -> rpcx::Result<()>; }
    ";
    let shuffled = "
        #[rpcx::service] trait T { async fn f(&self) -> rpcx::Result<()>; }
        #[rpcx::service] trait S {
            /// Another order.
            #[rpcx(timeout = \"1s\", alias = \"X\", alias = \"Y\")] async fn g(&self) -> rpcx::Result<B>;
            async fn f(&self, other: A) -> Result<u8, Wrong>;
        }
        #[derive(rpcx::ServiceError)]
        pub enum Wrong { #[rpcx(other)] Rpc(rpcx::Error), #[rpcx(code = 2)] Two, #[rpcx(code = 1)] One }
        #[rpcx::message] pub enum Level { High = 2, Low = 1 }
        #[rpcx::message] pub struct B { pub z: Level }
        #[rpcx::message] pub struct A { pub y: B, pub x: u8 }
    ";
    assert_eq!(lock(ordered).render(), lock(shuffled).render());
}

#[test]
fn lock_files_are_as_recorded() {
    let (old, new) = (read("before.rs"), read("after.rs"));
    recorded("before.json", &old.render());
    recorded("after.json", &new.render());
    let mut text = String::new();
    for finding in diff(&old, &new) {
        text.push_str(&format!("{finding}\n"));
    }
    recorded("findings.txt", &text);
    let mut text = String::new();
    for finding in lint(&new) {
        assert_eq!(finding.level, Level::Warning);
        text.push_str(&format!("{finding}\n"));
    }
    recorded("warnings.txt", &text);
}

/// A lock file of the first version says less, and what it does not say is not known.
#[test]
fn lock_files_of_the_first_version_are_read() {
    let text = fs::read_to_string(folder().join("before.v1.json")).unwrap();
    assert!(text.starts_with("{\n  \"rpcx_lock\": 1,"));
    let old = Lock::parse(&text).unwrap();
    assert_eq!(diff(&old, &read("before.rs")), []);
    let (found, now) = (
        diff(&old, &read("after.rs")),
        diff(&read("before.rs"), &read("after.rs")),
    );
    let wire = |found: &[rpcx_schema::lock::Finding]| -> Vec<String> {
        let of = found.iter().filter(|one| one.level == Level::Wire);
        of.map(|one| format!("{} {}", one.rule, one.subject))
            .collect()
    };
    let known: Vec<String> = wire(&now)
        .into_iter()
        .filter(|one| !one.starts_with("ERROR_SAME_DATA"))
        .collect();
    assert_eq!(wire(&found), known);
    // and is written in the new form
    let next = old.succeeded_by(read("before.rs"));
    assert_eq!(next, read("before.rs"));
}

#[test]
fn warnings_can_be_accepted_with_a_reason() {
    let source = "#[rpcx::service] trait S { async fn count(&self) -> rpcx::Result<u32>; async fn f(&self) -> rpcx::Result<()>; }";
    let now = lock(source);
    let all = lint(&now);
    assert_eq!(all.len(), 1);
    let entry = "{\"rule\": \"REPLY_IS_STRUCT\", \"subject\": \"the method `S.Count`\", \"reason\": \"a count stays a number\"}";
    let text = now.render();
    let text = format!(
        "{},\n\"accepted\": [{entry}]}}",
        text.trim_end().strip_suffix('}').unwrap()
    );
    let locked = Lock::parse(&text).unwrap();
    assert_eq!(locked.unaccepted(all), []);
    // it stays in the file, where its diff shows it
    let next = locked.succeeded_by(lock(&source.replace("f(&self)", "g(&self)")));
    assert!(
        next.render()
            .contains("\"reason\": \"a count stays a number\""),
        "{}",
        next.render()
    );
    // until there is nothing to accept
    let gone = next.unaccepted(Vec::new());
    assert_eq!((gone.len(), gone[0].rule), (1, "ACCEPTED_IS_USED"));
    // a break is not accepted by that
    let broken = lock(&source.replace("u32", "u8"));
    assert_eq!(rules(&locked, &broken), ["WIRE REPLY_NO_NARROWING"]);
    assert_eq!(locked.unaccepted(diff(&locked, &broken)).len(), 2);
}

#[test]
fn what_was_removed_is_remembered_until_it_is_back() {
    let first = lock(
        "#[rpcx::message] struct U { a: u8, b: u8 } #[rpcx::service] trait S { async fn f(&self) -> rpcx::Result<U>; async fn g(&self, u: U) -> rpcx::Result<()>; }",
    );
    let second = lock(
        "#[rpcx::message] struct U { a: u8 } #[rpcx::service] trait S { async fn f(&self) -> rpcx::Result<U>; }",
    );
    let kept = first.succeeded_by(second.clone());
    let text = kept.render();
    assert_eq!(text.matches("\"removed\"").count(), 2, "{text}");
    // also when nothing changes
    assert_eq!(kept.succeeded_by(second), kept);
    assert_eq!(kept.succeeded_by(first.clone()), first);
    // and when the service goes and comes
    let none = lock("#[rpcx::service] trait T { async fn t(&self) -> rpcx::Result<()>; }");
    let back = kept.succeeded_by(none).succeeded_by(first.clone());
    assert_eq!(rules(&back, &first), [] as [&str; 0]);
}

#[test]
fn lock_files_that_cannot_be_read_say_why() {
    for (text, expected) in [
        ("", "line 1: expected a value, found the end of the file"),
        ("[]", "line 1: the lock file must be an object, not a list"),
        (
            "{}",
            "line 1: this is no lock file: it has no `rpcx_lock`\nhelp: generate it anew with `cargo rpcx lock`",
        ),
        (
            "{\n\n\"rpcx_lock\": 3, \"new\": {}}",
            "line 3: this is a lock file of version 3, and versions up to 2 are understood here\nhelp: use the version of `rpcx-build` that wrote it, or a newer one",
        ),
        (
            "{\"rpcx_lock\": 1,\n\"x\": 1}",
            "line 2: a lock file has no `x`",
        ),
        (
            "{\"rpcx_lock\": 1, \"services\": {\n\"A\": {\"methods\": {}}}}",
            "line 2: a service without its `trait`",
        ),
        (
            "{\"rpcx_lock\": 1, \"services\": {\"A\": {\"trait\": \"A\", \"methods\": {\"F\": {\n\"fn\": \"f\",\n\"args\": \"[\"}}}}}",
            "line 3: `[` is no type",
        ),
        (
            "{\"rpcx_lock\": 1, \"types\": {\"A\": {\"struct\": [[\"a\"]]}}}",
            "line 1: a field is `[\"Name\", \"type\"]`, with `\"required\"` behind it or not",
        ),
        (
            "{\"rpcx_lock\": 2, \"accepted\": [\n{\"rule\": \"A\", \"subject\": \"b\", \"reason\": \" \"}]}",
            "line 2: an accepted warning without its `reason`",
        ),
        (
            "{\"rpcx_lock\": 2, \"types\": {\"A\": {\"numbers\": {}, \"reserved\": [\"9 to 5\"]}}}",
            "line 1: `9 to 5` is no range of numbers",
        ),
        (
            "{\"rpcx_lock\": 2, \"errors\": {\"A\": {\"wire\": \"xml\"}}}",
            "line 1: `wire` is `json` or not there, not `xml`",
        ),
        (
            "{\"rpcx_lock\": 1, \"errors\": {\"A\": {\"x\": \"B\"}}}",
            "line 1: `x` is no whole number of 64 bits",
        ),
    ] {
        assert_eq!(
            Lock::parse(text).unwrap_err().to_string(),
            expected,
            "{text}"
        );
    }
}

#[test]
fn two_services_with_one_path_are_reported() {
    let source = "
        #[rpcx::service] trait A { async fn f(&self) -> rpcx::Result<()>; }
        #[rpcx::service(name = \"A\")] trait B { async fn g(&self) -> rpcx::Result<()>; }
    ";
    let errors = Lock::read(&syn::parse_file(source).unwrap()).unwrap_err();
    assert_eq!(
        errors[0].to_string(),
        "two services have the path `A`: `A` and `B`\nhelp: give one of them another path with `#[rpcx::service(name = \"..\")]`"
    );
}

/// What is made of several files with names.
pub(super) fn of_files<T>(files: &[(&str, &str)], make: impl Fn(&[Part<'_>]) -> T) -> T {
    let parsed: Vec<(&str, syn::File)> = files
        .iter()
        .map(|(name, text)| (*name, syn::parse_file(text).unwrap()))
        .collect();
    let parts: Vec<Part<'_>> = parsed
        .iter()
        .map(|(name, parsed)| Part {
            name,
            source: name,
            parsed,
        })
        .collect();
    make(&parts)
}

/// The lock of several files with names.
fn together(files: &[(&str, &str)]) -> Lock {
    of_files(files, Lock::read_all).unwrap_or_else(|errors| panic!("{errors:?}"))
}

#[test]
fn several_files_are_one_lock() {
    let first = "
        #[rpcx::message] struct Args { a: u8 }
        #[rpcx::message] struct Own { args: Vec<Args> }
        #[rpcx::service] trait A { async fn f(&self, args: Own) -> rpcx::Result<()>; }
    ";
    let second = first
        .replace("trait A", "trait B")
        .replace("Own", "Other")
        .replace("u8", "u16");
    let both = together(&[("one", first), ("two", &second)]);
    assert_eq!(
        both.render(),
        together(&[("two", &second), ("one", first)]).render()
    );
    let text = both.render();
    for part in [
        "\"one::Args\": {",
        "\"two::Args\": {",
        "\"[one::Args]\"",
        "\"Own\"",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert_eq!(Lock::parse(&text).unwrap(), both);
    // the name of the file is no promise
    assert_eq!(diff(&lock(first), &both), []);
}

#[test]
fn files_share_types() {
    let types = "
        #[rpcx::message] pub struct User { id: u64, level: Level }
        #[rpcx::message] pub enum Level { Low = 0 }
        #[derive(rpcx::ServiceError)]
        pub enum Wrong { #[rpcx(code = 1)] Gone { user: User }, #[rpcx(other)] Rpc(rpcx::Error) }
        pub type Done<T> = Result<T, Wrong>;
    ";
    let service = |name: &str, uses: &str| {
        format!(
            "{uses} #[rpcx::service] trait {name} {{ async fn f(&self, user: &User) -> Done<Vec<User>>; }}"
        )
    };
    let (a, b) = (
        service("A", "use super::types::*;"),
        service("B", "use crate::types::{Done, User};"),
    );
    let files = [("types", types), ("a", &a), ("b", &b)];
    let old = together(&files);
    let text = old.render();
    assert_eq!(text.matches("\"User\": {").count(), 1, "{text}");
    assert!(
        text.contains("[\"Level\", \"Level\"]") && !text.contains('`'),
        "{text}"
    );
    assert_eq!(
        lint(&old)
            .iter()
            .filter(|one| one.rule == "TYPE_IS_SEEN")
            .count(),
        0
    );
    // a change of a shared type is one finding
    let changed = types.replace("id: u64", "id: String");
    let new = together(&[("types", &changed), ("a", &a), ("b", &b)]);
    assert_eq!(rules(&old, &new), ["WIRE FIELD_SAME_TYPE"]);
    // what an error carries is a part of it
    let changed = types.replace("Gone { user: User }", "Gone(User)");
    let new = together(&[("types", &changed), ("a", &a), ("b", &b)]);
    assert_eq!(rules(&old, &new), ["WIRE ERROR_SAME_DATA"]);
    // a file that is not named is said to be missing
    let alone = together(&[("a", &a)]);
    let unseen: Vec<String> = lint(&alone)
        .iter()
        .filter(|one| one.rule == "TYPE_IS_SEEN")
        .map(|one| one.subject.clone())
        .collect();
    assert_eq!(unseen, ["the type `Done`", "the type `User`"]);
}

#[test]
fn a_name_of_several_files_has_to_be_told_apart() {
    let types = "#[rpcx::message] pub struct User { id: u64 }";
    let other = "#[rpcx::message] pub struct User { name: String }";
    let service = "#[rpcx::service] trait A { async fn f(&self, user: &types::User) -> rpcx::Result<other::User>; }";
    let now = together(&[("types", types), ("other", other), ("a", service)]).render();
    assert!(
        now.contains("\"args\": \"types::User\"") && now.contains("\"reply\": \"other::User\""),
        "{now}"
    );
    let unclear = service.replace("types::User", "User");
    let files = [("types", types), ("other", other), ("a", &*unclear)];
    // the lock file takes it as it is written; Go has to know
    let go = of_files(&files, |parts| go::emit_all(parts, "p"));
    let errors = go[2].as_ref().unwrap_err();
    assert_eq!(
        errors[0].to_string(),
        "`User` is a type of several files: `types`, `other`\nhelp: say which one with `use super::types::User;`, or write `types::User`"
    );
}

#[test]
fn aliases_cannot_nest_without_end() {
    let deep = |number: &str| {
        let mut text = "{\"rpcx_lock\": 1, \"services\": {\"S\": {\"trait\": \"S\", \"methods\": {\"F\": {\"fn\": \"f\", \"args\": \"T0\"}}}}, \"types\": {".to_owned();
        for level in 0..20_000 {
            text.push_str(&format!(
                "\"T{level}\": {{\"alias\": \"[T{}]\"}}, ",
                level + 1
            ));
        }
        text.push_str(&format!("\"T20000\": {{\"alias\": \"{number}\"}}}}}}"));
        Lock::parse(&text).unwrap()
    };
    assert_eq!(rules(&deep("u8"), &deep("bool")), ["WIRE ARG_SAME_TYPE"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whatever a merge or an editor leaves behind: an error with a line, or a lock that can be compared.
    #[test]
    fn changed_lock_files_never_panic(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), 0_usize..12, "[a-zA-Z0-9?\\[\\]{}:,\" ]{0,3}"), 1..4),
    ) {
        let recorded = include_str!("../lock/before.json");
        let before = Lock::parse(recorded).unwrap();
        let mut text: Vec<char> = recorded.chars().collect();
        for (at, length, new) in changes {
            let start = at.index(text.len());
            let end = (start + length).min(text.len());
            text.splice(start..end, new.chars());
        }
        let text: String = text.into_iter().collect();
        match Lock::parse(&text) {
            Ok(now) => {
                // a change of the version leaves things unknown, which are usual from then on
                let again = Lock::parse(&now.render()).unwrap();
                prop_assert_eq!(again.render(), now.render());
                let _ = now.succeeded_by(before.clone());
                let _ = before.succeeded_by(now.clone());
                diff(&before, &now);
                diff(&now, &before);
                prop_assert_eq!(diff(&now, &now), []);
                lint(&now);
            }
            Err(error) => prop_assert!(error.line >= 1 && error.line <= text.lines().count() + 1, "{}", error),
        }
    }
}
