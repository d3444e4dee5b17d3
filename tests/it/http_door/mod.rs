//! HTTP on the port of a server: typed services, and clients that others have written. Rules, limits and
//! abuse are in `rpcx-runtime/tests/engine/http`.

mod axum;
mod curl;
mod examples;
mod plain;
mod socket;

use std::time::Duration;

use rpcx::gateway::Http;
use rpcx::{Context, Error, Server, ServerBuilder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[rpcx::message]
#[derive(Clone, Debug)]
struct Args {
    a: i64,
    b: i64,
}

#[rpcx::message]
#[derive(Clone, Debug)]
struct Reply {
    c: i64,
}

#[rpcx::service]
trait Arith {
    #[rpcx(idempotent)]
    async fn mul(&self, args: Args) -> rpcx::Result<Reply>;
    async fn add(&self, a: i64, b: i64) -> rpcx::Result<i64>;
    async fn say(&self, name: String) -> rpcx::Result<String>;
    #[rpcx(idempotent)]
    async fn long(&self, size: u32) -> rpcx::Result<String>;
    async fn fail(&self, args: Args) -> rpcx::Result<Reply>;
    async fn meta(&self, ctx: &Context, key: String) -> rpcx::Result<String>;
}

struct Calculator;

impl Arith for Calculator {
    async fn mul(&self, args: Args) -> rpcx::Result<Reply> {
        Ok(Reply { c: args.a * args.b })
    }

    async fn add(&self, a: i64, b: i64) -> rpcx::Result<i64> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        Ok(a + b)
    }

    async fn say(&self, name: String) -> rpcx::Result<String> {
        Ok(format!("hello {name}"))
    }

    async fn long(&self, size: u32) -> rpcx::Result<String> {
        Ok("x".repeat(size as usize))
    }

    async fn fail(&self, args: Args) -> rpcx::Result<Reply> {
        let error = Error::service("no such account\r\nSet-Cookie: a").with_code(args.a);
        Err(error.with_data(r#"{"account":7}"#))
    }

    async fn meta(&self, ctx: &Context, key: String) -> rpcx::Result<String> {
        ctx.set_response_metadata("seen-by", "a server");
        Ok(ctx.metadata().get(&key).unwrap_or_default().to_owned())
    }
}

fn builder() -> ServerBuilder {
    Server::builder().register(ArithServer::new(Calculator))
}

/// Where a server listens that ends with the test.
async fn served() -> String {
    let server = builder().listen("tcp@127.0.0.1:0").http(Http::new());
    let server = server.bind().await.unwrap();
    let address = server.addresses()[0].location().to_owned();
    tokio::spawn(server.serve());
    address
}

/// What one request is answered with: the head in small letters, and the body.
pub(crate) async fn ask(at: &str, request: &str, headers: &str, body: &str) -> (String, Vec<u8>) {
    let mut socket = TcpStream::connect(at).await.unwrap();
    let length = body.len();
    let text = format!(
        "{request} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    );
    socket.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    (head.to_ascii_lowercase(), answer.split_off(end + 4))
}
