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
    /// Callers beside them that fetch 50 MB at a time, over the same connections. They are not measured.
    pub beside: usize,
}

/// Every mode, in the order of their letters.
pub const ALL: [Mode; 13] = [
    Mode::new('a', 1, 1, Operation::Say),
    Mode::new('b', 1, 64, Operation::Say),
    Mode::new('c', 8, 512, Operation::Say),
    Mode::new('d', 1, 8, Operation::Blob),
    Mode::new('e', 1, 64, Operation::Mul),
    Mode::new('f', 100, 5_000, Operation::Say),
    Mode::new('g', 50, 1_000, Operation::Say).on_one_core(),
    Mode::new('h', 64, 64, Operation::Mul),
    Mode::new('i', 1, 1, Operation::Mul),
    Mode::new('j', 1, 1, Operation::Mul).beside(1),
    Mode::new('k', 1, 1, Operation::Mul).beside(4),
    Mode::new('l', 4, 4, Operation::Mul),
    Mode::new('m', 4, 4, Operation::Mul).beside(4),
];

impl Mode {
    const fn new(name: char, connections: usize, callers: usize, operation: Operation) -> Self {
        Self {
            name,
            connections,
            callers,
            operation,
            one_core: false,
            beside: 0,
        }
    }

    const fn on_one_core(mut self) -> Self {
        self.one_core = true;
        self
    }

    const fn beside(mut self, callers: usize) -> Self {
        self.beside = callers;
        self
    }
}

/// The mode of that letter.
///
/// # Errors
/// There is none.
pub fn named(name: char) -> Result<Mode> {
    let found = ALL.into_iter().find(|mode| mode.name == name);
    found.with_context(|| format!("there is no mode `{name}`: the modes are the letters a to m"))
}
