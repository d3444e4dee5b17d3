//! The entries of a server: written, kept by a lease, refreshed, and taken out.

use super::Etcd;
use super::api::Client;
use crate::discovery::remote::{ATTEMPTS, every};
use crate::discovery::{Registration, Session};
use crate::error::{Error, Result};
use std::collections::BTreeMap;

/// Keeps the entries until the session ends, or something is wrong.
pub(super) async fn keep(
    etcd: &Etcd,
    registrations: &[Registration],
    session: &mut Session,
) -> Result<()> {
    let client = Client::open(etcd).await?;
    let mut kept = Kept::new(etcd, registrations, client).await?;
    kept.write(session.was_registered()).await?;
    session.registered();
    let mut refresh = every(etcd.remote.interval);
    let mut alive = every(etcd.lease_time() / 3);
    loop {
        tokio::select! {
            () = session.leaving() => return kept.leave().await,
            _tick = refresh.tick() => kept.refresh().await?,
            _tick = alive.tick() => kept.keep_alive().await?,
        }
    }
}

/// The entries of a server, and their lease.
struct Kept<'a> {
    etcd: &'a Etcd,
    client: Client,
    lease: i64,
    leaves: Vec<(String, &'a Registration)>,
    /// `BASE` and `BASE/SERVICE`, with what Go writes into them.
    folders: BTreeMap<String, &'a str>,
}

impl<'a> Kept<'a> {
    async fn new(
        etcd: &'a Etcd,
        registrations: &'a [Registration],
        mut client: Client,
    ) -> Result<Self> {
        let base = &etcd.remote.base;
        let mut folders = BTreeMap::from([(base.clone(), "rpcx_path")]);
        for Registration { service, .. } in registrations {
            folders.insert(format!("{base}/{service}"), service);
        }
        let leaf = |registration: &'a Registration| {
            let folder = etcd.remote.folder(&registration.service);
            (format!("{folder}{}", registration.key()), registration)
        };
        Ok(Self {
            lease: client.grant(etcd.lease_time()).await?,
            etcd,
            client,
            leaves: registrations.iter().map(leaf).collect(),
            folders,
        })
    }

    /// Writes all entries: what was given, or `again` what stands there by now, if anything does.
    async fn write(&mut self, again: bool) -> Result<()> {
        self.write_folders().await?;
        for at in 0..self.leaves.len() {
            match again {
                true => self.refresh_leaf(at).await?,
                false => {
                    let (key, registration) = &self.leaves[at];
                    let value = registration.metadata.as_bytes();
                    self.client.put(key, value, self.lease).await?;
                }
            }
        }
        Ok(())
    }

    /// Those that are not there. They go with the lease of whichever server has written them.
    async fn write_folders(&mut self) -> Result<()> {
        for (key, value) in &self.folders {
            let value = value.as_bytes();
            self.client.put_if_still(key, 0, value, self.lease).await?;
        }
        Ok(())
    }

    async fn refresh(&mut self) -> Result<()> {
        self.reconnect().await?;
        self.write_folders().await?;
        for at in 0..self.leaves.len() {
            self.refresh_leaf(at).await?;
        }
        Ok(())
    }

    /// Reads what stands there and writes it back with new load figures, unless it was changed meanwhile.
    async fn refresh_leaf(&mut self, at: usize) -> Result<()> {
        let (key, registration) = &self.leaves[at];
        for _ in 0..ATTEMPTS {
            let (revision, value) = match self.client.get(key).await? {
                None => (0, registration.metadata.clone()),
                Some(pair) => {
                    let value = registration.refreshed(Some(&pair.value));
                    if value.as_bytes() == pair.value && pair.lease == self.lease {
                        return Ok(());
                    }
                    (pair.mod_revision, value)
                }
            };
            let (value, lease) = (value.as_bytes(), self.lease);
            if self
                .client
                .put_if_still(key, revision, value, lease)
                .await?
            {
                return Ok(());
            }
        }
        // It changes all the time: the next refresh tries again.
        Ok(())
    }

    async fn keep_alive(&mut self) -> Result<()> {
        self.reconnect().await?;
        match self.client.keep_alive(self.lease).await? {
            true => Ok(()),
            false => Err(Error::setup("the lease in etcd has expired")),
        }
    }

    /// A connection that the server has closed while it was idle is no reason to begin again.
    async fn reconnect(&mut self) -> Result<()> {
        if self.client.is_closed() {
            self.client = Client::open(self.etcd).await?;
        }
        Ok(())
    }

    /// Takes out what is this server's own: an entry that another lease has is another server's by now.
    async fn leave(mut self) -> Result<()> {
        self.reconnect().await?;
        for (key, _) in &self.leaves {
            self.client.delete_own(key, self.lease).await?;
        }
        self.client.revoke(self.lease).await
    }
}
