//! What DNS has said about a name, as entries of a registry.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::rr::RData;
use hickory_resolver::proto::rr::rdata::SRV;

use crate::discovery::encode_metadata;
use crate::error::{Error, Result};

/// How long it is taken for true that there is nothing, if the answer does not say so.
const NOTHING: Duration = Duration::from_secs(5);

/// The targets of SRV records that are resolved, at most. One answer has room for some more.
pub(super) const MOST_TARGETS: usize = 1000;

/// The nodes of a name.
#[derive(Debug, PartialEq)]
pub(super) struct Answer {
    /// Keys, and their metadata.
    pub(super) entries: Vec<(String, String)>,
    /// How long it stays true.
    pub(super) ttl: Duration,
}

/// Records of one type, or that there are none.
#[derive(Debug)]
pub(super) struct Records {
    pub(super) data: Vec<RData>,
    pub(super) ttl: Duration,
}

impl Records {
    pub(super) fn of(looked_up: Result<Lookup, NetError>, name: &str) -> Result<Self> {
        match looked_up {
            Ok(lookup) => Ok(Self {
                data: lookup
                    .answers()
                    .iter()
                    .map(|record| record.data.clone())
                    .collect(),
                ttl: lookup
                    .valid_until()
                    .saturating_duration_since(Instant::now()),
            }),
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) => {
                let seconds = none
                    .negative_ttl
                    .map(|seconds| Duration::from_secs(seconds.into()));
                Ok(Self {
                    data: Vec::new(),
                    ttl: seconds.unwrap_or(NOTHING),
                })
            }
            Err(error) => {
                let text = format!("DNS has no answer about `{name}`: {error}");
                Err(Error::setup(text).with_source(error))
            }
        }
    }

    pub(super) fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.data.iter().filter_map(|data| match data {
            RData::A(address) => Some(address.0.into()),
            RData::AAAA(address) => Some(address.0.into()),
            _ => None,
        })
    }

    /// The targets of the best priority. A target that is the root says that there is no such service.
    pub(super) fn targets(&self) -> Vec<&SRV> {
        let all = self.data.iter().filter_map(|data| match data {
            RData::SRV(service) => Some(service),
            _ => None,
        });
        let offered = || all.clone().filter(|service| !service.target.is_root());
        let best = offered().map(|service| service.priority).min();
        let best = offered().filter(|service| Some(service.priority) == best);
        best.take(MOST_TARGETS).collect()
    }
}

/// A node at an address.
pub(super) fn key(network: &str, ip: IpAddr, port: u16) -> String {
    format!("{network}@{}", SocketAddr::new(ip, port))
}

/// What a record says about the nodes at its target. A weight of zero is a small one.
pub(super) fn metadata(service: &SRV) -> String {
    encode_metadata([
        ("host", service.target.to_string().trim_end_matches('.')),
        ("priority", &service.priority.to_string()),
        ("weight", &service.weight.max(1).to_string()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(priority: u16, weight: u16, target: &str) -> RData {
        RData::SRV(SRV::new(priority, weight, 80, target.parse().unwrap()))
    }

    #[test]
    fn targets_are_those_of_the_best_priority() {
        let records = |data: Vec<RData>| Records { data, ttl: NOTHING };
        let several = records(vec![
            service(20, 1, "spare.x."),
            service(10, 0, "a.x."),
            service(10, 7, "b.x."),
        ]);
        let targets = several.targets();
        let said: Vec<_> = targets.into_iter().map(metadata).collect();
        assert_eq!(
            said,
            [
                "host=a.x&priority=10&weight=1",
                "host=b.x&priority=10&weight=7"
            ]
        );
        let none = records(vec![service(0, 0, ".")]);
        assert!(
            none.targets().is_empty(),
            "the service is said not to be there"
        );
        let many = (0..2000).map(|at| service(1, 1, &format!("n{at}.x.")));
        assert_eq!(records(many.collect()).targets().len(), MOST_TARGETS);
    }
}
