//! HTTP on the port of an rpcx server: plain JSON, JSON-RPC 2.0 and the HTTP invoke of Go, beside clients of
//! rpcx; and a page for browsers, on which calls can be made. Runs until ctrl-c.
//!
//! ```text
//! $ cargo run --example gateway
//! curl -d '{"A":10,"B":20}' http://127.0.0.1:8972/Arith/Mul
//! in a browser: http://127.0.0.1:8972/
//! ```
//!
//! `--addr` listens elsewhere; `--once` makes the calls itself and ends.

use std::error::Error;

use rpcx::Channel;
use rpcx::gateway::Http;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Two factors.
#[rpcx::message]
struct Args {
    /// The first factor.
    a: i64,
    /// The second.
    b: i64,
}

/// A product.
#[rpcx::message]
struct Reply {
    c: i64,
}

/// Arithmetic with whole numbers of 64 bits.
#[rpcx::service]
trait Arith {
    /// The product of two numbers. A product that does not fit is an error with the code 422.
    ///
    /// May be called any number of times, and so by GET, too.
    #[rpcx(idempotent)]
    async fn mul(&self, args: Args) -> rpcx::Result<Reply>;
}

struct MyArith;

impl Arith for MyArith {
    async fn mul(&self, args: Args) -> rpcx::Result<Reply> {
        let c = args.a.checked_mul(args.b);
        c.map(|c| Reply { c })
            .ok_or_else(|| rpcx::Error::service("the product does not fit 64 bits").with_code(422))
    }
}

/// What a browser or a script would send.
async fn post(at: &str, path: &str, body: &str) -> Result<String, Box<dyn Error>> {
    let mut socket = TcpStream::connect(at).await?;
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    socket.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await?;
    let (_, body) = answer.split_once("\r\n\r\n").ok_or("no response")?;
    Ok(body.to_owned())
}

async fn call_it(at: &str) -> Result<(), Box<dyn Error>> {
    println!("{}", post(at, "/Arith/Mul", r#"{"A":10,"B":20}"#).await?);
    let rpc = r#"{"jsonrpc":"2.0","method":"Arith.Mul","params":[10,20],"id":1}"#;
    println!("{}", post(at, "/jsonrpc", rpc).await?);
    // The same port speaks rpcx, and the networks `http` and `ws`.
    for network in ["tcp", "http", "ws"] {
        let channel = Channel::connect(format!("{network}@{at}")).await?;
        let reply = ArithClient::new(channel).mul(Args { a: 10, b: 20 }).await?;
        println!("{network}: {}", reply.c);
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (mut address, mut once) = ("tcp@127.0.0.1:8972".to_owned(), false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--once" => once = true,
            "--addr" => address = arguments.next().ok_or("--addr needs a value")?,
            _ => return Err("usage: gateway [--addr tcp@host:port] [--once]".into()),
        }
    }
    let server = rpcx::Server::builder()
        .register(ArithServer::new(MyArith))
        .listen(&*address)
        .http(Http::new())
        .bind()
        .await?;
    let at = server.addresses()[0].location().to_owned();
    println!("curl -d '{{\"A\":10,\"B\":20}}' http://{at}/Arith/Mul");
    println!("in a browser: http://{at}/");
    if once {
        let serving = tokio::spawn(server.serve());
        call_it(&at).await?;
        serving.abort();
        return Ok(());
    }
    let stop = async {
        // Without a signal it runs on.
        let _ = tokio::signal::ctrl_c().await;
    };
    Ok(server.serve_until(stop).await?)
}
