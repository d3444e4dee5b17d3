//! Several servers behind one channel: they register themselves, the channel finds them, and follows as
//! they come and go. The registry is one within this process; another one is another URL.

mod fleet;

use std::time::Duration;

use fleet::{Node, WorkClient, shares, until_known};
use rpcx::Channel;

const REGISTRY: &str = "mem://multiple-servers";

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    let start = |name| Node::start(REGISTRY, name, "", Duration::ZERO);
    let (a, _b) = (start("a").await?, start("b").await?);
    let channel = Channel::builder()
        .registry(REGISTRY)
        .slow_start(Duration::ZERO)
        .build_lazy()?;
    let work = WorkClient::new(channel);
    until_known(&work, 2).await;
    println!("two nodes: {:?}", shares(&work, 60).await?);

    let _c = start("c").await?;
    until_known(&work, 3).await;
    println!("a third one: {:?}", shares(&work, 60).await?);

    a.stop().await?;
    until_known(&work, 2).await;
    println!("one has left: {:?}", shares(&work, 60).await?);
    Ok(())
}
