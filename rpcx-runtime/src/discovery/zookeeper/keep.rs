//! The entries of a server: written as ephemeral nodes, refreshed, and taken out.

use zookeeper_client::{Acls, Client, CreateMode, CreateOptions, Error as Cause, SessionState};

use super::ZooKeeper;
use crate::discovery::remote::{ATTEMPTS, every};
use crate::discovery::{Registration, Session};
use crate::error::{Error, Result};

const EPHEMERAL: CreateOptions<'static> = CreateMode::Ephemeral.with_acls(Acls::anyone_all());

/// Keeps the entries until the session ends, or something is wrong.
pub(super) async fn keep(
    zookeeper: &ZooKeeper,
    registrations: &[Registration],
    session: &mut Session,
) -> Result<()> {
    let client = zookeeper.connect().await?;
    let kept = Kept::new(zookeeper, registrations, client)?;
    kept.write(registrations, session.was_registered()).await?;
    session.registered();
    let mut refresh = every(zookeeper.remote.interval);
    let mut states = kept.client.state_watcher();
    loop {
        tokio::select! {
            () = session.leaving() => return kept.leave().await,
            state = states.changed() => kept.check(state)?,
            _tick = refresh.tick() => kept.refresh().await?,
        }
    }
}

/// The entries of a server, and the session that they go with.
struct Kept<'a> {
    zookeeper: &'a ZooKeeper,
    client: Client,
    leaves: Vec<(String, &'a Registration)>,
}

impl<'a> Kept<'a> {
    fn new(
        zookeeper: &'a ZooKeeper,
        registrations: &'a [Registration],
        client: Client,
    ) -> Result<Self> {
        let leaf = |registration: &'a Registration| {
            let (folder, key) = (
                zookeeper.remote.folder(&registration.service),
                registration.key(),
            );
            match key.contains('/') {
                false => Ok((format!("{folder}{key}"), registration)),
                true => Err(Error::setup(format!(
                    "`{key}` cannot stand in ZooKeeper, where a slash parts nodes: advertise an address without one"
                ))),
            }
        };
        Ok(Self {
            zookeeper,
            client,
            leaves: registrations.iter().map(leaf).collect::<Result<_>>()?,
        })
    }

    /// Writes all entries: what was given, or `again` what stands there by now, if anything does.
    async fn write(&self, registrations: &[Registration], again: bool) -> Result<()> {
        let base = &self.zookeeper.remote.base;
        self.zookeeper.make(&self.client, base, "rpcx_path").await?;
        for Registration { service, .. } in registrations {
            let path = format!("{base}/{service}");
            self.zookeeper.make(&self.client, &path, service).await?;
        }
        for (path, registration) in &self.leaves {
            self.write_leaf(path, registration, again).await?;
        }
        Ok(())
    }

    /// What is there belongs to a session that has ended or will soon, and would end with it: it is replaced.
    async fn write_leaf(&self, path: &str, registration: &Registration, again: bool) -> Result<()> {
        for _ in 0..ATTEMPTS {
            let there = match self.client.get_data(path).await {
                Ok(there) => Some(there),
                Err(Cause::NoNode) => None,
                Err(cause) => return Err(self.zookeeper.failed(path, cause)),
            };
            let value = match &there {
                Some((current, _)) if again => registration.refreshed(Some(current)),
                _ => registration.metadata.clone(),
            };
            let mut writer = self.client.new_multi_writer();
            let mut add = || -> Result<(), Cause> {
                if let Some((_, stat)) = &there {
                    writer.add_delete(path, Some(stat.version))?;
                }
                writer.add_create(path, value.as_bytes(), &EPHEMERAL)
            };
            add().map_err(|cause| self.zookeeper.failed(path, cause))?;
            if writer.commit().await.is_ok() {
                return Ok(());
            }
        }
        Err(Error::setup(format!(
            "zookeeper: {path} cannot be written, {ATTEMPTS} attempts have failed"
        )))
    }

    /// A connection may be lost for a while, a session may not.
    fn check(&self, state: SessionState) -> Result<()> {
        match state {
            SessionState::Expired | SessionState::AuthFailed | SessionState::Closed => Err(self
                .zookeeper
                .failed("the session has ended", Cause::SessionExpired)),
            _ => Ok(()),
        }
    }

    async fn refresh(&self) -> Result<()> {
        for (path, registration) in &self.leaves {
            match self.refresh_leaf(path, registration).await {
                // Until the session ends, it may come back.
                Ok(()) | Err(Cause::ConnectionLoss) => {}
                Err(Cause::NoNode) => self.write_leaf(path, registration, true).await?,
                Err(cause) => return Err(self.zookeeper.failed(path, cause)),
            }
        }
        Ok(())
    }

    /// Reads what stands there and writes it back with new load figures, unless it was changed meanwhile.
    async fn refresh_leaf(&self, path: &str, registration: &Registration) -> Result<(), Cause> {
        for _ in 0..ATTEMPTS {
            let (current, stat) = self.client.get_data(path).await?;
            if stat.ephemeral_owner != self.client.session_id().0 {
                // Another server has written it, or an administrator, and it would not end with this one.
                return Err(Cause::NoNode);
            }
            let value = registration.refreshed(Some(&current));
            if value.as_bytes() == current {
                return Ok(());
            }
            match self
                .client
                .set_data(path, value.as_bytes(), Some(stat.version))
                .await
            {
                Err(Cause::BadVersion) => {}
                done => return done.map(drop),
            }
        }
        // It changes all the time: the next refresh tries again.
        Ok(())
    }

    async fn leave(self) -> Result<()> {
        for (path, _) in &self.leaves {
            match self.client.delete(path, None).await {
                Ok(()) | Err(Cause::NoNode) => {}
                Err(cause) => return Err(self.zookeeper.failed(path, cause)),
            }
        }
        Ok(())
    }
}
