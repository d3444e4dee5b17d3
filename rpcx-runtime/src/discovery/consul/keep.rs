//! The entries of a server: locked by a session, refreshed, and taken out.

use super::Consul;
use super::api::Client;
use crate::discovery::remote::{ATTEMPTS, every};
use crate::discovery::{Registration, Session};
use crate::error::{Error, Result};

/// Keeps the entries until the session ends, or something is wrong.
pub(super) async fn keep(
    consul: &Consul,
    registrations: &[Registration],
    session: &mut Session,
) -> Result<()> {
    let client = Client::open(consul).await?;
    let mut kept = Kept::new(consul, registrations, client).await?;
    kept.write_folders(registrations).await?;
    for at in 0..kept.leaves.len() {
        kept.write(at, session.was_registered()).await?;
    }
    session.registered();
    let mut refresh = every(consul.remote.interval);
    let mut renew = every(consul.session_time() / 3);
    loop {
        tokio::select! {
            () = session.leaving() => return kept.leave().await,
            _tick = refresh.tick() => kept.refresh_all().await?,
            _tick = renew.tick() => kept.renew().await?,
        }
    }
}

/// The entries of a server, and the session that they go with.
struct Kept<'a> {
    consul: &'a Consul,
    client: Client,
    session: String,
    leaves: Vec<(String, &'a Registration)>,
}

impl<'a> Kept<'a> {
    async fn new(
        consul: &'a Consul,
        registrations: &'a [Registration],
        mut client: Client,
    ) -> Result<Self> {
        let leaf = |registration: &'a Registration| {
            let folder = consul.remote.folder(&registration.service);
            (format!("{folder}{}", registration.key()), registration)
        };
        Ok(Self {
            session: client.create_session(consul.session_time()).await?,
            consul,
            client,
            leaves: registrations.iter().map(leaf).collect(),
        })
    }

    /// Those that are not there. They stay for ever.
    async fn write_folders(&mut self, registrations: &[Registration]) -> Result<()> {
        let base = &self.consul.remote.base;
        self.client.put_if_still(base, "rpcx_path", 0).await?;
        for Registration { service, .. } in registrations {
            let key = format!("{base}/{service}");
            self.client.put_if_still(&key, service, 0).await?;
        }
        Ok(())
    }

    /// What was given, or `again` what stands there by now, if anything does.
    async fn write(&mut self, at: usize, again: bool) -> Result<()> {
        let (key, registration) = &self.leaves[at];
        let there = match again {
            true => self.client.get(key).await?,
            false => None,
        };
        let value = match there {
            Some(pair) => registration.refreshed(Some(&pair.value())),
            None => registration.metadata.clone(),
        };
        self.client.lock(key, &value, &self.session).await
    }

    async fn refresh_all(&mut self) -> Result<()> {
        self.reconnect().await?;
        for at in 0..self.leaves.len() {
            self.refresh(at).await?;
        }
        Ok(())
    }

    /// Reads what stands there and writes it back with new load figures, unless it was changed meanwhile.
    async fn refresh(&mut self, at: usize) -> Result<()> {
        let (key, registration) = &self.leaves[at];
        for _ in 0..ATTEMPTS {
            let pair = match self.client.get(key).await? {
                Some(pair) if pair.session == self.session => pair,
                // It is gone, or would end with another session.
                _ => return self.write(at, true).await,
            };
            let current = pair.value();
            let value = registration.refreshed(Some(&current));
            if value.as_bytes() == current {
                return Ok(());
            }
            if self
                .client
                .put_if_still(key, &value, pair.modify_index)
                .await?
            {
                return Ok(());
            }
        }
        // It changes all the time: the next refresh tries again.
        Ok(())
    }

    async fn renew(&mut self) -> Result<()> {
        self.reconnect().await?;
        match self.client.renew(&self.session).await? {
            true => Ok(()),
            false => Err(Error::setup("the session in consul has ended")),
        }
    }

    /// A connection that the agent has closed while it was idle is no reason to begin again.
    async fn reconnect(&mut self) -> Result<()> {
        if self.client.is_closed() {
            self.client = Client::open(self.consul).await?;
        }
        Ok(())
    }

    /// With the session go the entries that it has locked; what another server has locked by now stays.
    async fn leave(mut self) -> Result<()> {
        self.reconnect().await?;
        self.client.destroy(&self.session).await
    }
}
