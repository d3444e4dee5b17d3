//! What must hold with every registry, by way of an interval of one second.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rpcx::discovery::{LoadFigures, Registrar, Registration, Watch};
use rpcx::{Channel, Server};
use tokio::time::sleep;

use super::gate::Gate;
use super::go::Go;
use super::load::Load;
use super::servers::{Registry, Start};
use crate::long;

/// Longer than anything here takes, on a machine that has much else to do.
pub(super) const SOON: Duration = Duration::from_secs(40);

/// An outage and its end are noticed within an interval, of 1 s here, and a second. That is asserted with `RPCX_TIMELY=required`, for
/// a machine that has nothing else to do; elsewhere other processes have a share of what is measured, and four times as long is allowed.
/// In virtual time it is held by `discovery::an_outage_and_its_end_are_noticed_within_an_interval_and_a_second` of the runtime's tests.
fn timely(kind: &str, what: &str, began: Instant) {
    let took = began.elapsed();
    println!("{kind}: {what} after {took:.2?}");
    let required = std::env::var("RPCX_TIMELY").is_ok_and(|value| value == "required");
    let allowed = Duration::from_secs(if required { 2 } else { 8 });
    assert!(took < allowed, "{kind}: {what} after {took:?}");
}

/// A kind of registry, and how to look into one.
pub(super) struct Backend {
    /// What Go calls it, and what a URL begins with.
    pub(super) kind: &'static str,
    pub(super) start: &'static Start,
    /// `scheme://host:port/base` with an interval of 1 s.
    pub(super) url: fn(&Registry) -> String,
    /// Further options of the Go program.
    pub(super) go_options: &'static [&'static str],
    /// Everything that is in it.
    pub(super) dump: fn(&Registry) -> BTreeMap<String, String>,
    /// Writes what a node has under this key, as an administrator.
    pub(super) put: fn(&Registry, key: &str, metadata: &str),
    /// Whether it is gone with its data after it was killed.
    pub(super) forgets: bool,
}

#[rpcx::message]
pub(super) struct Args {
    pub(super) a: i64,
    pub(super) b: i64,
}

#[rpcx::message]
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) c: i64,
}

#[rpcx::service]
pub(super) trait Arith {
    async fn mul(&self, args: Args) -> rpcx::Result<Reply>;
}

pub(super) struct Multiplier;

impl Arith for Multiplier {
    async fn mul(&self, args: Args) -> rpcx::Result<Reply> {
        Ok(Reply { c: args.a * args.b })
    }
}

/// A server in Rust that stands in a registry.
pub(super) struct Registered {
    /// `tcp@host:port`
    pub(super) address: String,
    pub(super) registrar: Registrar,
}

const METADATA: &str = "weight=7&group=a&tag=x y";

/// What the first refresh makes of it.
const REFRESHED: &str = "calls=2.50&connections=0.00&group=a&tag=x+y&weight=7";

impl Backend {
    pub(super) fn watch(&self, registry: &Registry, service: &str) -> Watch {
        let opened = open(&(self.url)(registry));
        Watch::start(opened.discover, service)
    }

    /// Serves and registers these services, and waits until they stand there.
    pub(super) async fn serve(&self, registry: &Registry, services: &[&str]) -> Registered {
        let mut registered = self.serve_unasked(registry, services).await;
        registered.registrar.registered().await;
        registered
    }

    async fn serve_unasked(&self, registry: &Registry, services: &[&str]) -> Registered {
        Self::serve_by(&(self.url)(registry), services).await
    }

    async fn serve_by(url: &str, services: &[&str]) -> Registered {
        let server = Server::builder().register(ArithServer::new(Multiplier));
        let server = server.listen("tcp@127.0.0.1:0").bind().await.unwrap();
        let address = server.addresses()[0].clone();
        tokio::spawn(server.serve());
        let registration = |service: &&str| {
            Registration::new(*service, address.clone(), METADATA)
                .with_load(|| LoadFigures::new(2.5, 0.0))
        };
        let registrations = services.iter().map(registration).collect();
        let register = open(url).register;
        let registrar = Registrar::start(register.unwrap(), registrations);
        let address = address.to_string();
        Registered { address, registrar }
    }

    pub(super) fn serve_go(&self, registry: &Registry) -> Option<Go> {
        let services = ["-services", "Arith,Echo", "-meta", METADATA];
        Go::serve(
            self.kind,
            registry,
            &[&services[..], self.go_options].concat(),
        )
    }

