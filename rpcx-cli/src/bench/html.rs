//! The result as a page of its own: text, tables and two plots, without scripts and without network.

use std::fmt::Write as _;

use super::result::Summary;
use super::text::{load, time_text};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 280.0;
const LEFT: f64 = 70.0;
const BOTTOM: f64 = 30.0;

const STYLE: &str = "\
:root{color-scheme:light dark;--a:#1f6feb;--b:#d29922;--c:#cf222e;--line:#8884}\
body{font:15px/1.5 system-ui,sans-serif;max-width:800px;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.3rem}h2{font-size:1rem;margin-top:2rem}\
table{border-collapse:collapse;width:100%}td,th{padding:.2rem .6rem;text-align:right;border-bottom:1px solid var(--line)}\
td:first-child,th:first-child{text-align:left}svg{width:100%;height:auto;font:11px system-ui,sans-serif}\
text{fill:currentColor}.grid{stroke:var(--line)}.a{stroke:var(--a)}.b{stroke:var(--b)}.c{stroke:var(--c)}\
.a,.b,.c{fill:none;stroke-width:1.5}.ka{color:var(--a)}.kb{color:var(--b)}.kc{color:var(--c)}";

/// The whole page.
pub(super) fn page(title: &str, connections: u32, summary: &Summary) -> String {
    let title = escaped(title);
    let mut out = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style><h1>{title}</h1>"
    );
    // Writing to a text never fails.
    let _ = body(&mut out, connections, summary);
    out.push_str("</html>\n");
    out
}

fn body(out: &mut String, connections: u32, summary: &Summary) -> std::fmt::Result {
    write!(
        out,
        "<p>{}, {} calls in {:.2} s: {:.1}/s",
        load(connections, summary),
        summary.calls,
        summary.seconds,
        summary.rate
    )?;
    if let Some(wanted) = summary.wanted_rate {
        write!(out, ", {wanted:.1}/s were wanted")?;
    }
    write!(out, "</p><table><tr><th>Outcome<th>Calls</tr>")?;
    for (name, count) in &summary.outcomes {
        write!(out, "<tr><td>{name}<td>{count}</tr>")?;
    }
    for (text, count) in &summary.errors {
        write!(out, "<tr><td>{}<td>{count}</tr>", escaped(text))?;
    }
    write!(
        out,
        "</table><h2>Latency</h2><table><tr><th>From<th>mean<th>p50<th>p90<th>p99<th>p99.9<th>max</tr>"
    )?;
    let rows = [
        ("the intended start", &summary.latency.from_intended_start),
        ("the real start", &summary.latency.from_real_start),
        ("one to the other", &summary.late_starts),
    ];
    for (name, times) in rows {
        write!(out, "<tr><td>{name}")?;
        for time in [
            times.mean, times.p50, times.p90, times.p99, times.p999, times.max,
        ] {
            write!(out, "<td>{}", time_text(time))?;
        }
        write!(out, "</tr>")?;
    }
    write!(
        out,
        "</table><h2>Latency by percentile: <span class=ka>from the intended start</span>, <span class=kb>from the real start</span></h2>"
    )?;
    percentiles(out, summary)?;
    write!(
        out,
        "<h2>By second: <span class=ka>calls</span>, <span class=kb>p99</span>, <span class=kc>failed</span></h2>"
    )?;
    seconds(out, summary)
}

/// Where a percentile is on its axis: each further nine takes as much room as the one before.
fn nines(percentile: f64) -> f64 {
    let left = (1.0 - percentile / 100.0).max(1e-6);
    -left.log10() / 6.0
}

fn percentiles(out: &mut String, summary: &Summary) -> std::fmt::Result {
    let curve = &summary.curve;
    let most = curve
        .iter()
        .map(|point| point.from_intended_start)
        .fold(10.0, f64::max);
    let scale = |micros: f64| micros.max(1.0).ln() / most.ln();
    open(out)?;
    for mark in [50.0, 90.0, 99.0, 99.9, 99.99, 99.999] {
        let x = x(nines(mark));
        write!(
            out,
            "<line class=grid x1={x:.1} x2={x:.1} y1=0 y2={HEIGHT} /><text x={x:.1} y={} text-anchor=middle>{mark}</text>",
            HEIGHT + 16.0
        )?;
    }
    let mut mark = 10.0;
    while mark <= most {
        label(out, scale(mark), &time_text(mark))?;
        mark *= 10.0;
    }
    let line = |pick: fn(&super::result::Point) -> f64| {
        let points = curve
            .iter()
            .map(|point| (nines(point.percentile), scale(pick(point))));
        points.collect::<Vec<_>>()
    };
    path(out, "a", &line(|point| point.from_intended_start))?;
    path(out, "b", &line(|point| point.from_real_start))?;
    write!(out, "</svg>")
}

fn seconds(out: &mut String, summary: &Summary) -> std::fmt::Result {
    let all = &summary.per_second;
    let calls = all
        .iter()
        .map(|second| second.calls as f64)
        .fold(1.0, f64::max);
    let slowest = all.iter().map(|second| second.p99).fold(1.0, f64::max);
    open(out)?;
    label(out, 1.0, &format!("{calls:.0}/s"))?;
    label(out, 0.5, &format!("{:.0}/s", calls / 2.0))?;
    let last = all.len().saturating_sub(1).max(1) as f64;
    write!(
        out,
        "<text x={LEFT} y={}>0 s</text><text x={:.0} y={} text-anchor=end>{last:.0} s, p99 up to {}</text>",
        HEIGHT + 16.0,
        x(1.0),
        HEIGHT + 16.0,
        time_text(slowest)
    )?;
    let line = |pick: &dyn Fn(&super::result::OfSecond) -> f64| {
        let points = all
            .iter()
            .enumerate()
            .map(|(at, second)| (at as f64 / last, pick(second)));
        points.collect::<Vec<_>>()
    };
    path(out, "a", &line(&|second| second.calls as f64 / calls))?;
    path(out, "b", &line(&|second| second.p99 / slowest))?;
    path(out, "c", &line(&|second| second.failed as f64 / calls))?;
    write!(out, "</svg>")
}

fn open(out: &mut String) -> std::fmt::Result {
    write!(
        out,
        "<svg viewBox=\"0 -10 {} {}\" role=img>",
        WIDTH,
        HEIGHT + BOTTOM + 10.0
    )
}

/// From 0 to 1.
fn x(part: f64) -> f64 {
    LEFT + part.clamp(0.0, 1.0) * (WIDTH - LEFT - 10.0)
}

fn y(part: f64) -> f64 {
    HEIGHT - part.clamp(0.0, 1.0) * HEIGHT
}

fn label(out: &mut String, part: f64, text: &str) -> std::fmt::Result {
    let y = y(part);
    write!(
        out,
        "<line class=grid x1={LEFT} x2={WIDTH} y1={y:.1} y2={y:.1} /><text x={:.0} y={:.1} text-anchor=end>{text}</text>",
        LEFT - 6.0,
        y + 4.0
    )
}

fn path(out: &mut String, class: &str, points: &[(f64, f64)]) -> std::fmt::Result {
    write!(out, "<polyline class={class} points=\"")?;
    for (across, up) in points {
        write!(out, "{:.1},{:.1} ", x(*across), y(*up))?;
    }
    write!(out, "\"/>")
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}
