//! An idempotent call that is not answered soon goes to a second server, and the first reply counts: a slow
//! server costs milliseconds in place of seconds.

mod fleet;

use std::time::{Duration, Instant};

use fleet::{Node, WorkClient, until_known};
use rpcx::Channel;
use rpcx::client::FailMode;

const REGISTRY: &str = "mem://hedging";
const CALLS: u64 = 10;

async fn slowest(mode: FailMode) -> rpcx::Result<Duration> {
    let builder = Channel::builder().registry(REGISTRY).fail_mode(mode);
    let work = WorkClient::new(builder.build_lazy()?);
    let mut slowest = Duration::ZERO;
    for job in 0..CALLS {
        let began = Instant::now();
        work.work(job).idempotent().await?;
        slowest = slowest.max(began.elapsed());
    }
    Ok(slowest)
}

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    let slow = Duration::from_millis(600);
    let _nodes = (
        Node::start(REGISTRY, "fast", "", Duration::ZERO).await?,
        Node::start(REGISTRY, "slow", "", slow).await?,
    );
    let work = WorkClient::new(Channel::builder().registry(REGISTRY).build_lazy()?);
    until_known(&work, 2).await;

    let without = slowest(FailMode::Failover).await?;
    println!("without hedging the slowest call takes {without:?}");
    let with = slowest(FailMode::Failbackup(Duration::from_millis(10))).await?;
    println!("with hedging the slowest call takes {with:?}");
    println!("worth it: {}", without >= slow && with < slow);
    Ok(())
}