    /// Values of this service alone, by `network@host:port`.
    fn leaves(&self, registry: &Registry, service: &str) -> BTreeMap<String, String> {
        let part = format!("/{service}/");
        let leaf = |(key, value): (String, String)| {
            let at = key.find(&part)? + part.len();
            Some((key[at..].to_owned(), value))
        };
        (self.dump)(registry).into_iter().filter_map(leaf).collect()
    }

    /// Go servers are found with what they have registered, and called; they leave the list when they leave.
    pub(super) async fn finds_go_servers(&self) {
        let Some(registry) = self.start.start() else {
            return;
        };
        let Some(first) = self.serve_go(&registry) else {
            return;
        };
        let watch = self.watch(&registry, "Arith");
        shows(&watch, &[&first.address]).await;
        // Of etcd's plugin the last service stands there with the first refresh.
        lists(&(self.url)(&registry), &["Arith", "Echo"]).await;
        let node = watch.nodes().unwrap()[0].clone();
        assert_eq!((node.weight, &*node.groups), (7, &["a".to_owned()][..]));
        assert_eq!(node.get("tag").as_deref(), Some("x y"));
        let channel = Channel::builder()
            .registry(&(self.url)(&registry))
            .group("a");
        let channel = channel.build().await.unwrap();
        let reply = ArithClient::new(channel).mul(Args { a: 10, b: 20 }).await;
        assert_eq!(reply.unwrap().c, 200);
        let second = self.serve_go(&registry).unwrap();
        shows(&watch, &[&first.address, &second.address]).await;
        let own = self.serve(&registry, &["Arith"]).await;
        let all = [&*first.address, &*second.address, &*own.address];
        shows(&watch, &all).await;
        let rest = [second.address.clone(), own.address.clone()];
        first.stop();
        shows(&watch, &rest.each_ref().map(|address| &**address)).await;
    }

    /// A Go XClient finds Rust servers and calls them; both see what an administrator changes, and that stays.
    pub(super) async fn is_found_by_go(&self) {
        let Some(registry) = self.start.start() else {
            return;
        };
        let server = self.serve(&registry, &["Arith"]).await;
        let Some(mut go) = Go::discover(self.kind, &registry, &[]) else {
            return;
        };
        for _ in 0..3 {
            assert_eq!(go.call(), "ok 200");
        }
        assert_eq!(go.list().keys().collect::<Vec<_>>(), [&server.address]);
        let value = || self.leaves(&registry, "Arith").remove(&server.address);
        eventually("the first refresh", async || {
            value().as_deref() == Some(REFRESHED)
        })
        .await;
        (self.put)(
            &registry,
            &format!("Arith/{}", server.address),
            "weight=2&state=inactive",
        );
        let edited = "calls=2.50&connections=0.00&state=inactive&weight=2";
        eventually("the refresh of an edit", async || {
            value().as_deref() == Some(edited)
        })
        .await;
        let watch = self.watch(&registry, "Arith");
        eventually("the watch of an edit", async || {
            let nodes = watch.nodes().unwrap_or_default();
            nodes.len() == 1 && !nodes[0].active && nodes[0].weight == 2
        })
        .await;
        assert!(server.registrar.leave(SOON).await);
        assert_eq!(value(), None);
        assert_eq!(self.leaves(&registry, "Arith"), BTreeMap::new());
    }

    /// Every key and value is what a Go server writes.
    pub(super) async fn writes_what_go_writes(&self) {
        let Some(registry) = self.start.start() else {
            return;
        };
        let Some(go) = self.serve_go(&registry) else {
            return;
        };
        // Of etcd's plugin the last service stands there with the first refresh.
        let two = async || {
            let count = |service| self.leaves(&registry, service).len();
            (count("Arith"), count("Echo")) == (1, 1)
        };
        eventually("a registration by Go", two).await;
        let by_go = self.recorded(&registry, &go.address);
        drop((go, registry));
        let registry = self.start.start().unwrap();
        let server = self.serve(&registry, &["Arith", "Echo"]).await;
        let mut by_rust = self.recorded(&registry, &server.address);
        // It never writes the folder of that service, which tools show.
        let folder = |key: &str, value: &str| key.ends_with(&format!("/{value}"));
        by_rust.retain(|key, value| by_go.contains_key(key) || !folder(key, value));
        assert_eq!(by_rust, by_go);
    }

