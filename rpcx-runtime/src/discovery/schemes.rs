//! The table of registries that have a URL. A new one is a row here, and a file or folder of its own.

use std::sync::Arc;

use super::cached::Cached;
use super::url::RegistryUrl;
use super::{Discover, Register, in_process, static_nodes};
use crate::error::{Error, Result};

/// What a URL stands for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Registry {
    /// Finds nodes.
    pub discover: Arc<dyn Discover>,
    /// Makes servers known; not every registry does.
    pub register: Option<Arc<dyn Register>>,
}

impl Registry {
    /// One that does both.
    pub fn new(both: impl Discover + Register) -> Self {
        let both = Arc::new(both);
        Self {
            discover: both.clone(),
            register: Some(both),
        }
    }

    /// One that servers cannot be written into.
    pub fn only_discovers(discover: impl Discover) -> Self {
        Self {
            discover: Arc::new(discover),
            register: None,
        }
    }
}

type Open = fn(&RegistryUrl) -> Result<Registry>;

struct Row {
    scheme: &'static str,
    /// The feature that switches it on; empty if it is always there.
    feature: &'static str,
    /// None if it is switched off.
    open: Option<Open>,
}

#[cfg(feature = "consul")]
const CONSUL: Option<Open> = Some(super::consul::open);
#[cfg(not(feature = "consul"))]
const CONSUL: Option<Open> = None;

#[cfg(feature = "dns")]
const DNS: Option<Open> = Some(super::dns::open);
#[cfg(not(feature = "dns"))]
const DNS: Option<Open> = None;

#[cfg(feature = "mdns")]
const MDNS: Option<Open> = Some(super::mdns::open);
#[cfg(not(feature = "mdns"))]
const MDNS: Option<Open> = None;

#[cfg(feature = "nacos")]
const NACOS: Option<Open> = Some(super::nacos::open);
#[cfg(not(feature = "nacos"))]
const NACOS: Option<Open> = None;

#[cfg(feature = "redis")]
const REDIS: Option<Open> = Some(super::redis::open);
#[cfg(not(feature = "redis"))]
const REDIS: Option<Open> = None;

#[cfg(feature = "zookeeper")]
const ZOOKEEPER: Option<Open> = Some(super::zookeeper::open);
#[cfg(not(feature = "zookeeper"))]
const ZOOKEEPER: Option<Open> = None;

#[cfg(feature = "etcd")]
const ETCD: Option<Open> = Some(super::etcd::open);
#[cfg(not(feature = "etcd"))]
const ETCD: Option<Open> = None;

static SCHEMES: [Row; 9] = [
    Row {
        scheme: "consul",
        feature: "consul",
        open: CONSUL,
    },
    Row {
        scheme: "dns",
        feature: "dns",
        open: DNS,
    },
    Row {
        scheme: "etcd",
        feature: "etcd",
        open: ETCD,
    },
    Row {
        scheme: "mdns",
        feature: "mdns",
        open: MDNS,
    },
    Row {
        scheme: "mem",
        feature: "",
        open: Some(in_process::open),
    },
    Row {
        scheme: "nacos",
        feature: "nacos",
        open: NACOS,
    },
    Row {
        scheme: "redis",
        feature: "redis",
        open: REDIS,
    },
    Row {
        scheme: "static",
        feature: "",
        open: Some(static_nodes::open),
    },
    Row {
        scheme: "zookeeper",
        feature: "zookeeper",
        open: ZOOKEEPER,
    },
];

/// The registry at a URL, such as `etcd://10.0.0.1:2379,10.0.0.2:2379/rpcx_test`. Nothing is connected yet. The option
/// `cache` is for all of them: the folder of a [`Cached`].
///
/// # Errors
///
/// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if the URL cannot be read, or the registry is not there or
/// switched off.
pub fn open(url: &str) -> Result<Registry> {
    let mut url: RegistryUrl = url.parse()?;
    let cache = url.take_option("cache");
    if url.scheme == "rediss" {
        url = with_tls(url)?;
    }
    let Some(row) = SCHEMES.iter().find(|row| row.scheme == url.scheme) else {
        let known: Vec<_> = SCHEMES.iter().map(|row| row.scheme).collect();
        let known = known.join("`, `");
        return Err(url.mistake(format!("there is no such registry, but `{known}`")));
    };
    let Some(open) = row.open else {
        return Err(switched_off(&url, row.feature));
    };
    let mut registry = open(&url)?;
    if let Some(folder) = cache {
        registry.discover = Arc::new(Cached::around(registry.discover, folder.into()));
    }
    Ok(registry)
}

/// `rediss://`, as redis calls its URLs with TLS.
fn with_tls(mut url: RegistryUrl) -> Result<RegistryUrl> {
    match url.option("tls") {
        Some("on") => {}
        Some(_) => {
            return Err(url.mistake("`rediss` is redis with TLS: write `redis://` for one without"));
        }
        None => url.options.push(("tls".to_owned(), "on".to_owned())),
    }
    url.scheme = "redis".to_owned();
    Ok(url)
}

fn switched_off(url: &RegistryUrl, feature: &str) -> Error {
    url.mistake(format!("it needs the feature `{feature}`, which is off"))
}
