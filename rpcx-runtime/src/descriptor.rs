//! What is known of a service and its methods beside their code: names, options, docs.
//!
//! Generated code has its descriptions in statics. A service that is put together while the program
//! runs owns them. [`ServiceRef`] and [`MethodRef`] are either, and cost nothing to pass on.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::schema::Slot;

/// The description of a service in a static: what `#[rpcx::service]` generates.
#[derive(Debug)]
#[non_exhaustive]
pub struct ServiceInfo {
    /// The service path: `Arith`.
    pub name: &'static str,
    /// The methods that are compiled in.
    pub methods: &'static [&'static MethodInfo],
    /// The doc comment of the trait.
    pub docs: &'static str,
    /// `#[rpcx::service(version = "..")]`.
    pub version: Option<&'static str>,
    #[allow(dead_code, reason = "only the feature `reflection` asks")]
    pub(crate) types: Slot,
}

impl ServiceInfo {
    /// A service with this path and these methods.
    pub const fn new(name: &'static str, methods: &'static [&'static MethodInfo]) -> Self {
        Self {
            name,
            methods,
            docs: "",
            version: None,
            types: None,
        }
    }
    /// Sets [`docs`](Self::docs).
    pub const fn docs(mut self, docs: &'static str) -> Self {
        self.docs = docs;
        self
    }
    /// Sets [`version`](Self::version).
    pub const fn version(mut self, version: &'static str) -> Self {
        self.version = Some(version);
        self
    }
    /// Sets what describes the types of the methods.
    #[doc(hidden)]
    pub const fn types(mut self, types: Slot) -> Self {
        self.types = types;
        self
    }
}

/// The description of a method in a static.
#[derive(Debug)]
#[non_exhaustive]
pub struct MethodInfo {
    /// Its number within the service, for [`Service::call`](crate::service::Service::call). Each connection has
    /// memory for as many handlers as the highest number says, so they are counted from 0.
    pub id: u32,
    /// The name on the wire: `Mul`.
    pub name: &'static str,
    /// Other names that a server answers to.
    pub aliases: &'static [&'static str],
    /// The doc comment of the method.
    pub docs: &'static str,
    /// What callers and servers do with it.
    pub options: MethodOptions,
}

/// What callers and servers do with a method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MethodOptions {
    /// No reply is sent, and none is awaited.
    pub oneway: bool,
    /// Running it twice is the same as running it once, so a lost call may be repeated.
    pub idempotent: bool,
    /// Where the handler runs.
    pub execution: Execution,
    /// How long a caller waits unless it says otherwise.
    pub timeout: Option<Duration>,
    /// The payload goes to the handler as it came: neither inflated nor decoded.
    pub raw: bool,
    /// A handler that has begun runs to its end, whether its caller is still there or not. Without
    /// this its future is dropped when the caller has gone or its deadline has passed. One-way
    /// methods run to their end in any case.
    pub run_to_end: bool,
}

impl MethodOptions {
    /// The options of a method that is answered, not repeated, and polled where its request was read.
    pub const fn new() -> Self {
        Self {
            oneway: false,
            idempotent: false,
            execution: Execution::Inline,
            timeout: None,
            raw: false,
            run_to_end: false,
        }
    }
}

/// Where a handler runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Execution {
    /// Polled once where the request was read; only a handler that has to wait becomes a task.
    #[default]
    Inline,
    /// A task of its own from the start: for handlers that compute for long.
    Spawn,
    /// A thread of the blocking pool: for handlers that block. One connection has
    /// [`Limits::blocking_calls`](crate::Limits::blocking_calls) of them at once.
    Blocking,
}

impl MethodInfo {
    /// A method with this number and name, and no options.
    pub const fn new(id: u32, name: &'static str) -> Self {
        Self {
            id,
            name,
            aliases: &[],
            docs: "",
            options: MethodOptions::new(),
        }
    }
    /// Sets [`aliases`](Self::aliases).
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }
    /// Sets [`docs`](Self::docs).
    pub const fn docs(mut self, docs: &'static str) -> Self {
        self.docs = docs;
        self
    }
    /// Sets [`MethodOptions::oneway`].
    pub const fn oneway(mut self) -> Self {
        self.options.oneway = true;
        self
    }
    /// Sets [`MethodOptions::idempotent`].
    pub const fn idempotent(mut self) -> Self {
        self.options.idempotent = true;
        self
    }
    /// Sets [`MethodOptions::run_to_end`].
    pub const fn run_to_end(mut self) -> Self {
        self.options.run_to_end = true;
        self
    }
    /// Sets [`MethodOptions::execution`].
    pub const fn execution(mut self, execution: Execution) -> Self {
        self.options.execution = execution;
        self
    }
    /// Sets [`MethodOptions::timeout`], in milliseconds.
    pub const fn timeout_ms(mut self, milliseconds: u64) -> Self {
        self.options.timeout = Some(Duration::from_millis(milliseconds));
        self
    }
}

/// A method that was not known when the program was compiled.
#[derive(Debug)]
struct OwnedMethod {
    /// Named by this program, and not by a peer.
    #[cfg_attr(
        not(any(feature = "metrics", feature = "tracing")),
        allow(dead_code, reason = "only telemetry asks")
    )]
    known: bool,
    id: u32,
    name: Box<str>,
    options: MethodOptions,
}

/// The description of a method, in a static or owned. Cheap to clone.
#[derive(Clone)]
pub struct MethodRef(MethodRepr);

