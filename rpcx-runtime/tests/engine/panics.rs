//! A process whose handlers panic all the time.

use std::future::IntoFuture;

use rpcx_runtime::Server;
use rpcx_runtime::telemetry::log_events;
use tokio::task::JoinSet;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::echo::{Echo, EchoClient};
use crate::processes::{other, role};

/// A log that is a line for each event.
struct Log;

impl<S: tracing::Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        eprintln!("logged: {event:?}");
    }
}

/// The program of the test below, whose handlers panic.
#[tokio::test]
async fn panics_all_the_time() {
    const CALLS: usize = 20_000;
    if role().as_deref() != Some("panics") {
        return;
    }
    tracing_subscriber::registry().with(Log).init();
    rpcx_runtime::event::limit_panic_output();
    let server = Server::builder()
        .register(Echo::default())
        .on_event(log_events())
        .listen("tcp@127.0.0.1:0");
    let server = server.bind().await.unwrap();
    let (address, handle) = (server.addresses()[0].to_string(), server.handle());
    tokio::spawn(server.serve());
    let client = EchoClient::connect(&address).await;
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        calls.spawn(client.panic().into_future());
    }
    let refused = calls
        .join_all()
        .await
        .into_iter()
        .filter(Result::is_err)
        .count();
    client.echo(b"x").await.unwrap();
    println!("\npanics {} {refused}", handle.stats().panics);
}

/// Neither by the hook of the process nor by events.
#[test]
fn twenty_thousand_panics_do_not_flood_the_log() {
    let output = other("panics::panics_all_the_time", "panics")
        .output()
        .unwrap();
    let (out, log) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(out.contains("panics 20000 20000"), "{out}\n{log}");
    // 50 and 5 a second of each, for as long as it takes on a busy machine.
    let lines = log.lines().filter(|line| line.contains("panicked"));
    let (lines, bytes) = (lines.count(), log.len());
    assert!((51..2_000).contains(&lines), "{lines} lines: {log}");
    assert!(bytes < 1 << 20, "{bytes} bytes");
    let said = log.contains("panics were not printed") || lines < 110;
    assert!(said, "{log}");
}
