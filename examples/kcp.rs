//! KCP: calls over UDP, for links that lose packets. A server and a client in one process.
//!
//! A Go rpcx program with the build tag `kcp` can take either place, with the same crypt and key.

use rpcx::transport::kcp::{Crypt, Kcp};
use rpcx::transport::{ConnectOptions, ListenOptions};

/// Arithmetic.
#[rpcx::service]
pub trait Arith {
    /// The product of two numbers.
    async fn mul(&self, a: i64, b: i64) -> rpcx::Result<i64>;
}

struct MyArith;

impl Arith for MyArith {
    async fn mul(&self, a: i64, b: i64) -> rpcx::Result<i64> {
        Ok(a * b)
    }
}

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    // The same on both ends. `Kcp::default()` has the settings of Go; `fast` is for speed.
    let kcp = Kcp::fast().crypt(Crypt::from_password("aes-256", "rpcx-key", "rpcx-salt")?);

    let server = rpcx::Server::builder()
        .register(ArithServer::new(MyArith))
        .listen_with("kcp@127.0.0.1:0", ListenOptions::new().kcp(kcp.clone()))
        .bind()
        .await?;
    let (address, handle) = (server.addresses()[0].clone(), server.handle());
    let serving = tokio::spawn(server.serve());

    let channel = rpcx::Channel::builder()
        .address(&address)
        .connect_options(ConnectOptions::new().kcp(kcp))
        .build()
        .await?;
    let product = ArithClient::new(channel).mul(10, 20).await?;
    println!("10 * 20 = {product}, computed at {address}");

    handle.shutdown();
    serving.await.expect("the server does not panic")
}
