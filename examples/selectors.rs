//! The ways in which a channel chooses one of several servers, and what each of them gets.

mod fleet;

use std::time::Duration;

use fleet::{Node, WorkClient, shares, until_known};
use rpcx::Channel;
use rpcx::client::Select;

const REGISTRY: &str = "mem://selectors";
const CALLS: u64 = 120;

async fn connect(select: Select) -> rpcx::Result<WorkClient> {
    // Munich: Berlin is closer than Paris.
    let builder = Channel::builder().registry(REGISTRY).location(48.1, 11.6);
    let builder = builder.slow_start(Duration::ZERO);
    let work = WorkClient::new(builder.select(select).build_lazy()?);
    until_known(&work, 3).await;
    Ok(work)
}

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    let fast = Duration::ZERO;
    let berlin = "latitude=52.5&longitude=13.4&weight=1";
    let paris = "latitude=48.9&longitude=2.4&weight=3";
    let _nodes = (
        Node::start(REGISTRY, "berlin", berlin, fast).await?,
        Node::start(REGISTRY, "paris", paris, fast).await?,
        Node::start(REGISTRY, "slow", "weight=2", Duration::from_millis(20)).await?,
    );
    for (name, select) in [
        ("round robin", Select::RoundRobin),
        ("random", Select::Random),
        ("weighted 1:3:2", Select::Weighted),
        ("consistent hash", Select::ConsistentHash),
        ("least loaded", Select::LeastLoaded),
        ("closest", Select::Closest),
    ] {
        let work = connect(select).await?;
        println!("{name}: {:?}", shares(&work, CALLS).await?);
    }
    let work = connect(Select::ConsistentHash).await?;
    let first = work.work(1).hash_key("user 7").await?;
    let same = work.work(2).hash_key("user 7").await? == first;
    println!("one key, one node: {same}");
    Ok(())
}
