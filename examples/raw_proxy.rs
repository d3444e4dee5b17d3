//! A proxy that forwards every call of every service to another server, without decoding anything.
//!
//! Payloads go through as they came, in whatever codec and compression, and so do metadata, errors with
//! code and data, and deadlines. What the other server did not run is refused as not run here too, so that
//! callers may repeat what may be repeated. `rpcx::gateway::Forward` is this ready made; here it is by hand, for
//! proxies that look at what they pass on.
//!
//! ```text
//! cargo run --example raw_proxy
//! ```

use rpcx::services::{RawPayload, RawRequest};
use rpcx::{Channel, Codec, Context, Error, Result, Server};

#[rpcx::service]
trait Arith {
    async fn mul(&self, a: i64, b: i64) -> Result<i64>;
    async fn div(&self, a: i64, b: i64) -> Result<i64>;
}

struct MyArith;

impl Arith for MyArith {
    async fn mul(&self, a: i64, b: i64) -> Result<i64> {
        Ok(a * b)
    }
    async fn div(&self, a: i64, b: i64) -> Result<i64> {
        a.checked_div(b)
            .ok_or_else(|| Error::service("division by zero").with_code(7))
    }
}

/// Makes the same call of the other server.
async fn forward(upstream: Channel, ctx: Context, request: RawRequest) -> Result<RawPayload> {
    let mut call = upstream
        .raw(request.service, request.method)
        .codec(request.payload.codec)
        .compressed(request.payload.compression)
        .all_metadata(ctx.metadata())
        .parent(&ctx);
    if request.oneway {
        call = call.oneway();
    }
    let reply = call
        .call(request.payload.bytes)
        .await
        .map_err(Error::forwarded)?;
    for (key, value) in &reply.metadata {
        ctx.set_response_metadata(String::from_utf8_lossy(key), value);
    }
    Ok(RawPayload::new(reply.codec, reply.payload).compressed(reply.compression))
}

async fn serve(server: rpcx::ServerBuilder) -> Result<Channel> {
    let server = server.listen("tcp@127.0.0.1:0").bind().await?;
    let address = server.addresses()[0].clone();
    tokio::spawn(server.serve());
    Channel::connect(address).await
}

#[tokio::main]
async fn main() -> Result<()> {
    let upstream = serve(Server::builder().register(ArithServer::new(MyArith))).await?;
    let proxy =
        Server::builder().fallback(move |ctx, request| forward(upstream.clone(), ctx, request));
    let channel = serve(proxy).await?;

    let arith = ArithClient::new(channel.clone());
    println!("6 * 7 = {}", arith.mul(6, 7).await?);
    let error = arith.div(1, 0).await.unwrap_err();
    println!("1 / 0: {error}, code {:?}", error.code());
    let raw = channel.raw("Arith", "Mul").codec(Codec::JSON);
    let reply = raw.call(&br#"{"A":3,"B":4}"#[..]).await?;
    println!("in JSON: {}", String::from_utf8_lossy(&reply.payload));
    let error = channel.raw("Nope", "Nothing").call(&b"\xc0"[..]).await;
    println!("{}", error.unwrap_err());
    Ok(())
}
