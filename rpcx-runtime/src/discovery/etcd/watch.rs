//! The nodes of a service: a list, and what happens to it.

use std::collections::BTreeMap;

use super::Etcd;
use super::api::{Changes, Client, Pair};
use crate::discovery::Updates;
use crate::discovery::remote::every;
use crate::discovery::services::Services;
use crate::error::{Error, Result};

/// After how many checks in a row that find another number of entries a change has been missed.
const DIFFERENCES: u32 = 3;

/// More entries than this are not collected from changes: a list has a limit in bytes.
const MOST_ENTRIES: usize = 100_000;

/// Follows a service until something is wrong.
pub(super) async fn watch(etcd: &Etcd, service: &str, updates: &Updates) -> Result<()> {
    let folder = etcd.remote.folder(service);
    let mut client = Client::open(etcd).await?;
    let range = client.list(&folder).await?;
    let mut entries = Entries::new(&folder);
    let revision = range.revision();
    range.kvs.into_iter().for_each(|pair| entries.put(pair));
    updates.entries(entries.iter());
    let mut changes = client.watch(&folder, revision).await?;
    let mut checked = None;
    let mut checks = every(etcd.remote.half());
    loop {
        tokio::select! {
            told = changes.next() => {
                entries.apply(told?)?;
                updates.entries(entries.iter());
            }
            _tick = checks.tick() => check(etcd, &mut checked, &mut entries).await?,
        }
    }
}

/// The services below the base path.
pub(super) async fn services(etcd: &Etcd) -> Result<Services> {
    let folder = etcd.remote.root();
    let mut services = Services::default();
    for pair in Client::open(etcd).await?.keys(&folder).await?.kvs {
        let key = String::from_utf8_lossy(&pair.key);
        if let Some(key) = key.strip_prefix(&folder) {
            services.add_key(key)?;
        }
    }
    Ok(services)
}

/// A watch is silent when nothing happens, and when nothing can be heard. So etcd is asked for the number of entries,
/// over a connection of its own.
async fn check(etcd: &Etcd, client: &mut Option<Client>, entries: &mut Entries) -> Result<()> {
    let connected = match client {
        Some(client) if !client.is_closed() => client,
        _ => client.insert(Client::open(etcd).await?),
    };
    let count = connected.count(&entries.folder).await?;
    if usize::try_from(count).is_ok_and(|count| count == entries.nodes.len()) {
        entries.different = 0;
        return Ok(());
    }
    // A change may be on its way.
    entries.different += 1;
    match entries.different < DIFFERENCES {
        true => Ok(()),
        false => Err(Error::setup(format!(
            "etcd has {count} entries in {}, and has told of {}",
            entries.folder,
            entries.nodes.len()
        ))),
    }
}

/// The entries of a service, by what stands behind the folder.
pub(super) struct Entries {
    folder: String,
    nodes: BTreeMap<String, Vec<u8>>,
    /// How often in a row etcd had another number of them.
    different: u32,
}

impl Entries {
    pub(super) fn new(folder: &str) -> Self {
        Self {
            folder: folder.to_owned(),
            nodes: BTreeMap::new(),
            different: 0,
        }
    }

    fn key(&self, key: &[u8]) -> Option<String> {
        let key = key.strip_prefix(self.folder.as_bytes())?;
        Some(String::from_utf8_lossy(key).into_owned())
    }

    pub(super) fn put(&mut self, pair: Pair) {
        if let Some(key) = self.key(&pair.key) {
            self.nodes.insert(key, pair.value);
        }
    }

    pub(super) fn apply(&mut self, changes: Changes) -> Result<()> {
        if changes.canceled {
            let why = changes.cancel_reason;
            return Err(Error::setup(format!("etcd has cancelled the watch: {why}")));
        }
        for event in changes.events {
            match (event.is_gone(), self.key(&event.kv.key)) {
                (true, Some(key)) => drop(self.nodes.remove(&key)),
                (true, None) => {}
                (false, _) => self.put(event.kv),
            }
        }
        match self.nodes.len() {
            0..=MOST_ENTRIES => Ok(()),
            many => Err(Error::setup(format!(
                "etcd has {many} entries in {}",
                self.folder
            ))),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Vec<u8>)> {
        self.nodes.iter()
    }
}
