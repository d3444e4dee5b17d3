//! A headless Chromium, driven over its DevTools protocol.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::browser::find_browser;

/// A cold start on a busy machine takes seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often a page is asked whether something has happened.
const PAUSE: Duration = Duration::from_millis(20);

/// Screenshots are long messages.
const LONGEST_MESSAGE: usize = 64 << 20;

/// A browser with one page. It ends when it is dropped.
pub(crate) struct Browser {
    socket: WebSocketStream<TcpStream>,
    /// Kept for its end.
    _process: Child,
    session: Option<String>,
    last: u64,
    /// What the page has complained about: exceptions and violations of its policy.
    pub(crate) complaints: Vec<String>,
}

impl Browser {
    /// `None` where there is no browser and none is required.
    pub(crate) async fn start(profile: &str) -> Option<Self> {
        let program = find_browser().await?;
        let profile = folder().join(format!("profile-{profile}"));
        let _ = std::fs::remove_dir_all(&profile);
        let mut process = Command::new(program)
            .args(["--headless", "--disable-gpu", "--disable-dev-shm-usage"])
            // Chromium has no sandbox for root; the page is ours.
            .arg("--no-sandbox")
            .args(["--no-first-run", "--disable-background-networking"])
            .args(["--disable-component-update", "--hide-scrollbars"])
            .arg("--remote-debugging-port=0")
            .arg(format!("--user-data-dir={}", profile.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it ran a moment ago");
        let errors = process.stderr.take().expect("it is piped");
        let url = tokio::time::timeout(PATIENCE, listening(errors)).await;
        let url = url.expect("the browser says where it listens");
        let config = WebSocketConfig::default()
            .max_message_size(Some(LONGEST_MESSAGE))
            .max_frame_size(Some(LONGEST_MESSAGE));
        let at = url.trim_start_matches("ws://").split('/').next().unwrap();
        let stream = TcpStream::connect(at).await.unwrap();
        let connecting = tokio_tungstenite::client_async_with_config(&url, stream, Some(config));
        let (socket, _) = connecting.await.unwrap();
        let mut browser = Self {
            socket,
            _process: process,
            session: None,
            last: 0,
            complaints: Vec::new(),
        };
        browser.attach().await;
        Some(browser)
    }

    async fn attach(&mut self) {
        let target = self
            .ask("Target.createTarget", json!({"url": "about:blank"}))
            .await;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.ask("Target.attachToTarget", attach).await;
        self.session = Some(session["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log"] {
            self.ask(&format!("{domain}.enable"), json!({})).await;
        }
        let focus = json!({"enabled": true});
        self.ask("Emulation.setFocusEmulationEnabled", focus).await;
    }

    /// Sends a command and waits for its result.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut command = json!({"id": self.last, "method": method, "params": params});
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        self.socket
            .send(Message::text(command.to_string()))
            .await
            .unwrap();
        let answer = tokio::time::timeout(PATIENCE, self.answer(self.last)).await;
        let answer = answer.unwrap_or_else(|_| panic!("{method} is not answered"));
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    async fn answer(&mut self, id: u64) -> Value {
        loop {
            let message = self.socket.next().await.expect("the browser runs").unwrap();
            let Message::Text(text) = message else {
                continue;
            };
            let message: Value = serde_json::from_str(&text).unwrap();
            if message["id"] == id {
                return message;
            }
            self.note(&message);
        }
    }

    fn note(&mut self, event: &Value) {
        let params = &event["params"];
        match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => self.complaints.push(params.to_string()),
            // A failed call is in the log as `network`, and no complaint.
            Some("Log.entryAdded") if params["entry"]["source"] != "network" => {
                self.complaints.push(params["entry"]["text"].to_string());
            }
            _ => {}
        }
    }

    /// Opens a page.
    pub(crate) async fn open(&mut self, url: &str) {
        // An address that differs behind its `#` alone would be no new page.
        self.ask("Page.navigate", json!({"url": "about:blank"}))
            .await;
        self.ask("Page.navigate", json!({"url": url})).await;
        self.until("document.readyState === 'complete' && document.querySelector('main')?.children.length > 0").await;
    }

    /// The value of an expression in the page.
    pub(crate) async fn value(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let result = self.ask("Runtime.evaluate", params).await;
        let thrown = &result["exceptionDetails"];
        assert!(thrown.is_null(), "{expression}: {thrown}");
        result["result"]["value"].clone()
    }

    /// The same, of a text.
    pub(crate) async fn text(&mut self, expression: &str) -> String {
        let value = self.value(expression).await;
        value
            .as_str()
            .unwrap_or_else(|| panic!("{expression}: {value}"))
            .to_owned()
    }

    /// Waits until an expression is true.
    pub(crate) async fn until(&mut self, expression: &str) {
        let begin = tokio::time::Instant::now();
        while self.value(&format!("Boolean({expression})")).await != true {
            if begin.elapsed() > PATIENCE {
                let body = self.text("document.body.innerText").await;
                panic!("{expression} is not true; the page:\n{body}");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Types a text, key by key.
    pub(crate) async fn write(&mut self, text: &str) {
        for char in text.chars() {
            self.key((&char.to_string(), ""), 0, 0, &char.to_string())
                .await;
        }
    }

    /// Presses keys by their names: `Tab`, `Enter`, `ArrowDown`, `Control+Enter`, `Shift+Tab`.
    pub(crate) async fn press(&mut self, keys: &[&str]) {
        for key in keys {
            let name = key.rsplit('+').next().unwrap();
            let control = if key.contains("Control+") { 2 } else { 0 };
            let shift = if key.contains("Shift+") { 8 } else { 0 };
            let (number, text) = match name {
                "Tab" => (9, ""),
                "Enter" => (13, "\r"),
                "Escape" => (27, ""),
                "Space" => (32, " "),
                "ArrowLeft" => (37, ""),
                "ArrowUp" => (38, ""),
                "ArrowRight" => (39, ""),
                "ArrowDown" => (40, ""),
                "a" => (65, ""),
                "k" => (75, ""),
                other => panic!("no such key: {other}"),
            };
            self.key((name, name), control + shift, number, text).await;
        }
    }

    async fn key(&mut self, (key, code): (&str, &str), modifiers: u8, number: u32, text: &str) {
        let mut event = json!({"type": "keyDown", "key": key, "code": code, "modifiers": modifiers, "windowsVirtualKeyCode": number});
        if !text.is_empty() {
            event["text"] = json!(text);
        }
        self.ask("Input.dispatchKeyEvent", event.clone()).await;
        event["type"] = json!("keyUp");
        self.ask("Input.dispatchKeyEvent", event).await;
    }

    /// What has the focus: its name, or its text.
    pub(crate) async fn focused(&mut self) -> String {
        let name = "(e => e === document.body ? '' : e.getAttribute('aria-label') ?? (e.labels?.[0]?.querySelector('.name') ?? e.labels?.[0] ?? e).textContent)(document.activeElement)";
        self.text(name).await.trim().to_owned()
    }

    /// Tab until something of this name has the focus.
    pub(crate) async fn tab_to(&mut self, name: &str) {
        let mut passed = Vec::new();
        while passed.len() < 80 {
            self.press(&["Tab"]).await;
            let focused = self.focused().await;
            if focused == name {
                return;
            }
            passed.push(focused);
        }
        panic!("Tab does not come to {name}, but to {passed:?}");
    }

    /// How large the window is, in pixels, and what the system likes.
    pub(crate) async fn show(&mut self, (width, height): (u32, u32), theme: &str) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.ask("Emulation.setDeviceMetricsOverride", size).await;
        let features = json!({"features": [
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        self.ask("Emulation.setEmulatedMedia", features).await;
    }

    /// A picture of the window, kept beside the other output of the tests.
    pub(crate) async fn picture(&mut self, name: &str) -> PathBuf {
        let taken = self
            .ask("Page.captureScreenshot", json!({"format": "png"}))
            .await;
        let data = taken["data"].as_str().unwrap();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(data)
            .unwrap();
        let path = folder().join(format!("{name}.png"));
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// Where pictures and profiles go.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The URL of the DevTools, which the browser writes among other things. What comes behind it is read, so that it can write.
async fn listening(errors: tokio::process::ChildStderr) -> String {
    let mut lines = BufReader::new(errors).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(url) = line.strip_prefix("DevTools listening on ") {
            let url = url.trim().to_owned();
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return url;
        }
    }
    panic!("the browser ended");
}
