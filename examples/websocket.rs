//! rpcx over WebSocket, which web pages can speak too: `websocket/call.js` is all that a page
//! needs. Plain as `ws@`, and with TLS as `wss@`, with certificates made on the spot.
//!
//! ```text
//! cargo run --example websocket
//! cargo run --example websocket -- https://app.example.org
//! ```
//! The second form also lets in pages of that origin, and serves until ctrl-c.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rpcx::transport::ListenOptions;
use rpcx::transport::tls::{ClientTls, Tls};

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

struct MyArith;

impl Arith for MyArith {
    async fn mul(&self, args: Args) -> rpcx::Result<Reply> {
        Ok(Reply { c: args.a * args.b })
    }
}

type Error = Box<dyn std::error::Error>;

/// Both ends of TLS: a certificate for 127.0.0.1, and trust in the authority that signed it.
fn certificates() -> Result<(Tls, ClientTls), Error> {
    let mut authority = CertificateParams::new([])?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let own = CertificateParams::new(["127.0.0.1".to_owned()])?.signed_by(&key, &authority)?;
    Ok((
        Tls::from_pem(own.pem().as_bytes(), key.serialize_pem().as_bytes())?,
        ClientTls::roots_pem(authority.pem().as_bytes())?,
    ))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    // Pages of the server's own host may always connect, and clients that are no browsers.
    let origin = std::env::args().nth(1);
    let options = match &origin {
        Some(origin) => ListenOptions::new().origins([origin]),
        None => ListenOptions::new(),
    };
    let (tls, client_tls) = certificates()?;
    let server = rpcx::Server::builder()
        .register(ArithServer::new(MyArith))
        .listen_with("ws@127.0.0.1:0", options.clone())
        .listen_with("wss@127.0.0.1:0", options.tls(tls))
        .bind()
        .await?;
    let addresses: Vec<_> = server.addresses().iter().map(ToString::to_string).collect();
    let handle = server.handle();
    let serving = tokio::spawn(server.serve());

    let plain = rpcx::Channel::connect(&addresses[0]).await?;
    let reply = ArithClient::new(plain).mul(Args { a: 10, b: 20 }).await?;
    println!("10 * 20 = {}, computed at {}", reply.c, addresses[0]);

    let secure = rpcx::Channel::builder()
        .address(&addresses[1])
        .tls(client_tls);
    let arith = ArithClient::new(secure.build().await?);
    let reply = arith.mul(Args { a: 6, b: 7 }).await?;
    println!("6 * 7 = {}, computed at {}", reply.c, addresses[1]);

    if let Some(origin) = origin {
        println!("serving pages of {origin} until ctrl-c");
        tokio::signal::ctrl_c().await?;
    }
    handle.shutdown();
    Ok(serving.await??)
}
