//! The same in a page of a browser, from another origin than that of the server.

use std::process::Stdio;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::Html;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::watch;

use super::server;
use crate::browser::{PATIENCE, find_browser};

/// The image holds back the end of loading, at which the browser prints the page and ends.
const PAGE: &str = r#"<!doctype html><title>rpcx</title><img src="/report-is-there">
<script type="module">
import { run } from "/cases.js";
const report = await run(SERVERS).catch((error) => `failed: ${error.stack}`);
await fetch("/report", { method: "POST", body: report });
</script>
"#;

type Report = Arc<watch::Sender<Option<String>>>;

async fn reported(State(report): State<Report>, text: String) {
    report.send_replace(Some(text));
}

async fn wait(State(report): State<Report>) {
    let mut report = report.subscribe();
    // Fails when the test is over, and then no browser waits.
    let _ = report.wait_for(Option::is_some).await;
}

fn site(page: String, out: &std::path::Path, report: &Report) -> Router {
    let script = |name: &str| {
        let text = std::fs::read_to_string(out.join(name)).unwrap();
        get(move || async { ([(header::CONTENT_TYPE, "text/javascript")], text) })
    };
    Router::new()
        .route("/", get(move || async { Html(page) }))
        .route("/cases.js", script("cases.js"))
        .route("/client.js", script("client.js"))
        .route("/rpcx.js", script("rpcx.js"))
        .route("/report", post(reported))
        .route("/report-is-there", get(wait))
        .with_state(Arc::clone(report))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_calls_servers() {
    let Some(browser) = find_browser().await else {
        return;
    };
    let programs = tokio::task::spawn_blocking(|| super::programs_in("typescript-page"));
    let Some(out) = programs.await.unwrap() else {
        return;
    };
    let go = tokio::task::spawn_blocking(super::go).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let at = server::serve(&origin).await;
    let mut servers = format!("\"http://{at}\", \"ws://{at}\"");
    if let Some(go) = &go {
        let gateway = server::gateway(&origin, &format!("ws@{}", go.address)).await;
        servers += &format!(", \"http://{gateway}\", \"ws://{}\"", go.address);
    }
    let page = PAGE.replace("SERVERS", &servers);
    let report: Report = Arc::new(watch::Sender::new(None));
    let site = site(page, &out, &report);
    tokio::spawn(async move { axum::serve(listener, site).await });
    let profile = format!("{}/browser-typescript", env!("CARGO_TARGET_TMPDIR"));
    let mut running = Command::new(browser)
        .args(["--headless", "--disable-gpu", "--disable-dev-shm-usage"])
        // Chromium has no sandbox for root; the page is ours.
        .arg("--no-sandbox")
        .args(["--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--dump-dom"])
        .arg(format!("--user-data-dir={profile}"))
        .arg(&origin)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("it ran a moment ago");
    let mut said = report.subscribe();
    let said = tokio::time::timeout(PATIENCE, said.wait_for(Option::is_some)).await;
    let said = said.expect("the page reports").unwrap().clone().unwrap();
    super::check(&said, go.is_some());
    // It has printed the page and ends.
    let ended = tokio::time::timeout(PATIENCE, running.wait()).await;
    assert!(ended.expect("the browser ends").unwrap().success());
}
