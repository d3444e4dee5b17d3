//! Every kind of client on one port at the same moment, under load: no one gets an answer that is not its own.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rpcx::Server;
use rpcx::gateway::Http;
use tokio::runtime::Handle;

use super::http::{Clock, TickerServer};
use super::peer::{build_program, programs, run};
use super::services::{ArithServer, Peer};
use crate::http_door::ask;

/// What each kind of client does at least; it goes on until all have done so.
const ROUNDS: i64 = 3;

/// Clients of a kind that are at work in a round, and calls of each.
const CALLERS: i64 = 8;
const CALLS: i64 = 25;

/// The kinds that have rounds to do.
#[derive(Clone, Default)]
struct Together(Arc<AtomicUsize>);

/// One kind, whose rounds are done when this is dropped, also by a failure.
struct Kind(Together);

impl Drop for Kind {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Together {
    fn join(&self) -> Kind {
        self.0.fetch_add(1, Ordering::SeqCst);
        Kind(self.clone())
    }
}

impl Kind {
    fn repeat(self, mut round: impl FnMut(i64)) {
        let together = self.0.clone();
        (0..ROUNDS).for_each(&mut round);
        drop(self);
        let mut number = ROUNDS;
        while together.0.load(Ordering::SeqCst) > 0 {
            round(number);
            number += 1;
        }
    }
}

/// As in the README, with other numbers for each call, several of them at once.
fn curl(at: &str, round: i64) {
    let url = format!("http://{at}/Arith/Mul");
    let mut curl = Command::new("curl");
    curl.args(["-s", "--no-progress-meter", "-m", "60"]);
    for call in 0..CALLS {
        let body = format!(r#"{{"A":{round},"B":{call}}}"#);
        if call > 0 {
            curl.args(["--next", "-s"]);
        }
        curl.args(["-w", "\n", "-d", &body, &url]);
    }
    let output = curl.output().expect("it ran a moment ago");
    let printed = String::from_utf8(output.stdout).expect("text");
    let expected = (0..CALLS).map(|call| format!("{{\"C\":{}}}\n", round * call));
    assert_eq!(printed, expected.collect::<String>(), "round {round}");
}

async fn plain(at: &str, round: i64) {
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..CALLERS {
        let at = at.to_owned();
        callers.spawn(async move {
            for call in 0..CALLS {
                let (a, b) = (round * 1000 + call, caller + 1);
                let body = format!(r#"{{"A":{a},"B":{b}}}"#);
                let json = "Content-Type: application/json\r\n";
                let (head, body) = ask(&at, "POST /Arith/Mul", json, &body).await;
                assert!(head.starts_with("http/1.1 200"), "{head}");
                assert_eq!(body, format!(r#"{{"C":{}}}"#, a * b).as_bytes());
            }
        });
    }
    callers.join_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_client_calls_on_one_port_at_the_same_moment() {
    if programs().is_none() {
        return;
    }
    let server = Server::builder()
        .register(ArithServer::new(Peer::default()))
        .register(TickerServer::new(Clock))
        .listen("tcp@127.0.0.1:0")
        .http(Http::new());
    let server = server.bind().await.expect("a free port");
    let at = server.addresses()[0].location().to_owned();
    let stats = server.handle();
    tokio::spawn(server.serve());
    let (http, socket) = (
        build_program("go", "http", &[]),
        build_program("go", "socket", &[]),
    );
    type Round = Box<dyn FnMut(i64) + Send>;
    let of_http = |case: &'static str| -> Round {
        let (http, at) = (http.clone(), at.clone());
        Box::new(move |_| run(&http, &at, &["-case", case]))
    };
    let (frames, by_socket, by_plain) = (format!("tcp@{at}"), at.clone(), at.clone());
    let mut kinds: Vec<Round> = vec![
        Box::new(move |_| {
            let go = programs().expect("built");
            go.call(&frames, &["-case", "mul,concurrent"]);
        }),
        of_http("invoke"),
        of_http("ybbus"),
        of_http("jrpc2"),
        Box::new(move |_| run(&socket, &by_socket, &[])),
        Box::new(move |round| Handle::current().block_on(plain(&by_plain, round))),
    ];
    match Command::new("curl").arg("--version").output() {
        Ok(_) => {
            let at = at.clone();
            kinds.push(Box::new(move |round| curl(&at, round)));
        }
        Err(_) => println!("skipped: no curl"),
    }
    let together = Together::default();
    let joined: Vec<_> = kinds.iter().map(|_| together.join()).collect();
    let mut clients = tokio::task::JoinSet::new();
    for (kind, round) in joined.into_iter().zip(kinds) {
        clients.spawn_blocking(move || kind.repeat(round));
    }
    clients.join_all().await;
    let stats = stats.stats();
    assert_eq!((stats.malformed_frames, stats.panics), (0, 0), "{stats:?}");
}
