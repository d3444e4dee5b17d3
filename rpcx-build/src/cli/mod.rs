//! The command `cargo rpcx`, with the feature `cli`: `cargo install --path rpcx-build --features cli`.
//!
//! ```text
//! cargo rpcx check [FILE..] [--against GIT_REF] [--level wire|source] [--format text|json] [--no-warnings]
//! cargo rpcx lock [FILE..]
//! cargo rpcx expand FILE
//! cargo rpcx import FILE..
//! cargo rpcx gen [FILE..] [--rust FOLDER] [--go FOLDER --go-package NAME] [--typescript FILE] [--markdown FILE] [--openapi FILE]
//! ```
//!
//! | command | what it does |
//! |---|---|
//! | `check` | compares the trait files with the lock file, or with the lock file of a git commit, and prints every change that breaks it |
//! | `lock` | writes the lock file as it is now, and prints what was broken by that |
//! | `expand` | prints the Rust code of a trait file |
//! | `import` | prints a trait file for the services in Go files, of one package or of several, and what is not the same as in Go |
//! | `gen` | writes the Rust, Go, TypeScript, Markdown and OpenAPI files, as a build script would |
//!
//! # Which files
//! They stand in the `Cargo.toml` of the package in whose folder the command runs, or that
//! `--manifest-path` names:
//! ```toml
//! [package.metadata.rpcx]
//! trait-files = ["service/arith.rs"]
//! lock = "rpcx.lock"                              # this is the default
//! rust = "src/generated"                          # for `gen`; a folder that exists
//! go = { folder = "../go/arith", package = "arith" }
//! markdown = "docs/arith.md"
//! typescript = "web/client.ts"                    # and `rpcx.ts` beside it
//! openapi = "docs/openapi.json"
//! # with the feature `proto`:
//! protos = ["proto/hello.proto"]
//! proto-includes = ["proto"]                      # the folders of the files if it is not there
//! full-names = false
//! skip-streams = false                            # leaves out rpcs with streams, which are errors otherwise
//! ```
//! The paths start at the folder of the `Cargo.toml`. An option of the same name, such as `--lock FILE`, goes
//! before it and starts at the current folder. With trait files behind the command, or `--trait-file FILE`, no
//! `Cargo.toml` is read at all.
//!
//! # Exit codes
//! | code | meaning |
//! |---|---|
//! | 0 | done; for `check`: nothing is broken |
//! | 1 | `check` found something: a change of level `WIRE`, or with `--level source` also one of level `SOURCE` |
//! | 2 | the command could not do its work: wrong arguments, files that cannot be read, mistakes in a trait file |
//!
//! `check` prints warnings too, which never change the exit code; one that is meant to be is accepted in the lock file (`docs/lock.md`). A lock file that
//! is only out of date is none of its findings: builds with `RPCX_CHECK=1` take care of that.

mod arguments;
mod check;
mod generate;
mod package;

use std::ffi::OsString;
use std::process::ExitCode;

use crate::error::Error;
use arguments::{Arguments, Command};

/// Runs the command with these arguments, the first of which is the name of the program. `rpcx` behind
/// it, which cargo adds, is passed over. Where the files are named in a `Cargo.toml`, its folder becomes
/// the current folder of the process, as in a build script.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let done = Arguments::parse(args).and_then(|arguments| {
        let files = || package::Files::of(&arguments);
        match &arguments.command {
            Command::Help => {
                print!("{HELP}");
                Ok(ExitCode::SUCCESS)
            }
            Command::Version => {
                println!("cargo-rpcx {}", env!("CARGO_PKG_VERSION"));
                Ok(ExitCode::SUCCESS)
            }
            Command::Check(options) => check::check(&files()?, options),
            Command::Lock => check::lock(&files()?),
            Command::Expand(file) => generate::expand(file),
            Command::Import(files) => generate::import(files),
            Command::Generate => generate::generate(&files()?),
        }
    });
    done.unwrap_or_else(|Error { messages }| {
        for message in messages {
            eprintln!("error: {message}\n");
        }
        ExitCode::from(2)
    })
}

const HELP: &str = "\
Generates and checks rpcx services.

cargo rpcx check     compare the trait files with the lock file
    --against REF        with the lock file of a git commit
    --level source       fail on changes that only concern code, too
    --format json        for programs
    --no-warnings        leave out what is no change
cargo rpcx lock      write the lock file as it is now
cargo rpcx expand FILE
                     print the Rust code of a trait file
cargo rpcx import FILE..
                     print a trait file for the services in Go files, or in folders of them
cargo rpcx gen       write Rust, Go, TypeScript, Markdown and OpenAPI files
    --rust FOLDER
    --go FOLDER --go-package NAME
    --typescript FILE    and rpcx.ts beside it
    --markdown FILE
    --openapi FILE

The files are those of [package.metadata.rpcx] in Cargo.toml, or of
    --manifest-path FILE the Cargo.toml
    --trait-file FILE    a trait file, in place of a Cargo.toml; also without the option, behind the command
    --lock FILE          the lock file; rpcx.lock if nothing else is said
";
