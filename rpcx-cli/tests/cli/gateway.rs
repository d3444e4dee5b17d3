//! `rpcx gateway` in front of servers in Rust and Go.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::peers::{go_server, go_server_with, rust_server};
use crate::run::program;

/// A running gateway; it is killed when this is dropped.
pub(crate) struct Gateway {
    child: Child,
    /// `host:port`
    pub(crate) at: String,
}

impl Gateway {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, &[])
    }

    fn start_with(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let child = program()
            .arg("gateway")
            .args(arguments)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it was built");
        let mut gateway = Self {
            child,
            at: String::new(),
        };
        let stdout = gateway.child.stdout.take().expect("it is piped");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening tcp@");
        gateway.at = address.unwrap_or_else(|| panic!("{line:?}")).to_owned();
        gateway
    }

    fn terminate(&self) {
        let id = self.child.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &id]).status();
        assert!(killed.expect("kill runs").success());
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The status line, and the body.
pub(crate) fn ask(at: &str, request: &str, headers: &str, body: &str) -> (String, String) {
    let mut socket = TcpStream::connect(at).unwrap();
    let length = body.len();
    let request = format!(
        "{request} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    );
    socket.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.lines().next().unwrap().to_owned();
    (status, body.to_owned())
}

const MUL: &str = r#"{"A":6,"B":7}"#;

/// Whether `/readyz` says this status, within a while.
fn is_ready(at: &str, status: &str) -> bool {
    (0..600).any(|_| {
        let is = ask(at, "GET /readyz", "", "").0.contains(status);
        if !is {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        is
    })
}

pub(crate) fn answers(at: &str) {
    let mul = ask(at, "POST /Arith/Mul", "", MUL);
    assert_eq!(
        mul,
        ("HTTP/1.1 200 OK".to_owned(), r#"{"C":42}"#.to_owned())
    );
    let rpc = format!(r#"{{"jsonrpc":"2.0","method":"Arith.Mul","params":{MUL},"id":"x"}}"#);
    let rpc = ask(at, "POST /jsonrpc", "", &rpc).1;
    assert_eq!(rpc, r#"{"jsonrpc":"2.0","result":{"C":42},"id":"x"}"#);
    let headers =
        "X-RPCX-ServicePath: Arith\r\nX-RPCX-ServiceMethod: Mul\r\nX-RPCX-SerializeType: 1\r\n";
    assert_eq!(ask(at, "POST /", headers, MUL).1, r#"{"C":42}"#);
    let (status, problem) = ask(at, "POST /Arith/Nope", "", MUL);
    assert!(
        status.contains("404") && problem.contains("can't find method Nope"),
        "{problem}"
    );
    assert!(ask(at, "GET /healthz", "", "").0.contains("200"));
    assert!(is_ready(at, "200"));
    let call = crate::run::rpcx(&["call", at, "Arith.Mul", MUL, "-c", "msgpack"]);
    assert_eq!(call.out, "{\"C\":42}\n", "{call:?}");
}

#[test]
fn it_answers_for_servers_in_rust_and_go() {
    let rust = rust_server();
    let registry = format!("static://{rust}");
    for arguments in [
        &["--listen", "tcp@127.0.0.1:0", &rust][..],
        &[
            "--listen",
            "tcp@127.0.0.1:0",
            &registry,
            "--service",
            "Arith",
        ],
        &["--listen", "tcp@127.0.0.1:0", &rust, "--json-as", "msgpack"],
    ] {
        answers(&Gateway::start(arguments).at);
    }
    let Some(go) = go_server() else { return };
    answers(&Gateway::start(&["-l", "tcp@127.0.0.1:0", &go.address, "127.0.0.1:1"]).at);
}

#[test]
fn options_come_from_flags_environment_and_file_in_this_order() {
    let rust = rust_server();
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("gateway.toml");
    let text = format!(
        "servers = [\"{rust}\"]\nlisten = [\"tcp@127.0.0.1:0\"]\ntimeout = \"200ms\"\ngo-status-codes = true\n"
    );
    std::fs::write(&file, &text).unwrap();
    let file = file.to_str().unwrap();
    let slow = |gateway: &Gateway| ask(&gateway.at, "POST /Arith/Sleep", "", "1000").0;
    let by_file = Gateway::start(&["--config", file]);
    answers(&by_file.at);
    assert!(slow(&by_file).contains("504"));
    let headers = "X-RPCX-ServicePath: Arith\r\n";
    assert!(
        ask(&by_file.at, "POST /", headers, MUL).0.contains("200"),
        "as Go says it"
    );
    let longer = [
        ("RPCX_GATEWAY_TIMEOUT", "30s"),
        ("RPCX_GATEWAY_CONFIG", file),
    ];
    let by_environment = Gateway::start_with(&[], &longer);
    assert!(slow(&by_environment).contains("200"));
    let by_flag = Gateway::start_with(&["--timeout", "200ms"], &longer);
    assert!(slow(&by_flag).contains("504"));
    let listed = [
        ("RPCX_GATEWAY_SERVERS", &*rust),
        ("RPCX_GATEWAY_LISTEN", "tcp@127.0.0.1:0"),
    ];
    answers(&Gateway::start_with(&[], &listed).at);
}

#[test]
fn mistakes_say_where_they_are() {
    let fails = |arguments: &[&str], said: &[&str]| {
        let ran = crate::run::rpcx(&[&["gateway"], arguments].concat());
        assert_eq!(ran.code, Some(2), "{ran:?}");
        for text in said {
            assert!(ran.err.contains(text), "no {text} in {ran:?}");
        }
    };
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("wrong.toml");
    let path = file.to_str().unwrap();
    for (text, said) in [
        (
            "listn = [\"tcp@x:1\"]",
            &["wrong.toml", "no option `listn`", "`listen`"][..],
        ),
        ("timeout = 5", &["500ms"]),
        ("timeout = { a = 1 }", &["`timeout` has to be"]),
        ("timeout = ", &["wrong.toml", "line 1"]),
    ] {
        std::fs::write(&file, text).unwrap();
        fails(&["127.0.0.1:1", "--config", path], said);
    }
    fails(
        &["127.0.0.1:1", "--config", "nowhere.toml"],
        &["nowhere.toml"],
    );
    fails(&[], &["ADDRESS"]);
    fails(&["127.0.0.1:1", "static://127.0.0.1:1"], &["is a registry"]);
    fails(&["127.0.0.1:1", "--listen-cert", "x.pem"], &["go together"]);
    fails(
        &["127.0.0.1:1", "-l", "tcp@127.0.0.1:0", "--cors", "nonsense"],
        &["nonsense"],
    );
}

/// Before any call.
#[test]
fn it_knows_whether_there_are_servers_before_the_first_call() {
    let alone = Gateway::start(&["-l", "tcp@127.0.0.1:0", "127.0.0.1:1"]);
    assert!(!ask(&alone.at, "GET /readyz", "", "").0.contains("200"));
    let why = ask(&alone.at, "GET /readyz", "", "").1;
    assert!(is_ready(&alone.at, "503"), "{why}");
    assert!(ask(&alone.at, "GET /healthz", "", "").0.contains("200"));
    let rust = rust_server();
    let registry = format!("static://{rust}");
    for servers in [
        &[&*rust][..],
        &["127.0.0.1:1", &rust],
        &[&registry, "--service", "Arith"],
    ] {
        let gateway = Gateway::start(&[&["-l", "tcp@127.0.0.1:0"], servers].concat());
        assert!(is_ready(&gateway.at, "200"), "{servers:?}");
    }
    let nothing = [
        "-l",
        "tcp@127.0.0.1:0",
        "static://127.0.0.1:1",
        "--service",
        "Arith",
    ];
    let nothing = Gateway::start(&nothing);
    assert!(is_ready(&nothing.at, "503"));
    let said = ask(&nothing.at, "GET /readyz", "", "").1;
    assert_ne!(said.trim(), "ok");
}

/// Judged by what others have written: the package `openapi-spec-validator` of Python.
fn is_valid(openapi: &str) {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("gateway.openapi.json");
    std::fs::write(&file, openapi).expect("a file");
    let required = std::env::var("RPCX_OPENAPI").is_ok_and(|value| value == "required");
    let run = Command::new("openapi-spec-validator").arg(&file).output();
    match run {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(error) if required => panic!("openapi-spec-validator does not run: {error}"),
        Err(_) => println!("skipped: no openapi-spec-validator"),
    }
}

/// `/openapi.json` of a gateway, which a published validator takes: of servers that say it, of a registry from what its servers say, and of Go from names.
#[test]
fn what_is_behind_it_is_there_as_openapi() {
    let rust = rust_server();
    let registry = format!("static://{rust}");
    let openapi = |servers: &[&str]| {
        let gateway = Gateway::start(&[&["-l", "tcp@127.0.0.1:0"], servers].concat());
        let (status, body) = ask(&gateway.at, "GET /openapi.json", "", "");
        assert!(status.contains("200"), "{servers:?}: {status} {body}");
        is_valid(&body);
        serde_json::from_str::<serde_json::Value>(&body).expect("JSON")
    };
    for servers in [&[&*rust][..], &[&registry, "--service", "Arith"]] {
        let made = openapi(servers);
        assert_eq!(made["openapi"], "3.1.0", "{servers:?}");
        let body = &made["paths"]["/Arith/Mul"]["post"]["requestBody"]["content"];
        let schema = &body["application/json"]["schema"]["$ref"];
        let name = schema.as_str().expect("a reference").rsplit('/').next();
        let args = &made["components"]["schemas"][name.expect("a name")];
        assert_eq!(args["properties"]["A"]["format"], "int64", "{made}");
    }
    let Some(go) = go_server_with(&["-reflection"]) else {
        return;
    };
    let made = openapi(&[&go.address]);
    assert!(made["paths"]["/Arith/Mul"]["post"].is_object(), "{made}");
}

#[test]
fn it_is_not_ready_without_servers_and_stops_in_good_order() {
    let gateway = Gateway::start(&["-l", "tcp@127.0.0.1:0", "127.0.0.1:1"]);
    let (status, problem) = ask(&gateway.at, "POST /Arith/Mul", "", MUL);
    assert!(
        status.contains("502") && problem.contains("not-run"),
        "{status} {problem}"
    );
    assert!(is_ready(&gateway.at, "503"));
    let rust = rust_server();
    let mut gateway = Gateway::start(&["-l", "tcp@127.0.0.1:0", &rust, "--drain-delay", "500ms"]);
    let at = gateway.at.clone();
    let running = std::thread::spawn(move || ask(&at, "POST /Arith/Sleep", "", "1500").0);
    std::thread::sleep(std::time::Duration::from_millis(300));
    gateway.terminate();
    assert!(
        running.join().unwrap().contains("200"),
        "what runs is answered"
    );
    assert!(gateway.child.wait().unwrap().success());
}
