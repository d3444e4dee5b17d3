//! What generated code costs the compiler. `README.md` says what is measured and how.

mod cargo;
mod check;
mod elf;
mod others;
mod program;
mod size;
mod subject;

use std::process::ExitCode;

const USAGE: &str = "usage: compile size [--limit BYTES]\n       compile check [--methods N] [--rounds N] [--instructions]\n       compile program [--methods N] [--rounds N] [--dev]";

fn main() -> ExitCode {
    if let Some(code) = cargo::as_wrapper() {
        return code;
    }
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(text) => {
            eprintln!("compile: {text}");
            ExitCode::from(2)
        }
    }
}

/// Whether what was measured stays within its limit.
fn run(words: &[String]) -> Result<bool, String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match &words[..] {
        ["size"] => size::run(4096),
        ["size", "--limit", limit] => size::run(number(limit)?),
        ["check", options @ ..] => check::run(&check_options(options)?).map(|()| true),
        ["program", options @ ..] => program::run(&program_options(options)?).map(|()| true),
        _ => Err(USAGE.to_owned()),
    }
}

fn program_options(mut words: &[&str]) -> Result<program::Options, String> {
    let mut options = program::Options::default();
    loop {
        words = match words {
            [] => return Ok(options),
            ["--methods", count, rest @ ..] => {
                options.methods = number(count)?;
                rest
            }
            ["--rounds", count, rest @ ..] => {
                options.rounds = number(count)?;
                rest
            }
            ["--dev", rest @ ..] => {
                options.release = false;
                rest
            }
            _ => return Err(USAGE.to_owned()),
        };
    }
}

fn check_options(mut words: &[&str]) -> Result<check::Options, String> {
    let mut options = check::Options::default();
    loop {
        words = match words {
            [] => return Ok(options),
            ["--methods", count, rest @ ..] => {
                options.methods = number(count)?;
                rest
            }
            ["--rounds", count, rest @ ..] => {
                options.rounds = number(count)?;
                rest
            }
            ["--instructions", rest @ ..] => {
                options.instructions = true;
                rest
            }
            _ => return Err(USAGE.to_owned()),
        };
    }
}

fn number(text: &str) -> Result<usize, String> {
    text.parse()
        .map_err(|error| format!("{text}: {error}\n{USAGE}"))
}