#[derive(Clone)]
enum MethodRepr {
    Static(&'static MethodInfo),
    Owned(Arc<OwnedMethod>),
}

impl MethodRef {
    /// A method whose name is known only now, with the number that
    /// [`Service::call`](crate::service::Service::call) gets for it.
    ///
    /// ```
    /// use rpcx::services::{MethodOptions, MethodRef};
    ///
    /// let method = MethodRef::owned(0, "Mul", MethodOptions::new());
    /// assert_eq!(method.name(), "Mul");
    /// ```
    pub fn owned(id: u32, name: impl Into<Box<str>>, options: MethodOptions) -> Self {
        Self(MethodRepr::Owned(Arc::new(OwnedMethod {
            known: true,
            id,
            name: name.into(),
            options,
        })))
    }

    /// A method that a peer has named, and nothing in this program.
    pub(crate) fn named_by_peer(name: impl Into<Box<str>>, options: MethodOptions) -> Self {
        Self(MethodRepr::Owned(Arc::new(OwnedMethod {
            known: false,
            id: 0,
            name: name.into(),
            options,
        })))
    }

    /// Its number within the service.
    #[inline]
    pub fn id(&self) -> u32 {
        match &self.0 {
            MethodRepr::Static(info) => info.id,
            MethodRepr::Owned(owned) => owned.id,
        }
    }

    /// The name on the wire: `Mul`.
    #[inline]
    pub fn name(&self) -> &str {
        match &self.0 {
            MethodRepr::Static(info) => info.name,
            MethodRepr::Owned(owned) => &owned.name,
        }
    }

    /// Other names that a server answers to.
    pub fn aliases(&self) -> &'static [&'static str] {
        match &self.0 {
            MethodRepr::Static(info) => info.aliases,
            MethodRepr::Owned(_) => &[],
        }
    }

    /// The doc comment of the method.
    pub fn docs(&self) -> &'static str {
        match &self.0 {
            MethodRepr::Static(info) => info.docs,
            MethodRepr::Owned(_) => "",
        }
    }

    /// What callers and servers do with it.
    #[inline]
    pub fn options(&self) -> &MethodOptions {
        match &self.0 {
            MethodRepr::Static(info) => &info.options,
            MethodRepr::Owned(owned) => &owned.options,
        }
    }
}

#[cfg(any(feature = "metrics", feature = "tracing"))]
impl MethodRef {
    /// Whether its name comes from this program: there are not many of those.
    pub(crate) fn is_known(&self) -> bool {
        match &self.0 {
            MethodRepr::Static(_) => true,
            MethodRepr::Owned(owned) => owned.known,
        }
    }
}

impl From<&'static MethodInfo> for MethodRef {
    #[inline]
    fn from(info: &'static MethodInfo) -> Self {
        Self(MethodRepr::Static(info))
    }
}

impl fmt::Debug for MethodRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Method")
            .field("id", &self.id())
            .field("name", &self.name())
            .field("options", self.options())
            .finish_non_exhaustive()
    }
}

/// The description of a service, in a static or owned. Cheap to clone.
#[derive(Clone)]
pub struct ServiceRef(ServiceRepr);

#[derive(Clone)]
enum ServiceRepr {
    Static(&'static ServiceInfo),
    Owned(Arc<OwnedService>),
}

struct OwnedService {
    name: Box<str>,
    methods: Vec<MethodRef>,
}

impl ServiceRef {
    /// A service whose name or methods are known only now.
    pub fn owned(name: impl Into<Box<str>>, methods: Vec<MethodRef>) -> Self {
        Self(ServiceRepr::Owned(Arc::new(OwnedService {
            name: name.into(),
            methods,
        })))
    }

    /// The service path: `Arith`.
    pub fn name(&self) -> &str {
        match &self.0 {
            ServiceRepr::Static(info) => info.name,
            ServiceRepr::Owned(owned) => &owned.name,
        }
    }

    /// The methods, in the order of their numbers.
    pub fn methods(&self) -> impl ExactSizeIterator<Item = MethodRef> + '_ {
        let count = match &self.0 {
            ServiceRepr::Static(info) => info.methods.len(),
            ServiceRepr::Owned(owned) => owned.methods.len(),
        };
        (0..count).map(|at| match &self.0 {
            ServiceRepr::Static(info) => info.methods[at].into(),
            ServiceRepr::Owned(owned) => owned.methods[at].clone(),
        })
    }

    /// The doc comment of the trait.
    pub fn docs(&self) -> &'static str {
        match &self.0 {
            ServiceRepr::Static(info) => info.docs,
            ServiceRepr::Owned(_) => "",
        }
    }

    /// `#[rpcx::service(version = "..")]`.
    pub fn version(&self) -> Option<&'static str> {
        match &self.0 {
            ServiceRepr::Static(info) => info.version,
            ServiceRepr::Owned(_) => None,
        }
    }
}

#[cfg(feature = "reflection")]
impl ServiceRef {
    /// What describes the types of its methods.
    pub(crate) fn schemas(&self) -> Slot {
        match &self.0 {
            ServiceRepr::Static(info) => info.types,
            ServiceRepr::Owned(_) => None,
        }
    }
}

impl From<&'static ServiceInfo> for ServiceRef {
    fn from(info: &'static ServiceInfo) -> Self {
        Self(ServiceRepr::Static(info))
    }
}

impl fmt::Debug for ServiceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("name", &self.name())
            .field("methods", &self.methods().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