    /// What is in it, with the address of the server and what refreshes do taken out.
    fn recorded(&self, registry: &Registry, address: &str) -> BTreeMap<String, String> {
        let refreshed = "calls=0.00&connections=0.00&group=a&tag=x+y&weight=7";
        let pairs = (self.dump)(registry).into_iter();
        let plain = |text: String| {
            text.replace(address, "ADDRESS")
                .replace(refreshed, METADATA)
        };
        pairs
            .map(|(key, value)| (plain(key), plain(value)))
            .collect()
    }

    /// The registry is away for three lease periods. It is noticed when it is back, without a restart.
    pub(super) async fn survives_an_outage(&self, lease: Duration) {
        let Some(mut registry) = self.start.start() else {
            return;
        };
        let server = self.serve(&registry, &["Arith"]).await;
        let watch = self.watch(&registry, "Arith");
        shows(&watch, &[&server.address]).await;
        let load = Load::start(&(self.url)(&registry)).await;
        registry.kill();
        let began = Instant::now();
        eventually("an error", async || watch.error().is_some()).await;
        timely(self.kind, "the outage was noticed", began);
        sleep(lease * 3).await;
        assert!(watch.error().is_some());
        assert_eq!(
            watch.nodes().unwrap().len(),
            1,
            "the last list stays in use"
        );
        if self.forgets {
            registry.wipe();
        }
        tokio::task::block_in_place(|| registry.run());
        let began = Instant::now();
        let back = async || {
            self.leaves(&registry, "Arith")
                .contains_key(&server.address)
        };
        eventually("the registration after an outage", back).await;
        timely(self.kind, "registered again after the outage", began);
        let second = self.serve(&registry, &["Arith"]).await;
        let began = Instant::now();
        shows(&watch, &[&server.address, &second.address]).await;
        timely(self.kind, "another server was listed", began);
        assert!(watch.error().is_none());
        // And for longer than a lease.
        sleep(lease + Duration::from_secs(1)).await;
        assert_eq!(self.leaves(&registry, "Arith").len(), 2);
        assert!(second.registrar.leave(SOON).await);
        shows(&watch, &[&server.address]).await;
        load.stop().await;
    }

    /// A registry that cannot be reached, and says nothing, for three lease periods.
    pub(super) async fn survives_silence(&self, lease: Duration) {
        let Some(registry) = self.start.start() else {
            return;
        };
        let mut server = self.serve(&registry, &["Arith"]).await;
        let watch = self.watch(&registry, "Arith");
        shows(&watch, &[&server.address]).await;
        let load = Load::start(&(self.url)(&registry)).await;
        registry.signal("STOP");
        let began = Instant::now();
        eventually("the silence", async || watch.error().is_some()).await;
        timely(self.kind, "the silence was noticed", began);
        assert_eq!(watch.nodes().unwrap().len(), 1);
        sleep((lease * 3).saturating_sub(began.elapsed())).await;
        registry.signal("CONT");
        let began = Instant::now();
        eventually("the list", async || watch.error().is_none()).await;
        timely(self.kind, "the end of the silence was noticed", began);
        server.registrar.registered().await;
        let there = async || {
            self.leaves(&registry, "Arith")
                .contains_key(&server.address)
        };
        eventually("the registration after the silence", there).await;
        sleep(lease + Duration::from_secs(1)).await;
        assert!(there().await, "it is kept");
        shows(&watch, &[&server.address]).await;
        load.stop().await;
    }

    /// Nothing gets through between one server and the registry, for longer than its lease; clients reach both.
    pub(super) async fn survives_a_partition(&self) {
        let Some(registry) = self.start.start() else {
            return;
        };
        let (url, gate) = ((self.url)(&registry), Gate::to(registry.address()).await);
        let gated = url.replace(&registry.address(), &gate.address());
        let mut cut_off = Self::serve_by(&gated, &["Arith"]).await;
        cut_off.registrar.registered().await;
        let rest = self.serve(&registry, &["Arith"]).await;
        let watch = self.watch(&registry, "Arith");
        shows(&watch, &[&cut_off.address, &rest.address]).await;
        let load = Load::start(&url).await;
        gate.set_open(false);
        shows(&watch, &[&rest.address]).await;
        gate.set_open(true);
        let began = Instant::now();
        shows(&watch, &[&cut_off.address, &rest.address]).await;
        timely(self.kind, "registered again after the partition", began);
        load.stop().await;
        assert!(watch.error().is_none());
    }

