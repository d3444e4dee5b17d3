//! What a program with a server, a client and calls costs: its own build, the build after an edit, and its machine code.

use std::path::Path;

use crate::cargo::{Usage, Workspace};
use crate::{elf, others, subject};

/// What to measure.
pub(crate) struct Options {
    pub(crate) methods: usize,
    pub(crate) rounds: usize,
    /// Whether the programs are built with the release profile too.
    pub(crate) release: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            methods: 25,
            rounds: 5,
            release: true,
        }
    }
}

const SOURCE: &str = "src/main.rs";

/// Prints the table.
///
/// # Errors
/// The packages cannot be built.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let methods = options.methods;
    let programs = [
        (
            "rpcx",
            subject::RPCX_PROGRAM,
            subject::rpcx_program(methods),
        ),
        (
            "rpcx-lean",
            subject::RPCX_LEAN_PROGRAM,
            subject::rpcx_program(methods),
        ),
        (
            "tarpc",
            others::TARPC_PROGRAM,
            others::tarpc_program(methods),
        ),
        (
            "tonic",
            others::TONIC_PROGRAM,
            others::tonic_program(methods),
        ),
    ];
    let packages = programs.map(|(name, manifest, source)| {
        (
            format!("{name}-program"),
            manifest.to_owned(),
            SOURCE,
            source,
        )
    });
    let workspace = Workspace::new(&packages)?;
    workspace.add("tonic-program", "build.rs", &others::tonic_build(methods))?;
    // dependencies, and what is incremental; each program by itself, with the features that it asks for
    for (name, ..) in &packages {
        workspace.build(name, SOURCE, false)?;
        workspace.build(name, SOURCE, true)?;
    }
    let mut rows: Vec<[Vec<Usage>; 2]> = packages
        .iter()
        .map(|_| <[Vec<Usage>; 2]>::default())
        .collect();
    // each round measures all of them, so that a busy machine is busy for all
    for _ in 0..options.rounds {
        for (row, (name, ..)) in rows.iter_mut().zip(&packages) {
            row[0].push(workspace.build(name, SOURCE, false)?);
            row[1].push(workspace.build(name, SOURCE, true)?);
        }
    }
    println!(
        "{methods} methods, user time, best of {} (median)\n",
        options.rounds
    );
    println!("| program | its own build | after an edit, incremental | machine code, release |");
    println!("|---|--:|--:|--:|");
    for (row, (name, ..)) in rows.iter_mut().zip(&packages) {
        let [clean, edited] = row.each_mut().map(|all| shown(all));
        let code = match options.release {
            true => {
                workspace.cargo(&["build", "--release", "-p", name])?;
                format!(
                    "{} bytes",
                    elf::text_size(Path::new(&workspace.program(name)))?
                )
            }
            false => "not built".to_owned(),
        };
        println!("| {name} | {clean} | {edited} | {code} |");
    }
    Ok(())
}

fn shown(all: &mut [Usage]) -> String {
    all.sort_by_key(|usage| usage.user_ms);
    let (best, median) = (all[0].user_ms, all[all.len() / 2].user_ms);
    format!("{best} ms ({median} ms)")
}
