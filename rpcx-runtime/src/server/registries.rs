//! Makes a server known in registries for as long as it serves.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{ServerBuilder, Shared};
use crate::discovery::{self, LoadFigures, Node, NodeError, Register, Registrar, Registration};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::task;
use crate::transport::{Address, BoxFuture, Network};

/// How long clients have to notice that a server has left, unless it is said otherwise.
const NOTICE: Duration = Duration::from_secs(1);

/// How long a registry may take to let go.
const LEAVING: Duration = Duration::from_secs(2);

/// Rates are not said to be higher than what they are over this time: one connection in the first
/// millisecond is not a thousand in a second.
const LEAST_AGE: Duration = Duration::from_secs(10);

/// What a builder was told about registries.
#[derive(Clone, Debug)]
pub(super) struct Registries {
    registers: Vec<Arc<dyn Register>>,
    advertised: Vec<Address>,
    metadata: String,
    /// By service, in place of the one above.
    own: Vec<(String, String)>,
    notice: Duration,
    /// There is a registry.
    make: Option<MakeEntries>,
}

/// Makes the entries of a server. A pointer that is set with the first registry: a program without one has no machine
/// code of them.
type MakeEntries =
    fn(Registries, &[Address], Vec<String>, &Arc<Shared>) -> Result<Box<dyn Announce>>;

impl Default for Registries {
    fn default() -> Self {
        Self {
            registers: Vec::new(),
            advertised: Vec::new(),
            metadata: String::new(),
            own: Vec::new(),
            notice: NOTICE,
            make: None,
        }
    }
}

impl ServerBuilder {
    /// Makes the server known in a registry by its URL, such as `redis://:password@host:6379/rpcx_test`: every
    /// service at every address, from the moment in which it serves. May be given several times.
    ///
    /// A registry that is away does not keep a server from starting or serving: it is tried again, at
    /// pauses of up to 1 s, and so when a registration is lost. When the server is told to stop it first leaves
    /// the registry, which may take 2 s, then goes on for the [notice time](Self::leave_notice), and then
    /// drains.
    ///
    /// ```
    /// use rpcx::Server;
    ///
    /// let server = Server::builder()
    ///     .registry("mem://arith")
    ///     .node_metadata("group=blue&weight=7")
    ///     .listen("tcp@0.0.0.0:8972")
    ///     .advertise("tcp@10.0.0.5:8972");
    /// ```
    pub fn registry(mut self, url: &str) -> Self {
        let register = discovery::open(url).and_then(|registry| {
            let none = || Error::setup("servers cannot be written into this registry");
            registry.register.ok_or_else(none)
        });
        match register {
            Ok(register) => self.registries.set().add(register),
            Err(mistake) => self.mistakes.push(mistake),
        }
        self
    }

    /// Makes the server known by this: as [`registry`](Self::registry).
    pub fn registry_with(mut self, register: impl Register) -> Self {
        self.registries.set().add(Arc::new(register));
        self
    }

    /// Where clients find the server, for registries. May be given several times. Port 0 stands for that of
    /// the listener on the same network. Default: the addresses that it listens on, of which every one has to
    /// name a host that others can reach.
    pub fn advertise(mut self, address: impl TryInto<Address, Error: Into<Error>>) -> Self {
        match address.try_into() {
            Ok(address) => self.registries.set().advertised.push(address),
            Err(mistake) => self.mistakes.push(mistake.into()),
        }
        self
    }

    /// What registries say of the server beside its addresses, as Go rpcx writes it: `group=a&weight=7`. Known
    /// to clients are `group`, which may repeat, `weight`, from 0 to 65,535, `state`, of which `inactive` means that
    /// no calls are wanted, `version`, `latitude` and `longitude`. `calls` and `connections`, how many come in a
    /// second, are published beside it. Default: nothing.
    pub fn node_metadata(mut self, metadata: impl Into<String>) -> Self {
        self.registries.set().metadata = metadata.into();
        self
    }

    /// The same for one service, in place of it.
    pub fn service_metadata(
        mut self,
        service: impl Into<String>,
        metadata: impl Into<String>,
    ) -> Self {
        let own = (service.into(), metadata.into());
        self.registries.set().own.push(own);
        self
    }

    /// How long a server that has left its registries goes on as before, so that clients notice, before it
    /// drains. Not a part of the [grace time](Self::shutdown_grace). Default: 1 s; not waited for without a registry.
    pub fn leave_notice(mut self, notice: Duration) -> Self {
        self.registries.set().notice = notice;
        self
    }
}

/// What makes a server known for as long as it serves.
pub(super) trait Announce: fmt::Debug + Send + Sync {
    /// Begins to.
    fn register(&mut self, shared: &Arc<Shared>);

    /// Ends it, and gives clients the time to notice.
    fn leave<'a>(&'a mut self, shared: &'a Arc<Shared>) -> BoxFuture<'a, ()>;
}

/// What a server writes into its registries, and when it is bound.
#[derive(Debug)]
struct Entries {
    registers: Vec<Arc<dyn Register>>,
    registrations: Vec<Registration>,
    notice: Duration,
    /// Those that run.
    registrars: Vec<Registrar>,
}

impl Registries {
    fn add(&mut self, register: Arc<dyn Register>) {
        self.registers.push(register);
        self.make = Some(Self::make);
    }

