//! The same as a picture: a bar for each peer in each mode, as long as its ratio to the base.

use std::fmt::Write;

use super::Row;
use super::table::{load, median, rate, ratios, same_load};

const WIDTH: f64 = 860.0;
/// Where the bars begin.
const LEFT: f64 = 150.0;
const BAR: f64 = 15.0;
const GAP: f64 = 14.0;
const COLOURS: [&str; 8] = [
    "#2563eb", "#94a3b8", "#64748b", "#d97706", "#b45309", "#0d9488", "#7c3aed", "#be123c",
];

/// An SVG image that needs no font and no style of its surroundings, and is read on light and dark ground.
pub(super) fn svg(rows: &[Row], base: &str) -> String {
    let bars: Vec<_> = rows
        .iter()
        .map(|row| (row, ratio(row, rows, base)))
        .collect();
    let most = bars
        .iter()
        .filter_map(|(_, ratio)| *ratio)
        .fold(1.0, f64::max);
    let mut peers: Vec<&str> = Vec::new();
    for row in rows {
        if !peers.contains(&&*row.peer) {
            peers.push(&row.peer);
        }
    }
    let (mut y, mut out, mut before) = (46.0, String::new(), None);
    for (row, ratio) in bars {
        if before.is_none_or(|before| !same_load(before, row)) {
            y += GAP;
            text(
                &mut out,
                (12.0, y + BAR - 3.0),
                "start",
                &format!("mode {}", load(row)),
            );
        }
        before = Some(row);
        let colour = peers
            .iter()
            .position(|peer| *peer == row.peer)
            .unwrap_or_default();
        let share = ratio.unwrap_or_default() / most;
        bar(&mut out, y, share, COLOURS[colour % COLOURS.len()]);
        let shown = ratio.map_or_else(|| "failed".to_owned(), |ratio| format!("{ratio:.2}"));
        let behind = (LEFT + length(share) + 6.0, y + BAR - 3.0);
        text(&mut out, behind, "start", &format!("{shown}  {}", row.peer));
        y += BAR + 3.0;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"system-ui, sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"12\" y=\"26\" font-size=\"15\" fill=\"#0f172a\">calls in a second, times {base}</text>\n{out}</svg>\n",
        height = y + GAP,
        base = escaped(base),
    )
}

fn ratio(row: &Row, rows: &[Row], base: &str) -> Option<f64> {
    let of_base = rows
        .iter()
        .find(|other| same_load(other, row) && other.peer == base);
    let ratio = median(ratios(row, of_base, rate));
    ratio.is_finite().then_some(ratio)
}

/// Room is left for the name of the peer and the figure behind the longest one.
fn length(share: f64) -> f64 {
    share * (WIDTH - LEFT - 200.0)
}

fn bar(out: &mut String, y: f64, share: f64, colour: &str) {
    // writing to a string cannot fail
    let _ = writeln!(
        out,
        "<rect x=\"{LEFT}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{BAR}\" fill=\"{colour}\"/>",
        length(share).max(1.0)
    );
}

fn text(out: &mut String, (x, y): (f64, f64), anchor: &str, text: &str) {
    let text = escaped(text);
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"#0f172a\">{text}</text>"
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
