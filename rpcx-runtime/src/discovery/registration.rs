//! What a server writes into a registry.

use std::fmt;
use std::sync::Arc;

use super::metadata::{decode_metadata, encode_metadata};
use crate::address::Address;

/// What is longer was not written by a registration, and is not read back.
const LONGEST_VALUE: usize = 16 * 1024;

/// How busy a server is, as Go servers publish it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct LoadFigures {
    /// Calls a second: `calls`.
    pub calls: f64,
    /// New connections a second: `connections`.
    pub connections: f64,
}

impl LoadFigures {
    /// Of these rates.
    pub fn new(calls: f64, connections: f64) -> Self {
        Self { calls, connections }
    }
}

/// One service at one address, as it is written into a registry.
#[derive(Clone)]
#[non_exhaustive]
pub struct Registration {
    /// The service path.
    pub service: String,
    /// Where clients find it. As a text, `network@host:port`, it is the key.
    pub address: Address,
    /// The metadata, such as `group=a&weight=7`: what is written first, byte for byte.
    pub metadata: String,
    load: Option<Arc<dyn Fn() -> LoadFigures + Send + Sync>>,
}

impl Registration {
    /// A registration without load figures.
    pub fn new(service: impl Into<String>, address: Address, metadata: impl Into<String>) -> Self {
        Self {
            service: service.into(),
            address,
            metadata: metadata.into(),
            load: None,
        }
    }

    /// Publishes what `load` says, at each refresh.
    #[must_use]
    pub fn with_load(mut self, load: impl Fn() -> LoadFigures + Send + Sync + 'static) -> Self {
        self.load = Some(Arc::new(load));
        self
    }

    /// The last part of its key: `network@host:port`.
    pub fn key(&self) -> String {
        self.address.to_string()
    }

    /// What a refresh writes over `current`, which stands in the registry: the same with the load
    /// figures of now, sorted and escaped as Go does it. What an administrator has changed there stays.
    /// If nothing is there, or nothing that can be read, it is the metadata of the registration.
    ///
    /// ```
    /// use rpcx::discovery::{LoadFigures, Registration};
    ///
    /// let address = "tcp@10.0.0.1:8972".parse().unwrap();
    /// let registration = Registration::new("Arith", address, "weight=7&group=a")
    ///     .with_load(|| LoadFigures::new(1.5, 0.0));
    /// let changed = "weight=1&group=a&state=inactive";
    /// assert_eq!(
    ///     registration.refreshed(Some(changed.as_bytes())),
    ///     "calls=1.50&connections=0.00&group=a&state=inactive&weight=1",
    /// );
    /// ```
    pub fn refreshed(&self, current: Option<&[u8]>) -> String {
        let current = current.filter(|value| value.len() <= LONGEST_VALUE);
        let current = current.and_then(|value| std::str::from_utf8(value).ok());
        let pairs = current.map(decode_metadata).unwrap_or_default();
        let mut pairs = match pairs.is_empty() {
            true => decode_metadata(&self.metadata),
            false => pairs,
        };
        if let Some(load) = &self.load {
            let load = load();
            pairs.retain(|(key, _)| !matches!(key.as_str(), "calls" | "connections"));
            pairs.push(("calls".to_owned(), format!("{:.2}", load.calls)));
            pairs.push(("connections".to_owned(), format!("{:.2}", load.connections)));
        }
        encode_metadata(pairs)
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("service", &self.service)
            .field("key", &self.key())
            .field("metadata", &self.metadata)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_written_anew() {
        let address: Address = "tcp@h:1".parse().unwrap();
        let registration = Registration::new("Arith", address, "group=g2&tag=x y&group=g1");
        let own = "group=g2&group=g1&tag=x+y";
        for current in [
            None,
            Some(&b""[..]),
            Some(b"&&"),
            Some(b"\xff\xfe"),
            Some(&[b'a'; 20_000]),
        ] {
            assert_eq!(registration.refreshed(current), own);
        }
        assert_eq!(registration.refreshed(Some(b"tag=z")), "tag=z");
    }
}