    /// The entries of a server that listens on these addresses and has these services, if there is a registry.
    ///
    /// # Errors
    /// If there is an address that clients cannot use, or metadata that makes no sense.
    pub(super) fn entries(
        self,
        listening: &[Address],
        services: Vec<String>,
        shared: &Arc<Shared>,
    ) -> Result<Option<Box<dyn Announce>>> {
        if let Some((unknown, _)) = self.own.iter().find(|(own, _)| !services.contains(own)) {
            return Err(Error::setup(format!(
                "there is metadata for the service `{unknown}`, which is not registered"
            )));
        }
        let make = self
            .make
            .map(|make| make(self, listening, services, shared));
        make.transpose()
    }

    fn make(
        self,
        listening: &[Address],
        mut services: Vec<String>,
        shared: &Arc<Shared>,
    ) -> Result<Box<dyn Announce>> {
        let load = load_of(shared);
        services.sort();
        services.dedup();
        let mut registrations = Vec::new();
        for address in self.addresses(listening)? {
            for service in &services {
                let metadata = self.metadata_of(service);
                check(&address, metadata)?;
                let registration = Registration::new(service, address.clone(), metadata);
                registrations.push(registration.with_load(load.clone()));
            }
        }
        Ok(Box::new(Entries {
            registers: self.registers,
            registrations,
            notice: self.notice,
            registrars: Vec::new(),
        }))
    }

    fn metadata_of(&self, service: &str) -> &str {
        let own = self.own.iter().rev().find(|(name, _)| name == service);
        own.map_or(&self.metadata, |(_, metadata)| metadata)
    }

    fn addresses(&self, listening: &[Address]) -> Result<Vec<Address>> {
        if self.advertised.is_empty() {
            return listening.iter().map(for_clients).collect();
        }
        let advertised = self.advertised.iter();
        advertised.map(|one| with_port(one, listening)).collect()
    }
}

/// The address under which clients connect to what is listened on.
fn for_clients(listening: &Address) -> Result<Address> {
    let network = match listening.network() {
        Network::REUSEPORT => Network::TCP,
        other => other,
    };
    let everywhere = listening.location().starts_with(':')
        || listening
            .socket_addr()
            .is_some_and(|address| address.ip().is_unspecified());
    match everywhere {
        false => Ok(Address::new(network, listening.location())),
        true => Err(Error::setup(format!(
            "`{listening}` is every interface and no address for clients: say with `advertise` where they find \
             the server"
        ))),
    }
}

/// Port 0 becomes that of the listener on the same network.
fn with_port(advertised: &Address, listening: &[Address]) -> Result<Address> {
    let (host, rest) = match advertised.location().rsplit_once(":0") {
        Some((host, rest)) if rest.is_empty() || rest.starts_with('/') => (host, rest),
        _ => return for_clients(advertised),
    };
    let network = advertised.network();
    let same = |one: &&Address| one.network() == network;
    let port = listening
        .iter()
        .find(same)
        .and_then(Address::socket_addr)
        .map(|address| address.port());
    match port {
        Some(port) => for_clients(&Address::new(network, format!("{host}:{port}{rest}"))),
        None => Err(Error::setup(format!(
            "`{advertised}` is advertised with port 0, and there is no listener on `{network}` to take its port \
             from"
        ))),
    }
}

/// Refuses metadata that clients would not read as it was meant.
fn check(address: &Address, metadata: &str) -> Result<()> {
    let wrong = |why: String| Error::setup(format!("the metadata `{metadata:.80}`: {why}"));
    let node = Node::parse(&address.to_string(), metadata.as_bytes());
    let node = match node {
        Ok(node) => node,
        // A network from outside this crate, which only its own clients know.
        Err(NodeError::Address(_)) => Node::new(address.clone()).with_metadata(metadata),
        Err(error) => return Err(wrong(error.to_string())),
    };
    match node.get("weight") {
        Some(weight) if weight != node.weight.to_string() => Err(wrong(format!(
            "the weight `{weight}` is no number from 0 to 65535"
        ))),
        _ => Ok(()),
    }
}

/// How busy the server is, since it was bound.
fn load_of(shared: &Arc<Shared>) -> impl Fn() -> LoadFigures + Clone + Send + Sync + 'static {
    let (shared, bound) = (Arc::downgrade(shared), Instant::now());
    move || {
        let Some(shared) = shared.upgrade() else {
            return LoadFigures::default();
        };
        let stats = shared.dispatch.admission.stats();
        let seconds = bound.elapsed().max(LEAST_AGE).as_secs_f64();
        LoadFigures::new(
            stats.calls as f64 / seconds,
            stats.connections as f64 / seconds,
        )
    }
}

impl Announce for Entries {
    fn register(&mut self, shared: &Arc<Shared>) {
        let start = |register: &Arc<dyn Register>| {
            let (registrations, events) = (self.registrations.clone(), shared.events().clone());
            Registrar::with_events(Arc::clone(register), registrations, events)
        };
        self.registrars = self.registers.iter().map(start).collect();
    }

    fn leave<'a>(&'a mut self, shared: &'a Arc<Shared>) -> BoxFuture<'a, ()> {
        let registrars = std::mem::take(&mut self.registrars);
        Box::pin(async move {
            let leaving: Vec<_> = registrars
                .into_iter()
                .map(|registrar| task::spawn(registrar.leave(LEAVING)))
                .collect();
            let mut complete = true;
            for left in leaving {
                complete &= left.await.unwrap_or(false);
            }
            shared.tell(&Event::Unregistered { complete });
            sleep(self.notice).await;
        })
    }
}
