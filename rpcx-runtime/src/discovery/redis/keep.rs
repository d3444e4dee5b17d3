//! The entries of a server: written with a time to live, refreshed, and taken out.

use std::time::Duration;

use super::client::Client;
use super::{Redis, value};
use crate::discovery::remote::{ATTEMPTS, every};
use crate::discovery::{Registration, Session};
use crate::error::Result;

/// Keeps the entries until the session ends, or something is wrong.
pub(super) async fn keep(
    redis: &Redis,
    registrations: &[Registration],
    session: &mut Session,
) -> Result<()> {
    let mut kept = Kept {
        client: redis.client().await?,
        lease: redis.lease_time(),
        leaves: registrations
            .iter()
            .map(|one| (redis.leaf(one), one))
            .collect(),
    };
    kept.write_folders(redis, registrations).await?;
    for at in 0..kept.leaves.len() {
        match session.was_registered() {
            true => kept.refresh(at).await?,
            false => kept.write(at).await?,
        }
    }
    session.registered();
    let mut refresh = every(redis.remote.interval);
    loop {
        tokio::select! {
            () = session.leaving() => return kept.leave().await,
            _tick = refresh.tick() => {
                for at in 0..kept.leaves.len() {
                    kept.refresh(at).await?;
                }
            }
        }
    }
}

impl Redis {
    /// The key of an entry as Go builds it: redis has one more slash before it.
    fn leaf(&self, registration: &Registration) -> String {
        let folder = self.remote.folder(&registration.service);
        format!("{folder}{}", registration.key())
    }
}

/// The entries of a server.
struct Kept<'a> {
    client: Client,
    lease: Duration,
    leaves: Vec<(String, &'a Registration)>,
}

impl Kept<'_> {
    /// Those that are not there. They stay for ever, as Go's do.
    async fn write_folders(&mut self, redis: &Redis, all: &[Registration]) -> Result<()> {
        let base = &redis.remote.base;
        let mut folders = vec![(base.clone(), "rpcx_path")];
        for Registration { service, .. } in all {
            folders.push((format!("{base}/{service}"), service));
        }
        folders.dedup();
        for (key, name) in folders {
            let value = value::encode(&key, name.as_bytes());
            self.client.set_new(&format!("/{key}"), &value).await?;
        }
        Ok(())
    }

    async fn write(&mut self, at: usize) -> Result<()> {
        let (key, registration) = &self.leaves[at];
        let value = value::encode(key, registration.metadata.as_bytes());
        self.client
            .set(&format!("/{key}"), &value, self.lease)
            .await
    }

    /// Reads what stands there and writes it back with new load figures, unless it was changed meanwhile.
    async fn refresh(&mut self, at: usize) -> Result<()> {
        let (key, registration) = &self.leaves[at];
        let (stored, lease) = (format!("/{key}"), self.lease);
        for _ in 0..ATTEMPTS {
            let current = self.client.read(&stored).await?;
            let current = current.and_then(|value| value::decode(&value));
            let metadata = match &current {
                None => registration.metadata.clone(),
                Some(current) => registration.refreshed(Some(current)),
            };
            if current.as_deref() == Some(metadata.as_bytes()) {
                return self.client.extend(&stored, lease).await;
            }
            let value = value::encode(key, metadata.as_bytes());
            if self.client.set_if_still(&stored, &value, lease).await? {
                return Ok(());
            }
        }
        // It changes all the time: the next refresh tries again.
        Ok(())
    }

    async fn leave(mut self) -> Result<()> {
        for (key, _) in &self.leaves {
            self.client.delete(&format!("/{key}")).await?;
        }
        Ok(())
    }
}
