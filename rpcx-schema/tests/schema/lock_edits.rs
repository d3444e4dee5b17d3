//! Edits of trait files, and what is found in them: `lock/edits.txt`, and the table in `docs/lock.md`.

use std::path::Path;
use std::{env, fs};

use rpcx_schema::lock::{Level, Lock, diff};

use super::lock::{folder, lock, rules};

/// An edit of `lock/edits.txt`.
#[derive(Debug, Default)]
struct Edit {
    name: String,
    from: String,
    /// What was accepted in between.
    between: String,
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
                Some(("~ ", between)) => edit.between = between.to_owned(),
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

impl Edit {
    fn locks(&self) -> (Lock, Lock) {
        let (mut old, new) = (lock(&self.from), lock(&self.to));
        if !self.between.is_empty() {
            old = old.succeeded_by(lock(&self.between));
            // as it is read from the file
            assert_eq!(Lock::parse(&old.render()).unwrap(), old, "{}", old.render());
        }
        (old, new)
    }
}

/// With `UPDATE_EXPANDED=1` the findings are written into the file.
#[test]
fn every_edit_has_its_findings() {
    let edits = edits();
    assert!(edits.len() > 140, "{} edits", edits.len());
    let mut wrong = Vec::new();
    let mut text = fs::read_to_string(folder().join("edits.txt")).unwrap();
    text.truncate(text.find("\n\n").unwrap() + 1);
    for edit in edits {
        let (old, new) = edit.locks();
        let found = rules(&old, &new);
        text.push_str(&format!("\n{}\n- {}\n", edit.name, edit.from));
        if !edit.between.is_empty() {
            text.push_str(&format!("~ {}\n", edit.between));
        }
        text.push_str(&format!("+ {}\n", edit.to));
        found
            .iter()
            .for_each(|rule| text.push_str(&format!("= {rule}\n")));
        if found != edit.rules {
            let texts: Vec<_> = diff(&old, &new).iter().map(ToString::to_string).collect();
            let texts = texts.join("\n");
            let (name, rules) = (&edit.name, &edit.rules);
            wrong.push(format!("{name}: {found:?}, expected {rules:?}\n{texts}"));
        }
    }
    if env::var_os("UPDATE_EXPANDED").is_some() {
        fs::write(folder().join("edits.txt"), text).unwrap();
        return;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The table in `docs/lock.md`, which `UPDATE_EXPANDED=1` writes.
#[test]
fn the_table_of_the_guide_is_what_is_found() {
    let mut table = "| edit | for peers | for code | findings |\n|---|---|---|---|\n".to_owned();
    for edit in edits() {
        let (old, new) = edit.locks();
        let found = diff(&old, &new);
        let has = |level| found.iter().any(|one| one.level == level);
        let verdict = |breaks: bool| match (breaks, has(Level::Warning)) {
            (true, _) => "**break**",
            (false, true) => "warning",
            (false, false) => "ok",
        };
        let mut rules: Vec<String> = found.iter().map(|one| format!("`{}`", one.rule)).collect();
        rules.sort();
        rules.dedup();
        table.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            edit.name,
            verdict(has(Level::Wire)),
            verdict(has(Level::Wire) || has(Level::Source)),
            rules.join(", ")
        ));
    }
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/lock.md");
    let text = fs::read_to_string(&guide).unwrap();
    let (begin, end) = ("<!-- edits of trait files -->\n", "<!-- end -->\n");
    let start = text.find(begin).unwrap() + begin.len();
    let stop = start + text[start..].find(end).unwrap();
    if env::var_os("UPDATE_EXPANDED").is_some() {
        fs::write(
            &guide,
            format!("{}{table}{}", &text[..start], &text[stop..]),
        )
        .unwrap();
        return;
    }
    assert_eq!(&text[start..stop], table, "docs/lock.md is not up to date");
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
        "SOURCE METHOD_SAME_CONTEXT",
        "WARNING METHOD_NEW_NAME",
        "SOURCE ARG_SAME_RUST_TYPE",
        "SOURCE FIELD_SAME_RUST_TYPE",
        "SOURCE REPLY_SAME_RUST_TYPE",
        "WARNING ENUM_VARIANT_NEW",
        "SOURCE ENUM_VARIANT_NO_DELETE",
        "WIRE ENUM_KEEPS_OTHER",
        "WIRE ENUM_SAME_DEFAULT",
        "SOURCE ENUM_KEEPS_OTHER",
        "WIRE ERROR_SAME_DATA",
        "WIRE ERROR_SAME_FORM",
        "WIRE SERVICE_NO_REUSE",
        "WIRE METHOD_NO_REUSE",
        "WIRE ARG_NO_REUSE",
        "WIRE FIELD_NO_REUSE",
        "WIRE ENUM_VARIANT_NO_REUSE",
        "WIRE ERROR_CODE_NO_REUSE",
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
