//! What was asked for.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::{Arg, Parser, ValueExt};

use crate::error::Error;

const COMMANDS: &str = "expected one of: check, lock, expand, import, gen";

/// The arguments of the command line.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    pub(super) command: Command,
    pub(super) manifest: Option<PathBuf>,
    pub(super) trait_files: Vec<PathBuf>,
    pub(super) lock: Option<PathBuf>,
    pub(super) rust: Option<PathBuf>,
    pub(super) go: Option<PathBuf>,
    pub(super) go_package: Option<String>,
    pub(super) markdown: Option<PathBuf>,
    pub(super) typescript: Option<PathBuf>,
    pub(super) openapi: Option<PathBuf>,
}

#[derive(Debug, Default)]
pub(super) enum Command {
    #[default]
    Help,
    Version,
    Check(Check),
    Lock,
    Expand(PathBuf),
    /// Go files of one package, or of several that import each other, or their folders.
    Import(Vec<PathBuf>),
    Generate,
}

/// The options of `check`.
#[derive(Debug, Default)]
pub(super) struct Check {
    pub(super) against: Option<String>,
    pub(super) json: bool,
    /// Changes that concern code count as well.
    pub(super) source: bool,
    pub(super) no_warnings: bool,
}

impl From<lexopt::Error> for Error {
    fn from(error: lexopt::Error) -> Self {
        Self::one(format!(
            "{error}\nhelp: `cargo rpcx --help` lists all options"
        ))
    }
}

impl Arguments {
    pub(super) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Self, Error> {
        let mut args = args.into_iter().skip(1).peekable();
        // `cargo rpcx check` starts `cargo-rpcx rpcx check`
        args.next_if(|first| first == "rpcx");
        let mut parser = Parser::from_args(args);
        let mut all = Self::default();
        let mut check = Check::default();
        let mut words: Vec<String> = Vec::new();
        let mut of_check = None;
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Short('h') | Arg::Long("help") => return Ok(Self::default()),
                Arg::Short('V') | Arg::Long("version") => {
                    all.command = Command::Version;
                    return Ok(all);
                }
                Arg::Long("manifest-path") => all.manifest = Some(path(&mut parser)?),
                Arg::Long("trait-file") => all.trait_files.push(path(&mut parser)?),
                Arg::Long("lock") => all.lock = Some(path(&mut parser)?),
                Arg::Long("rust") => all.rust = Some(path(&mut parser)?),
                Arg::Long("go") => all.go = Some(path(&mut parser)?),
                Arg::Long("go-package") => all.go_package = Some(parser.value()?.string()?),
                Arg::Long("markdown") => all.markdown = Some(path(&mut parser)?),
                Arg::Long("typescript") => all.typescript = Some(path(&mut parser)?),
                Arg::Long("openapi") => all.openapi = Some(path(&mut parser)?),
                Arg::Long(name @ ("against" | "format" | "level" | "no-warnings")) => {
                    let name = name.to_owned();
                    check.option(&name, &mut parser)?;
                    of_check = Some(name);
                }
                Arg::Value(word) => words.push(word.string()?),
                arg => return Err(arg.unexpected().into()),
            }
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        // the rest of the words are trait files
        if let ["check" | "lock" | "gen", files @ ..] = &words[..] {
            all.trait_files.extend(files.iter().map(PathBuf::from));
        }
        all.command = command(&words, check)?;
        match of_check {
            Some(name) if !matches!(all.command, Command::Check(_)) => {
                Err(Error::one(format!("`--{name}` is an option of `check`")))
            }
            _ => Ok(all),
        }
    }
}

fn command(words: &[&str], check: Check) -> Result<Command, Error> {
    Ok(match words {
        ["check", ..] => Command::Check(check),
        ["lock", ..] => Command::Lock,
        ["gen", ..] => Command::Generate,
        ["expand", file] => Command::Expand(file.into()),
        ["expand", ..] => return Err(Error::one("`expand` takes one trait file")),
        ["import"] => return Err(Error::one("`import` takes Go files, or folders of them")),
        ["import", files @ ..] => Command::Import(files.iter().map(PathBuf::from).collect()),
        ["help"] => Command::Help,
        [other, ..] => return Err(Error::one(format!("unknown command `{other}`, {COMMANDS}"))),
        [] => return Err(Error::one(format!("no command, {COMMANDS}"))),
    })
}

impl Check {
    fn option(&mut self, name: &str, parser: &mut Parser) -> Result<(), Error> {
        if name == "no-warnings" {
            self.no_warnings = true;
            return Ok(());
        }
        let value = parser.value()?.string()?;
        match (name, value.as_str()) {
            ("against", _) => self.against = Some(value),
            ("format", "text" | "json") => self.json = value == "json",
            ("level", "wire" | "source") => self.source = value == "source",
            (name, value) => {
                let expected = if name == "format" {
                    "text or json"
                } else {
                    "wire or source"
                };
                let text = format!("`--{name}` cannot be `{value}`, expected {expected}");
                return Err(Error::one(text));
            }
        }
        Ok(())
    }
}

fn path(parser: &mut Parser) -> Result<PathBuf, Error> {
    Ok(parser.value()?.into())
}
