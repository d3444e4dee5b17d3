//! Medians and ratios, as one markdown table.

use std::fmt::Write;

use super::Row;
use crate::load::Outcome;

/// Calls in a second.
pub(super) fn rate(outcome: &Outcome) -> f64 {
    outcome.calls as f64 / outcome.seconds
}

/// Microseconds of processor time a call, client and server together.
pub(super) fn cpu_us(outcome: &Outcome) -> f64 {
    (outcome.client.cpu_us() + outcome.server.cpu_us()) as f64 / outcome.calls as f64
}

fn server_cpu_us(outcome: &Outcome) -> f64 {
    outcome.server.cpu_us() as f64 / outcome.calls as f64
}

/// The table of all rows; ratios are to the row of `base` in the same mode and the same round.
pub(super) fn markdown(rows: &[Row], base: &str) -> String {
    let mut out = format!(
        "| mode | peer | calls/s | calls/s, times {base} (lowest to highest) | CPU us/call | CPU, times {base} \
         | server CPU us/call | p50 us | p99 us | p99.9 us | server MiB | MB/s beside | errors |\n\
         |---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
    );
    for row in rows {
        let of_base = rows
            .iter()
            .find(|other| same_load(other, row) && other.peer == base);
        // writing to a string cannot fail
        let _ = writeln!(out, "{}", line(row, of_base));
    }
    out
}

/// The mode, and how much of the most is asked for.
pub(super) fn load(row: &Row) -> String {
    match row.share {
        Some(share) => format!("{} at {share} %", row.mode.name),
        None => row.mode.name.to_string(),
    }
}

/// Whether two rows stand beside each other.
pub(super) fn same_load(one: &Row, other: &Row) -> bool {
    (one.mode.name, one.share) == (other.mode.name, other.share)
}

fn line(row: &Row, base: Option<&Row>) -> String {
    let runs: Vec<_> = row
        .rounds
        .iter()
        .flatten()
        .filter(|run| run.calls > 0)
        .collect();
    if runs.is_empty() {
        return format!(
            "| {} | {} | failed | | | | | | | | | | |",
            load(row),
            row.peer
        );
    }
    let median_of =
        |value: fn(&Outcome) -> f64| median(runs.iter().map(|run| value(run)).collect());
    format!(
        "| {} | {} | {:.0} | {} | {:.2} | {} | {:.2} | {:.1} | {:.1} | {:.1} | {:.1} | {:.0} | {} |",
        load(row),
        row.peer,
        median_of(rate),
        spread(ratios(row, base, rate)),
        median_of(cpu_us),
        times(ratios(row, base, cpu_us)),
        median_of(server_cpu_us),
        median_of(|run| run.p50_us),
        median_of(|run| run.p99_us),
        median_of(|run| run.p999_us),
        median_of(|run| run.server.peak_kib as f64 / 1024.0),
        median_of(|run| run.beside_mb_s),
        runs.iter().map(|run| run.errors).sum::<u64>(),
    )
}

/// The median with the lowest and the highest; a dash where there is no round in which both ran.
fn spread(ratios: Vec<f64>) -> String {
    let low = ratios.iter().copied().reduce(f64::min);
    let high = ratios.iter().copied().reduce(f64::max);
    match low.zip(high) {
        Some((low, high)) => format!("**{}** ({low:.2} to {high:.2})", times(ratios)),
        None => times(ratios),
    }
}

fn times(ratios: Vec<f64>) -> String {
    match ratios.is_empty() {
        true => "-".to_owned(),
        false => format!("{:.2}", median(ratios)),
    }
}

/// Within each round in which both ran.
pub(super) fn ratios(row: &Row, base: Option<&Row>, value: fn(&Outcome) -> f64) -> Vec<f64> {
    let base = base.map_or(&[][..], |base| &base.rounds);
    let pairs = row.rounds.iter().zip(base);
    let both = pairs.filter_map(|(run, base)| Some((run.as_ref()?, base.as_ref()?)));
    both.filter(|(run, base)| run.calls > 0 && base.calls > 0)
        .map(|(run, base)| value(run) / value(base))
        .collect()
}

/// The middle one, or the mean of the two in the middle; not a number when there are none.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mode;

    fn row(peer: &str, calls: &[u64]) -> Row {
        let run = |&calls: &u64| {
            Some(Outcome {
                calls,
                seconds: 1.0,
                ..Outcome::default()
            })
        };
        let rounds = calls.iter().map(run).collect();
        Row {
            mode: mode::ALL[0],
            share: None,
            peer: peer.to_owned(),
            rounds,
        }
    }

    #[test]
    fn a_ratio_is_taken_within_its_round() {
        // the machine became twice as fast after the first round
        let rows = [row("ours", &[40, 80, 80]), row("theirs", &[10, 20, 20])];
        assert_eq!(ratios(&rows[0], Some(&rows[1]), rate), [4.0, 4.0, 4.0]);
        assert!(markdown(&rows, "theirs").contains("**4.00** (4.00 to 4.00)"));
    }

    #[test]
    fn without_a_round_of_both_there_is_no_ratio() {
        let mut base = row("theirs", &[10]);
        base.rounds[0] = None;
        let table = markdown(&[row("ours", &[40]), base], "theirs");
        assert!(table.contains("| ours | 40 | - | 0.00 | - |"), "{table}");
    }

    #[test]
    fn a_failed_round_counts_for_none() {
        let mut base = row("theirs", &[10, 20, 20]);
        base.rounds[1] = None;
        assert_eq!(
            ratios(&row("ours", &[40, 80, 40]), Some(&base), rate),
            [4.0, 2.0]
        );
    }
}
