//! The nodes of a service: a list, and what happens to it.

use std::collections::BTreeMap;

use zookeeper_client::{
    AddWatchMode, Client, Error as Cause, EventType, SessionState, WatchedEvent,
};

use super::ZooKeeper;
use crate::discovery::Updates;
use crate::discovery::remote::every;
use crate::discovery::services::Services;
use crate::error::Result;

/// How many values are asked for before the first has come.
const BATCH: usize = 500;

/// More folders than this are not looked into for services.
const MOST_FOLDERS: usize = 100_000;

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
    let mut ticks = every(zookeeper.remote.half());
    let mut is_second = false;
    loop {
        tokio::select! {
            event = watcher.changed() => {
                if list.apply(&client, event).await? {
                    updates.entries(&list.nodes);
                }
            }
            _tick = ticks.tick() => {
                zookeeper.answers(&client).await?;
                // The list was heard a moment ago: this clears an error, and finds what no event has told.
                if is_second {
                    list.read(&client).await?;
                    updates.entries(&list.nodes);
                }
                is_second = !is_second;
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

/// The services below the base path. A folder without nodes is a service that has none, or has others below it.
pub(super) async fn services(zookeeper: &ZooKeeper) -> Result<Services> {
    let client = zookeeper.connect().await?;
    let root = zookeeper.remote.root();
    let mut services = Services::default();
    let mut folders = vec![String::new()];
    while !folders.is_empty() {
        let some = folders.split_off(folders.len().saturating_sub(BATCH));
        let path = |folder: &String| format!("{root}{folder}").trim_end_matches('/').to_owned();
        let asked: Vec<_> = some
            .iter()
            .map(|folder| client.list_children(&path(folder)))
            .collect();
        for (folder, names) in some.iter().zip(asked) {
            let names = match names.await {
                Ok(names) => names,
                Err(Cause::NoNode) => continue,
                Err(cause) => return Err(zookeeper.failed("no list", cause)),
            };
            for name in names {
                services.add_key(&format!("{folder}{name}"))?;
                if !name.contains('@') && folders.len() < MOST_FOLDERS {
                    folders.push(format!("{folder}{name}/"));
                }
            }
        }
    }
    Ok(services)
}
