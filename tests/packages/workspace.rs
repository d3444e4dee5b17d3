//! A cargo workspace in a folder below `target/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder with packages, and what a test does with them.
pub(crate) struct Workspace(PathBuf);

/// What cargo said.
pub(crate) struct Said {
    pub(crate) success: bool,
    /// Standard output and standard error, one below the other.
    pub(crate) text: String,
}

/// Where all these packages are.
fn shared() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages")
}

/// Where they are built: cargo's own target folder, which has the macros already.
pub(crate) fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// The profile of this workspace: with another one, nothing of its target folder would be used.
pub(crate) const PROFILE: &str = "[profile.dev]\ndebug = \"line-tables-only\"\n";

/// The root of this repository.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The root of this repository as a string of TOML, for the paths of dependencies.
pub(crate) fn shown_root() -> String {
    root().to_string_lossy().replace('\\', "/")
}

impl Workspace {
    /// A workspace of the packages in the folders `members`. Its folder stays from run to run, and
    /// with it what cargo knows of it.
    pub(crate) fn new(name: &str, members: &[&str]) -> Self {
        let this = Self(shared().join(name));
        this.file(
            "Cargo.toml",
            &format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n{PROFILE}"),
        );
        let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
        fs::create_dir_all(&this.0).unwrap();
        fs::write(this.0.join("Cargo.lock"), lock).unwrap();
        this
    }

    /// The same, without what an earlier run has left. Cargo builds its packages anew.
    pub(crate) fn fresh(name: &str, members: &[&str]) -> Self {
        let folder = shared().join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        Self::new(name, members)
    }

    /// Adds a package: `[package]` with this name and edition, and `rest` below it, in which `ROOT`
    /// stands for this repository.
    pub(crate) fn package(&self, name: &str, edition: u16, rest: &str) -> &Self {
        let rest = rest.replace("ROOT", &shown_root());
        self.file(
            &format!("{name}/Cargo.toml"),
            &format!("[package]\nname = \"{name}\"\nedition = \"{edition}\"\n{rest}\n"),
        )
    }

    /// Writes a file, unless it is there with this text already.
    pub(crate) fn file(&self, path: &str, text: &str) -> &Self {
        let path = self.0.join(path);
        if fs::read_to_string(&path).is_ok_and(|present| present == text) {
            return self;
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// A path inside.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    /// Runs `cargo` with these words and variables.
    pub(crate) fn cargo(&self, words: &[&str], variables: &[(&str, &str)]) -> Said {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        // what cargo sets for this test is not meant for another cargo
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            let of_package = name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
            if of_package || name == "CARGO_TARGET_TMPDIR" || name == "RPCX_CHECK" {
                command.env_remove(name);
            }
        }
        let output = command
            .args(words)
            .current_dir(&self.0)
            .env("CARGO_TARGET_DIR", target())
            .env("CARGO_TERM_COLOR", "never")
            .envs(variables.iter().copied())
            .output()
            .expect("cargo started this test, so it is here");
        Said::of(&output)
    }

    /// The same, and it must succeed. What it said.
    pub(crate) fn passes(&self, words: &[&str]) -> String {
        let said = self.cargo(words, &[]);
        assert!(said.success, "cargo {words:?} failed:\n{}", said.text);
        said.text
    }
}

impl Said {
    fn of(output: &Output) -> Self {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Self {
            success: output.status.success(),
            text: text + &String::from_utf8_lossy(&output.stderr),
        }
    }
}
