//! The `server` and `client` examples as other programs use them: by their command lines.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use crate::go_peers::peer::programs;

/// The examples are built by `cargo test` beside this binary.
fn example(name: &str) -> Command {
    let mut path: PathBuf = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.push("examples");
    path.push(name);
    assert!(
        path.exists(),
        "{} is missing: run `cargo build --examples`",
        path.display()
    );
    Command::new(path)
}

struct Server {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    address: String,
}

impl Server {
    fn start() -> Self {
        let mut child = example("server")
            .args(["--addr", "tcp@127.0.0.1:0", "--addr", "tcp6@[::1]:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let address = line
            .trim()
            .strip_prefix("listening on ")
            .expect(&line)
            .to_owned();
        Self {
            child,
            output,
            address,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn client(address: &str, options: &[&str]) -> Output {
    example("client")
        .args(["--addr", address])
        .args(options)
        .output()
        .unwrap()
}

fn lines(output: &Output) -> Vec<String> {
    String::from_utf8(output.stdout.clone())
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_client_example_prints_a_line_per_call() {
    let server = Server::start();
    let call = |options: &[&str]| lines(&client(&server.address, options));
    assert_eq!(call(&[]), ["ok 200"]);
    assert_eq!(
        call(&["--method", "Add", "--codec", "json", "--a", "-1"]),
        ["ok 19"]
    );
    assert_eq!(call(&["--method", "Say"]), ["ok hello world"]);
    let many = call(&["--count", "100", "--concurrency", "8", "--idempotent"]);
    assert_eq!(many, vec!["ok 200"; 100]);
    let too_large = call(&["--a", "9223372036854775807", "--b", "2"]);
    assert_eq!(too_large, ["err Service the result does not fit 64 bits"]);
}

#[test]
fn the_client_example_says_what_is_known_of_a_failure() {
    let line = lines(&client("tcp@127.0.0.1:1", &["--timeout-ms", "500"]))[0].clone();
    assert!(
        line.starts_with("err NotSent cannot connect to tcp@127.0.0.1:1"),
        "{line}"
    );
}

#[test]
fn the_web_examples_run_by_themselves() {
    for (name, networks) in [
        ("http_connect", ["http@", "http@"]),
        ("websocket", ["ws@", "wss@"]),
    ] {
        let output = example(name).output().unwrap();
        assert!(output.status.success(), "{name}: {output:?}");
        let lines = lines(&output);
        for (network, result) in networks.iter().zip(["10 * 20 = 200", "6 * 7 = 42"]) {
            let wanted = format!("{result}, computed at {network}127.0.0.1:");
            assert!(
                lines.iter().any(|line| line.starts_with(&wanted)),
                "{lines:?}"
            );
        }
    }
}

#[test]
fn wrong_options_are_named() {
    for (options, said) in [
        (&["--codec", "xml"][..], "unknown codec xml"),
        (&["--a", "ten"], "--a ten: invalid digit"),
        (&["--port", "1"], "unknown option --port"),
        (&["--a"], "--a needs a value"),
    ] {
        let output = client("tcp@127.0.0.1:1", options);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && error.contains(said),
            "{options:?}: {error}"
        );
    }
    let output = client("tcpp@127.0.0.1:1", &[]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("names the network `tcpp`"));
}

#[test]
fn the_examples_meet_go_programs() {
    let Some(go) = programs() else { return };
    let rust = Server::start();
    let location = rust.address.strip_prefix("tcp@").unwrap();
    for codec in ["msgpack", "json"] {
        go.call(location, &["-codec", codec, "-case", "mul,add"]);
    }
    let server = go.serve("127.0.0.1:0");
    for codec in ["msgpack", "json"] {
        let address = format!("tcp@{}", server.address);
        assert_eq!(lines(&client(&address, &["--codec", codec])), ["ok 200"]);
        let sum = lines(&client(&address, &["--codec", codec, "--method", "Add"]));
        assert_eq!(sum, ["ok 30"]);
    }
}

#[test]
#[cfg(unix)]
fn the_server_example_ends_on_sigterm() {
    let mut server = Server::start();
    let pid = server.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert!(server.child.wait().unwrap().success());
    let rest: Vec<_> = server.output.by_ref().lines().map(Result::unwrap).collect();
    assert_eq!(rest.last().map(String::as_str), Some("stopped"));
}
