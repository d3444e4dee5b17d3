//! The result as a text.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::result::{Summary, Times};
use crate::outcome::printable;

const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const BAD: Style = AnsiColor::Red.on_default();

/// Some lines of it.
pub(super) fn text(title: &str, connections: u32, summary: &Summary) -> String {
    let mut out = String::new();
    // Writing to a text never fails.
    let _ = all(&mut out, title, connections, summary);
    out
}

/// How the load was.
pub(super) fn load(connections: u32, summary: &Summary) -> String {
    let load = match summary.callers {
        Some(1) => "1 caller in a closed loop".to_owned(),
        Some(callers) => format!("{callers} callers in a closed loop"),
        None => "open loop".to_owned(),
    };
    let plural = if connections == 1 { "" } else { "s" };
    format!("{load}, {connections} connection{plural}")
}

fn all(out: &mut String, title: &str, connections: u32, summary: &Summary) -> std::fmt::Result {
    writeln!(
        out,
        "{BOLD}{}{BOLD:#}  {}",
        printable(title),
        load(connections, summary)
    )?;
    write!(
        out,
        "calls     {} in {:.2} s, {:.1}/s",
        summary.calls, summary.seconds, summary.rate
    )?;
    match summary.wanted_rate {
        Some(wanted) => writeln!(out, ", {wanted:.1}/s were wanted")?,
        None => writeln!(out)?,
    }
    for (name, count) in &summary.outcomes {
        match *name {
            "ok" => writeln!(out, "outcome   {count} ok")?,
            name => writeln!(out, "outcome   {BAD}{count} {name}{BAD:#}")?,
        }
    }
    for (text, count) in &summary.errors {
        writeln!(
            out,
            "          {FAINT}{count} times: {}{FAINT:#}",
            printable(text)
        )?;
    }
    writeln!(
        out,
        "{FAINT}{:10}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{FAINT:#}",
        "latency", "mean", "p50", "p90", "p99", "p99.9", "max"
    )?;
    if summary.wanted_rate.is_none() {
        row(out, "", &summary.latency.from_real_start)?;
    } else {
        row(out, "intended", &summary.latency.from_intended_start)?;
        row(out, "real", &summary.latency.from_real_start)?;
        row(out, "late", &summary.late_starts)?;
        writeln!(
            out,
            "{FAINT}intended, real: from when a call was to begin, and from when it did; late: between both, by this program{FAINT:#}"
        )?;
    }
    if let Some(cpu) = summary.cpu_per_call {
        writeln!(out, "cpu       {cpu:.1} us a call, of this program")?;
    }
    Ok(())
}

fn row(out: &mut String, name: &str, times: &Times) -> std::fmt::Result {
    write!(out, "{name:10}")?;
    for time in [
        times.mean, times.p50, times.p90, times.p99, times.p999, times.max,
    ] {
        write!(out, "{:>9}", time_text(time))?;
    }
    writeln!(out)
}

/// Microseconds with a unit.
pub(super) fn time_text(micros: f64) -> String {
    match micros {
        ..1000.0 => format!("{micros:.0}us"),
        ..1e6 => format!("{:.2}ms", micros / 1e3),
        _ => format!("{:.2}s", micros / 1e6),
    }
}
