//! HTTP on the ports of a server, without generated code. Typed calls, Go and other clients are in
//! `tests/it/http_door`.

mod abuse;
mod browsers;
mod common_form;
mod drain;
mod endings;
mod json_rpc;
mod one_port;
mod rules;
mod streams;
#[cfg(feature = "tower")]
mod tower;
mod turns;

use std::time::Duration;

use rpcx_runtime::gateway::Http;
use rpcx_runtime::server::ServerBuilder;
use rpcx_runtime::{Limits, Server, ServerHandle};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::echo::Echo;

/// A server that answers HTTP, and ends with the test.
pub(crate) struct Door {
    /// `host:port`
    pub(crate) at: String,
    pub(crate) handle: ServerHandle,
    pub(crate) echo: Echo,
    pub(crate) task: tokio::task::JoinHandle<rpcx_runtime::Result<()>>,
}

pub(crate) async fn door() -> Door {
    door_with(Http::new(), |builder| builder).await
}

pub(crate) async fn door_with(
    http: Http,
    more: impl FnOnce(ServerBuilder) -> ServerBuilder,
) -> Door {
    let echo = Echo::default();
    let builder = Server::builder()
        .register(echo.clone())
        .listen("tcp@127.0.0.1:0")
        .http(http);
    let server = more(builder).bind().await.unwrap();
    let address = server.addresses()[0].to_string();
    let handle = server.handle();
    Door {
        at: address.strip_prefix("tcp@").unwrap().to_owned(),
        handle,
        echo,
        task: tokio::spawn(server.serve()),
    }
}

/// Limits of which `set` has changed some.
pub(crate) fn limits(set: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::server();
    set(&mut limits);
    limits
}

impl Door {
    pub(crate) async fn connect(&self) -> Wire {
        Wire {
            stream: TcpStream::connect(&self.at).await.unwrap(),
            read: Vec::new(),
        }
    }

    /// One request on a connection of its own.
    pub(crate) async fn ask(&self, request: &str) -> Response {
        self.connect().await.ask(request.as_bytes()).await
    }

    /// `POST` with these headers, each with its end, and this body.
    pub(crate) async fn post(&self, path: &str, headers: &str, body: &str) -> Response {
        self.ask(&post(path, headers, body)).await
    }

    pub(crate) fn runs(&self) -> usize {
        self.echo.runs.load(std::sync::atomic::Ordering::SeqCst)
    }
}

pub(crate) fn post(path: &str, headers: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A connection, byte by byte.
pub(crate) struct Wire {
    pub(crate) stream: TcpStream,
    read: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The head, with small letters.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

impl Wire {
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The same to a server that may have closed.
    pub(crate) async fn try_send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes).await
    }

    pub(crate) async fn ask(&mut self, request: &[u8]) -> Response {
        self.send(request).await;
        self.response().await.expect("a response")
    }

    /// The next response, or `None` if the server closes the connection before it is whole.
    pub(crate) async fn response(&mut self) -> Option<Response> {
        loop {
            if let Some(end) = find(&self.read, b"\r\n\r\n") {
                let head = String::from_utf8(self.read[..end].to_vec()).unwrap();
                self.read.drain(..end + 4);
                return self.body(head).await;
            }
            self.fill().await?;
        }
    }

    async fn body(&mut self, head: String) -> Option<Response> {
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let mut response = Response {
            status,
            head: head.to_ascii_lowercase(),
            body: String::new(),
        };
        let length = response.header("content-length");
        let length: usize = length.map_or(0, |length| length.parse().unwrap());
        while self.read.len() < length {
            self.fill().await?;
        }
        let body = self.read.drain(..length).collect();
        response.body = String::from_utf8(body).unwrap();
        Some(response)
    }

    async fn fill(&mut self) -> Option<()> {
        let mut room = [0; 4096];
        let read = tokio::time::timeout(Duration::from_secs(60), self.stream.read(&mut room));
        match read.await.expect("the server says something") {
            Ok(0) | Err(_) => None,
            Ok(read) => {
                self.read.extend_from_slice(&room[..read]);
                Some(())
            }
        }
    }

    /// Waits until the server has closed it, and says what it sent before.
    pub(crate) async fn closed(&mut self) -> String {
        while self.fill().await.is_some() {}
        String::from_utf8_lossy(&self.read).into_owned()
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// Waits for something that happens soon.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..3000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} has not happened");
}
