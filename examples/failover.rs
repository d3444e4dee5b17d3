//! A server that is gone and still listed, as one is whose machine has lost its power: with Failover no
//! call fails, with Failfast the first ones do.

mod fleet;

use std::time::Duration;

use fleet::{Node, WorkClient, until_known};
use rpcx::Channel;
use rpcx::client::FailMode;
use rpcx::discovery::InProcessRegistry;

const REGISTRY: &str = "mem://failover";
const CALLS: u64 = 30;

async fn failures(mode: FailMode) -> rpcx::Result<u64> {
    let builder = Channel::builder().registry(REGISTRY).fail_mode(mode);
    let work = WorkClient::new(builder.build_lazy()?);
    let mut failed = 0;
    for job in 0..CALLS {
        if let Err(error) = work.work(job).await {
            failed += 1;
            println!("  {:?}: {error}", error.kind());
        }
    }
    Ok(failed)
}

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    let start = |name| Node::start(REGISTRY, name, "", Duration::ZERO);
    let (a, _b) = (start("a").await?, start("b").await?);
    let work = WorkClient::new(Channel::builder().registry(REGISTRY).build_lazy()?);
    until_known(&work, 2).await;
    let address = a.address.clone();
    a.stop().await?;
    // What a machine without power leaves behind.
    InProcessRegistry::named("failover").put("Work", &address, "");

    let failed = failures(FailMode::Failover).await?;
    println!("failover: {failed} of {CALLS} calls have failed");
    let failed = failures(FailMode::Failfast).await?;
    println!("failfast: some have failed: {}", failed > 0);
    Ok(())
}
