//! The driver: interleaved rounds of fresh processes, and one table.
//!
//! A round runs every peer once in one mode. The machine drifts, so a ratio is taken between two runs of
//! the same round, and the median of the rounds is shown.

mod cores;
pub mod idle;
mod plot;
mod process;
mod table;

use anyhow::{Context, Result, bail, ensure};

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
    /// Percent of what the peer does at most in this mode, begun at their own times; `None` for the most.
    share: Option<u32>,
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
    let shares = shares(options)?;
    let rounds = options.number("rounds", 3)?;
    ensure!(rounds > 0, "`--rounds 0`: at least one is needed");
    let base = base(options, &programs)?;
    let mut rows = Vec::new();
    for mode in modes {
        rows.extend(run_mode(mode, &shares, rounds, &programs, options));
    }
    print!("{}", table::markdown(&rows, &base));
    match options.text("plot") {
        Some(file) => {
            std::fs::write(file, plot::svg(&rows, &base)).with_context(|| file.to_owned())
        }
        None => Ok(()),
    }
}

fn run_mode(
    mode: Mode,
    shares: &[u32],
    rounds: usize,
    programs: &[Program],
    options: &Options,
) -> Vec<Row> {
    let loads = || std::iter::once(None).chain(shares.iter().copied().map(Some));
    let empty = |(program, share): (&Program, _)| Row {
        mode,
        share,
        peer: program.name.clone(),
        rounds: Vec::new(),
    };
    let each = programs
        .iter()
        .flat_map(|one| loads().map(move |share| (one, share)));
    let mut rows: Vec<_> = each.map(empty).collect();
    for round in 1..=rounds {
        for (program, rows) in programs.iter().zip(rows.chunks_mut(1 + shares.len())) {
            let mut most = None;
            for row in rows {
                let rate = row
                    .share
                    .zip(most)
                    .map(|(share, most)| most * f64::from(share) / 100.0);
                let outcome = match (row.share, rate) {
                    (Some(_), None) => Err(anyhow::anyhow!("the most it does is not known")),
                    _ => program.measure(mode, rate, options),
                };
                progress(row, round, &outcome);
                if row.share.is_none() {
                    most = outcome.as_ref().ok().map(table::rate);
                }
                row.rounds.push(outcome.ok());
            }
        }
    }
    rows
}

fn progress(row: &Row, round: usize, outcome: &Result<Outcome>) {
    let (mode, name) = (table::load(row), &row.peer);
    match outcome {
        Ok(outcome) => eprintln!(
            "{mode} round {round} {name:14} {:9.0} calls/s {:8.2} us CPU a call, {} errors",
            table::rate(outcome),
            table::cpu_us(outcome),
            outcome.errors
        ),
        Err(error) => eprintln!("{mode} round {round} {name:14} failed: {error:#}"),
    }
}

/// Percent of the most, in whole numbers.
fn shares(options: &Options) -> Result<Vec<u32>> {
    let text = options.text("shares").unwrap_or_default();
    let parts = text.split(',').filter(|part| !part.is_empty());
    let share = |part: &str| match part.parse() {
        Ok(share @ 1..=200) => Ok(share),
        _ => bail!("`--shares {part}`: percent are wanted, 1 to 200"),
    };
    parts.map(share).collect()
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
