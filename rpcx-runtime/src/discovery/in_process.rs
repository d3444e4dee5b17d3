//! A registry for the servers and channels of one process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::interval;

use super::registrar::Session;
use super::schemes::Registry;
use super::url::RegistryUrl;
use super::{Discover, Register, Registration, Updates};
use crate::error::{Error, Result};
use crate::sync::lock;
use crate::transport::BoxFuture;

/// How often values are refreshed, and what has vanished is written again.
const REFRESH: Duration = Duration::from_secs(1);

/// A registry without a server of its own: for tests, and for programs that are all in one process. Clones
/// are the same registry. By URL it is `mem://name`.
#[derive(Clone, Debug, Default)]
pub struct InProcessRegistry(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: watch::Sender<State>,
}

impl Default for Inner {
    fn default() -> Self {
        let state = watch::channel(State::default()).0;
        Self { state }
    }
}

#[derive(Debug, Default)]
struct State {
    services: BTreeMap<String, BTreeMap<String, String>>,
    down: bool,
}

impl InProcessRegistry {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// The one with this name, for all of this process: what `mem://name` stands for.
    pub fn named(name: &str) -> Self {
        static NAMED: OnceLock<Mutex<BTreeMap<String, InProcessRegistry>>> = OnceLock::new();
        let mut named = lock(NAMED.get_or_init(Mutex::default));
        named.entry(name.to_owned()).or_default().clone()
    }

    /// The entries of a service: keys `network@host:port`, and metadata.
    pub fn entries(&self, service: &str) -> Vec<(String, String)> {
        let state = self.0.state.borrow();
        let entries = state.services.get(service).into_iter().flatten();
        entries
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// Writes an entry, as an administrator would.
    pub fn put(&self, service: &str, key: &str, metadata: &str) {
        self.0.state.send_modify(|state| {
            let entries = state.services.entry(service.to_owned()).or_default();
            entries.insert(key.to_owned(), metadata.to_owned());
        });
    }

    /// Takes an entry out. Says whether it was there. A server that keeps it writes it again.
    pub fn remove(&self, service: &str, key: &str) -> bool {
        self.0.state.send_if_modified(|state| {
            let entries = state.services.get_mut(service);
            entries.is_some_and(|entries| entries.remove(key).is_some())
        })
    }

    /// Takes all entries out, as a registry does that restarts without its data.
    pub fn clear(&self) {
        self.0.state.send_modify(|state| state.services.clear());
    }

    /// Lets the registry be away, or be there again. While it is away, watches and registrations fail.
    pub fn set_down(&self, down: bool) {
        self.0.state.send_modify(|state| state.down = down);
    }

    async fn keep(&self, registrations: &[Registration], session: &mut Session) -> Result<()> {
        self.check()?;
        if session.was_registered() {
            self.refresh(registrations);
        } else {
            for registration in registrations {
                let Registration {
                    service, metadata, ..
                } = registration;
                self.put(service, &registration.key(), metadata);
            }
        }
        session.registered();
        let mut ticks = interval(REFRESH);
        ticks.tick().await;
        loop {
            tokio::select! {
                () = session.leaving() => break,
                _tick = ticks.tick() => {}
            }
            self.check()?;
            self.refresh(registrations);
        }
        self.check()?;
        for registration in registrations {
            self.remove(&registration.service, &registration.key());
        }
        Ok(())
    }

    fn refresh(&self, registrations: &[Registration]) {
        self.0.state.send_modify(|state| {
            for registration in registrations {
                let entries = state.services.entry(registration.service.clone());
                let value = entries.or_default().entry(registration.key()).or_default();
                *value = registration.refreshed(Some(value.as_bytes()));
            }
        });
    }

    fn check(&self) -> Result<()> {
        match self.0.state.borrow().down {
            true => Err(Error::not_sent("the registry is away")),
            false => Ok(()),
        }
    }
}

impl Discover for InProcessRegistry {
    fn watch<'a>(&'a self, service: &'a str, updates: &'a Updates) -> BoxFuture<'a, Result<()>> {
        let mut state = self.0.state.subscribe();
        Box::pin(async move {
            loop {
                state.borrow_and_update();
                self.check()?;
                updates.entries(self.entries(service));
                // The sender lives as long as this.
                let _ = state.changed().await;
            }
        })
    }

    fn services(&self) -> BoxFuture<'_, Result<Option<Vec<String>>>> {
        Box::pin(async {
            self.check()?;
            let state = self.0.state.borrow();
            let with_nodes = state.services.iter().filter(|(_, nodes)| !nodes.is_empty());
            Ok(Some(with_nodes.map(|(name, _)| name.clone()).collect()))
        })
    }
}

impl Register for InProcessRegistry {
    fn keep<'a>(
        &'a self,
        registrations: &'a [Registration],
        session: &'a mut Session,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(Self::keep(self, registrations, session))
    }
}

/// `mem://name`.
pub(super) fn open(url: &RegistryUrl) -> Result<Registry> {
    url.check_options(&[])?;
    if url.authority.is_empty() {
        return Err(url.mistake("it needs a name: `mem://arith`"));
    }
    let name = format!("{}{}", url.authority, url.base);
    Ok(Registry::new(InProcessRegistry::named(&name)))
}
