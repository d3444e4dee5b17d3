//! Lock files: what they hold, and what a change of a trait file does to them.
//!
//! `UPDATE_EXPANDED=1 cargo test -p rpcx-schema` writes the recorded texts anew; the change is reviewed
//! as a diff.

use std::path::{Path, PathBuf};
use std::{env, fs};

use proptest::prelude::*;
use rpcx_schema::lock::{Level, Lock, diff, lint};

fn lock(source: &str) -> Lock {
    let parsed = syn::parse_file(source).unwrap_or_else(|error| panic!("{error}\n{source}"));
    let errors = rpcx_codegen::file::expand(&parsed).errors;
    assert!(errors.is_empty(), "{errors:?}\n{source}");
    Lock::read(&parsed).unwrap_or_else(|errors| panic!("{errors:?}\n{source}"))
}

/// `LEVEL RULE` of each finding, sorted.
fn rules(old: &Lock, new: &Lock) -> Vec<String> {
    let found = diff(old, new).into_iter();
    let mut rules: Vec<_> = found
        .map(|finding| format!("{} {}", finding.level, finding.rule))
        .collect();
    rules.sort();
    rules
}

fn folder() -> PathBuf {
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

/// An edit of `lock/edits.txt`.
#[derive(Debug, Default)]
struct Edit {
    name: String,
    from: String,
    to: String,
    rules: Vec<String>,
}

fn edits() -> Vec<Edit> {
    let text = fs::read_to_string(folder().join("edits.txt")).unwrap();
    let blocks = text.split("\n\n").skip(1);
    let edits = blocks.map(|block| {
        let mut edit = Edit::default();
        for line in block.lines() {
            match line.split_at_checked(2) {
                Some(("- ", from)) => edit.from = from.to_owned(),
                Some(("+ ", to)) => edit.to = to.to_owned(),
                Some(("= ", rule)) => edit.rules.push(rule.to_owned()),
                _ => edit.name = line.to_owned(),
            }
        }
        edit.rules.sort();
        assert!(
            !edit.name.is_empty() && !edit.from.is_empty() && !edit.to.is_empty(),
            "{edit:?}"
        );
        edit
    });
    edits.collect()
}

#[test]
fn every_edit_has_its_findings() {
    let edits = edits();
    assert!(edits.len() > 100, "{} edits", edits.len());
    let mut wrong = Vec::new();
    for Edit {
        name,
        from,
        to,
        rules,
    } in edits
    {
        let (old, new) = (lock(&from), lock(&to));
        let found = self::rules(&old, &new);
        if found != rules {
            let texts: Vec<_> = diff(&old, &new).iter().map(ToString::to_string).collect();
            let texts = texts.join("\n");
            wrong.push(format!("{name}: {found:?}, expected {rules:?}\n{texts}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_rule_has_an_edit() {
    let all: Vec<String> = edits().into_iter().flat_map(|edit| edit.rules).collect();
    for rule in [
        "WIRE SERVICE_NO_DELETE",
        "WIRE SERVICE_SAME_PATH",
        "SOURCE SERVICE_SAME_TRAIT",
        "WIRE METHOD_NO_DELETE",
        "WIRE METHOD_SAME_ONEWAY",
        "WIRE METHOD_SAME_CODEC",
        "WIRE METHOD_SAME_ARGS_FORM",
        "SOURCE METHOD_SAME_ARGS_FORM",
        "SOURCE METHOD_SAME_FUNCTION",
        "WIRE METHOD_SAME_ERROR",
        "SOURCE METHOD_SAME_ERROR",
        "WIRE ARG_NO_DELETE",
        "WIRE ARG_NO_RENAME",
        "WIRE ARG_SAME_TYPE",
        "WIRE ARG_NO_NARROWING",
        "WIRE ARG_NO_NEW_REQUIRED",
        "SOURCE ARG_SAME_ORDER",
        "WIRE REPLY_SAME_TYPE",
        "SOURCE REPLY_SAME_TYPE",
        "WIRE REPLY_NO_NARROWING",
        "WIRE FIELD_NO_DELETE",
        "WIRE FIELD_NO_RENAME",
        "WIRE FIELD_SAME_TYPE",
        "WIRE FIELD_NO_NARROWING",
        "WIRE FIELD_NO_NEW_REQUIRED",
        "WIRE ENUM_VARIANT_NO_DELETE",
        "WIRE ENUM_VARIANT_SAME_VALUE",
        "SOURCE ENUM_VARIANT_SAME_NAME",
        "WIRE ERROR_CODE_SAME_MEANING",
        "WIRE ERROR_CODE_NO_DELETE",
        "SOURCE TYPE_SAME_NAME",
        "WIRE IDEMPOTENT_NO_REMOVE",
    ] {
        assert!(all.iter().any(|found| found == rule), "{rule}");
    }
}

#[test]
fn a_file_against_itself_has_no_findings() {
    for edit in edits() {
        for source in [edit.from, edit.to] {
            let now = lock(&source);
            assert_eq!(diff(&now, &now), [], "{}", edit.name);
            // and the text says all of it
            let text = now.render();
            assert_eq!(Lock::parse(&text).unwrap(), now, "{text}");
        }
    }
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
            async fn f(&self, ctx: &rpcx::Context, other: A) -> Result<u8, Wrong>;
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
            "{\n\n\"rpcx_lock\": 2, \"new\": {}}",
            "line 3: this is a lock file of version 2, and version 1 is understood here\nhelp: use the version of `rpcx-build` that wrote it, or a newer one",
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
    let parts = |order: [usize; 2]| {
        let all = [("one", lock(first)), ("two", lock(&second))];
        let all = order.map(|index| (all[index].0.to_owned(), all[index].1.clone()));
        Lock::merge(all.to_vec()).unwrap()
    };
    let both = parts([0, 1]);
    assert_eq!(both.render(), parts([1, 0]).render());
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
    let alone = Lock::merge(vec![("one".to_owned(), lock(first))]).unwrap();
    assert_eq!(diff(&alone, &both), []);

    let twice = vec![
        ("one".to_owned(), lock(first)),
        ("two".to_owned(), lock(first)),
    ];
    let error = Lock::merge(twice).unwrap_err();
    assert!(
        error.starts_with("the services of two trait files, `one` and `two`, have one path: `A`\n"),
        "{error}"
    );

    let alike = vec![
        ("one".to_owned(), lock(first)),
        ("one".to_owned(), lock(&second)),
    ];
    let error = Lock::merge(alike).unwrap_err();
    assert!(
        error.starts_with("two trait files have the name `one`"),
        "{error}"
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
                let again = Lock::parse(&now.render());
                prop_assert_eq!(again.as_ref(), Ok(&now));
                diff(&before, &now);
                diff(&now, &before);
                prop_assert_eq!(diff(&now, &now), []);
                lint(&now);
            }
            Err(error) => prop_assert!(error.line >= 1 && error.line <= text.lines().count() + 1, "{}", error),
        }
    }
}
