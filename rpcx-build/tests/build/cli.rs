//! `cargo rpcx` as a program, in a package and a git repository of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const FIRST: &str = "//! Arithmetic.
#[rpcx::message]
pub struct Args {
    pub a: i64,
    pub b: i64,
}

#[rpcx::service]
pub trait Arith {
    async fn mul(&self, args: &Args) -> rpcx::Result<i64>;
    async fn div(&self, args: &Args) -> rpcx::Result<i64>;
}
";

/// A package without anything but trait files, removed at the end.
pub(crate) struct Package(PathBuf);

impl Package {
    pub(crate) fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("rpcx-cli-{test}-{}", std::process::id()));
        fs::create_dir_all(path.join("service")).unwrap();
        fs::create_dir_all(path.join("src")).unwrap();
        let package = Self(path);
        package.file("src/lib.rs", "");
        package.file(
            "Cargo.toml",
            "[package]\nname = \"bank\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n\n\
             [package.metadata.rpcx]\ntrait-files = [\"service/arith.rs\"]\nmarkdown = \"docs/arith.md\"\n\
             typescript = \"web/client.ts\"\n\
             go = { folder = \"go\", package = \"arith\" }\n",
        );
        package.file("service/arith.rs", FIRST);
        package
    }

    pub(crate) fn file(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }

    fn edit(&self, from: &str, to: &str) {
        let path = self.0.join("service/arith.rs");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from} is not in\n{text}");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs the program as cargo does, and gives its exit code and what it says.
    pub(crate) fn run(&self, args: &[&str]) -> (i32, String) {
        self.run_in(&self.0, args)
    }

    fn run_in(&self, folder: &Path, args: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-rpcx"));
        outside_of_git(&mut command);
        let output = command
            .arg("rpcx")
            .args(args)
            .current_dir(folder)
            .env_remove("RPCX_CHECK")
            .output()
            .unwrap();
        said(&output)
    }

    fn git(&self, args: &[&str]) {
        let mut command = Command::new("git");
        outside_of_git(&mut command);
        let output = command
            .args(["-c", "user.name=test", "-c", "user.email=test@localhost"])
            .args([
                "-c",
                "commit.gpgsign=false",
                "-c",
                "init.defaultBranch=main",
            ])
            .args(args)
            .current_dir(&self.0)
            .output()
            .expect("git is needed by this test");
        let (code, text) = said(&output);
        assert_eq!(code, 0, "git {args:?}: {text}");
    }

    fn json(&self, args: &[&str]) -> (i32, Value) {
        let (code, text) = self.run(args);
        let json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        (code, json)
    }
}

/// A test that is started by a hook of git has the repository of the hook in its environment.
fn outside_of_git(command: &mut Command) {
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
}

fn said(output: &Output) -> (i32, String) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(text).unwrap(),
    )
}

impl Drop for Package {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_break_is_found_and_can_be_accepted() {
    let package = Package::new("break");
    let (code, text) = package.run(&["check"]);
    assert_eq!(code, 2);
    assert_eq!(
        text,
        "error: rpcx.lock: there is no lock file\nhelp: write it with `cargo rpcx lock`\n\n"
    );
    assert_eq!(
        package.run(&["lock"]),
        (0, "rpcx.lock: written\n".to_owned())
    );
    assert_eq!(
        package.run(&["lock"]),
        (0, "rpcx.lock: is up to date\n".to_owned())
    );
    let (code, text) = package.run(&["check", "--no-warnings"]);
    assert_eq!((code, &*text), (0, "rpcx.lock: nothing is broken\n"));

    package.edit(
        "    async fn div(&self, args: &Args) -> rpcx::Result<i64>;\n",
        "",
    );
    package.edit("pub b: i64", "pub b: i32");
    let (code, text) = package.run(&["check", "--no-warnings"]);
    assert_eq!(code, 1);
    assert_eq!(
        text,
        "WIRE METHOD_NO_DELETE: the method `Arith.Div` is gone\n  \
           help: keep it as long as a peer may call it, and mark it `#[deprecated]`\n\n\
         WIRE FIELD_NO_NARROWING: the field `B` of `Args` was narrowed from `i64` to `i32`: not all numbers fit any more, and a Go peer cuts them off without an error\n  \
           help: add a field for the new type, and keep this one\n\n\
         rpcx.lock: broken for peers: 2, for code alone: 0\n  \
           help: accept what is meant to break with `cargo rpcx lock`\n"
    );
    let (code, text) = package.run(&["lock"]);
    assert_eq!(code, 0);
    assert!(
        text.contains("METHOD_NO_DELETE") && text.ends_with("rpcx.lock: written\n"),
        "{text}"
    );
    assert_eq!(package.run(&["check"]).0, 0);
}

#[test]
fn a_commit_has_a_lock_file_too() {
    let package = Package::new("commit");
    package.git(&["init", "--quiet"]);
    package.git(&["add", "Cargo.toml", "service", "src"]);
    package.git(&["commit", "--quiet", "-m", "first"]);
    package.git(&["tag", "none"]);
    package.run(&["lock"]);
    package.git(&["add", "rpcx.lock"]);
    package.git(&["commit", "--quiet", "-m", "lock"]);
    package.git(&["tag", "v1"]);
    package.edit("async fn div", "#[rpcx(oneway)]\n    async fn log(&self, line: &str) -> rpcx::Result<()>;\n    async fn rest");
    // what the file in the folder says is of no interest
    package.run(&["lock"]);
    assert_eq!(package.run(&["check"]).0, 0);

    let (code, report) = package.json(&[
        "check",
        "--against",
        "v1",
        "--format",
        "json",
        "--no-warnings",
    ]);
    assert_eq!(code, 1);
    assert_eq!(report["against"], "v1:rpcx.lock");
    assert_eq!(
        (&report["broken"], &report["up_to_date"]),
        (&Value::from(true), &Value::from(false))
    );
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["level"], "WIRE");
    assert_eq!(findings[0]["rule"], "METHOD_NO_DELETE");
    assert_eq!(findings[0]["subject"], "the method `Arith.Div`");
    assert_eq!(findings[0]["change"], "is gone, and `Rest` looks like it");
    assert!(
        findings[0]["help"]
            .as_str()
            .unwrap()
            .contains("alias = \"Div\"")
    );