    /// A server that ends without a word stands there until its lease ends, and no longer.
    pub(super) async fn forgets_a_server_that_vanishes(&self, within: Duration) {
        let Some(registry) = self.start.start() else {
            return;
        };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let serve = self.serve(&registry, &["Arith"]);
        let vanishing = tokio::task::block_in_place(|| runtime.block_on(serve));
        let rest = self.serve(&registry, &["Arith"]).await;
        let watch = self.watch(&registry, "Arith");
        shows(&watch, &[&vanishing.address, &rest.address]).await;
        let began = Instant::now();
        runtime.shutdown_background();
        shows(&watch, &[&rest.address]).await;
        let took = began.elapsed();
        assert!(took < within, "forgotten after {took:?}");
        assert_eq!(self.leaves(&registry, "Arith").len(), 1);
    }

    /// A registry that is started after server and client.
    pub(super) async fn may_come_late(&self) {
        let Some(mut registry) = self.start.later() else {
            return;
        };
        let mut server = self.serve_unasked(&registry, &["Arith"]).await;
        let watch = self.watch(&registry, "Arith");
        eventually("an error", async || watch.error().is_some()).await;
        assert_eq!(
            (watch.nodes(), server.registrar.is_registered()),
            (None, false)
        );
        tokio::task::block_in_place(|| registry.run());
        let began = Instant::now();
        server.registrar.registered().await;
        timely(self.kind, "registered in a late registry", began);
        shows(&watch, &[&server.address]).await;
        timely(self.kind, "found in a late registry", began);
    }

    /// Names that begin alike are two services, and a list that has become empty is handed over as such.
    pub(super) async fn tells_services_apart(&self) {
        let Some(registry) = self.start.start() else {
            return;
        };
        let none = self.watch(&registry, "Ari");
        shows(&none, &[]).await;
        let server = self.serve(&registry, &["Arith"]).await;
        let watch = self.watch(&registry, "Arith");
        shows(&watch, &[&server.address]).await;
        assert_eq!(none.nodes().unwrap().len(), 0);
        lists(&(self.url)(&registry), &["Arith"]).await;
        (self.put)(&registry, "Arith/garbage", "group=a");
        (self.put)(&registry, "Arith/tcp@127.0.0.1:1", &"x".repeat(1 << 20));
        eventually("entries that are no nodes", async || {
            watch.skipped().unreadable == 2
        })
        .await;
        assert_eq!(watch.nodes().unwrap().len(), 1);
    }

    /// The last server leaves, and the list is empty: not at once, because an outage looks the same.
    pub(super) async fn empties_a_list(&self) {
        let Some(registry) = self.start.start() else {
            return;
        };
        if !long::is_wanted("the half minute until the list of a registry is taken for empty") {
            return;
        }
        let server = self.serve(&registry, &["Arith"]).await;
        let watch = self.watch(&registry, "Arith");
        shows(&watch, &[&server.address]).await;
        assert!(server.registrar.leave(SOON).await);
        let began = Instant::now();
        eventually("an empty list", async || watch.is_emptied()).await;
        timely(self.kind, "the end of the last server was noticed", began);
        sleep(Duration::from_secs(20)).await;
        shows(&watch, &[]).await;
        assert!(watch.error().is_none());
    }
}

/// The registry at a URL.
pub(super) fn open(url: &str) -> rpcx::discovery::Registry {
    rpcx::discovery::open(url).unwrap()
}

/// Waits until the registry has these services.
pub(super) async fn lists(url: &str, services: &[&str]) {
    let discover = open(url).discover;
    let listed = async || {
        let listed = discover.services().await.unwrap();
        listed.expect("this registry has a list") == services
    };
    eventually(&format!("the services {services:?}"), listed).await;
}

/// Waits until the nodes of a service are these, in any order.
pub(super) async fn shows(watch: &Watch, addresses: &[&str]) {
    let mut expected: Vec<_> = addresses
        .iter()
        .map(|&address| address.to_owned())
        .collect();
    expected.sort();
    let seen = async || {
        let nodes = watch.nodes();
        let mut seen = Vec::new();
        seen.extend(
            nodes
                .iter()
                .flat_map(|nodes| nodes.iter())
                .map(|node| node.address.to_string()),
        );
        seen.sort();
        nodes.is_some() && seen == expected
    };
    eventually(&format!("the nodes {expected:?}"), seen).await;
}

/// Waits until it is so.
pub(super) async fn eventually(what: &str, is_so: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + SOON;
    while !is_so().await {
        assert!(Instant::now() < deadline, "{what}: not within {SOON:?}");
        sleep(Duration::from_millis(50)).await;
    }
}
