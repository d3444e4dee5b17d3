//! The way of a newcomer: `cargo run --example gateway`, a call in the page, the same call in a terminal and in TypeScript by
//! copying. Each text is taken from where it is shown, and run as it is.
//!
//! Where there is no Chromium, node or npm the test says so and goes as far as it can; `RPCX_BROWSER=required` and
//! `RPCX_TYPESCRIPT=required` make that a failure.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::compiler::{compiled, folder};
use crate::devtools::Browser;

/// A running example; it ends when this is dropped.
pub(crate) struct Example {
    child: Child,
    lines: Vec<String>,
}

impl Example {
    /// The command of the README, on a port of its own.
    pub(crate) fn start() -> Self {
        let mut child = Command::new(env!("CARGO"))
            .args(["run", "--quiet", "--example", "gateway", "--"])
            .args(["--addr", "tcp@127.0.0.1:0"])
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
            .stdout(Stdio::piped())
            .spawn()
            .expect("cargo runs this test");
        let stdout = child.stdout.take().expect("it is piped");
        let lines = BufReader::new(stdout).lines().take(2);
        let lines = lines.collect::<Result<_, _>>().expect("text");
        Self { child, lines }
    }

    /// `host:port`
    pub(crate) fn at(&self) -> &str {
        let page = self.lines[1].strip_prefix("in a browser: http://");
        page.expect("where the page is").trim_end_matches('/')
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        // The program that cargo has started ends by its own number: cargo has become it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a line prints in a shell that finds `rpcx`; none if it lacks another program.
fn shell(line: &str) -> Option<String> {
    let rpcx = Path::new(env!("CARGO_BIN_EXE_rpcx"));
    let folder = rpcx.parent().expect("it is in a folder").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(folder).chain(std::env::split_paths(&path));
    let path = std::env::join_paths(paths.collect::<Vec<PathBuf>>()).expect("paths");
    let shell = Command::new("sh")
        .args(["-c", line])
        .env("PATH", path)
        .output();
    let ran = shell.expect("a shell");
    if ran.status.code() == Some(127) {
        println!("skipped: {line}");
        return None;
    }
    assert!(ran.status.success(), "{line}: {ran:?}");
    Some(String::from_utf8_lossy(&ran.stdout).trim().to_owned())
}

async fn copied_as(browser: &mut Browser, language: usize) -> String {
    let choose = format!("document.querySelectorAll('.snippet [role=tab]')[{language}].click()");
    browser.value(&choose).await;
    browser
        .text("document.querySelector('.snippet pre').textContent")
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newcomer_gets_from_the_example_to_a_page_a_terminal_and_typescript() {
    let example = tokio::task::spawn_blocking(Example::start)
        .await
        .expect("it starts");
    let [curl, page] = &example.lines[..] else {
        panic!("{:?}", example.lines);
    };
    if let Some(said) = shell(&format!("{curl} -s -m 60")) {
        assert_eq!(said, r#"{"C":200}"#);
    }
    let page = page
        .strip_prefix("in a browser: ")
        .expect("where the page is");
    let Some(mut browser) = Browser::start("newcomer").await else {
        return;
    };
    browser
        .open(&format!("{page}#/Arith/Mul?args=%7B%22A%22:6,%22B%22:7%7D"))
        .await;
    browser.press(&["Control+Enter"]).await;
    browser.until("document.querySelector('.reply pre')").await;
    let reply = "document.querySelector('.reply pre').textContent.replaceAll(/\\s/g, '')";
    assert_eq!(browser.text(reply).await, r#"{"C":42}"#);
    for (language, name) in [(0, "curl"), (1, "rpcx call")] {
        let line = copied_as(&mut browser, language).await;
        assert!(line.starts_with(name), "{line}");
        if let Some(said) = shell(&line) {
            assert_eq!(said, r#"{"C":42}"#, "{line}");
        }
    }
    let text = copied_as(&mut browser, 3).await;
    drop(browser);
    tokio::task::spawn_blocking(move || type_script(&text))
        .await
        .expect("it runs");
}

/// The copied TypeScript beside the client that is generated of the example, compiled and run.
fn type_script(text: &str) {
    let folder = folder("newcomer");
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/gateway.rs");
    let generated = rpcx_build::configure()
        .trait_file(example)
        .emit_rust(false)
        .typescript(folder.join("client.ts"))
        .try_compile();
    generated.expect("the example is a trait file, too");
    let program = format!("{text}\nconsole.log(reply.c);\n");
    std::fs::write(folder.join("call.ts"), program).expect("a file");
    if !compiled(&folder) {
        return;
    }
    let ran = Command::new("node")
        .arg(folder.join("out/call.js"))
        .output();
    let ran = ran.expect("there is node");
    assert_eq!(
        String::from_utf8_lossy(&ran.stdout).trim(),
        "42n",
        "{ran:?}"
    );
}
