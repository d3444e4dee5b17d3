//! Between registrations, instances of nacos and entries.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::discovery::{Registration, decode_metadata, encode_metadata};
use crate::error::{Error, Result};

/// What nacos has of a node.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Instance {
    ip: String,
    port: u16,
    weight: f64,
    healthy: bool,
    enabled: bool,
    /// Values may be `null`.
    #[serde(default)]
    metadata: Option<BTreeMap<String, Option<String>>>,
}

impl Instance {
    /// Key and metadata, as Go's client builds them, unless it is not to be called.
    pub(super) fn entry(self) -> Option<(String, String)> {
        if !self.healthy || !self.enabled {
            return None;
        }
        let metadata = self.metadata.unwrap_or_default().into_iter();
        let mut metadata: BTreeMap<_, _> = metadata
            .map(|(key, value)| (key, value.unwrap_or_default()))
            .collect();
        let host = match self.ip.contains(':') {
            true => format!("[{}]", self.ip),
            false => self.ip,
        };
        // What other programs have registered says nothing of networks.
        let network = metadata.get("network").map_or("tcp", String::as_str);
        let key = format!("{network}@{host}:{}", self.port);
        metadata
            .entry("weight".to_owned())
            .or_insert_with(|| format!("{:.0}", self.weight.max(0.0)));
        Some((key, encode_metadata(metadata)))
    }
}

/// Where and what an instance is.
pub(super) struct Place<'a> {
    pub(super) registration: &'a Registration,
    pub(super) ip: String,
    pub(super) port: u16,
}

impl<'a> Place<'a> {
    /// # Errors
    /// If the address is not `host:port`.
    pub(super) fn of(registration: &'a Registration) -> Result<Self> {
        let location = registration.address.location();
        let parts = location.rsplit_once(':').and_then(|(host, port)| {
            let host = host.trim_start_matches('[').trim_end_matches(']');
            Some((host, port.parse().ok()?))
        });
        match parts {
            Some((ip, port)) if !ip.is_empty() && !location.contains('/') => Ok(Self {
                registration,
                ip: ip.to_owned(),
                port,
            }),
            _ => Err(Error::setup(format!(
                "`{}` cannot stand in nacos, where an instance has an address and a port",
                registration.address
            ))),
        }
    }

    /// Of a key that repeats the first value, as in Go; and the network.
    pub(super) fn metadata(&self) -> BTreeMap<String, String> {
        let mut metadata = BTreeMap::new();
        for (key, value) in decode_metadata(&self.registration.metadata) {
            metadata.entry(key).or_insert(value);
        }
        let network = self.registration.address.network().as_str();
        metadata.insert("network".to_owned(), network.to_owned());
        metadata
    }

    /// The weight in the metadata, which Go takes from a setting of its own.
    pub(super) fn weight(&self) -> f64 {
        let weight = self.metadata().remove("weight");
        let weight = weight.and_then(|weight| weight.parse().ok());
        weight
            .filter(|weight| (0.0..=10_000.0).contains(weight))
            .unwrap_or(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(json: &str) -> Option<(String, String)> {
        serde_json::from_str::<Instance>(json).unwrap().entry()
    }

    #[test]
    fn instances_are_read_as_go_reads_them() {
        // Recorded from a Go server.
        let go = instance(
            r#"{"instanceId":"127.0.0.1#18976#test#DEFAULT_GROUP@@Arith","ip":"127.0.0.1","port":18976,"weight":5.0,
            "healthy":true,"enabled":true,"ephemeral":true,"clusterName":"test",
            "metadata":{"weight":"7","state":"active","group":"a","network":"tcp"}}"#,
        );
        let (key, metadata) = go.unwrap();
        assert_eq!(key, "tcp@127.0.0.1:18976");
        assert_eq!(metadata, "group=a&network=tcp&state=active&weight=7");
        let other =
            r#"{"ip":"::1","port":80,"weight":2.0,"healthy":true,"enabled":true,"metadata":null}"#;
        assert_eq!(
            instance(other).unwrap(),
            ("tcp@[::1]:80".to_owned(), "weight=2".to_owned())
        );
        assert!(instance(&other.replace("\"healthy\":true", "\"healthy\":false")).is_none());
        assert!(instance(&other.replace("\"enabled\":true", "\"enabled\":false")).is_none());
    }

    #[test]
    fn an_instance_has_an_address_and_a_port() {
        let registration = |address: &str| {
            let address = address.parse().unwrap();
            Registration::new("Arith", address, "group=b&weight=7&group=a")
        };
        let tcp = registration("tcp@[::1]:80");
        let place = Place::of(&tcp).unwrap();
        assert_eq!((&*place.ip, place.port, place.weight()), ("::1", 80, 7.0));
        let metadata = [("group", "b"), ("network", "tcp"), ("weight", "7")];
        let metadata = metadata.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(place.metadata(), metadata.into());
        let unix = Registration::new(
            "Arith",
            crate::address::Address::custom("unix", "/run/x"),
            "",
        );
        assert!(Place::of(&unix).is_err());
    }
}
