//! Machine code for each method: what a service of twice as many methods has more.

use crate::cargo::Workspace;
use crate::elf::text_size;
use crate::subject;

/// Methods of the smaller service; a multiple of four, the number of kinds.
const METHODS: usize = 40;

/// What the program with them may have, with the default features: less than the same program of tarpc has with one network.
const PROGRAM: u64 = 1_550_000;

/// Prints the sizes. Whether a method has at most `limit` bytes, and the smaller program what it may have.
///
/// # Errors
/// The programs cannot be built or read.
pub(crate) fn run(limit: usize) -> Result<bool, String> {
    let counts = [METHODS, 2 * METHODS];
    let packages = counts.map(|count| {
        let manifest = subject::RPCX_PROGRAM.to_owned();
        (
            name(count),
            manifest,
            "src/main.rs",
            subject::rpcx_program(count),
        )
    });
    let workspace = Workspace::new(&packages)?;
    workspace.cargo(&["build", "--release"])?;
    let mut sizes = Vec::new();
    for count in counts {
        let size = text_size(&workspace.program(&name(count)))?;
        println!("{count} methods: {size} bytes of machine code");
        sizes.push(size);
    }
    let each = sizes[1].saturating_sub(sizes[0]) / METHODS as u64;
    println!("each method: {each} bytes for server, client and one call; {limit} are allowed");
    println!("the program with {METHODS}: {PROGRAM} bytes are allowed");
    Ok(each <= limit as u64 && sizes[0] <= PROGRAM)
}

fn name(methods: usize) -> String {
    format!("rpcx-program-{methods}")
}
