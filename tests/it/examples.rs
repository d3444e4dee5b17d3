//! The `server` and `client` examples as other programs use them: by their command lines.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use crate::certificates::Authority;
use crate::go_peers::peer::programs;
use crate::long;

/// The examples are built by `cargo test` beside this binary.
pub(crate) fn example(name: &str) -> Command {
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

pub(crate) struct Server {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    pub(crate) address: String,
}

impl Server {
    fn start() -> Self {
        Self::start_with(&["--addr", "tcp@127.0.0.1:0", "--addr", "tcp6@[::1]:0"])
    }

    /// The address is the first that it prints.
    pub(crate) fn start_with(options: &[&str]) -> Self {
        let mut child = example("server")
            .args(options)
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

pub(crate) fn client(address: &str, options: &[&str]) -> Output {
    example("client")
        .args(["--addr", address])
        .args(options)
        .output()
        .unwrap()
}

pub(crate) fn lines(output: &Output) -> Vec<String> {
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
    let computed = |line: &str, calculation: &str, at: &str, path: &str| {
        let address = line.strip_prefix(&format!("{calculation}, computed at {at}@127.0.0.1:"));
        let port = address.and_then(|address| address.strip_suffix(path));
        assert!(
            port.is_some_and(|port| port.parse::<u16>().is_ok()),
            "{line}"
        );
    };
    let web = printed("websocket");
    assert_eq!(web.len(), 2, "{web:?}");
    computed(&web[0], "10 * 20 = 200", "ws", "");
    computed(&web[1], "6 * 7 = 42", "wss", "");
    let http = printed("http_connect");
    assert_eq!(http.len(), 3, "{http:?}");
    computed(&http[0], "10 * 20 = 200", "http", "");
    computed(&http[1], "6 * 7 = 42", "http", "/rpc/v2");
    assert!(
        http[2].starts_with("on another path: cannot connect to http@127.0.0.1:")
            && http[2].contains("`HTTP/1.1 404 Not Found`"),
        "{http:?}"
    );
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

/// What an example prints that runs alone.
pub(crate) fn printed(name: &str) -> Vec<String> {
    printed_with(name, &[])
}

pub(crate) fn printed_with(name: &str, options: &[&str]) -> Vec<String> {
    let output = example(name).args(options).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {errors}");
    lines(&output)
}

#[test]
fn the_raw_proxy_forwards_replies_and_errors() {
    let expected = [
        "6 * 7 = 42",
        "1 / 0: division by zero, code Some(7)",
        "in JSON: 12",
        "rpcx: can't find service Nope",
    ];
    assert_eq!(printed("raw_proxy"), expected);
}

#[test]
fn the_layers_example_shows_both_sides() {
    let expected = [
        "server: Bank/Balance Err(Rejected(Unauthenticated)), quick: true",
        "client: Bank/Balance Err(Rejected(Unauthenticated)), quick: true",
        "a token is needed",
        "server: Bank/Balance Ok(()), quick: true",
        "client: Bank/Balance Ok(()), quick: true",
        "ann has 7 coins, says Some(\"vault-1\")",
    ];
    assert_eq!(printed("layers"), expected);
}

#[test]
fn the_tracing_example_prints_one_trace() {
    let lines = printed("tracing");
    assert!(lines.contains(&"tea costs 300".to_owned()), "{lines:?}");
    let spans: Vec<_> = lines
        .iter()
        .filter_map(|line| line.split_once(" in trace "))
        .collect();
    assert_eq!(spans.len(), 4, "{lines:?}");
    let trace = |line: &str| line.split_once(',').unwrap().0.to_owned();
    assert!(spans.iter().all(|span| trace(span.1) == trace(spans[0].1)));
    let roots = spans
        .iter()
        .filter(|span| span.1.ends_with("child of None"));
    assert_eq!(roots.count(), 1, "{lines:?}");
}

#[test]
fn the_metrics_example_prints_what_prometheus_reads() {
    let lines = printed("metrics");
    let has = |begin: &str, end: &str| {
        let found = |line: &String| line.starts_with(begin) && line.ends_with(end);
        assert!(lines.iter().any(found), "{begin} {end}: {lines:#?}");
    };
    has("12 of tea", "");
    has("rpc_server_call_duration_bucket{", "le=\"0.005\"} 1");
    has("rpc_client_call_duration_count{", "} 1");
    has("rpcx_server_open_connections 1", "");
    has("rpcx_events{event=\"connection_opened\"} 2", "");
}

#[test]
fn examples_that_run_alone() {
    assert!(printed("quickstart")[0].starts_with("10 * 20 = 200, computed at tcp@127.0.0.1:"));
    assert!(printed("quic")[0].starts_with("hello QUIC, from quic@127.0.0.1:"));
    assert!(printed("kcp")[0].starts_with("10 * 20 = 200, computed at kcp@127.0.0.1:"));
    assert_eq!(
        printed("tls"),
        [
            "hello first certificate",
            "hello second certificate",
            "hello connection that was open",
            "refused: true"
        ]
    );
    assert_eq!(
        printed("mtls"),
        [
            "come in, ada.staff.example",
            "bob.guests.example is not staff",
            "without a certificate: out"
        ]
    );
    assert_eq!(
        printed("custom_network"),
        [
            "hello friend",
            "with another word: out",
            "handshakes have failed: true"
        ]
    );
    assert_eq!(
        printed("custom_codec"),
        ["1000 words", "no codec is registered for the number 9"]
    );
}

#[cfg(unix)]
#[test]
fn examples_that_run_alone_on_unix() {
    assert_eq!(
        printed("unix"),
        [
            "hello file",
            "a second server is refused",
            "the file is gone"
        ]
    );
    assert_eq!(
        printed("reuseport"),
        [
            "restart 1: the old process ended well: true",
            "restart 2: the old process ended well: true",
            "restart 3: the old process ended well: true",
            "failed calls: 0"
        ]
    );
}

#[test]
fn server_and_client_over_kcp() {
    let kcp = ["--kcp-crypt", "salsa20", "--kcp-key", "00ff"];
    let server = Server::start_with(&[&["--addr", "kcp@127.0.0.1:0"], &kcp[..]].concat());
    let output = example("client")
        .args(["--addr", &server.address])
        .args(kcp)
        .output()
        .unwrap();
    assert_eq!(lines(&output), ["ok 200"]);
}

/// A folder with `cert.pem` and `key.pem`, and `ca.pem` beside them.
struct Certificates(PathBuf);

impl Certificates {
    fn make(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("rpcx-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let authority = Authority::new().unwrap();
        let own = authority.issue(&["127.0.0.1", "arith.example"]).unwrap();
        for (file, pem) in [
            ("ca.pem", authority.pem),
            ("cert.pem", own.pem),
            ("key.pem", own.key),
        ] {
            std::fs::write(folder.join(file), pem).unwrap();
        }
        Self(folder)
    }

    fn folder(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn ca(&self) -> String {
        format!("{}/ca.pem", self.folder())
    }
}

impl Drop for Certificates {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_examples_speak_tls() {
    let own = Certificates::make("own");
    let (folder, ca) = (own.folder(), own.ca());
    let server = Server::start_with(&["--addr", "tcp@127.0.0.1:0", "--tls", folder, "--ca", &ca]);
    let call = |options: &[&str]| lines(&client(&server.address, options))[0].clone();
    assert_eq!(call(&["--ca", &ca, "--tls", folder]), "ok 200");
    let named = ["--server-name", "arith.example"];
    assert_eq!(
        call(&[&["--ca", &ca, "--tls", folder], &named[..]].concat()),
        "ok 200"
    );
    let other = Certificates::make("other");
    for refused in [
        &["--ca", &ca][..],
        &["--ca", &other.ca(), "--tls", folder],
        &["--ca", &ca, "--tls", other.folder()],
    ] {
        let line = call(refused);
        assert!(line.starts_with("err "), "{refused:?}: {line}");
    }
    for (wrong, said) in [
        (&["--ca", "no/such/file"][..], "no/such/file: No such file"),
        (&named[..], "--server-name needs --ca or --tls"),
    ] {
        let output = client(&server.address, wrong);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains(said), "{wrong:?}: {error}");
    }
}

#[cfg(unix)]
#[test]
fn the_examples_use_any_network() {
    let socket = std::env::temp_dir().join(format!("rpcx-any-{}.sock", std::process::id()));
    let unix = format!("unix@{}", socket.display());
    let server = Server::start_with(&["--addr", &unix, "--addr", "reuseport@127.0.0.1:0"]);
    assert_eq!(server.address, unix);
    assert_eq!(lines(&client(&unix, &[])), ["ok 200"]);
    // The first address is dead, the second alive.
    let output = client("tcp@127.0.0.1:1", &["--addr", &unix, "--method", "Add"]);
    assert_eq!(lines(&output), ["ok 30"]);
    drop(server);
    // It was killed, so its file is still there.
    let again = Server::start_with(&["--addr", &unix]);
    assert_eq!(lines(&client(&unix, &[])), ["ok 200"]);
    drop(again);
    let _ = std::fs::remove_file(socket);
}

#[test]
fn the_examples_explain_themselves() {
    for name in ["server", "client"] {
        let output = example(name).arg("--help").output().unwrap();
        assert!(output.status.success());
        let help = String::from_utf8(output.stdout).unwrap();
        for option in ["--addr", "--tls", "--ca", "--help"] {
            assert!(help.contains(option), "{name}: {option}");
        }
    }
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

fn vet() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mixed/go");
    let mut vet = Command::new("go");
    let output = vet.args(["vet", "./..."]).current_dir(folder).output();
    let output = output.expect("go is here");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

/// The package builds and starts its Go half by itself; `RPCX_CHECK` refuses a stale Go package.
#[test]
fn the_mixed_example_calls_both_ways() {
    if !long::is_wanted("the example `mixed`, whose features have the runtime compiled once more") {
        return;
    }
    let with_go = programs().is_some();
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "-p", "mixed"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("RPCX_CHECK", "1")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let answer = "3 apple, 1 pear; 1 apple left, not 2 more of 1";
    let alone = "go is not installed, so there is nobody else to talk to";
    let mut wanted = vec![format!("Rust calls Rust: {answer}")];
    if with_go {
        vet();
        wanted.push(format!("Rust calls Go: {answer}"));
        wanted.push("Go calls Rust: 3 apple, 1 pear; 1 apple left, only 1 left".to_owned());
    } else {
        wanted.push(alone.to_owned());
    }
    assert_eq!(lines(&output), wanted);
}

#[test]
fn the_example_of_connection_rules_refuses_a_second_connection() {
    let rules = printed("connection_rules");
    for line in [
        "hello first",
        "second connection: out",
        "hello first again",
        "refused by count: true",
    ] {
        assert!(rules.iter().any(|printed| printed == line), "{rules:?}");
    }
}
