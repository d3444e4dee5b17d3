//! A session with ZooKeeper.

use tokio::time::timeout;
use zookeeper_client::{Acls, Client, CreateMode, CreateOptions, Error as Cause};

use super::ZooKeeper;
use crate::error::{Error, Result};

const PERSISTENT: CreateOptions<'static> = CreateMode::Persistent.with_acls(Acls::anyone_all());

impl ZooKeeper {
    /// Begins a session. It ends with the last of the clients of it.
    pub(super) async fn connect(&self) -> Result<Client> {
        let mut connector = Client::connector().with_session_timeout(self.session_time());
        if let Some((user, password)) = &self.credentials {
            connector = connector.with_auth("digest", format!("{user}:{password}").as_bytes());
        }
        let servers = self.remote.hosts.join(",");
        let connected = connector.with_fail_eagerly().connect(&servers);
        // Of several servers the first may be silent.
        let patience = self.remote.patience() * 2;
        match timeout(patience, connected).await {
            Ok(connected) => connected.map_err(|cause| self.failed("no session", cause)),
            Err(_) => Err(self.failed("no session", Cause::Timeout)),
        }
    }

    /// A session outlives a silence that is shorter than its time, and says nothing of it.
    pub(super) async fn answers(&self, client: &Client) -> Result<()> {
        match timeout(self.remote.patience(), client.check_stat("/")).await {
            Ok(answered) => answered
                .map(drop)
                .map_err(|cause| self.failed("no answer", cause)),
            Err(_) => Err(self.failed("no answer", Cause::Timeout)),
        }
    }

    pub(super) fn failed(&self, what: &str, cause: Cause) -> Error {
        let servers = self.remote.hosts.join(",");
        Error::setup(format!("zookeeper at {servers}: {what}: {cause}")).with_source(cause)
    }

    /// Makes the nodes of a path that are not there; the last one with this value, the others with none.
    pub(super) async fn make(&self, client: &Client, path: &str, value: &str) -> Result<()> {
        let ends = path.match_indices('/').skip(1).map(|(at, _)| at);
        for end in ends.chain([path.len()]) {
            let value = if end == path.len() { value } else { "" };
            let made = client.create(&path[..end], value.as_bytes(), &PERSISTENT);
            match made.await {
                Ok(_) | Err(Cause::NodeExists) => {}
                Err(cause) => return Err(self.failed(&path[..end], cause)),
            }
        }
        Ok(())
    }
}
