//! JSON by HTTP/1.1: rpcx with HTTP on its port, and axum with the same handler. The client is the same for both, and as
//! small as one can be, so that it is the servers that are compared: a request a write, a response a connection at a time.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use axum::routing::post;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use bytes::{Buf, BytesMut};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

use super::rpcx::{BenchServer, Bencher};
use super::{Client, Peer};
use crate::message::Template;

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Factors {
    a: i32,
    b: i32,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Product {
    c: i32,
}

/// rpcx, with HTTP on.
pub(super) struct RpcxJson;

impl Peer for RpcxJson {
    type Client = Connection;

    async fn serve(address: SocketAddr) -> Result<()> {
        let server = rpcx::Server::builder()
            .register(BenchServer::new(Bencher))
            .http(rpcx::gateway::Http::new())
            .listen(format!("tcp@{address}"));
        Ok(server.serve().await?)
    }

    async fn connect(address: SocketAddr) -> Result<Connection> {
        Connection::open(address).await
    }
}

/// axum.
pub(super) struct Axum;

async fn mul(Json(args): Json<Factors>) -> Json<Product> {
    Json(Product {
        c: args.a.wrapping_mul(args.b),
    })
}

impl Peer for Axum {
    type Client = Connection;

    async fn serve(address: SocketAddr) -> Result<()> {
        let listener = TcpListener::bind(address).await?.tap_io(|stream| {
            // a socket that is gone already is noticed when it is read
            let _ = stream.set_nodelay(true);
        });
        let router = Router::new().route("/Bench/Mul", post(mul));
        Ok(axum::serve(listener, router).await?)
    }

    async fn connect(address: SocketAddr) -> Result<Connection> {
        Connection::open(address).await
    }
}

/// A connection with one request at a time.
#[derive(Clone)]
pub(super) struct Connection(Arc<Mutex<Wire>>);

struct Wire {
    stream: TcpStream,
    host: SocketAddr,
    read: BytesMut,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self(Arc::new(Mutex::new(Wire {
            stream,
            host: address,
            read: BytesMut::with_capacity(4096),
        }))))
    }
}

impl Wire {
    async fn ask(&mut self, body: &[u8]) -> Result<Product> {
        let head = format!(
            "POST /Bench/Mul HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.host,
            body.len()
        );
        let request = [head.as_bytes(), body].concat();
        self.stream.write_all(&request).await?;
        loop {
            if let Some((head, length)) = lengths(&self.read)? {
                while self.read.len() < head + length {
                    self.fill().await?;
                }
                let product = serde_json::from_slice(&self.read[head..head + length])?;
                self.read.advance(head + length);
                return Ok(product);
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<()> {
        self.read.reserve(4096);
        let read = self.stream.read_buf(&mut self.read).await?;
        ensure!(read > 0, "the server has closed the connection");
        Ok(())
    }
}

/// How long head and body of a response are, once the head is there.
fn lengths(bytes: &[u8]) -> Result<Option<(usize, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(bytes)? else {
        return Ok(None);
    };
    ensure!(response.code == Some(200), "status {:?}", response.code);
    let mut headers = response.headers.iter();
    let length = headers.find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = length.context("a response without a length")?.value;
    Ok(Some((head, std::str::from_utf8(length)?.parse()?)))
}

impl Client for Connection {
    async fn say(&self, _: &'static Template) -> Result<()> {
        bail!("this peer has `Mul` alone: modes e and h")
    }

    async fn mul(&self, a: i32, b: i32) -> Result<i32> {
        let body = serde_json::to_vec(&Factors { a, b })?;
        Ok(self.0.lock().await.ask(&body).await?.c)
    }

    async fn blob(&self, _: &'static Template) -> Result<()> {
        bail!("this peer has `Mul` alone: modes e and h")
    }
}
