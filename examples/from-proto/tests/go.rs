//! The generated code and a Go program, which has its messages from the same `.proto` files: each calls
//! the other. The program is `tests/interop/greeter`.
//!
//! Skipped where no `go` is installed; with `RPCX_INTEROP=required` that is a failure.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

include!(concat!(env!("OUT_DIR"), "/rpcx_protos.rs"));

use google::protobuf::Timestamp;
use hello::{Greeter, GreeterClient, GreeterServer, HelloReply, HelloRequest};
use people::Person;
use people::person::Contact;
use rpcx::{Channel, Codec};

struct MyGreeter;

/// As many seconds before 1970 as there are titles, and nearly one more.
fn at(titles: usize) -> Timestamp {
    Timestamp {
        seconds: -i64::try_from(titles).expect("a few"),
        nanos: 999_999_999,
    }
}

impl Greeter for MyGreeter {
    async fn say_hello(&self, req: HelloRequest) -> rpcx::Result<HelloReply> {
        let person = req
            .person
            .ok_or_else(|| rpcx::Error::service("nobody to greet"))?;
        let title = person.titles.get("en").map_or("", String::as_str);
        let answer = match &person.contact {
            Some(Contact::Mail(mail)) => format!("write to {mail}"),
            Some(Contact::Phone(number)) => format!("call {number}"),
            None => "be quiet".to_owned(),
        };
        Ok(HelloReply {
            message: format!("hello {title} {}, I shall {answer}", person.name),
            at: Some(at(person.titles.len())),
        })
    }
}

/// The built Go program, or `None` where there is no `go` and none is required.
fn program() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let program = BUILT.get_or_init(build).as_deref();
    if program.is_none() {
        let required = std::env::var("RPCX_INTEROP").is_ok_and(|value| value == "required");
        assert!(!required, "RPCX_INTEROP=required, but there is no `go`");
        println!("skipped: no go");
    }
    program
}

fn build() -> Option<PathBuf> {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/interop");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go/greeter");
    let output = Command::new("go")
        .args(["build", "-o"])
        .arg(&path)
        .arg("./greeter")
        .current_dir(module)
        .output()
        .ok()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "go build failed:\n{errors}");
    Some(path)
}

/// A running Go server; it ends when this is dropped.
struct GoServer(Child);

