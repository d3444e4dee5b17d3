//! A page in a real browser calls a server, with `examples/websocket/call.js`.
//!
//! Where no Chromium is installed the test says so and passes; with `RPCX_BROWSER=required` it fails.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rpcx::transport::ListenOptions;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::sync::watch;

const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A cold start on a busy machine takes seconds.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

const CALL_JS: &str = include_str!("../../examples/websocket/call.js");

/// What the page does; each line of its report is a name and an outcome. The image holds back the
/// end of loading, at which the browser prints the page and ends.
const PAGE: &str = r#"<!doctype html><title>rpcx</title><img src="/report-is-there">
<script type="module">
import { Connection } from "/call.js";
const report = [];
const attempt = async (name, run) => {
  try {
    report.push(`${name}: ${await run()}`);
  } catch (error) {
    report.push(`${name} failed: ${error.message}`);
  }
};
const rpcx = await Connection.open("OPEN");
await attempt("mul", async () => (await rpcx.call("Arith", "Mul", { A: 10, B: 20 })).C);
await attempt("say", () => rpcx.call("Arith", "Say", "wörld", { tenant: "blue" }));
await attempt("large", async () => (await rpcx.call("Arith", "Say", "x".repeat(1 << 20))).length);
await attempt("many", async () => {
  const calls = [...Array(200).keys()].map((n) => rpcx.call("Arith", "Mul", { A: n, B: 2 }));
  return (await Promise.all(calls)).every(({ C }, n) => C === 2 * n);
});
await attempt("refuse", () => rpcx.call("Arith", "Refuse", { A: 1, B: 2 }));
await attempt("nowhere", () => rpcx.call("Nowhere", "Mul", {}));
rpcx.close();
await attempt("closed", () => rpcx.call("Arith", "Mul", { A: 1, B: 1 }));
await attempt("foreign", () => Connection.open("CLOSED"));
await fetch("/report", { method: "POST", body: report.join("\n") });
</script>
"#;

const EXPECTED: [&str; 8] = [
    "mul: 200",
    "say: hello wörld of blue",
    "large: 1048590",
    "many: true",
    "refuse failed: not today",
    "nowhere failed: rpcx: can't find service Nowhere",
    "closed failed: the connection is closed",
    "foreign failed: cannot connect to",
];

#[rpcx::message]
#[derive(Debug)]
struct Args {
    a: i64,
    b: i64,
}

#[rpcx::message]
#[derive(Debug)]
struct Reply {
    c: i64,
}

#[rpcx::service]
trait Arith {
    async fn mul(&self, args: Args) -> rpcx::Result<Reply>;
    async fn say(&self, ctx: &rpcx::Context, name: &str) -> rpcx::Result<String>;
    async fn refuse(&self, args: Args) -> rpcx::Result<Reply>;
}

struct MyArith;

impl Arith for MyArith {
    async fn mul(&self, args: Args) -> rpcx::Result<Reply> {
        Ok(Reply { c: args.a * args.b })
    }

    async fn say(&self, ctx: &rpcx::Context, name: &str) -> rpcx::Result<String> {
        let tenant = ctx.metadata().get("tenant").unwrap_or("none");
        Ok(format!("hello {name} of {tenant}"))
    }

    async fn refuse(&self, args: Args) -> rpcx::Result<Reply> {
        assert_eq!((args.a, args.b), (1, 2));
        Err("not today".into())
    }
}

/// A server that pages of this origin may call, as the URL of a WebSocket.
async fn serve(origin: &str) -> String {
    let server = rpcx::Server::builder()
        .register(ArithServer::new(MyArith))
        .listen_with("ws@127.0.0.1:0", ListenOptions::new().origins([origin]))
        .bind()
        .await
        .expect("a free port");
    let address = server.addresses()[0].location().to_owned();
    tokio::spawn(server.serve_until(std::future::pending()));
    format!("ws://{address}/_rpcx_")
}

/// The web server of the page, and where its report arrives.
struct Pages {
    page: String,
    report: watch::Sender<Option<String>>,
}

impl Pages {
    async fn answer(&self, socket: TcpStream) -> std::io::Result<()> {
        let mut socket = BufReader::new(socket);
        let (mut first, mut length) = (String::new(), 0);
        socket.read_line(&mut first).await?;
        loop {
            let mut line = String::new();
            socket.read_line(&mut line).await?;
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().expect("the browser counts");
                }
                Some(_) => {}
                None => break,
            }
        }
        let (kind, body) = match first.split(' ').nth(1) {
            Some("/") => ("text/html; charset=utf-8", &*self.page),
            Some("/call.js") => ("text/javascript", CALL_JS),
            Some("/report") => {
                let mut body = vec![0; length];
                socket.read_exact(&mut body).await?;
                let text = String::from_utf8(body).expect("the page sends text");
                self.report.send_replace(Some(text));
                ("text/plain", "")
            }
            Some("/report-is-there") => {
                let mut report = self.report.subscribe();
                // Fails when the test is over, and then no task waits.
                let _ = report.wait_for(Option::is_some).await;
                ("text/plain", "")
            }
            _ => ("text/plain", "nothing here"),
        };
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        socket.write_all(answer.as_bytes()).await?;
        socket.shutdown().await
    }
}

pub(crate) async fn find_browser() -> Option<&'static str> {
    for browser in BROWSERS {
        let version = Command::new(browser).arg("--version").output().await;
        if version.is_ok_and(|output| output.status.success()) {
            return Some(browser);
        }
    }
    let required = std::env::var("RPCX_BROWSER").is_ok_and(|value| value == "required");
    assert!(
        !required,
        "RPCX_BROWSER=required, but there is no {BROWSERS:?}"
    );
    println!("skipped: no browser");
    None
}

#[tokio::test]
async fn a_page_calls_a_server() {
    let Some(browser) = find_browser().await else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let (open, closed) = (serve(&origin).await, serve("https://example.org").await);
    let pages = Arc::new(Pages {
        page: PAGE.replace("OPEN", &open).replace("CLOSED", &closed),
        report: watch::Sender::new(None),
    });
    let mut report = pages.report.subscribe();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let pages = Arc::clone(&pages);
            // A connection that the browser gives up is none of ours.
            tokio::spawn(async move { pages.answer(socket).await });
        }
    });
    let profile = format!("{}/browser", env!("CARGO_TARGET_TMPDIR"));
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
    let said = tokio::time::timeout(PATIENCE, report.wait_for(Option::is_some)).await;
    let said = said.expect("the page reports").unwrap().clone().unwrap();
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), EXPECTED.len(), "{said}");
    for (line, expected) in lines.iter().zip(EXPECTED) {
        assert!(line.starts_with(expected), "{line}, expected {expected}");
    }
    // It has printed the page and ends.
    let ended = tokio::time::timeout(PATIENCE, running.wait()).await;
    assert!(ended.expect("the browser ends").unwrap().success());
}
