//! `rpcx registry` and `rpcx dump`.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::peers::rust_server;
use crate::run::{program, rpcx};

/// A command that runs until it is told to stop.
pub(crate) struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Running {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut program = program();
        let mut child = program
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out }
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_servers_of_a_service_are_listed() {
    let url = "static://10.0.0.2:8972,10.0.0.1:8972";
    let ran = rpcx(&["registry", "ls", url, "Arith"]);
    assert_eq!(
        (ran.code, &*ran.out),
        (Some(0), "tcp@10.0.0.1:8972\ntcp@10.0.0.2:8972\n"),
        "{ran:?}"
    );
    let json = rpcx(&["registry", "ls", url, "Arith", "--json"]).out;
    let list: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&list[0]["address"], &list[0]["weight"]),
        (&"tcp@10.0.0.1:8972".into(), &1.into())
    );
    let all = rpcx(&["registry", "ls", url]);
    assert_eq!(all.code, Some(2), "{all:?}");
    assert!(all.err.contains("no list of services"), "{all:?}");
    let set = rpcx(&["registry", "set", url, "Arith", "tcp@10.0.0.3:1"]);
    assert_eq!(set.code, Some(2), "{set:?}");
    assert!(set.err.contains("etcd"), "{set:?}");
    let gone = rpcx(&[
        "registry",
        "ls",
        "etcd://127.0.0.1:1/rpcx",
        "Arith",
        "-t",
        "500ms",
    ]);
    assert_eq!(gone.code, Some(3), "{gone:?}");
    assert!(gone.err.contains("cannot be heard"), "{gone:?}");
}

/// A running etcd; it is killed when this is dropped.
pub(crate) struct Etcd {
    child: Child,
    /// With a base path.
    pub(crate) url: String,
}

