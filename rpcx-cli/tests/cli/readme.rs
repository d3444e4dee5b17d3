//! What the README and the guide show of the command line is what it prints, but for the figures.

use std::process::Command;

use crate::newcomer::Example;

/// A text with `#` for every figure, its unit, and one space for several.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    let mut rest = text.chars().peekable();
    while let Some(char) = rest.next() {
        let is_figure = char.is_ascii_digit();
        if is_figure {
            while rest
                .next_if(|next| next.is_ascii_digit() || *next == '.')
                .is_some()
            {}
            // `us`, `ms`, `s` or nothing
            while rest.next_if(|next| "mus".contains(*next)).is_some() {}
        }
        match char {
            _ if is_figure => masked.push('#'),
            ' ' if masked.ends_with(' ') => {}
            char => masked.push(char),
        }
    }
    masked
}

/// The commands of a recorded text, each with what it printed: behind an empty line a `$` is that of a sample.
fn recorded(block: &str) -> Vec<(&str, String)> {
    let mut all: Vec<(&str, String)> = Vec::new();
    for line in block.lines() {
        let is_sample = all
            .last()
            .is_some_and(|(_, printed)| printed.ends_with("\n\n"));
        match (line.strip_prefix("$ "), all.last_mut()) {
            (Some(command), _) if !is_sample => all.push((command, String::new())),
            (_, Some((_, printed))) => printed.push_str(&format!("{line}\n")),
            (_, None) => {}
        }
    }
    all
}

fn block<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, section) = page.split_once(heading).expect("the heading");
    section.split("```").nth(1).expect("a block")
}

/// The programs that are shown, and no other.
fn run(command: &str) -> String {
    let arguments = command.strip_prefix("rpcx ").expect("a command of rpcx");
    let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_rpcx"));
    let output = Command::new("sh").args(["-c", &line]).output();
    let output = output.expect("a shell");
    let all = [output.stdout, output.stderr].concat();
    String::from_utf8(all).expect("text")
}

#[test]
fn the_readme_shows_what_is_printed() {
    let readme = include_str!("../../../README.md");
    let example = Example::start();
    let mut ran = Vec::new();
    for (command, printed) in recorded(block(readme, "## What one sees")) {
        let here = run(&command.replace("127.0.0.1:8972", example.at()));
        let here = here.replace(example.at(), "127.0.0.1:8972");
        assert_eq!(masked(&here), masked(&printed), "{command}\n{here}");
        ran.extend(command.split(' ').nth(1));
    }
    assert_eq!(ran, ["list", "describe", "call", "call", "bench"]);
}

#[test]
fn figures_are_masked() {
    assert_eq!(
        masked("late   58us  1.25ms\n"),
        masked("late 101us 0.98s\n")
    );
    assert_ne!(masked("calls 5"), masked("call 5"));
}
