//! The nodes of a service: one question after the other, each answered when something has changed.

use std::time::Duration;

use tokio::time::sleep;

use super::Consul;
use super::api::{Client, Pair};
use crate::discovery::Updates;
use crate::discovery::services::Services;
use crate::error::Result;

/// A question is not kept open for longer, so that a silent agent is noticed.
const LONGEST: Duration = Duration::from_secs(60);

/// The least time between two answers: other keys may change all the time.
const PAUSE: Duration = Duration::from_millis(50);

/// Follows a service until something is wrong.
pub(super) async fn watch(consul: &Consul, service: &str, updates: &Updates) -> Result<()> {
    let folder = consul.remote.folder(service);
    let wait = consul.remote.half().min(LONGEST);
    let mut client = Client::open(consul).await?;
    let mut index = 0;
    loop {
        let (pairs, now) = client.list(&folder, index, wait).await?;
        updates.entries(entries(&pairs, &folder));
        // An index that goes back is that of another store: it is asked for at once.
        index = if now < index { 0 } else { now };
        // Without an index nothing waits for a change.
        let pause = if now == 0 { wait } else { PAUSE };
        sleep(pause).await;
        if client.is_closed() {
            client = Client::open(consul).await?;
        }
    }
}

/// Those in a folder, by what stands behind it.
pub(super) fn entries<'a>(
    pairs: &'a [Pair],
    folder: &str,
) -> impl Iterator<Item = (&'a str, Vec<u8>)> {
    pairs.iter().filter_map(move |pair| {
        let key = pair.key.strip_prefix(folder)?;
        Some((key, pair.value()))
    })
}

/// The services below the base path.
pub(super) async fn services(consul: &Consul) -> Result<Services> {
    let folder = consul.remote.root();
    let mut services = Services::default();
    for key in Client::open(consul).await?.keys(&folder).await? {
        if let Some(key) = key.strip_prefix(&folder) {
            services.add_key(key)?;
        }
    }
    Ok(services)
}
