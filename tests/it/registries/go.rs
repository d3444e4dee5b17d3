//! The Go program of `tests/interop/registries`: a server that registers, an XClient that discovers.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use super::servers::Registry;
use crate::go_peers::peer::{has_go, required};

/// The built program, or `None` where there is no `go` and none is required.
fn program() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(|| has_go().then(build)).as_deref();
    if built.is_none() {
        assert!(
            !required(),
            "RPCX_INTEROP=required, but `go version` does not run"
        );
        println!("skipped: no go");
    }
    built
}

fn build() -> PathBuf {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/registries");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go/registries");
    let mut command = Command::new("go");
    command
        .args(["build", "-o"])
        .arg(&program)
        .current_dir(module);
    let output = command.output().expect("go ran a moment ago");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "go build failed:\n{errors}");
    program
}

/// How often a Go server is started that ends at once: on a busy machine the plugins may give up before they are
/// connected.
const ATTEMPTS: u32 = 5;

/// A running program, which ends when this is dropped.
pub(crate) struct Go {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// `tcp@host:port` of a server.
    pub(crate) address: String,
}

impl Go {
    /// A server that has registered; these are further options.
    pub(crate) fn serve(kind: &str, registry: &Registry, options: &[&str]) -> Option<Self> {
        Self::serve_with(&[&at(kind, registry)[..], &texts(options)].concat())
    }

    /// The same, without a registry of its own.
    pub(crate) fn serve_with(options: &[String]) -> Option<Self> {
        for _ in 0..ATTEMPTS {
            let mut go = start(&[&["-serve".to_owned()][..], options].concat())?;
            let line = go.line();
            if let Some(address) = line.strip_prefix("listening ") {
                go.address = address.to_owned();
                return Some(go);
            }
            assert_eq!(line, "", "the Go server does not say where it listens");
        }
        panic!("the Go server has ended {ATTEMPTS} times before it listened");
    }

    /// An XClient that has asked the registry.
    pub(crate) fn discover(kind: &str, registry: &Registry, options: &[&str]) -> Option<Self> {
        Self::discover_with(&[&at(kind, registry)[..], &texts(options)].concat())
    }

    /// The same, without a registry of its own.
    pub(crate) fn discover_with(options: &[String]) -> Option<Self> {
        let mut go = start(options)?;
        assert_eq!(go.line(), "found");
        Some(go)
    }

    /// `ok 200`, or an error.
    pub(crate) fn call(&mut self) -> String {
        self.ask("call")
    }

    /// The nodes that the plugin has.
    pub(crate) fn list(&mut self) -> BTreeMap<String, String> {
        let line = self.ask("list");
        serde_json::from_str(&line).unwrap_or_else(|why| panic!("{why}: {line}"))
    }

    fn ask(&mut self, question: &str) -> String {
        let input = self.input.as_mut().expect("it has an input");
        writeln!(input, "{question}").unwrap();
        self.line()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output
            .read_line(&mut line)
            .expect("the output is text");
        line.trim_end().to_owned()
    }

    /// Lets a server leave the registry and end.
    pub(crate) fn stop(mut self) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(status.unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Go {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the registry is.
fn at(kind: &str, registry: &Registry) -> Vec<String> {
    let folder = registry.folder.to_str().expect("its name is text");
    texts(&[
        "-registry",
        kind,
        "-at",
        &registry.address(),
        "-folder",
        folder,
    ])
}

pub(crate) fn texts(options: &[&str]) -> Vec<String> {
    options.iter().map(|&option| option.to_owned()).collect()
}

fn start(options: &[String]) -> Option<Go> {
    let mut child = Command::new(program()?)
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it was built");
    let output = child.stdout.take().expect("the output is piped");
    Some(Go {
        input: child.stdin.take(),
        child,
        output: BufReader::new(output),
        address: String::new(),
    })
}
