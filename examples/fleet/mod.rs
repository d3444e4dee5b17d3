//! What the examples of several servers share: a service that says which node has answered.

use std::collections::BTreeMap;
use std::time::Duration;

use rpcx::{Result, Server, ServerHandle};
use tokio::task::JoinHandle;

#[rpcx::service]
pub(crate) trait Work {
    /// Does a job, and names the node that has done it.
    async fn work(&self, job: u64) -> Result<String>;
}

struct Named {
    name: &'static str,
    takes: Duration,
}

impl Work for Named {
    async fn work(&self, _job: u64) -> Result<String> {
        tokio::time::sleep(self.takes).await;
        Ok(self.name.to_owned())
    }
}

/// A server in this process. Elsewhere it would be a machine of its own.
pub(crate) struct Node {
    #[allow(dead_code, reason = "not every example needs it")]
    pub(crate) address: String,
    handle: ServerHandle,
    serving: JoinHandle<Result<()>>,
}

impl Node {
    /// Starts a node that registers itself with this metadata, and whose jobs take this long.
    pub(crate) async fn start(
        registry: &str,
        name: &'static str,
        metadata: &str,
        takes: Duration,
    ) -> Result<Self> {
        let server = Server::builder()
            .register(WorkServer::new(Named { name, takes }))
            .registry(registry)
            .node_metadata(metadata)
            .leave_notice(Duration::from_millis(100))
            .listen("tcp@127.0.0.1:0")
            .bind()
            .await?;
        Ok(Self {
            address: server.addresses()[0].to_string(),
            handle: server.handle(),
            serving: tokio::spawn(server.serve()),
        })
    }

    /// Ends it in good order: out of the registry first.
    #[allow(dead_code, reason = "not every example stops its nodes")]
    pub(crate) async fn stop(self) -> Result<()> {
        self.handle.shutdown();
        self.serving.await.expect("the server does not panic")
    }
}

/// Waits until a channel knows so many nodes: the registry takes a moment.
pub(crate) async fn until_known(work: &WorkClient, nodes: usize) {
    loop {
        // Until the first has registered there is none to answer.
        let _ = work.work(0).await;
        if work.channel().nodes().len() == nodes {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// How often each node answers of so many calls.
#[allow(dead_code, reason = "not every example counts")]
pub(crate) async fn shares(work: &WorkClient, calls: u64) -> Result<BTreeMap<String, u32>> {
    let mut shares = BTreeMap::new();
    for job in 0..calls {
        *shares.entry(work.work(job).await?).or_default() += 1;
    }
    Ok(shares)
}
