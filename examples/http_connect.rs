//! rpcx behind an HTTP `CONNECT`, for networks that let nothing else through. After the handshake
//! the frames are those of tcp.
//!
//! ```text
//! cargo run --example http_connect
//! ```

use rpcx::transport::{ConnectOptions, ListenOptions};

#[rpcx::message]
#[derive(Debug)]
pub struct Args {
    pub a: i64,
    pub b: i64,
}

#[rpcx::message]
#[derive(Debug)]
pub struct Reply {
    pub c: i64,
}

/// Arithmetic.
#[rpcx::service]
pub trait Arith {
    /// The product of two numbers.
    async fn mul(&self, args: Args) -> rpcx::Result<Reply>;
}

const PATH: &str = "/rpc/v2";

struct MyArith;

impl Arith for MyArith {
    async fn mul(&self, args: Args) -> rpcx::Result<Reply> {
        Ok(Reply { c: args.a * args.b })
    }
}

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    // The first is as in Go, with the path `/_rpcx_`; the second has a path of its own.
    let server = rpcx::Server::builder()
        .register(ArithServer::new(MyArith))
        .listen("http@127.0.0.1:0")
        .listen_with("http@127.0.0.1:0", ListenOptions::new().path(PATH))
        .bind()
        .await?;
    let addresses: Vec<_> = server.addresses().iter().map(ToString::to_string).collect();
    let handle = server.handle();
    let serving = tokio::spawn(server.serve());

    let arith = ArithClient::new(rpcx::Channel::connect(&addresses[0]).await?);
    let reply = arith.mul(Args { a: 10, b: 20 }).await?;
    println!("10 * 20 = {}, computed at {}", reply.c, addresses[0]);

    // What the server says of itself is what clients are to use, so it has the path.
    let channel = rpcx::Channel::connect(&addresses[1]).await?;
    let reply = ArithClient::new(channel).mul(Args { a: 6, b: 7 }).await?;
    println!("6 * 7 = {}, computed at {}", reply.c, addresses[1]);

    // A path that is not served is an error that says what the server answered.
    let channel = rpcx::Channel::builder()
        .address(addresses[1].trim_end_matches(PATH))
        .connect_options(ConnectOptions::new().path("/rpc/v1"));
    let elsewhere = channel.build().await;
    println!("on another path: {}", elsewhere.unwrap_err());

    handle.shutdown();
    serving.await.expect("the server does not panic")
}
