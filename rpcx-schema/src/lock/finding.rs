//! What a comparison finds.

use std::fmt;

/// Whom a change concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Level {
    /// Peers that were built before the change: they fail, or read something else.
    Wire,
    /// Code that is written against the generated one: it has to be changed to compile. The bytes stay
    /// as they are.
    Source,
    /// No peer yet. What a Go program is likely to get wrong, or what makes later changes hard.
    Warning,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wire => "WIRE",
            Self::Source => "SOURCE",
            Self::Warning => "WARNING",
        })
    }
}

/// One change, or one thing to know.
///
/// Shown as `LEVEL RULE: subject: change`, with the way out in a second line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule, such as `METHOD_NO_DELETE`.
    pub rule: &'static str,
    /// Whom it concerns.
    pub level: Level,
    /// What it is about, such as ``the method `Arith.Mul` ``.
    pub subject: String,
    /// What happened to it.
    pub change: String,
    /// The way out.
    pub help: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rule,
            level,
            subject,
            change,
            help,
        } = self;
        write!(f, "{level} {rule}: {subject} {change}\n  help: {help}")
    }
}
