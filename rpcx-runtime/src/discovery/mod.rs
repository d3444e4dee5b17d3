//! Where the nodes of a service are, and how a server makes itself known.
//!
//! A registry is one or both of two traits: [`Discover`] hands over the list of nodes of a service, again
//! with each change, and [`Register`] writes the entries of a server and keeps them for as long as it
//! serves. Neither retries: whatever ends it is an error, and [`Watch`] and [`Registrar`], which run them,
//! begin again after a pause. The last list stays in use meanwhile.
//!
//! Keys and values are those of Go rpcx: a node is `network@host:port`, its metadata a query such as
//! `group=a&weight=7`. See [`Node`] for what is read of it.
//!
//! What comes from a registry is not trusted: see [`Updates`] for what is skipped and bounded.

mod cached;
#[cfg(feature = "consul")]
mod consul;
#[cfg(feature = "dns")]
mod dns;
#[cfg(feature = "etcd")]
mod etcd;
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "_registry-http")]
#[cfg_attr(
    not(feature = "etcd"),
    allow(dead_code, reason = "changes come line by line from etcd alone")
)]
mod http;
mod in_process;
mod known;
#[cfg(feature = "mdns")]
mod mdns;
mod metadata;
#[cfg(feature = "nacos")]
mod nacos;
mod node;
#[cfg(feature = "redis")]
mod redis;
mod registrar;
mod registration;
#[cfg(feature = "_registry")]
#[cfg_attr(
    not(feature = "etcd"),
    allow(dead_code, reason = "not every registry needs all of it")
)]
mod remote;
mod schemes;
#[cfg(all(feature = "_registry", feature = "_tls"))]
mod secure;
#[cfg(all(feature = "_registry", not(feature = "_tls")))]
#[path = "secure_off.rs"]
mod secure;
#[cfg(any(feature = "_registry", feature = "mdns"))]
#[cfg_attr(
    not(feature = "etcd"),
    allow(dead_code, reason = "not every registry has names in its keys")
)]
mod services;
mod static_nodes;
mod updates;
mod url;
mod watch;
#[cfg(feature = "zookeeper")]
mod zookeeper;

use std::fmt;

#[cfg(feature = "redis")]
pub use self::redis::Redis;
pub use cached::Cached;
#[cfg(feature = "consul")]
pub use consul::Consul;
#[cfg(feature = "dns")]
pub use dns::Dns;
#[cfg(feature = "etcd")]
pub use etcd::Etcd;
pub use in_process::InProcessRegistry;
#[cfg(feature = "mdns")]
pub use mdns::Mdns;
pub use metadata::{decode_metadata, encode_metadata};
#[cfg(feature = "nacos")]
pub use nacos::Nacos;
pub use node::{Coordinates, Node, NodeError};
pub use registrar::{Registrar, Session};
pub use registration::{LoadFigures, Registration};
pub use schemes::{Registry, open};
pub use static_nodes::StaticNodes;
pub use updates::{Skipped, Updates};
pub use url::RegistryUrl;
pub use watch::Watch;
#[cfg(feature = "zookeeper")]
pub use zookeeper::ZooKeeper;

use crate::error::Result;
use crate::transport::BoxFuture;

/// Finds the nodes of services.
pub trait Discover: Send + Sync + fmt::Debug + 'static {
    /// Hands the nodes of `service` to `updates`: all that there are as soon as they are known, even if
    /// there are none, and all again after each change. Ends only with an error, when the registry
    /// cannot be heard any more; it is called again after a pause then. Dropping the future ends the
    /// watch.
    ///
    /// # Errors
    /// Whatever ended it. No list is handed over because of an error.
    fn watch<'a>(&'a self, service: &'a str, updates: &'a Updates) -> BoxFuture<'a, Result<()>>;

    /// The names of the services that have nodes now, in their order; `None`, which is the default, where the registry cannot say
    /// it: a fixed list and DNS have the same nodes for every service. A service whose last node has just left may
    /// be among them.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> rpcx::Result<()> {
    /// use rpcx::discovery::{InProcessRegistry, open};
    ///
    /// InProcessRegistry::named("shop").put("Arith", "tcp@10.0.0.1:8972", "");
    /// let registry = open("mem://shop")?;
    /// assert_eq!(registry.discover.services().await?, Some(vec!["Arith".to_owned()]));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if the registry cannot be reached or refuses, and if it has more than 10,000
    /// services.
    fn services(&self) -> BoxFuture<'_, Result<Option<Vec<String>>>> {
        Box::pin(async { Ok(None) })
    }
}

/// Makes servers known to those that [discover](Discover) them.
pub trait Register: Send + Sync + fmt::Debug + 'static {
    /// Writes the registrations, says so by [`Session::registered`], and keeps them: leases are renewed,
    /// and every interval the value that stands in the registry is read and written back
    /// [refreshed](Registration::refreshed). When [`Session::leaving`] ends, they are taken out, and the
    /// future returns; it is dropped if that takes longer than 2 s.
    ///
    /// # Errors
    /// Whatever ended it before. It is called again after a pause then, and writes whatever is not there.
    fn keep<'a>(
        &'a self,
        registrations: &'a [Registration],
        session: &'a mut Session,
    ) -> BoxFuture<'a, Result<()>>;
}
