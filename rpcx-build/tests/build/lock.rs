//! The lock file in a build script.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use rpcx_build::{Builder, Error, configure};

/// A folder of its own for each test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("rpcx-lock-{test}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn lock(&self) -> PathBuf {
        self.0.join("rpcx.lock")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.lock()).unwrap()
    }

    fn builder(&self, files: &[(&str, &str)]) -> Builder {
        let builder = configure().emit_rust(false).lock(self.lock());
        files.iter().fold(builder, |builder, (name, text)| {
            builder.trait_file(self.file(name, text))
        })
    }

    fn compile(&self, text: &str) -> Result<(), Error> {
        self.builder(&[("arith.rs", text)]).try_compile()
    }

    /// What is wrong, as it would be from within the folder.
    fn messages(&self, text: &str) -> Vec<String> {
        let shown = format!("{}/", self.0.display());
        let messages = self.compile(text).expect_err("a mistake").messages;
        let messages = messages.iter();
        messages
            .map(|message| message.replace(&shown, ""))
            .collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const ARITH: &str = "#[rpcx::message]
pub struct Args {
    pub a: i64,
}

#[rpcx::service]
pub trait Arith {
    async fn mul(&self, args: &Args) -> rpcx::Result<i64>;
}
";

#[test]
fn a_lock_file_is_written_and_kept() {
    let folder = Folder::new("written");
    folder.compile(ARITH).unwrap();
    assert_eq!(
        folder.text(),
        "{
  \"rpcx_lock\": 2,
  \"services\": {
    \"Arith\": {
      \"trait\": \"Arith\",
      \"methods\": {
        \"Mul\": {
          \"fn\": \"mul\",
          \"args\": \"Args\",
          \"args_as\": \"&Args\",
          \"reply\": \"i64\"
        }
      }
    }
  },
  \"types\": {
    \"Args\": {
      \"struct\": [
        [\"A\", \"i64\"]
      ]
    }
  }
}
"
    );
    let before = folder.lock().metadata().unwrap().modified().unwrap();
    folder
        .compile(&format!("//! Documented.\n{ARITH}"))
        .unwrap();
    assert_eq!(
        folder.lock().metadata().unwrap().modified().unwrap(),
        before
    );
}

#[test]
fn additions_are_written_down() {
    let folder = Folder::new("additions");
    folder.compile(ARITH).unwrap();
    let more = ARITH.replace("pub a: i64", "pub a: i64,\n    pub b: u8");
    folder.compile(&more).unwrap();
    assert!(
        folder.text().contains("[\"B\", \"u8\"]"),
        "{}",
        folder.text()
    );
    // and are a promise from then on
    let messages = folder.messages(ARITH);
    assert!(
        messages[0].starts_with("rpcx.lock: WIRE FIELD_NO_DELETE: the field `B` of `Args` is gone"),
        "{messages:?}"
    );
}

#[test]
fn changes_of_code_alone_are_written_down() {
    let folder = Folder::new("source");
    folder.compile(ARITH).unwrap();
    folder.compile(&ARITH.replace("Args", "Pair")).unwrap();
    assert!(folder.text().contains("\"Pair\": {"), "{}", folder.text());
}

#[test]
fn a_break_fails_the_build() {
    let folder = Folder::new("break");
    folder.compile(ARITH).unwrap();
    let before = folder.text();
    let broken = ARITH
        .replace("Result<i64>", "Result<i32>")
        .replace("pub a", "pub x");
    let go = folder.0.join("go");
    let error = folder
        .builder(&[("arith.rs", &broken)])
        .go(&go, "arith")
        .try_compile();
    assert_eq!(
        error.unwrap_err().messages.len(),
        3,
        "two findings and the way out"
    );
    assert!(!go.exists(), "nothing is written then");
    assert_eq!(
        folder.messages(&broken),
        [
            "rpcx.lock: WIRE REPLY_NO_NARROWING: the reply of the method `Arith.Mul` was narrowed from `i64` to `i32`: not all numbers fit any more, and a Go peer cuts them off without an error\n  help: add a method for the new reply",
            "rpcx.lock: WIRE FIELD_NO_RENAME: the field `A` of `Args` is gone, and `X` of the same type is new\n  help: keep the name on the wire with `#[rpcx(name = \"A\")]` (`#[serde(rename = \"A\")]` without `#[rpcx::message]`)",
            "rpcx.lock: 2 changes break what peers rely on\n  help: accept what is meant to break with `cargo rpcx lock`, or delete the file and build",
        ]
    );
    assert_eq!(folder.text(), before);
    fs::remove_file(folder.lock()).unwrap();
    folder.compile(&broken).unwrap();
    assert_ne!(folder.text(), before);
}

