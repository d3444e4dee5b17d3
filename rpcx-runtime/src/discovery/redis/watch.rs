//! The nodes of a service: a list, and the keys that something has happened to.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use redis::Msg;
use redis::aio::PubSubStream;
use tokio::time::Instant;

use super::Redis;
use super::client::Client;
use super::value;
use crate::discovery::Updates;
use crate::discovery::remote::every;
use crate::discovery::services::Services;
use crate::error::{Error, Result};

/// How many events are taken together.
const EVENTS: usize = 1000;

/// How many times as long as reading a list the time until the next one is.
const REST: u32 = 20;

/// Follows a service until something is wrong.
pub(super) async fn watch(redis: &Redis, service: &str, updates: &Updates) -> Result<()> {
    let folder = format!("/{}", redis.remote.folder(service));
    let mut client = redis.client().await?;
    client.switch_events_on().await;
    // Before the list, so that nothing happens in between.
    let (mut sink, mut events) = redis.events(&folder).await?.split();
    let mut list = List::new(folder, redis.remote.interval);
    list.read(&mut client).await?;
    updates.entries(&list.nodes);
    let mut ticks = every(redis.remote.half());
    loop {
        tokio::select! {
            event = events.next() => {
                let Some(event) = event else { return Err(ended(redis)) };
                let changed = list.changed(event, &mut events);
                list.read_keys(&mut client, changed).await?;
                updates.entries(&list.nodes);
            }
            _tick = ticks.tick() => {
                // Either connection may be silent because nothing can be heard.
                redis.within(sink.ping::<()>()).await?;
                match list.next <= Instant::now() {
                    true => {
                        list.read(&mut client).await?;
                        updates.entries(&list.nodes);
                    }
                    false => client.ping().await?,
                }
            }
        }
    }
}

/// The services below the base path.
pub(super) async fn services(redis: &Redis) -> Result<Services> {
    let folder = format!("/{}", redis.remote.root());
    let mut services = Services::default();
    for key in redis.client().await?.keys(&folder).await? {
        if let Some(key) = key.strip_prefix(&folder) {
            services.add_key(key)?;
        }
    }
    Ok(services)
}

/// What has another form is handed over as it is, and counted as no node if it is none.
pub(super) fn metadata_of(value: Vec<u8>) -> Vec<u8> {
    value::decode(&value).unwrap_or(value)
}

fn ended(redis: &Redis) -> Error {
    Error::setup(format!(
        "redis at {} has closed the connection",
        redis.server.host
    ))
}

/// The entries of a service.
struct List {
    /// `//BASE/SERVICE/`
    folder: String,
    /// Metadata, by what stands behind the folder.
    nodes: BTreeMap<String, Vec<u8>>,
    /// The least time between two readings.
    interval: Duration,
    /// When it is to be read again.
    next: Instant,
}

impl List {
    fn new(folder: String, interval: Duration) -> Self {
        Self {
            folder,
            interval,
            nodes: BTreeMap::new(),
            next: Instant::now(),
        }
    }

    /// Reads all of it.
    async fn read(&mut self, client: &mut Client) -> Result<()> {
        let began = Instant::now();
        let keys = client.keys(&self.folder).await?;
        self.nodes.clear();
        self.read_keys(client, keys).await?;
        let rest = (began.elapsed() * REST).min(Duration::from_secs(3600));
        // At the second tick from now, although that may come a moment early.
        self.next = Instant::now() + rest.max(self.interval * 3 / 4);
        Ok(())
    }

    /// Reads these keys of it, which may be gone.
    async fn read_keys(&mut self, client: &mut Client, keys: Vec<String>) -> Result<()> {
        let values = client.values(&keys).await?;
        for (key, value) in keys.into_iter().zip(values) {
            let Some(key) = key.strip_prefix(&self.folder) else {
                continue;
            };
            match value {
                Some(value) => drop(self.nodes.insert(key.to_owned(), metadata_of(value))),
                None => drop(self.nodes.remove(key)),
            }
        }
        Ok(())
    }

    /// The keys of this event, and of those that have come meanwhile.
    fn changed(&self, first: Msg, events: &mut PubSubStream) -> Vec<String> {
        let mut keys = BTreeSet::new();
        keys.extend(self.key(&first));
        while keys.len() < EVENTS {
            match events.next().now_or_never() {
                Some(Some(event)) => keys.extend(self.key(&event)),
                // The end is met again when the next one is waited for.
                Some(None) | None => break,
            }
        }
        keys.into_iter().collect()
    }

    /// The key behind the name of a channel, unless only its time to live was changed.
    fn key(&self, event: &Msg) -> Option<String> {
        let (_, key) = event.get_channel_name().split_once(':')?;
        let touched = event.get_payload_bytes() == b"expire"
            && self.nodes.contains_key(key.strip_prefix(&self.folder)?);
        (!touched).then(|| key.to_owned())
    }
}
