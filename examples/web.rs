//! A web page that calls a server with the client that was generated for it, by `fetch` and over a WebSocket. One
//! server of axum has the page and the services on one port.
//!
//! ```text
//! npx -p typescript@5.9.3 tsc -p examples/web     # the page, from TypeScript to JavaScript
//! cargo run --example web                         # and open what it prints
//! ```
//! `client.ts` and `rpcx.ts` in [examples/web](web) are made of `board.rs`:
//! ```text
//! cargo rpcx gen --trait-file examples/web/board.rs --typescript examples/web/client.ts
//! ```
//! `--addr` listens elsewhere than on 127.0.0.1:8080; `--site` names another folder with the compiled page.

#[path = "web/board.rs"]
mod board;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use axum::Router;
use axum::http::header;
use axum::response::Html;
use axum::routing::{MethodRouter, get};
use board::{Board, BoardError, BoardServer, FollowerClient, Note};
use rpcx::gateway::Http;
use rpcx::{Context, Peer, Timestamp};
use tokio::net::TcpListener;

const MOST: u32 = 200;

/// Notes that are kept.
const KEPT: usize = 1000;

const JAVASCRIPT: [(header::HeaderName, &str); 1] = [(header::CONTENT_TYPE, "text/javascript")];

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/web");

#[derive(Default)]
struct MyBoard {
    notes: Mutex<Vec<Note>>,
    followers: Mutex<Vec<Peer>>,
}

impl MyBoard {
    fn add(&self, author: String, text: String) -> Note {
        let mut notes = self.notes.lock().unwrap_or_else(|dead| dead.into_inner());
        let note = Note {
            number: notes.last().map_or(1, |note| note.number + 1),
            author,
            text,
            written: Timestamp::now(),
        };
        if notes.len() == KEPT {
            notes.remove(0);
        }
        notes.push(note.clone());
        note
    }

    fn followers(&self) -> std::sync::MutexGuard<'_, Vec<Peer>> {
        self.followers
            .lock()
            .unwrap_or_else(|dead| dead.into_inner())
    }

    /// Tells all followers, and forgets those that have gone.
    async fn tell(&self, note: &Note) {
        let followers = std::mem::take(&mut *self.followers());
        for peer in followers {
            let told = FollowerClient::new(&peer).written(note.clone()).await;
            if told.is_ok() {
                self.followers().push(peer);
            }
        }
    }
}

impl Board for MyBoard {
    async fn list(&self) -> rpcx::Result<Vec<Note>> {
        let notes = self.notes.lock().unwrap_or_else(|dead| dead.into_inner());
        Ok(notes.clone())
    }

    async fn write(&self, author: String, text: String) -> Result<Note, BoardError> {
        match text.chars().count() {
            0 => return Err(BoardError::Empty),
            length if length > MOST as usize => return Err(BoardError::TooLong { most: MOST }),
            _ => {}
        }
        let note = self.add(author, text);
        self.tell(&note).await;
        Ok(note)
    }

    async fn follow(&self, ctx: &Context) -> rpcx::Result<()> {
        self.followers().extend(ctx.peer().cloned());
        Ok(())
    }
}

/// A script that the compiler has made.
fn script(site: &Path, name: &str) -> MethodRouter {
    let path = site.join(name);
    get(move || async { (JAVASCRIPT, std::fs::read(path).unwrap_or_default()) })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut address, mut folder) = (
        "127.0.0.1:8080".to_owned(),
        PathBuf::from(FOLDER).join("site"),
    );
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), arguments.next()) {
            ("--addr", Some(value)) => address = value,
            ("--site", Some(value)) => folder = value.into(),
            _ => return Err("expected `--addr HOST:PORT`, `--site FOLDER`, or nothing".into()),
        }
    }
    if !folder.join("page.js").exists() {
        return Err(
            "there is no site yet: run `npx -p typescript@5.9.3 tsc -p examples/web`".into(),
        );
    }
    let board = MyBoard::default();
    board.add("rpcx".to_owned(), "welcome".to_owned());
    let services = rpcx::Server::builder()
        .register(BoardServer::new(board))
        .http_service(Http::new())?;
    let site = Router::new()
        .route("/", get(|| async { Html(include_str!("web/index.html")) }))
        .route("/page.js", script(&folder, "page.js"))
        .route("/client.js", script(&folder, "client.js"))
        .route("/rpcx.js", script(&folder, "rpcx.js"))
        .fallback_service(services);
    let listener = TcpListener::bind(address).await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, site).await?;
    Ok(())
}
