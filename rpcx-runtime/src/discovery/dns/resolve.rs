//! Asks DNS.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RecordType, rdata::SRV};
use hickory_resolver::{Resolver, TokioResolver};
use tokio::task::JoinSet;

use super::answer::{Answer, Records, key, metadata};
use super::{Asked, Dns};
use crate::discovery::encode_metadata;
use crate::error::{Error, Result};
use crate::task;

/// How long a DNS server may take to answer, before it is asked once more.
const PATIENCE: Duration = Duration::from_secs(2);

/// Targets of SRV records that are resolved at once.
const AT_ONCE: usize = 16;

/// A resolver, and what it is asked.
pub(super) struct Resolve<'a> {
    dns: &'a Dns,
    resolver: TokioResolver,
}

impl<'a> Resolve<'a> {
    pub(super) fn new(dns: &'a Dns) -> Result<Self> {
        let failed = |error| {
            let text = format!("the DNS settings of the system cannot be used: {error}");
            Error::setup(text).with_source(error)
        };
        let mut builder = match dns.servers.as_slice() {
            [] => TokioResolver::builder_tokio().map_err(failed)?,
            servers => {
                let servers = servers.iter().copied().map(name_server).collect();
                let config = ResolverConfig::from_parts(None, Vec::new(), servers);
                Resolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
        };
        set(builder.options_mut());
        let resolver = builder.build().map_err(failed)?;
        Ok(Self { dns, resolver })
    }

    /// The nodes as they are now.
    pub(super) async fn answer(&self) -> Result<Answer> {
        match self.dns.asked {
            Asked::Addresses(port) => self.of_addresses(port).await,
            Asked::Services => self.of_services().await,
        }
    }

    async fn of_addresses(&self, port: u16) -> Result<Answer> {
        let name = &self.dns.name;
        let (ips, ttl) = addresses(self.resolver.clone(), name.clone(), self.types()).await?;
        let metadata = encode_metadata([("host", name.trim_end_matches('.'))]);
        let entries = ips
            .into_iter()
            .map(|ip| (self.key(ip, port), metadata.clone()));
        Ok(Answer {
            entries: entries.collect(),
            ttl,
        })
    }

    async fn of_services(&self) -> Result<Answer> {
        let name = &self.dns.name;
        let looked_up = self.resolver.lookup(name.as_str(), RecordType::SRV).await;
        let records = Records::of(looked_up, name)?;
        let mut answer = Answer {
            entries: Vec::new(),
            ttl: records.ttl,
        };
        let mut targets = records.targets().into_iter();
        let mut asking = JoinSet::new();
        loop {
            while asking.len() < AT_ONCE
                && let Some(target) = targets.next()
            {
                let (resolver, target) = (self.resolver.clone(), target.clone());
                task::join(&mut asking, at_target(resolver, target, self.types()));
            }
            let Some(asked) = asking.join_next().await else {
                return Ok(answer);
            };
            let (target, ips, ttl) = asked.map_err(|ended| Error::setup(ended.to_string()))??;
            answer.ttl = answer.ttl.min(ttl);
            let entries = ips
                .into_iter()
                .map(|ip| (self.key(ip, target.port), metadata(&target)));
            answer.entries.extend(entries);
        }
    }

    fn types(&self) -> &'static [RecordType] {
        match self.dns.network.as_str() {
            "tcp4" => &[RecordType::A],
            "tcp6" => &[RecordType::AAAA],
            _ => &[RecordType::A, RecordType::AAAA],
        }
    }

    fn key(&self, ip: IpAddr, port: u16) -> String {
        key(&self.dns.network, ip, port)
    }
}

async fn at_target(
    resolver: TokioResolver,
    target: SRV,
    types: &'static [RecordType],
) -> Result<(SRV, Vec<IpAddr>, Duration)> {
    let name = target.target.to_string();
    let (ips, ttl) = addresses(resolver, name, types).await?;
    Ok((target, ips, ttl))
}

/// All addresses of a name. Half of them would be a list that lacks nodes: both questions have to be answered.
async fn addresses(
    resolver: TokioResolver,
    name: String,
    types: &'static [RecordType],
) -> Result<(Vec<IpAddr>, Duration)> {
    let (mut ips, mut ttl, mut nothing) = (Vec::new(), None::<Duration>, Duration::MAX);
    for kind in types {
        let records = Records::of(resolver.lookup(name.as_str(), *kind).await, &name)?;
        if records.data.is_empty() {
            nothing = nothing.min(records.ttl);
            continue;
        }
        ttl = Some(ttl.map_or(records.ttl, |ttl| ttl.min(records.ttl)));
        ips.extend(records.addresses());
    }
    Ok((ips, ttl.unwrap_or(nothing)))
}

fn name_server(server: SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = server.port();
        connection
    });
    NameServerConfig::new(server.ip(), true, connections.into())
}

fn set(options: &mut ResolverOpts) {
    options.timeout = PATIENCE;
    options.attempts = 2;
    // The list is the cache.
    options.cache_size = 0;
}