    let (code, text) = package.run(&["check", "--against", "none", "--no-warnings"]);
    assert_eq!(code, 0);
    assert_eq!(
        text,
        "none:rpcx.lock: there is no lock file in this commit, so nothing was promised\n"
    );
    for wrong in ["v2", "--output=x"] {
        let (code, text) = package.run(&["check", "--against", wrong]);
        assert_eq!(code, 2, "{text}");
        assert!(
            text.starts_with("error: `git rev-parse` failed: "),
            "{text}"
        );
    }
    // also from below the folder
    let (code, text) = package.run_in(&package.0.join("service"), &["check", "--against", "v1"]);
    assert_eq!(code, 1, "{text}");
}

#[test]
fn changes_of_code_count_where_they_are_asked_for() {
    let package = Package::new("source");
    package.run(&["lock"]);
    package.edit("Args", "Pair");
    let (code, text) = package.run(&["check", "--no-warnings"]);
    assert_eq!(code, 0);
    assert!(
        text.starts_with("SOURCE TYPE_SAME_NAME: the type `Args` is called `Pair` now\n"),
        "{text}"
    );
    assert!(
        text.contains("broken for peers: 0, for code alone: 1; the file is not up to date\n"),
        "{text}"
    );
    assert_eq!(package.run(&["check", "--level", "source"]).0, 1);
}

#[test]
fn warnings_change_no_exit_code() {
    let package = Package::new("warnings");
    package.run(&["lock"]);
    let (code, report) = package.json(&["check", "--format", "json"]);
    assert_eq!(code, 0);
    assert_eq!(
        (&report["broken"], &report["up_to_date"]),
        (&Value::from(false), &Value::from(true))
    );
    let rules: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["rule"])
        .collect();
    assert_eq!(rules, ["REPLY_IS_STRUCT", "REPLY_IS_STRUCT"]);
    assert_eq!(report["findings"][0]["level"], "WARNING");
}

#[test]
fn code_is_printed_and_files_are_written() {
    let package = Package::new("gen");
    let (code, text) = package.run(&["expand", "service/arith.rs"]);
    assert_eq!(code, 0);
    assert!(
        text.starts_with("// @generated by rpcx-build from service/arith.rs\n"),
        "{text}"
    );
    assert!(text.contains("pub struct ArithClient"), "{text}");
    syn::parse_file(&text).unwrap();

    assert_eq!(package.run(&["gen"]), (0, String::new()));
    assert!(package.read("go/arith.go").contains("\npackage arith\n"));
    assert!(package.read("docs/arith.md").contains("# Arith\n"));
    let client = package.read("web/client.ts");
    assert!(
        client.starts_with("// Generated by rpcx-build from service/arith.rs: do not edit.\n"),
        "{client}"
    );
    assert!(
        package
            .read("web/rpcx.ts")
            .contains("export class RpcError")
    );
    // a file behind the command stands for a `Cargo.toml`
    let args = ["gen", "service/arith.rs", "--markdown", "docs/by-name.md"];
    assert_eq!(package.run(&args), (0, String::new()));
    assert_eq!(
        package.read("docs/by-name.md"),
        package.read("docs/arith.md")
    );
    fs::create_dir(package.0.join("out")).unwrap();
    let elsewhere = package.0.join("service");
    let args = [
        "gen",
        "--rust",
        "../out",
        "--go",
        "../other",
        "--go-package",
        "sums",
        "--typescript",
        "arith.ts",
    ];
    assert_eq!(package.run_in(&elsewhere, &args), (0, String::new()));
    assert_eq!(package.read("out/arith.rs"), text);
    assert_eq!(package.read("service/arith.ts"), client);
    assert!(package.read("other/arith.go").contains("\npackage sums\n"));
}

