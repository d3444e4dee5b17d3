//! Which peers may connect: by IP network, by how many connections an address has and how fast they
//! come, and by a hook. What is refused is closed before anything is read of it, on every network.

use rpcx::transport::ConnectionRules;
use rpcx::{Channel, Server};

#[rpcx::service]
pub trait Greeter {
    /// Greets by name.
    async fn hello(&self, name: &str) -> rpcx::Result<String>;
}

struct Polite;

impl Greeter for Polite {
    async fn hello(&self, name: &str) -> rpcx::Result<String> {
        Ok(format!("hello {name}"))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rules = ConnectionRules::new()
        // This machine, but for one address of it.
        .allow("127.0.0.0/8")?
        .deny("127.0.0.66")?
        // One connection of an address at a time; ten new ones at once, then two in a second.
        .per_address(1)
        .rate(2.0, 10)?
        .hook(|peer| {
            println!("from {}", peer.network());
            true
        });
    let server = Server::builder()
        .register(GreeterServer::new(Polite))
        .connections(rules)
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await?;
    let (address, handle) = (server.addresses()[0].clone(), server.handle());
    let serving = tokio::spawn(server.serve());

    let first = GreeterClient::new(Channel::connect(&address).await?);
    println!("{}", first.hello("first").await?);
    let second = match Channel::connect(&address).await {
        Ok(channel) => GreeterClient::new(channel).hello("second").await,
        Err(error) => Err(error),
    };
    println!(
        "second connection: {}",
        if second.is_ok() { "in" } else { "out" }
    );
    println!("{}", first.hello("first again").await?);

    handle.shutdown();
    serving.await??;
    println!("refused by count: {}", handle.stats().refused.by_count > 0);
    Ok(())
}
