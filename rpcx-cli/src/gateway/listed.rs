//! The services that a gateway passes calls on to: those that are named, or those that its registry has.

use std::sync::Arc;
use std::time::Duration;

use rpcx::discovery::{self, Discover};
use tokio::time::{Instant, timeout};

use super::Behind;
use crate::outcome::Outcome;

/// How often a registry is asked for its services.
const INTERVAL: Duration = Duration::from_secs(10);

/// How often while it has none, or does not answer.
const SOONER: Duration = Duration::from_secs(1);

/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The services as they are known.
pub(super) struct Listed {
    services: Vec<String>,
    /// The registry to be asked, unless services are named or it has no list of them.
    registry: Option<Arc<dyn Discover>>,
    next: Instant,
}

impl Listed {
    pub(super) fn new(behind: &Behind) -> Result<Self, Outcome> {
        let asked = behind.is_registry() && behind.services.is_empty();
        let registry = behind.servers.first().filter(|_| asked);
        let registry = registry.map(|url| discovery::open(url)).transpose()?;
        Ok(Self {
            services: behind.services.clone(),
            registry: registry.map(|registry| registry.discover),
            next: Instant::now(),
        })
    }

    /// The services, after the registry was asked if it is time for that. None if it has no list of them.
    ///
    /// # Errors
    /// Why none is known.
    pub(super) async fn now(&mut self) -> Result<Option<&[String]>, String> {
        if let Some(registry) = &self.registry
            && self.next <= Instant::now()
        {
            self.next = Instant::now() + SOONER;
            match timeout(PATIENCE, registry.services()).await {
                Ok(Ok(Some(services))) => self.services = services,
                Ok(Ok(None)) => self.registry = None,
                // What was known stays in use.
                Ok(Err(_)) | Err(_) if !self.services.is_empty() => {}
                Ok(Err(error)) => return Err(error.message().to_owned()),
                Err(_) => return Err("the registry does not answer".to_owned()),
            }
            if !self.services.is_empty() {
                self.next = Instant::now() + INTERVAL;
            }
        }
        match (&self.registry, self.services.is_empty()) {
            (Some(_), true) => Err("the registry has no services".to_owned()),
            (None, true) => Ok(None),
            (_, false) => Ok(Some(&self.services)),
        }
    }
}
