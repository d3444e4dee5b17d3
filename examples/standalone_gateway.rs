//! A gateway of its own in front of another server: HTTP clients call it, and it calls the server, which speaks
//! rpcx alone and could be one in Go. Runs until ctrl-c. The command `rpcx gateway` is the same with options.
//!
//! ```text
//! $ cargo run --example standalone_gateway
//! curl -d '{"A":10,"B":20}' http://127.0.0.1:9981/Arith/Mul
//! ```
//!
//! `--once` makes a call itself and ends; the gateway is at any free port then.

use std::error::Error;

use rpcx::gateway::{Forward, Http};
use rpcx::{Channel, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[rpcx::message]
struct Args {
    a: i64,
    b: i64,
}

#[rpcx::message]
struct Reply {
    c: i64,
}

#[rpcx::service]
trait Arith {
    async fn mul(&self, args: Args) -> rpcx::Result<Reply>;
}

struct MyArith;

impl Arith for MyArith {
    async fn mul(&self, args: Args) -> rpcx::Result<Reply> {
        Ok(Reply { c: args.a * args.b })
    }
}

/// What curl would send.
async fn get(at: &str, request: &str, body: &str) -> Result<String, Box<dyn Error>> {
    let mut socket = TcpStream::connect(at).await?;
    let length = body.len();
    let request = format!(
        "{request} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    socket.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await?;
    let (_, body) = answer.split_once("\r\n\r\n").ok_or("no response")?;
    Ok(body.trim_end().to_owned())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let once = std::env::args().any(|argument| argument == "--once");
    let server = Server::builder()
        .register(ArithServer::new(MyArith))
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await?;
    // With a registry: `.registry("etcd://127.0.0.1:2379/rpcx")` in place of the address.
    let servers = Channel::builder()
        .address(&server.addresses()[0])
        .build_lazy()?;
    tokio::spawn(server.serve());

    let address = if once {
        "tcp@127.0.0.1:0"
    } else {
        "tcp@127.0.0.1:9981"
    };
    let gateway = Server::builder()
        .forward(Forward::to(servers).services(["Arith"]))
        .http(Http::new().health(|| Ok(())))
        .listen(address)
        .bind()
        .await?;
    let at = gateway.addresses()[0].location().to_owned();
    println!("curl -d '{{\"A\":10,\"B\":20}}' http://{at}/Arith/Mul");
    if once {
        let serving = tokio::spawn(gateway.serve());
        println!(
            "{}",
            get(&at, "POST /Arith/Mul", r#"{"A":10,"B":20}"#).await?
        );
        println!("ready: {}", get(&at, "GET /readyz", "").await?);
        serving.abort();
        return Ok(());
    }
    let stop = async {
        // Without a signal it runs on.
        let _ = tokio::signal::ctrl_c().await;
    };
    Ok(gateway.serve_until(stop).await?)
}
