//! Servers in processes of their own, which a signal stops.

use std::future::IntoFuture;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rpcx_runtime::{ErrorKind, Limits};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::echo::EchoClient;
use crate::networks::{Network, all_entrances, at_once, every_network};

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

/// On which network the other process serves, and at which address, if that is given.
const NETWORK: &str = "RPCX_TEST_NETWORK";
const ADDRESS: &str = "RPCX_TEST_ADDRESS";

/// The server of the tests below.
#[tokio::test]
async fn serves() {
    if role().as_deref() != Some("server") {
        return;
    }
    let network = Network::of_another_process(&std::env::var(NETWORK).unwrap());
    let address = std::env::var(ADDRESS).unwrap_or_else(|_| network.free());
    let server = network.start_at(&address, Limits::server()).await;
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
    serve_on(&network(), None)
}

fn serve_on(network: &Network, address: Option<&str>) -> (Other, Lines, String) {
    let mut command = other("processes::serves", "server");
    command.env(NETWORK, network.for_another_process());
    if let Some(address) = address {
        command.env(ADDRESS, address);
    }
    // Other tasks of the test go on.
    tokio::task::block_in_place(|| {
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = told(&mut output, "serving ");
        (Other(child), output, address)
    })
}

fn network() -> Network {
    every_network().next().unwrap()
}

/// Calls that wait for a handler which never ends.
fn waiting_calls(client: &EchoClient) -> JoinSet<rpcx_runtime::Result<Vec<u8>>> {
    let mut calls = JoinSet::new();
    for _ in 0..20 {
        calls.spawn(client.hold().attempts(1).into_future());
    }
    calls
}

/// Each of them may have run.
async fn all_unknown(calls: JoinSet<rpcx_runtime::Result<Vec<u8>>>, label: &str) {
    for outcome in calls.join_all().await {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unknown, "{label}: {error}");
    }
}

/// What a packet to a port meets where a whole machine is gone: nothing, and no word of it.
#[cfg(unix)]
fn swallow(network: &Network, address: &str) -> Option<std::net::UdpSocket> {
    let over_udp = matches!(network.name, "quic" | "kcp");
    let (_, at) = address.split_once('@').unwrap();
    over_udp.then(|| std::net::UdpSocket::bind(at).unwrap())
}

#[cfg(unix)]
async fn call_one_that_is_killed(network: Network) {
    let label = network.label();
    let (server, _output, address) = serve_on(&network, None);
    let client = network.connect(&address).await;
    client.echo(b"x").await.unwrap();
    let calls = waiting_calls(&client);
    sleep(Duration::from_millis(300)).await;
    drop(server);
    let _nothing = swallow(&network, &address);
    let began = Instant::now();
    all_unknown(calls, &label).await;
    let took = began.elapsed();
    // Ten, and some seconds for a machine that is busy.
    assert!(took < Duration::from_secs(14), "{label}: {took:?}");
}

/// With the defaults a process that is killed, and its machine with it, is noticed while calls wait, on every network.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_is_noticed_while_calls_wait_on_every_network() {
    at_once(all_entrances(), call_one_that_is_killed).await;
}

#[cfg(unix)]
async fn call_one_that_is_killed_and_back(network: Network) {
    let label = network.label();
    let (server, _output, address) = serve_on(&network, None);
    let client = network.connect(&address).await;
    client.echo(b"x").await.unwrap();
    let calls = waiting_calls(&client);
    sleep(Duration::from_millis(300)).await;
    drop(server);
    let (_server, _output, _) = serve_on(&network, Some(&address));
    let began = Instant::now();
    let mut outcomes = Vec::new();
    while let Err(error) = client.echo(b"y").attempts(1).await {
        outcomes.push(error.to_string());
        sleep(Duration::from_millis(20)).await;
    }
    let took = began.elapsed();
    // Before silence would be a reason to give the connection up.
    let most = Duration::from_secs(5);
    assert!(took < most, "{label}: {took:?}, {outcomes:?}");
    all_unknown(calls, &label).await;
    let took = began.elapsed();
    assert!(took < most, "{label}: the calls that waited took {took:?}");
}

/// A process that is killed and back at once, on the same port and with the same certificate, while calls wait: they end, and the
/// next ones are served.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_and_back_at_once_is_called_again_on_every_network() {
    at_once(all_entrances(), call_one_that_is_killed_and_back).await;
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
