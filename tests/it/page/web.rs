//! The example `web` as its visitors have it: the page compiled, served by the program, and used in a browser.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use super::devtools::Browser;
use crate::compiler::{compiled, folder};
use crate::examples::example;

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It runs until it is killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The compiled page; none where there is no compiler.
fn site() -> Option<std::path::PathBuf> {
    let folder = folder("web-example");
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/web");
    for name in ["client.ts", "page.ts", "rpcx.ts"] {
        std::fs::copy(web.join(name), folder.join(name)).unwrap();
    }
    compiled(&folder).then(|| folder.join("out"))
}

fn start(site: &Path) -> (Running, String) {
    let mut child = example("web")
        .args(["--addr", "127.0.0.1:0", "--site"])
        .arg(site)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = child.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    (Running(child), line.trim().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_web_is_used_in_a_browser() {
    let Some(mut browser) = Browser::start("web-example").await else {
        return;
    };
    let Some(site) = tokio::task::spawn_blocking(site).await.unwrap() else {
        return;
    };
    let (_running, page) = tokio::task::spawn_blocking(move || start(&site))
        .await
        .unwrap();
    browser
        .ask("Page.navigate", serde_json::json!({"url": page}))
        .await;
    // What is there already, by `fetch`, and the connection for what comes, by WebSocket.
    browser.until("document.querySelector('#notes li')").await;
    let live = "document.querySelector('#live').textContent";
    browser.until(&format!("{live} === 'open'")).await;
    let write = |text: &str| {
        format!(
            "(form => {{ form.author.value = 'Ada'; form.text.value = {text:?}; form.requestSubmit(); }})(document.querySelector('#write'))"
        )
    };
    browser.value(&write("a note")).await;
    let is_shown = "[...document.querySelectorAll('#notes li')].some(one => one.textContent.startsWith('Ada: a note'))";
    browser.until(is_shown).await;
    // An error of the method, by its class.
    browser.value(&write(&"x".repeat(201))).await;
    let status = "document.querySelector('#status').value";
    browser
        .until(&format!("{status} === 'At most 200 characters.'"))
        .await;
    // A note of another visitor comes by itself.
    let other = "fetch('/Board/Write', {method: 'POST', body: JSON.stringify({Author: 'Bob', Text: 'hello'})}).then(() => 'sent')";
    assert_eq!(browser.text(other).await, "sent");
    let pushed = "[...document.querySelectorAll('#notes li')].some(one => one.textContent.startsWith('Bob: hello'))";
    browser.until(pushed).await;
    assert_eq!(browser.complaints, [""; 0]);
}
