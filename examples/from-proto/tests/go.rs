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

use hello::{Greeter, GreeterClient, GreeterServer, HelloReply, HelloRequest};
use people::Person;
use people::person::Contact;

struct MyGreeter;

/// As many seconds before 1970 as there are titles, and nearly one more.
fn at(titles: usize) -> prost_types::Timestamp {
    prost_types::Timestamp {
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

fn call(program: &Path, address: &str) {
    let output = Command::new(program)
        .args(["-call", "-addr", address])
        .output()
        .expect("the Go program was built");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.lines().filter(|line| line.starts_with("ok ")).count() == 6,
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
    tokio::task::spawn_blocking(move || call(go, &address))
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
    ] {
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
    let channel = rpcx::Channel::connect(&address).await;
    let channel = channel.expect("the Go server listens");
    asks(&GreeterClient::new(channel)).await;
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
    call(go, address.trim_start_matches("tcp@"));
}
