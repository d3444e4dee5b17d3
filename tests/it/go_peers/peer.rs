//! Builds the Go programs once, starts and runs them.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// The built Go programs.
pub(crate) struct Programs {
    pub(super) server: PathBuf,
    pub(super) client: PathBuf,
    /// Serves and calls through generated code.
    forms: PathBuf,
}

/// The Go programs, or `None` where there is no `go` and none is required.
pub(crate) fn programs() -> Option<&'static Programs> {
    static BUILT: OnceLock<Option<Programs>> = OnceLock::new();
    let programs = BUILT
        .get_or_init(|| if has_go() { Some(build()) } else { None })
        .as_ref();
    if programs.is_none() {
        assert!(
            !required(),
            "RPCX_INTEROP=required, but `go version` does not run"
        );
        println!("skipped: no go");
    }
    programs
}

/// Whether a missing `go` is a failure.
pub(crate) fn required() -> bool {
    std::env::var("RPCX_INTEROP").is_ok_and(|value| value == "required")
}

pub(crate) fn has_go() -> bool {
    Command::new("go")
        .arg("version")
        .output()
        .is_ok_and(|output| output.status.success())
}

/// Builds one program of `tests/interop` into `folder`, with these arguments of `go build`.
pub(super) fn build_program(folder: &str, name: &str, arguments: &[&str]) -> PathBuf {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(folder)
        .join(name);
    let output = Command::new("go")
        .arg("build")
        .args(arguments)
        .arg("-o")
        .arg(&path)
        .arg(format!("./{name}"))
        .current_dir(&module)
        .output()
        .expect("go ran a moment ago");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "go build ./{name} failed:\n{errors}"
    );
    path
}

fn build() -> Programs {
    let program = |name: &str| build_program("go", name, &[]);
    Programs {
        server: program("server"),
        client: program("client"),
        forms: program("forms"),
    }
}

/// A running Go server; it ends when this is dropped.
pub(crate) struct GoServer {
    child: Child,
    /// `host:port`
    pub(crate) address: String,
}

impl Programs {
    /// Starts the Go server on `address` (`host:port`, port 0 for any) and waits until it listens.
    pub(crate) fn serve(&self, address: &str) -> GoServer {
        start(&self.server, address, &[])
    }

    /// The same on `network@host:port`, with further options.
    pub(crate) fn serve_with(&self, address: &str, options: &[&str]) -> GoServer {
        start(&self.server, address, options)
    }

    /// The same with the service of `tests/interop/generated`.
    pub(crate) fn serve_forms(&self) -> GoServer {
        start(&self.forms, "127.0.0.1:0", &[])
    }

    /// Runs the Go client against `address` and checks that it ran cases and that all passed.
    pub(crate) fn call(&self, address: &str, arguments: &[&str]) {
        run(&self.client, address, arguments);
    }

    /// Lets the Go client call as `case` says, one of those that count; how many calls were answered.
    pub(crate) fn answered(&self, address: &str, case: &str) -> u64 {
        let mut client = Command::new(&self.client);
        client.args(["-addr", address, "-codec", "raw", "-case", case]);
        let output = client.output().expect("the Go client was built");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(!text.contains("fail "), "the Go client said {text:?}");
        let answered = text.lines().find_map(|line| line.strip_prefix("answered "));
        let answered = answered.and_then(|count| count.parse().ok());
        answered.unwrap_or_else(|| panic!("the Go client said {text:?}"))
    }

    /// The same with the service of `tests/interop/generated`.
    pub(crate) fn call_forms(&self, address: &str, codec: &str) {
        run(&self.forms, address, &["-codec", codec]);
    }
}

pub(super) fn start(program: &Path, address: &str, arguments: &[&str]) -> GoServer {
    let child = Command::new(program)
        .args(["-addr", address])
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the Go server was built");
    // In its place already, so that the child ends even if its output is not what is expected.
    let mut server = GoServer {
        child,
        address: String::new(),
    };
    let stdout = server.child.stdout.take().expect("the output is piped");
    let mut line = String::new();
    BufReader::new(stdout)
        .read_line(&mut line)
        .expect("the output is text");
    server.address = match line.trim().strip_prefix("listening ") {
        Some(address) => address.to_owned(),
        None => panic!("the Go server on {address} said {line:?}, not where it listens"),
    };
    server
}

pub(super) fn run(program: &Path, address: &str, arguments: &[&str]) {
    let output = Command::new(program)
        .args(["-addr", address])
        .args(arguments)
        .output()
        .expect("the Go client was built");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.lines().any(|line| line.starts_with("ok ")),
        "the Go client with {arguments:?} ended with {}:\n{said}{errors}",
        output.status
    );
}

impl Drop for GoServer {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn go_calls_go() {
    let Some(go) = programs() else { return };
    let server = go.serve("127.0.0.1:0");
    for codec in ["msgpack", "json", "raw"] {
        go.call(&server.address, &["-codec", codec, "-served-by", "go"]);
        go.call(&server.address, &["-codec", codec, "-gzip", "-case", "all"]);
    }
}
