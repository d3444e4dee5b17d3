//! One call to all servers: all have to succeed, or the first that does is enough, or a receipt for each.

mod fleet;

use std::time::Duration;

use fleet::{Node, WorkClient, until_known};
use rpcx::Channel;
use rpcx::discovery::InProcessRegistry;

const REGISTRY: &str = "mem://broadcast";

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    let _nodes = (
        Node::start(REGISTRY, "a", "", Duration::ZERO).await?,
        Node::start(REGISTRY, "b", "", Duration::from_millis(300)).await?,
    );
    let work = WorkClient::new(Channel::builder().registry(REGISTRY).build_lazy()?);
    until_known(&work, 2).await;

    let all = work.work(1).broadcast().await;
    println!("broadcast: all have done it: {}", all.is_ok());
    println!("fork: the first was {}", work.work(2).fork().await?);
    // One that is listed, and not there.
    InProcessRegistry::named("broadcast").put("Work", "tcp@127.0.0.1:1", "");
    until_known(&work, 3).await;
    let all = work.work(3).broadcast().await;
    println!("broadcast with one gone: all have done it: {}", all.is_ok());
    for receipt in work.work(4).inform().await? {
        let took = receipt.took.as_millis();
        match receipt.outcome {
            Ok(node) => println!("{} is {node}, which took {took} ms", receipt.address),
            Err(error) => println!("{}: {:?}: {error}", receipt.address, error.kind()),
        }
    }
    Ok(())
}
