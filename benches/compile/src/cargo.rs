//! Runs cargo on the packages that are measured.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs};

use nix::sys::resource::{UsageWho, getrusage};

/// Where this variable is set, this program stands for the compiler.
const WRAPPED: &str = "RPCX_COMPILE_WRAPPED";

/// Packages in a workspace of their own.
pub(crate) struct Workspace {
    folder: PathBuf,
}

/// What a compilation took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Milliseconds in user mode, of cargo and of the compiler.
    pub(crate) user_ms: i64,
    /// Instructions of the compiler, where they were counted.
    pub(crate) instructions: Option<u64>,
}

/// Cargo compiles packages by path incrementally, in 256 units where those of a registry have 16; each unit describes for
/// debuggers all the types that it reaches. The users of rpcx have it from a registry, as they have its peers.
const FROM_REGISTRY: &str = "[profile.dev.package.rpcx]\nincremental = false\n\
    [profile.dev.package.rpcx-runtime]\nincremental = false\n";

impl Workspace {
    /// Writes packages: name, manifest below `[package]`, and path and text of each source file.
    pub(crate) fn new(packages: &[(String, String, &str, String)]) -> Result<Self, String> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = here.join("target/subjects");
        let names: Vec<_> = packages.iter().map(|(name, ..)| name).collect();
        write(
            &folder.join("Cargo.toml"),
            &format!("[workspace]\nresolver = \"3\"\nmembers = {names:?}\n{FROM_REGISTRY}"),
        )?;
        let lock = here.join("Cargo.lock");
        let text = fs::read_to_string(&lock).map_err(|error| format!("{lock:?}: {error}"))?;
        write(&folder.join("Cargo.lock"), &text)?;
        let root = here.join("../..").display().to_string();
        for (name, manifest, path, source) in packages {
            let manifest = manifest.replace("ROOT", &root);
            write(
                &folder.join(name).join("Cargo.toml"),
                &format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n{manifest}"),
            )?;
            write(&folder.join(name).join(path), source)?;
        }
        Ok(Self { folder })
    }

    /// One more file of a package.
    pub(crate) fn add(&self, package: &str, path: &str, text: &str) -> Result<(), String> {
        write(&self.folder.join(package).join(path), text)
    }

    /// Runs cargo with these words.
    pub(crate) fn cargo(&self, words: &[&str]) -> Result<(), String> {
        self.run(words, &[], false)
    }

    fn run(
        &self,
        words: &[&str],
        variables: &[(&str, &Path)],
        incremental: bool,
    ) -> Result<(), String> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(words)
            .arg("--quiet")
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.target(incremental))
            .env_remove("CARGO_INCREMENTAL")
            .envs((!incremental).then_some(("CARGO_INCREMENTAL", "0")))
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("cargo: {error}"))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(format!(
                "cargo {words:?} failed:\n{}",
                String::from_utf8_lossy(&output.stderr)
            )),
        }
    }

    /// A folder for each: packages by path would be built again with every change between the two.
    fn target(&self, incremental: bool) -> PathBuf {
        self.folder
            .join(if incremental { "incremental" } else { "target" })
    }

    /// A program that was built with `--release`.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.target(false).join("release").join(name)
    }

    /// Checks a package that has changed since, and nothing else.
    pub(crate) fn check(&self, name: &str, source: &str, count: bool) -> Result<Usage, String> {
        // a later modification time is a change
        let path = self.folder.join(name).join(source);
        let text = fs::read(&path).map_err(|error| format!("{path:?}: {error}"))?;
        fs::write(&path, text).map_err(|error| format!("{path:?}: {error}"))?;
        let counted = self.folder.join("instructions");
        let own = env::current_exe().map_err(|error| error.to_string())?;
        let variables = [("RUSTC_WORKSPACE_WRAPPER", &*own), (WRAPPED, &*counted)];
        let variables = if count { &variables[..] } else { &[] };
        let before = user_ms()?;
        self.run(&["check", "-p", name], variables, false)?;
        let user_ms = user_ms()? - before;
        let instructions = match count {
            true => Some(read_count(&counted)?),
            false => None,
        };
        Ok(Usage {
            user_ms,
            instructions,
        })
    }
}

impl Workspace {
    /// Builds a program anew after one handler has changed.
    pub(crate) fn build(
        &self,
        name: &str,
        source: &str,
        incremental: bool,
    ) -> Result<Usage, String> {
        let path = self.folder.join(name).join(source);
        let text = fs::read_to_string(&path).map_err(|error| format!("{path:?}: {error}"))?;
        // the first handler adds its number to its arguments
        let (one, other) = ("b + 0", "b + 1_000");
        let edited = match text.contains(other) {
            true => text.replacen(other, one, 1),
            false => text.replacen(one, other, 1),
        };
        fs::write(&path, edited).map_err(|error| format!("{path:?}: {error}"))?;
        let before = user_ms()?;
        self.run(&["build", "-p", name], &[], incremental)?;
        Ok(Usage {
            user_ms: user_ms()? - before,
            instructions: None,
        })
    }
}

/// User time of all children that have ended, in milliseconds.
fn user_ms() -> Result<i64, String> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| error.to_string())?;
    let time = usage.user_time();
    Ok(time.tv_sec() * 1000 + time.tv_usec() / 1000)
}

/// Runs the compiler below valgrind, if this program was started in place of it.
pub(crate) fn as_wrapper() -> Option<ExitCode> {
    let file = env::var_os(WRAPPED)?;
    let words: Vec<_> = env::args_os().skip(1).collect();
    // cargo first asks what the compiler is, and wants that fast
    let compiles =
        words.iter().any(|word| word == "--crate-name") && !words.iter().any(|word| word == "___");
    let mut command = match (compiles, words.split_first()) {
        (true, _) => {
            let mut command = Command::new("valgrind");
            let mut out = std::ffi::OsString::from("--cachegrind-out-file=");
            out.push(file);
            command.args(["--quiet", "--tool=cachegrind", "--cache-sim=no"]);
            command.arg(out).args(&words);
            command
        }
        (false, Some((rustc, rest))) => {
            let mut command = Command::new(rustc);
            command.args(rest);
            command
        }
        (false, None) => return Some(ExitCode::FAILURE),
    };
    let code = command.status().ok().and_then(|status| status.code());
    let code = code.and_then(|code| u8::try_from(code).ok());
    Some(ExitCode::from(code.unwrap_or(101)))
}

/// The sum at the end of what cachegrind writes.
fn read_count(path: &Path) -> Result<u64, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{path:?}: {error}"))?;
    let sum = text.lines().find_map(|line| line.strip_prefix("summary:"));
    let count = sum.and_then(|sum| sum.split_whitespace().next()?.parse().ok());
    count.ok_or_else(|| format!("{path:?} has no sum of instructions"))
}

/// Leaves a file alone that has the text already.
fn write(path: &Path, text: &str) -> Result<(), String> {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("{path:?}: {error}"))
}
