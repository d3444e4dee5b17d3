//! The names of services, from the keys of their nodes.

use std::collections::BTreeSet;

use crate::error::{Error, Result};

/// The most services that are listed of one registry.
const MOST: usize = 10_000;

/// The longest name of a service that is listed, in bytes: a longer one is garbage.
const LONGEST: usize = 1024;

/// The services of a registry, each once and in the order of their names.
#[derive(Debug, Default)]
pub(super) struct Services(BTreeSet<String>);

impl Services {
    /// Adds a service by its name.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if there are too many.
    pub(super) fn add(&mut self, name: &str) -> Result<()> {
        if name.is_empty() || name.len() > LONGEST || self.0.contains(name) {
            return Ok(());
        }
        if self.0.len() == MOST {
            return Err(Error::setup(format!(
                "the registry has more than {MOST} services: name the one that is meant"
            )));
        }
        self.0.insert(name.to_owned());
        Ok(())
    }

    /// Adds the service of a node by what stands behind the base path: `SERVICE/NETWORK@HOST:PORT`. Folders, which are
    /// written for tools, have no `@`.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub(super) fn add_key(&mut self, key: &str) -> Result<()> {
        match service_of(key) {
            Some(name) => self.add(name),
            None => Ok(()),
        }
    }

    pub(super) fn into_names(self) -> Vec<String> {
        self.0.into_iter().collect()
    }
}

/// The address of a node may have slashes too, behind its network: `unix@/run/arith`.
fn service_of(key: &str) -> Option<&str> {
    let (before, _address) = key.split_once('@')?;
    let (service, _network) = before.rsplit_once('/')?;
    Some(service)
}

/// Names by themselves, for the fuzz targets only.
pub(super) mod fuzzing {
    use super::{Result, Services};

    /// The services of these keys.
    ///
    /// # Errors
    /// If there are too many.
    pub fn services<'a>(keys: impl Iterator<Item = &'a str>) -> Result<Vec<String>> {
        let mut services = Services::default();
        for key in keys {
            services.add_key(key)?;
        }
        Ok(services.into_names())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_what_stands_before_the_address() {
        for (key, service) in [
            ("Arith/tcp@10.0.0.1:8972", Some("Arith")),
            ("com/example.Arith/quic@[::1]:1", Some("com/example.Arith")),
            ("Arith/unix@/run/a@b/arith", Some("Arith")),
            ("Arith", None),
            ("tcp@10.0.0.1:8972", None),
            ("", None),
        ] {
            assert_eq!(service_of(key), service, "{key}");
        }
    }

    #[test]
    fn names_come_once_in_their_order_and_are_bounded() {
        let mut services = Services::default();
        for key in ["B/tcp@a:1", "A/tcp@a:1", "B/tcp@b:1", "/tcp@b:1", "A"] {
            services.add_key(key).unwrap();
        }
        services.add(&"x".repeat(LONGEST + 1)).unwrap();
        let mut many = Services::default();
        for number in 0..MOST {
            many.add(&number.to_string()).unwrap();
        }
        many.add("7").unwrap();
        let error = many.add("one more").unwrap_err();
        assert!(error.message().contains("10000 services"), "{error}");
        assert_eq!(services.into_names(), ["A", "B"]);
    }
}
