//! Servers in processes of their own, which a signal stops.

use std::future::IntoFuture;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rpcx_runtime::{ErrorKind, Limits};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::networks::{Network, every_network};

/// What this program is when a test has started it once more.
const ROLE: &str = "RPCX_TEST_ROLE";

pub(crate) fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

/// Ends with the test.
struct Other(Child);

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn other(test: &str, role: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture", "--test-threads", "1"])
        .env(ROLE, role)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

impl Other {
    /// The signals that `kill` knows.
    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([name, &self.0.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Comes back when no thread of it runs any more, where the system tells.
    async fn stop(&self) {
        self.signal("-STOP");
        while self.runs() {
            sleep(Duration::from_millis(5)).await;
        }
    }

    fn runs(&self) -> bool {
        let Ok(threads) = std::fs::read_dir(format!("/proc/{}/task", self.0.id())) else {
            return false;
        };
        threads.flatten().any(|thread| {
            let state = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
            // Behind the name, which is in brackets.
            let state = state.rsplit_once(") ").map_or("", |(_, state)| state);
            !state.starts_with('T')
        })
    }
}

/// The server of the tests below.
#[tokio::test]
async fn serves_over_tcp() {
    if role().as_deref() != Some("server") {
        return;
    }
    let network = every_network().next().unwrap();
    let server = network.start(Limits::server()).await;
    println!("\nserving {}", server.address);
    // Until the test closes its end.
    let gone = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let _ = gone.await.unwrap();
    println!("\nran {}", server.runs());
}

/// What is behind this word at the beginning of a line.
fn told(output: &mut impl Iterator<Item = std::io::Result<String>>, word: &str) -> String {
    let told = output.find_map(|line| Some(line.unwrap().strip_prefix(word)?.to_owned()));
    told.unwrap_or_else(|| panic!("it has ended without `{word}`"))
}

type Lines = std::io::Lines<BufReader<std::process::ChildStdout>>;

fn serve() -> (Other, Lines, String) {
    let mut child = other("processes::serves_over_tcp", "server")
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = told(&mut output, "serving ");
    (Other(child), output, address)
}

fn network() -> Network {
    every_network().next().unwrap()
}

/// Calls whose callers have given up while the process of their server was stopped do not run when it goes on.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_were_given_up_while_the_process_was_stopped_do_not_run() {
    let (mut server, mut output, address) = serve();
    let client = network().connect(&address).await;
    client.echo(b"x").await.unwrap();
    // Its clock has to have ticked.
    sleep(Duration::from_millis(2500)).await;
    server.stop().await;
    let mut calls = JoinSet::new();
    for _ in 0..100 {
        let short = Duration::from_millis(500);
        calls.spawn(client.echo(b"late").timeout(short).into_future());
        calls.spawn(client.later(0).timeout(short).into_future());
    }
    for outcome in calls.join_all().await {
        // A one-way call ends when it is written.
        assert!(outcome.is_err() || outcome.unwrap().is_empty());
    }
    sleep(Duration::from_secs(3)).await;
    server.signal("-CONT");
    // One that is new has its time.
    let reply = client.echo(b"y").timeout(Duration::from_secs(30)).await;
    assert_eq!(reply.unwrap(), b"y");
    drop(server.0.stdin.take());
    assert_eq!(told(&mut output, "ran "), "2");
}

/// With the defaults a process that is stopped is noticed while calls wait, and is called again when it goes on.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_stopped_is_noticed() {
    let (server, _output, address) = serve();
    let client = network().connect(&address).await;
    client.echo(b"x").await.unwrap();
    server.stop().await;
    let began = Instant::now();
    let error = client.echo(b"y").attempts(1).await.unwrap_err();
    let took = began.elapsed();
    assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
    // Some seconds for a machine that is busy.
    assert!(took < Duration::from_secs(14), "{took:?}, {error}");
    server.signal("-CONT");
    let reply = client.echo(b"z").timeout(Duration::from_secs(30)).await;
    assert_eq!(reply.unwrap(), b"z");
}
