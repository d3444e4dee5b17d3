//! A typed call with code that `build.rs` has generated from `service/arith.rs`; it can be read in
//! the build's `OUT_DIR`.

pub mod arith {
    rpcx::include_service!("arith");
}

use arith::{Args, Arith, ArithClient, ArithServer, Reply};

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
    let address = server.addresses()[0].clone();
    tokio::spawn(server.serve());

    let arith = ArithClient::new(rpcx::Channel::connect(&address).await?);
    let reply = arith.mul(Args { a: 6, b: 7 }).await?;
    println!("6 * 7 = {}", reply.c);
    Ok(())
}
