//! The driver: interleaved rounds of fresh processes, and one table.
//!
//! A round runs every peer once in one mode. The machine drifts, so a ratio is taken between two runs of
//! the same round, and the median of the rounds is shown.

mod process;
mod table;

use anyhow::{Result, bail, ensure};

use crate::load::Outcome;
use crate::mode::{self, Mode};
use crate::options::Options;
use crate::peer;
use process::Program;

/// The base of the ratios when it takes part and no other is named.
const USUAL_BASE: &str = "tarpc-msgpack";

/// The runs of one peer in one mode, a round each; `None` where a run failed.
struct Row {
    mode: Mode,
    peer: String,
    rounds: Vec<Option<Outcome>>,
}

/// Runs what the options ask for and prints the table.
///
/// # Errors
/// A peer, mode or number that does not exist; a process that cannot be started.
pub fn run(options: &Options) -> Result<()> {
    let programs = programs(options)?;
    let modes = modes(options)?;
    let rounds = options.number("rounds", 3)?;
    ensure!(rounds > 0, "`--rounds 0`: at least one is needed");
    let base = base(options, &programs)?;
    let mut rows = Vec::new();
    for mode in modes {
        rows.extend(run_mode(mode, rounds, &programs, options));
    }
    print!("{}", table::markdown(&rows, &base));
    Ok(())
}

fn run_mode(mode: Mode, rounds: usize, programs: &[Program], options: &Options) -> Vec<Row> {
    let empty = |program: &Program| Row {
        mode,
        peer: program.name.clone(),
        rounds: Vec::new(),
    };
    let mut rows: Vec<_> = programs.iter().map(empty).collect();
    for round in 1..=rounds {
        for (program, row) in programs.iter().zip(&mut rows) {
            let outcome = program.measure(mode.name, options);
            progress(mode, round, &program.name, &outcome);
            row.rounds.push(outcome.ok());
        }
    }
    rows
}

fn progress(mode: Mode, round: usize, name: &str, outcome: &Result<Outcome>) {
    match outcome {
        Ok(outcome) => eprintln!(
            "{} round {round} {name:14} {:9.0} calls/s {:8.2} us CPU a call, {} errors",
            mode.name,
            table::rate(outcome),
            table::cpu_us(outcome),
            outcome.errors
        ),
        Err(error) => eprintln!("{} round {round} {name:14} failed: {error:#}", mode.name),
    }
}

fn programs(options: &Options) -> Result<Vec<Program>> {
    let mut programs = Vec::new();
    for pair in options
        .text("external")
        .unwrap_or_default()
        .split(',')
        .filter(|s| !s.is_empty())
    {
        let Some((name, path)) = pair.split_once('=') else {
            bail!("`--external {pair}`: NAME=PROGRAM is wanted");
        };
        programs.push(Program {
            name: name.to_owned(),
            path: path.into(),
        });
    }
    let own = std::env::current_exe()?;
    match options.text("peers") {
        Some(names) => {
            for name in names.split(',') {
                let name = peer::named(name)?.name.to_owned();
                programs.push(Program {
                    name,
                    path: own.clone(),
                });
            }
        }
        None => programs.extend(peer::all().iter().map(|known| Program {
            name: known.name.to_owned(),
            path: own.clone(),
        })),
    }
    Ok(programs)
}

fn modes(options: &Options) -> Result<Vec<Mode>> {
    options
        .text("modes")
        .unwrap_or("abcde")
        .chars()
        .map(mode::named)
        .collect()
}

fn base(options: &Options, programs: &[Program]) -> Result<String> {
    let takes_part = |name: &str| programs.iter().any(|program| program.name == name);
    match options.text("base") {
        Some(name) if takes_part(name) => Ok(name.to_owned()),
        Some(name) => bail!("`--base {name}`: it is not among the peers"),
        None if takes_part(USUAL_BASE) => Ok(USUAL_BASE.to_owned()),
        None => Ok(programs[0].name.clone()),
    }
}
