//! The nodes of a service: a list, and what happens to it.

use std::collections::BTreeMap;

use zookeeper_client::{
    AddWatchMode, Client, Error as Cause, EventType, SessionState, WatchedEvent,
};

use super::ZooKeeper;
use crate::discovery::Updates;
use crate::discovery::remote::every;
use crate::error::Result;

/// How many values are asked for before the first has come.
const BATCH: usize = 500;

/// Follows a service until something is wrong.
pub(super) async fn watch(zookeeper: &ZooKeeper, service: &str, updates: &Updates) -> Result<()> {
    let client = zookeeper.connect().await?;
    let mut list = List {
        zookeeper,
        folder: zookeeper.remote.folder(service),
        nodes: BTreeMap::new(),
    };
    // Before the list, so that nothing happens in between.
    let folder = list.folder.trim_end_matches('/');
    let watched = client
        .watch(folder, AddWatchMode::PersistentRecursive)
        .await;
    let mut watcher = watched.map_err(|cause| zookeeper.failed("no watch", cause))?;
    list.read(&client).await?;
    updates.entries(&list.nodes);
    let mut ticks = every(zookeeper.remote.interval);
    loop {
        tokio::select! {
            event = watcher.changed() => {
                if list.apply(&client, event).await? {
                    updates.entries(&list.nodes);
                }
            }
            _tick = ticks.tick() => {
                // The list was heard a moment ago: this clears an error, and finds what no event has told.
                list.read(&client).await?;
                updates.entries(&list.nodes);
            }
        }
    }
}

/// The entries of a service.
struct List<'a> {
    zookeeper: &'a ZooKeeper,
    /// `/BASE/SERVICE/`
    folder: String,
    /// Metadata, by what stands behind the folder.
    nodes: BTreeMap<String, Vec<u8>>,
}

impl List<'_> {
    /// Reads all of it.
    async fn read(&mut self, client: &Client) -> Result<()> {
        self.nodes.clear();
        let names = match client
            .list_children(self.folder.trim_end_matches('/'))
            .await
        {
            Ok(names) => names,
            Err(Cause::NoNode) => Vec::new(),
            Err(cause) => return Err(self.zookeeper.failed("no list", cause)),
        };
        for names in names.chunks(BATCH) {
            // Each is sent at once, and awaited in its turn.
            let path = |name: &String| format!("{}{name}", self.folder);
            let asked: Vec<_> = names
                .iter()
                .map(|name| client.get_data(&path(name)))
                .collect();
            for (name, value) in names.iter().zip(asked) {
                self.put(name, value.await)?;
            }
        }
        Ok(())
    }

    fn put<T>(&mut self, name: &str, value: Result<(Vec<u8>, T), Cause>) -> Result<()> {
        match value {
            Ok((value, _)) => drop(self.nodes.insert(name.to_owned(), value)),
            // It has gone meanwhile.
            Err(Cause::NoNode) => drop(self.nodes.remove(name)),
            Err(cause) => return Err(self.zookeeper.failed("no value", cause)),
        }
        Ok(())
    }

    /// Says whether the list is another one.
    async fn apply(&mut self, client: &Client, event: WatchedEvent) -> Result<bool> {
        if event.event_type == EventType::Session {
            return match event.session_state {
                SessionState::SyncConnected | SessionState::ConnectedReadOnly => Ok(false),
                // What happens meanwhile is not told later, so it begins again.
                SessionState::Disconnected => Err(self
                    .zookeeper
                    .failed("the watch has ended", Cause::ConnectionLoss)),
                _ => Err(self
                    .zookeeper
                    .failed("the watch has ended", Cause::SessionExpired)),
            };
        }
        let Some(name) = event.path.strip_prefix(&self.folder) else {
            return Ok(false);
        };
        match event.event_type {
            EventType::NodeDeleted => drop(self.nodes.remove(name)),
            _ => self.put(name, client.get_data(&event.path).await)?,
        }
        Ok(true)
    }
}
