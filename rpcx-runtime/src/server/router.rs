//! Service paths to services.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::service::Service;

/// The services of a server.
#[derive(Clone, Default)]
pub(crate) struct Router {
    services: HashMap<Vec<u8>, Arc<dyn Service>>,
}

impl Router {
    /// Adds a service, unless the path is taken.
    pub(crate) fn insert(&mut self, path: &str, service: Arc<dyn Service>) -> bool {
        let free = !self.services.contains_key(path.as_bytes());
        if free {
            self.services.insert(path.as_bytes().to_vec(), service);
        }
        free
    }

    pub(super) fn get(&self, path: &[u8]) -> Option<&Arc<dyn Service>> {
        self.services.get(path)
    }
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
