//! What the callers do: the modes of the comparison.

use anyhow::{Context, Result};

/// The call that is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The 40-field message there and back, two fields changed by the server.
    Say,
    /// Two numbers there, one back.
    Mul,
    /// 1 MiB there and back.
    Blob,
}

/// How many callers make which call over how many connections.
#[derive(Clone, Copy, Debug)]
pub struct Mode {
    /// The letter on the command line and in the table.
    pub name: char,
    /// Connections, dealt out to the callers in turn.
    pub connections: usize,
    /// Callers, each with one call in flight at any time.
    pub callers: usize,
    /// The call.
    pub operation: Operation,
    /// The server has the first core alone, and the client the others.
    pub one_core: bool,
}

/// Every mode, in the order of their letters.
pub const ALL: [Mode; 9] = [
    Mode {
        name: 'a',
        connections: 1,
        callers: 1,
        operation: Operation::Say,
        one_core: false,
    },
    Mode {
        name: 'b',
        connections: 1,
        callers: 64,
        operation: Operation::Say,
        one_core: false,
    },
    Mode {
        name: 'c',
        connections: 8,
        callers: 512,
        operation: Operation::Say,
        one_core: false,
    },
    Mode {
        name: 'd',
        connections: 1,
        callers: 8,
        operation: Operation::Blob,
        one_core: false,
    },
    Mode {
        name: 'e',
        connections: 1,
        callers: 64,
        operation: Operation::Mul,
        one_core: false,
    },
    Mode {
        name: 'f',
        connections: 100,
        callers: 5_000,
        operation: Operation::Say,
        one_core: false,
    },
    Mode {
        name: 'g',
        connections: 50,
        callers: 1_000,
        operation: Operation::Say,
        one_core: true,
    },
    Mode {
        name: 'h',
        connections: 64,
        callers: 64,
        operation: Operation::Mul,
        one_core: false,
    },
    Mode {
        name: 'i',
        connections: 1,
        callers: 1,
        operation: Operation::Mul,
        one_core: false,
    },
];

/// The mode of that letter.
///
/// # Errors
/// There is none.
pub fn named(name: char) -> Result<Mode> {
    let found = ALL.into_iter().find(|mode| mode.name == name);
    found.with_context(|| format!("there is no mode `{name}`: the modes are the letters a to i"))
}
