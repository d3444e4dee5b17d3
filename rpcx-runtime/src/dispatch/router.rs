//! Service paths to services.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use crate::layer::{Chain, Layers};
use crate::service::Service;

/// No service has as many methods; a higher number is a mistake that would cost memory.
pub(super) const MOST_METHODS: u32 = 1 << 16;

/// The services of a server.
#[derive(Clone, Default)]
pub(crate) struct Router {
    services: HashMap<Vec<u8>, Route>,
}

/// A service and what is around it.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) path: Arc<str>,
    pub(crate) service: Arc<dyn Service>,
    /// The layers around each method, by its number.
    pub(crate) chains: Arc<[Chain]>,
}

impl Router {
    /// Adds a service under `path`.
    ///
    /// # Errors
    /// What is wrong with the path or with the service.
    pub(crate) fn insert(&mut self, path: &str, service: Arc<dyn Service>) -> Result<(), String> {
        if path.is_empty() {
            return Err("a service path is empty".to_owned());
        }
        if self.services.contains_key(path.as_bytes()) {
            return Err(format!("the service path `{path}` is registered twice"));
        }
        check_numbers(path, &*service)?;
        let route = Route {
            path: path.into(),
            service,
            chains: Arc::default(),
        };
        self.services.insert(path.as_bytes().to_vec(), route);
        Ok(())
    }

    /// Puts `layers` around all services, outside of their own.
    pub(crate) fn surround(&mut self, layers: &Layers) {
        for route in self.services.values_mut() {
            route.chains = chains(layers, &route.path, &*route.service);
        }
    }

    pub(crate) fn get(&self, path: &[u8]) -> Option<&Route> {
        self.services.get(path)
    }

    pub(crate) fn len(&self) -> usize {
        self.services.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.services.is_empty()
    }
}

/// Each connection has memory for a handler of each method, found by the method's number. Methods that
/// are not compiled in leave gaps.
fn check_numbers(path: &str, service: &dyn Service) -> Result<(), String> {
    let mut seen = HashSet::new();
    for method in service.info().methods() {
        let (name, id) = (method.name(), method.id());
        if id >= MOST_METHODS {
            return Err(format!(
                "the method `{path}.{name}` has the number {id}: count them from 0, to {MOST_METHODS} at most"
            ));
        }
        if !seen.insert(id) {
            return Err(format!(
                "two methods of `{path}` have the number {id}, one of them is `{name}`"
            ));
        }
    }
    Ok(())
}

/// The layers around each method, by its number.
fn chains(layers: &Layers, path: &str, service: &dyn Service) -> Arc<[Chain]> {
    let mut chains = Vec::new();
    for method in service.info().methods() {
        let Some(chain) = layers.chain(service.layers(), path, &method) else {
            continue;
        };
        let id = method.id() as usize;
        if chains.len() <= id {
            chains.resize(id + 1, None);
        }
        chains[id] = Some(chain);
    }
    chains.into()
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths = self
            .services
            .keys()
            .map(|path| String::from_utf8_lossy(path));
        f.debug_set().entries(paths).finish()
    }
}
