//! A typed call, end to end: a server and a client in one process, over TCP on loopback.

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

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    let server = rpcx::Server::builder()
        .register(ArithServer::new(MyArith))
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await?;
    let (address, handle) = (server.addresses()[0].clone(), server.handle());
    let serving = tokio::spawn(server.serve());

    let arith = ArithClient::new(rpcx::Channel::connect(&address).await?);
    let reply = arith.mul(Args { a: 10, b: 20 }).await?;
    println!("10 * 20 = {}, computed at {address}", reply.c);

    handle.shutdown();
    serving.await.expect("the server does not panic")
}