impl Drop for GoServer {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(program: &Path) -> (GoServer, String) {
    let child = Command::new(program).stdout(Stdio::piped()).spawn();
    let mut server = GoServer(child.expect("the Go program was built"));
    let stdout = server.0.stdout.take().expect("the output is piped");
    let mut line = String::new();
    BufReader::new(stdout)
        .read_line(&mut line)
        .expect("the output is text");
    match line.trim().strip_prefix("listening ") {
        Some(address) => (server, format!("tcp@{address}")),
        None => panic!("the Go server said {line:?}, not where it listens"),
    }
}

/// The codecs that a Go service answers in, and this one too.
const CODECS: [(&str, Codec); 3] = [
    ("protobuf", Codec::PROTOBUF),
    ("msgpack", Codec::MSGPACK),
    ("json", Codec::JSON),
];

fn call(program: &Path, address: &str, codec: &str) {
    let output = Command::new(program)
        .args(["-call", "-addr", address, "-codec", codec])
        .output()
        .expect("the Go program was built");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    let passed = said.lines().filter(|line| line.starts_with("ok "));
    let wanted = if codec == "json" { 4 } else { 6 };
    assert!(
        output.status.success() && passed.count() == wanted,
        "the Go client ended with {}:\n{said}{errors}",
        output.status
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn go_calls_rust() {
    let Some(go) = program() else { return };
    let server = rpcx::Server::builder()
        .register(GreeterServer::new(MyGreeter))
        .listen("tcp@127.0.0.1:0");
    let server = server.bind().await.expect("a free port");
    let address = server.addresses()[0].location().to_owned();
    tokio::spawn(server.serve_until(std::future::pending()));
    let run = move || CODECS.map(|(codec, _)| call(go, &address, codec));
    tokio::task::spawn_blocking(run)
        .await
        .expect("the Go client passed");
}

fn person(name: &str, titles: &[(&str, &str)], contact: Option<Contact>) -> Person {
    let titles = titles.iter();
    Person {
        name: name.to_owned(),
        titles: titles
            .map(|(language, title)| ((*language).to_owned(), (*title).to_owned()))
            .collect::<HashMap<_, _>>(),
        contact,
    }
}

/// The same answers as in process.
async fn asks(greeter: &impl Greeter) {
    asks_some(greeter, |_| true).await;
}

/// The same for some persons.
async fn asks_some(greeter: &impl Greeter, which: fn(&Person) -> bool) {
    let titles = [("en", "Lady"), ("de", "Gräfin"), ("", "")];
    for (person, message) in [
        (
            person("Lovelace", &titles, Some(Contact::Phone(u64::MAX))),
            "hello Lady Lovelace, I shall call 18446744073709551615",
        ),
        (
            person("世界", &titles[1..], Some(Contact::Mail("a@b".to_owned()))),
            "hello  世界, I shall write to a@b",
        ),
        (
            person("", &[], Some(Contact::Mail(String::new()))),
            "hello  , I shall write to ",
        ),
        (
            person("", &[], Some(Contact::Phone(0))),
            "hello  , I shall call 0",
        ),
        (person("", &[], None), "hello  , I shall be quiet"),
        (
            person("Ada", &titles, None),
            "hello Lady Ada, I shall be quiet",
        ),
    ] {
        if !which(&person) {
            continue;
        }
        let at = Some(at(person.titles.len()));
        let person = Some(person);
        let reply = greeter.say_hello(HelloRequest { person }).await.unwrap();
        let message = message.to_owned();
        assert_eq!(reply, HelloReply { message, at });
    }
    let error = greeter.say_hello(HelloRequest::default()).await;
    assert_eq!(error.unwrap_err().to_string(), "nobody to greet");
}

#[tokio::test]
async fn rust_calls_go() {
    let Some(go) = program() else { return };
    let (_server, address) = serve(go);
    let channel = Channel::connect(&address).await;
    let channel = channel.expect("the Go server listens");
    asks(&GreeterClient::new(channel)).await;
    for (_, codec) in CODECS {
        let builder = Channel::builder().address(&address).codec(codec);
        let channel = builder.build().await.expect("the Go server listens");
        // Go reads a `oneof` in no other codec than protobuf
        let which = match codec {
            Codec::PROTOBUF => |_: &Person| true,
            _ => |person: &Person| person.contact.is_none(),
        };
        asks_some(&GreeterClient::new(channel), which).await;
    }
}

/// Recorded from Go, but for the order of the fields: `encoding/json`, and msgpack of `vmihailenco`.
#[tokio::test]
async fn the_names_are_those_of_go() {
    let server = rpcx::Server::builder()
        .register(GreeterServer::new(MyGreeter))
        .listen("mem@from-proto-names");
    let server = server.bind().await.expect("the only one of this name");
    tokio::spawn(server.serve_until(std::future::pending()));
    let channel = Channel::connect("mem@from-proto-names").await;
    let channel = channel.expect("the server listens");
    let raw = channel.raw("Greeter", "SayHello");
    for (asked, answer) in [
        (
            r#"{"person":{"name":"Ada","titles":{"en":"Lady"},"Contact":{"Phone":7}}}"#,
            r#"{"message":"hello Lady Ada, I shall call 7","at":{"seconds":-1,"nanos":999999999}}"#,
        ),
        (
            r#"{"Person":{"Name":null,"Contact":{"mail":"a"},"XXX_sizecache":0}}"#,
            r#"{"message":"hello  , I shall write to a","at":{"nanos":999999999}}"#,
        ),
    ] {
        let call = raw
            .clone()
            .codec(Codec::JSON)
            .call(asked.as_bytes().to_vec());
        let reply = call.await.expect("an answer");
        assert_eq!(String::from_utf8_lossy(&reply.payload), answer);
    }
    let asked = b"\x81\xa6Person\x83\xa4Name\xa3Ada\xa6Titles\xc0\xa7Contact\x81\xa4Mail\xa1a";
    let call = raw.clone().codec(Codec::MSGPACK).call(asked.to_vec());
    let reply = call.await.expect("an answer");
    let answer: &[u8] = b"\x82\xa7Message\xbehello  Ada, I shall write to a\xa2At\x82\xa7Seconds\x00\xa5Nanos\xce\x3b\x9a\xc9\xff";
    let shown = String::from_utf8_lossy(&reply.payload);
    assert_eq!(&reply.payload[..], answer, "{shown}");
}

#[tokio::test]
async fn rust_calls_rust() {
    asks(&MyGreeter).await;
    let in_process = rpcx::InProcess::new(GreeterServer::new(MyGreeter));
    asks(&GreeterClient::new(in_process)).await;
}

#[test]
fn go_calls_go() {
    let Some(go) = program() else { return };
    let (_server, address) = serve(go);
    call(go, address.trim_start_matches("tcp@"), "protobuf");
}
