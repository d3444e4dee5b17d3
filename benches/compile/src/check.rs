//! Time of `cargo check`, of the package with the service alone.

use crate::cargo::{Usage, Workspace};
use crate::subject;

/// What to measure.
pub(crate) struct Options {
    pub(crate) methods: usize,
    pub(crate) rounds: usize,
    /// Also count instructions, with valgrind.
    pub(crate) instructions: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            methods: 100,
            rounds: 7,
            instructions: false,
        }
    }
}

/// Prints the table.
///
/// # Errors
/// The packages cannot be checked.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let mut packages = Vec::new();
    for methods in [1, options.methods] {
        for (name, manifest, source) in [
            ("rpcx", subject::RPCX, subject::rpcx(methods)),
            ("tarpc", subject::TARPC, subject::tarpc(methods)),
        ] {
            let package = format!("{name}-{methods}");
            packages.push((package, manifest.to_owned(), "src/lib.rs", source));
        }
    }
    let workspace = Workspace::new(&packages)?;
    workspace.cargo(&["check"])?;
    let mut rows: Vec<Vec<Usage>> = packages.iter().map(|_| Vec::new()).collect();
    // each round measures all of them, so that a busy machine is busy for all
    for _ in 0..options.rounds {
        for (row, (name, _, source, _)) in rows.iter_mut().zip(&packages) {
            row.push(workspace.check(name, source, false)?);
        }
    }
    println!(
        "| package | user time, best of {} | median |",
        options.rounds
    );
    println!("|---|--:|--:|");
    for (row, (name, ..)) in rows.iter_mut().zip(&packages) {
        row.sort_by_key(|usage| usage.user_ms);
        let (best, median) = (row[0].user_ms, row[row.len() / 2].user_ms);
        println!("| {name} | {best} ms | {median} ms |");
    }
    if options.instructions {
        println!("\n| package | instructions of rustc, millions |");
        println!("|---|--:|");
        for (name, _, source, _) in &packages {
            let count = workspace.check(name, source, true)?.instructions;
            println!("| {name} | {} |", count.unwrap_or(0) / 1_000_000);
        }
    }
    Ok(())
}