#[test]
fn go_files_become_a_trait_file() {
    let package = Package::new("import");
    package.file(
        "arith.go",
        "package arith\n\nimport \"context\"\n\ntype Args struct{ A, B int }\n\ntype Arith struct{}\n\n\
         func (t *Arith) Mul(ctx context.Context, args *Args, reply *int) error { return nil }\n",
    );
    let (code, text) = package.run(&["import", "arith.go"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("pub trait Arith"), "{text}");
    package.file("service/arith.rs", &text);
    assert_eq!(package.run(&["lock"]).0, 0);
    assert_eq!(package.run(&["check"]).0, 0);
    let (code, text) = package.run(&["import", "no.go"]);
    assert_eq!(code, 2);
    assert!(text.starts_with("error: no.go: "), "{text}");
}

#[test]
fn trait_files_need_no_package() {
    let package = Package::new("alone");
    fs::remove_file(package.0.join("Cargo.toml")).unwrap();
    let args = [
        "lock",
        "--trait-file",
        "service/arith.rs",
        "--lock",
        "service/my.lock",
    ];
    assert_eq!(
        package.run(&args),
        (0, "service/my.lock: written\n".to_owned())
    );
    assert!(package.read("service/my.lock").contains("\"Arith\""));
}

#[test]
fn it_says_what_it_can_do() {
    let package = Package::new("help");
    for args in [&["--help"][..], &["help"], &["check", "-h"]] {
        let (code, text) = package.run(args);
        assert_eq!(code, 0);
        for option in [
            "check",
            "lock",
            "expand",
            "gen",
            "--against",
            "--trait-file",
        ] {
            assert!(text.contains(option), "{option} is not in\n{text}");
        }
    }
    let version = format!("cargo-rpcx {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(package.run(&["--version"]), (0, version));
}

#[test]
fn mistakes_are_named() {
    let package = Package::new("mistakes");
    for (args, expected) in [
        (
            &[][..],
            "error: no command, expected one of: check, lock, expand, import, gen\n",
        ),
        (
            &["chek"],
            "error: unknown command `chek`, expected one of: check, lock, expand, import, gen\n",
        ),
        (
            &["check", "--format", "xml"],
            "error: `--format` cannot be `xml`, expected text or json\n",
        ),
        (
            &["lock", "--against", "v1"],
            "error: `--against` is an option of `check`\n",
        ),
        (
            &["check", "--aginst", "v1"],
            "error: invalid option '--aginst'\n",
        ),
        (&["expand"], "error: `expand` takes one trait file\n"),
        (&["expand", "no.rs"], "error: no.rs: "),
        (
            &["gen", "--go-package", "Not-Go"],
            "error: `Not-Go` cannot be the name of a Go package",
        ),
        (&["check", "--trait-file", "a.rs"], "error: a.rs: "),
        (&["check", "a.rs"], "error: a.rs: "),
    ] {
        let (code, text) = package.run(args);
        assert_eq!(code, 2, "{args:?}: {text}");
        assert!(text.starts_with(expected), "{args:?}: {text}");
    }
    package.edit("&self, args", "&mut self, args");
    let (code, text) = package.run(&["check"]);
    assert_eq!(code, 2);
    assert!(
        text.starts_with("error: service/arith.rs:10:18: an rpcx method takes `&self`"),
        "{text}"
    );

    package.file("service/arith.rs", FIRST);
    package.file("rpcx.lock", "{\n  \"rpcx_lock\": 1,\n<<<<<<< ours\n}\n");
    let (code, text) = package.run(&["check"]);
    assert_eq!(code, 2);
    assert!(
        text.starts_with("error: rpcx.lock:3: this is a mark of a merge"),
        "{text}"
    );
    let (code, text) = package.run(&["lock"]);
    assert_eq!(code, 0);
    assert!(
        text.starts_with("replaced a file that could not be read: rpcx.lock:3: "),
        "{text}"
    );
    assert_eq!(package.run(&["check"]).0, 0);
}

#[test]
fn mistakes_in_the_table_are_named() {
    let package = Package::new("table");
    let head =
        "[package]\nname = \"bank\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n\n";
    for (table, expected) in [
        (
            "",
            "there is no [package.metadata.rpcx]\nhelp: add it with `trait-files",
        ),
        (
            "lock = \"x\"",
            "[package.metadata.rpcx] names no `trait-files` and no `protos`",
        ),
        (
            "trait-files = \"a.rs\"",
            "`trait-files` in [package.metadata.rpcx] must be a list of paths",
        ),
        (
            "trait-files = [\"a.rs\"]\ngo = \"go\"",
            "`go` in [package.metadata.rpcx] must be `{ folder = \"..\", package = \"..\" }`",
        ),
        (
            "trait-file = [\"a.rs\"]",
            "unknown key `trait-file` in [package.metadata.rpcx], expected one of:",
        ),
    ] {
        let title = if table.is_empty() {
            ""
        } else {
            "[package.metadata.rpcx]\n"
        };
        package.file("Cargo.toml", &format!("{head}{title}{table}\n"));
        let (code, text) = package.run(&["check"]);
        assert_eq!(code, 2, "{table}: {text}");
        assert!(text.contains(expected), "{table}: {text}");
    }
}
