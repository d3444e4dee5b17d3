//! `rpcx bench`: what it counts, and what it writes.

use serde_json::Value;

use crate::peers::{go_server, rust_server};
use crate::run::rpcx;

const MUL: &str = r#"{"A":6,"B":7}"#;

/// The result as JSON, and the exit code.
fn bench(at: &str, method: &str, arguments: &str, more: &[&str]) -> (Option<i32>, Value) {
    let all = [&["bench", at, method, arguments, "--json"], more].concat();
    let ran = rpcx(&all);
    let result = serde_json::from_str(&ran.out);
    (
        ran.code,
        result.unwrap_or_else(|error| panic!("{error}: {ran:?}")),
    )
}

const SHORT: [&str; 4] = ["--duration", "1s", "--warm-up", "200ms"];

#[test]
fn an_open_loop_makes_the_calls_of_its_schedule() {
    let at = rust_server();
    let (code, result) = bench(
        &at,
        "Arith.Mul",
        MUL,
        &[&SHORT[..], &["--rate", "500", "-n", "2"]].concat(),
    );
    assert_eq!(
        (code, &result["mode"]),
        (Some(0), &"open".into()),
        "{result}"
    );
    let calls = result["calls"].as_u64().unwrap();
    assert!((499..=501).contains(&calls), "{result}");
    assert_eq!(
        (&result["outcomes"]["ok"], &result["wantedRate"]),
        (&calls.into(), &500.0.into())
    );
    let steps = [
        "--schedule",
        "100:500ms,100..300:1s",
        "--warm-up",
        "0s",
        "--poisson",
    ];
    let (_, result) = bench(&at, "Arith.Mul", MUL, &steps);
    let calls = result["calls"].as_u64().unwrap();
    assert!((249..=251).contains(&calls), "{result}");
}

#[test]
fn a_server_that_stops_is_seen_by_the_calls_that_were_to_begin() {
    let at = rust_server();
    // One call in flight, each of 100 ms, where 50 a second are to begin.
    let late = [&SHORT[..], &["--rate", "50", "--in-flight", "1"]].concat();
    let (_, result) = bench(&at, "Arith.Sleep", "100", &late);
    let p50 = |name: &str| result["latency"][name]["p50"].as_f64().unwrap();
    assert!(p50("fromRealStart") >= 100_000.0, "{result}");
    assert!(
        p50("fromIntendedStart") > 4.0 * p50("fromRealStart"),
        "{result}"
    );
    assert!(
        result["lateStarts"]["max"].as_f64().unwrap() > 1e6,
        "{result}"
    );
    let own = &result["latency"]["fromIntendedStart"];
    let (mean, max) = (own["mean"].as_f64().unwrap(), own["max"].as_f64().unwrap());
    assert!(
        own["min"].as_f64().unwrap() <= mean && mean <= max,
        "{result}"
    );
}

#[test]
fn a_closed_loop_waits_for_replies() {
    let at = rust_server();
    let closed = [&SHORT[..], &["--closed", "--callers", "4"]].concat();
    let (code, result) = bench(&at, "Arith.Sleep", "50", &closed);
    assert_eq!(
        (code, &result["mode"], &result["callers"]),
        (Some(0), &"closed".into(), &4.into())
    );
    let calls = result["calls"].as_u64().unwrap();
    assert!(
        (1..=84).contains(&calls),
        "4 callers, 50 ms each, 1 s: {result}"
    );
    assert_eq!(result["wantedRate"], Value::Null);
    // Little's law, whatever the load of the machine: calls under way are the rate times what each takes.
    let number = |value: &Value| value.as_f64().unwrap();
    let mean = number(&result["latency"]["fromRealStart"]["mean"]) / 1e6;
    let under_way = number(&result["rate"]) * mean;
    assert!((3.0..=4.4).contains(&under_way), "{under_way}: {result}");
}

#[test]
fn failures_are_counted_by_outcome_and_exit() {
    let at = rust_server();
    let (code, result) = bench(
        &at,
        "Arith.Nope",
        MUL,
        &[&SHORT[..], &["--rate", "50"]].concat(),
    );
    assert_eq!(
        (code, &result["outcomes"]["rejected"]),
        (Some(4), &result["calls"]),
        "{result}"
    );
    let text = result["errors"].as_object().unwrap().keys().next().unwrap();
    assert!(text.contains("can't find method"), "{result}");
    let nobody = rpcx(&["bench", "127.0.0.1:1", "Arith.Mul"]);
    assert_eq!(nobody.code, Some(3), "{nobody:?}");
    assert_eq!(
        rpcx(&["bench", &at, "Arith.Mul", "--rate", "0"]).code,
        Some(2)
    );
    assert_eq!(
        rpcx(&["bench", &at, "Arith.Mul", "--schedule", "5"]).code,
        Some(2)
    );
}

#[test]
fn a_server_in_go_is_measured_and_a_page_is_written() {
    let at = rust_server();
    let go = go_server();
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench.html");
    let page = file.to_str().unwrap();
    let address = go.as_ref().map_or(&*at, |go| &go.address);
    let more = [
        &[
            "bench",
            address,
            "Arith.Mul",
            MUL,
            "-c",
            "msgpack",
            "--html",
            page,
        ],
        &SHORT[..],
    ]
    .concat();
    let ran = rpcx(&more);
    assert_eq!((ran.code, &*ran.err), (Some(0), ""), "{ran:?}");
    for text in [
        "open loop, 1 connection",
        "outcome",
        "intended",
        "late",
        "cpu",
    ] {
        assert!(ran.out.contains(text), "{text}: {}", ran.out);
    }
    let html = std::fs::read_to_string(file).unwrap();
    assert_eq!(html.matches("<svg").count(), 2);
    assert!(
        html.contains("polyline") && !html.contains("NaN") && !html.contains("<script"),
        "{html}"
    );
}