#[test]
fn a_file_that_cannot_be_read_is_left_alone() {
    let folder = Folder::new("unreadable");
    for (text, expected) in [
        (
            "{\n\n  \"rpcx_lock\" 1 }",
            "rpcx.lock:3: expected `:`, found `1`",
        ),
        (
            "{\"rpcx_lock\": 9}",
            "rpcx.lock:1: this is a lock file of version 9",
        ),
        ("[]", "rpcx.lock:1: the lock file must be an object"),
    ] {
        folder.file("rpcx.lock", text);
        let messages = folder.messages(ARITH);
        assert!(messages[0].starts_with(expected), "{messages:?}");
        assert_eq!(folder.text(), text);
    }
}

#[test]
fn all_trait_files_are_in_it() {
    let folder = Folder::new("several");
    let other = ARITH.replace("Arith", "Other");
    let files = [("arith.rs", ARITH), ("other.rs", &other)];
    folder.builder(&files).try_compile().unwrap();
    for part in [
        "\"Arith\": {",
        "\"Other\": {",
        "\"arith::Args\"",
        "\"other::Args\"",
    ] {
        assert!(
            folder.text().contains(part),
            "{part} is not in\n{}",
            folder.text()
        );
    }
    // a second file with a type of the same name changes nothing for the first
    folder.compile(ARITH).unwrap_err();
    fs::remove_file(folder.lock()).unwrap();
    folder.compile(ARITH).unwrap();
    folder.builder(&files).try_compile().unwrap();

    let files = [("arith.rs", ARITH), ("other.rs", ARITH)];
    let error = folder.builder(&files).try_compile().unwrap_err();
    assert!(
        error.messages[0].contains(
            "other.rs:7:11: two services have the path `Arith`: `Arith` and `Arith`, the first in `arith.rs`"
        ),
        "{error}"
    );
}

/// The environment belongs to the process, so this runs once more in a process of its own.
#[test]
fn a_checked_lock_file_must_be_there_and_up_to_date() {
    let name = "lock::a_checked_lock_file_must_be_there_and_up_to_date";
    if std::env::var_os("RPCX_CHECK").is_none() {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name])
            .env("RPCX_CHECK", "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}"
        );
        return;
    }
    let folder = Folder::new("check");
    let missing = folder.messages(ARITH);
    let expected = "rpcx.lock: this file is not what its trait file gives\nhelp: build without";
    assert!(
        missing.len() == 1 && missing[0].starts_with(expected),
        "{missing:?}"
    );
    assert!(!folder.lock().exists());

    let empty = "{\n  \"rpcx_lock\": 1,\n  \"services\": {}\n}\n";
    folder.file("rpcx.lock", empty);
    let outdated = folder.messages(ARITH);
    assert!(
        outdated.len() == 1 && outdated[0].starts_with(expected),
        "{outdated:?}"
    );
    assert_eq!(folder.text(), empty);
}

#[test]
fn what_was_removed_stays_in_the_file() {
    let folder = Folder::new("removed");
    let with = |line: &str| ARITH.replace("pub a: i64,", &format!("pub a: i64,\n    {line}"));
    folder.compile(&with("pub b: u8,")).unwrap();
    // as `cargo rpcx lock` would write it
    let removed = "\"removed\": [\n        [\"B\", \"u8\"]\n      ]";
    let text = folder.text().replace(
        "[\"A\", \"i64\"],\n        [\"B\", \"u8\"]\n      ]",
        &format!("[\"A\", \"i64\"]\n      ],\n      {removed}"),
    );
    assert!(text.contains(removed), "{text}");
    folder.file("rpcx.lock", &text);
    folder.compile(ARITH).unwrap();
    assert_eq!(folder.text(), text);
    let messages = folder.messages(&with("pub b: String,"));
    assert_eq!(
        messages[0],
        "rpcx.lock: WIRE FIELD_NO_REUSE: the field `B` of `Args` was removed, and comes back as something else: was `u8` and is `string`\n  help: give the new field a name that was never used on the wire"
    );
    folder.compile(&with("pub b: u8,")).unwrap();
    assert!(!folder.text().contains("removed"), "{}", folder.text());
}

#[test]
fn lock_files_of_the_first_version_are_written_anew() {
    let folder = Folder::new("version");
    folder.compile(ARITH).unwrap();
    let now = folder.text();
    let old = now
        .replace("\"rpcx_lock\": 2", "\"rpcx_lock\": 1")
        .replace("          \"args_as\": \"&Args\",\n", "");
    folder.file("rpcx.lock", &old);
    folder.compile(ARITH).unwrap();
    assert_eq!(folder.text(), now);
}