impl Drop for Etcd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An etcd of its own for the test, where there is one.
pub(crate) fn etcd() -> Option<Etcd> {
    let found = Command::new("etcd").arg("--version").output().is_ok();
    if !found {
        let required = std::env::var("RPCX_REGISTRIES").is_ok_and(|value| value == "required");
        assert!(
            !required,
            "RPCX_REGISTRIES=required, but `etcd --version` does not run"
        );
        println!("skipped: no etcd");
        return None;
    }
    let free = || {
        std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
    };
    let (client, peer) = (free(), free());
    let folder = format!(
        "{}/etcd-{}-{}",
        env!("CARGO_TARGET_TMPDIR"),
        std::process::id(),
        client.port()
    );
    let (client_url, peer_url) = (format!("http://{client}"), format!("http://{peer}"));
    let child = Command::new("etcd")
        .args([
            "--data-dir",
            &folder,
            "--unsafe-no-fsync",
            "--log-level",
            "error",
        ])
        .args([
            "--listen-client-urls",
            &client_url,
            "--advertise-client-urls",
            &client_url,
        ])
        .args([
            "--listen-peer-urls",
            &peer_url,
            "--initial-advertise-peer-urls",
            &peer_url,
        ])
        .args(["--initial-cluster", &format!("default={peer_url}")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let url = format!("etcd://{client}/rpcx_cli");
    Some(Etcd { child, url })
}

#[test]
fn an_entry_is_kept_watched_and_taken_out() {
    let Some(etcd) = etcd() else { return };
    let url = etcd.url.clone();
    let at = rust_server();
    let address = format!("tcp@{at}");
    let set = [
        "registry",
        "set",
        &url,
        "Arith",
        &address,
        "weight=3&group=blue",
        "--timeout",
        "60s",
    ];
    let mut set = Running::start(&set);
    assert_eq!(set.line(), format!("registered {address} for Arith"));
    let mut other = Running::start(&["registry", "set", &url, "Arith", "tcp@127.0.0.1:1"]);
    assert_eq!(other.line(), "registered tcp@127.0.0.1:1 for Arith");
    let mut watch = Running::start(&["registry", "watch", &url, "Arith"]);
    let mut both = [watch.line(), watch.line()];
    both.sort_by_key(|line| !line.contains("blue"));
    let written = format!("{address}\tweight=3&group=blue");
    assert_eq!(both, [written, "tcp@127.0.0.1:1".to_owned()]);
    let call = [
        "call",
        &url,
        "Arith.Mul",
        r#"{"A":6,"B":7}"#,
        "--group",
        "blue",
    ];
    assert_eq!(rpcx(&call).out, "{\"C\":42}\n");
    assert_eq!(rpcx(&["registry", "ls", &url]).out, "Arith\n");
    let names = rpcx(&["registry", "ls", &url, "--json"]).out;
    assert_eq!(names.split_whitespace().collect::<String>(), r#"["Arith"]"#);
    let id = set.child.id().to_string();
    let killed = Command::new("kill").args(["-TERM", &id]).status();
    assert!(killed.unwrap().success() && set.child.wait().unwrap().success());
    // An empty line stands between two lists.
    let left = [watch.line(), watch.line()];
    assert_eq!(left, ["", "tcp@127.0.0.1:1"]);
    let listed = rpcx(&["registry", "ls", &url, "Arith"]);
    assert_eq!(listed.out, "tcp@127.0.0.1:1\n");
    assert_eq!(rpcx(&call).code, Some(3));
}

#[test]
fn frames_are_printed_as_they_go_by() {
    let at = rust_server();
    let mut dump = Running::start(&["dump", &at, "--json"]);
    let proxy = dump.line().replace("listening ", "");
    let call = [
        "call",
        &proxy,
        "Arith.Mul",
        r#"{"A":6,"B":7}"#,
        "-c",
        "msgpack",
        "--token",
        "secret",
        "-m",
        "k=v",
    ];
    assert_eq!(rpcx(&call).out, "{\"C\":42}\n");
    let mut frame = || serde_json::from_str::<serde_json::Value>(&dump.line()).unwrap();
    let request = frame();
    assert_eq!(
        (&request["kind"], &request["from"]),
        (&"request".into(), &"client".into()),
        "{request}"
    );
    assert_eq!(
        (&request["service"], &request["method"]),
        (&"Arith".into(), &"Mul".into())
    );
    assert_eq!(
        (&request["payload"], &request["codec"]),
        (&r#"{"A":6,"B":7}"#.into(), &3.into())
    );
    assert_eq!(
        (&request["metadata"]["k"], &request["metadata"]["__AUTH"]),
        (&"v".into(), &"***".into())
    );
    let reply = frame();
    assert_eq!(
        (&reply["kind"], &reply["seq"]),
        (&"reply".into(), &request["seq"]),
        "{reply}"
    );
    assert_eq!(reply["payload"], r#"{"C":42}"#);
    drop(dump);
    let mut dump = Running::start(&["dump", &at]);
    let proxy = dump.line().replace("listening tcp@", "");
    let mut socket = std::net::TcpStream::connect(proxy).unwrap();
    std::io::Write::write_all(&mut socket, b"GET /Nope HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let line = dump.line();
    assert!(line.contains("#1 -> http=GET /Nope HTTP/1.1"), "{line}");
    assert_eq!(rpcx(&["dump", "quic@h:1"]).code, Some(2));
}

/// The lines of a dump until it has these words in one of them.
fn until(dump: &mut Running, words: &[&str]) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        lines.push(dump.line());
        let last = lines.last().expect("one was pushed");
        if words.iter().all(|word| last.contains(word)) {
            return lines;
        }
        assert!(lines.len() < 20, "{lines:?}");
    }
}

/// An HTTP `CONNECT` and WebSocket stand around the frames.
#[test]
fn frames_are_printed_that_have_something_around_them() {
    let at = rust_server();
    for (network, head) in [("http", "http=CONNECT /_rpcx_"), ("ws", "http=GET /_rpcx_")] {
        let mut dump = Running::start(&["dump", &format!("{network}@{at}")]);
        let proxy = dump.line().replace("listening tcp", network);
        let ran = rpcx(&["call", &proxy, "Arith.Mul", r#"{"A":6,"B":7}"#]);
        assert_eq!(ran.out, "{\"C\":42}\n", "{ran:?}");
        let lines = until(&mut dump, &["reply", "Arith.Mul", r#"payload={"C":42}"#]);
        assert!(lines[0].contains(head), "{lines:?}");
        let is_request =
            |line: &String| line.contains("request") && line.contains(r#"{"A":6,"B":7}"#);
        assert!(lines.iter().any(is_request), "{lines:?}");
    }
}

#[cfg(unix)]
#[test]
fn frames_over_a_unix_socket_are_printed() {
    use crate::peers::{ArithServer, Calculator, serve_on};

    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let name = |end: &str| {
        let file = format!("dump-{}-{end}", std::process::id());
        format!("unix@{}", folder.join(file).display())
    };
    let (server, between) = (name("server"), name("between"));
    serve_on(
        rpcx::Server::builder().register(ArithServer::new(Calculator)),
        &server,
    );
    let mut dump = Running::start(&["dump", &server, "--listen", &between]);
    assert_eq!(dump.line(), format!("listening {between}"));
    let ran = rpcx(&["call", &between, "Arith.Mul", r#"{"A":6,"B":7}"#]);
    assert_eq!(ran.out, "{\"C\":42}\n", "{ran:?}");
    until(&mut dump, &["reply", r#"payload={"C":42}"#]);
}

/// What tcpdump has written while a Go client called a Go server, by tcp and by WebSocket.
const CAPTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captured/go.pcap");

/// The frames of the capture, with more arguments.
fn frames(more: &[&str]) -> Vec<serde_json::Value> {
    let ran = rpcx(&[&["dump", "--pcap", CAPTURE, "--json"], more].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lines = ran.out.lines();
    let lines = lines.map(|line| serde_json::from_str(line).expect("JSON"));
    lines.collect()
}

#[test]
fn the_frames_of_a_capture_are_printed() {
    let all = frames(&[]);
    let is = |frame: &serde_json::Value, kind: &str, method: &str, from: &str| {
        frame["kind"] == kind && frame["method"] == method && frame["from"] == from
    };
    let calls = |all: &[serde_json::Value], kind: &str, method: &str, from: &str| {
        all.iter()
            .filter(|frame| is(frame, kind, method, from))
            .count()
    };
    assert!(calls(&all, "request", "Mul", "client") > 1, "{all:?}");
    assert_eq!(
        calls(&all, "request", "Mul", "client"),
        calls(&all, "reply", "Mul", "server")
    );
    assert_eq!(calls(&all, "error", "Error", "server"), 1, "{all:?}");
    assert!(calls(&all, "one-way", "Notify", "client") > 0, "{all:?}");
    assert!(all.iter().any(|frame| {
        frame["http"]
            .as_str()
            .is_some_and(|line| line.starts_with("GET /_rpcx_"))
    }));
    assert!(
        !all.iter().any(|frame| frame.get("error").is_some()),
        "{all:?}"
    );
    assert!(all.is_sorted_by_key(|frame| frame["seconds"].as_f64().expect("a time").to_bits()));
    let mul = all
        .iter()
        .find(|frame| is(frame, "request", "Mul", "client"))
        .expect("one");
    assert!(
        mul["payload"]
            .as_str()
            .is_some_and(|json| json.contains("\"A\":")),
        "{mul}"
    );
}

#[test]
fn the_frames_of_one_server_are_chosen_from_a_capture() {
    let all = frames(&[]);
    let tcp = frames(&["tcp@127.0.0.1:18972"]);
    assert!(
        !tcp.is_empty()
            && tcp.len() < all.len()
            && !tcp.iter().any(|frame| frame.get("http").is_some())
    );
    assert_eq!(
        rpcx(&["dump", "--pcap", CAPTURE, "127.0.0.1:1"]).code,
        Some(2)
    );
    for (file, said) in [
        ("nowhere.pcap", "nowhere.pcap"),
        (
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
            "tcpdump -w",
        ),
    ] {
        let ran = rpcx(&["dump", "--pcap", file]);
        assert!(ran.code == Some(2) && ran.err.contains(said), "{ran:?}");
    }
}
