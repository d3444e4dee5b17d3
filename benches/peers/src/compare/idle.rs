//! Connections that wait, of one peer after the other: one table.

use anyhow::{Result, bail, ensure};

use super::process::Program;
use super::{programs, table};
use crate::load::Idle;
use crate::options::Options;

/// Runs what the options ask for and prints the table.
///
/// # Errors
/// A peer or number that does not exist; a process that cannot be started.
pub fn run(options: &Options) -> Result<()> {
    let programs = programs(options)?;
    let connections: usize = options.number("connections", 5000)?;
    let rounds = options.number("rounds", 3)?;
    ensure!(rounds > 0, "`--rounds 0`: at least one is needed");
    let mut runs = vec![Vec::new(); programs.len()];
    for round in 1..=rounds {
        for (program, runs) in programs.iter().zip(&mut runs) {
            match program.idle(connections, options) {
                Ok(idle) => runs.push(idle),
                Err(error) => eprintln!("round {round} {:14} failed: {error:#}", program.name),
            }
        }
    }
    if runs.iter().all(Vec::is_empty) {
        bail!("every run failed");
    }
    println!(
        "| peer | connections | opened a second | CPU us, both sides | server KiB each | client KiB each |\n\
         |---|--:|--:|--:|--:|--:|"
    );
    for (program, runs) in programs.iter().zip(&runs) {
        println!("{}", line(program, connections, runs));
    }
    Ok(())
}

fn line(program: &Program, connections: usize, runs: &[Idle]) -> String {
    if runs.is_empty() {
        return format!("| {} | {connections} | failed | | | |", program.name);
    }
    let median = |of: fn(&Idle) -> f64| table::median(runs.iter().map(of).collect());
    format!(
        "| {} | {connections} | {:.0} | {:.0} | {:.1} | {:.1} |",
        program.name,
        median(|run| run.per_second),
        median(|run| run.cpu_us),
        median(|run| run.server_bytes) / 1024.0,
        median(|run| run.client_bytes) / 1024.0,
    )
}
