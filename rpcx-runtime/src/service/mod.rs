//! What generated code implements on the server, and what it is told about a call.

pub(crate) mod arguments;
mod late;
mod load;
pub(crate) mod method;
mod reply;
mod slot;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

pub use load::Stats;
pub(crate) use load::{Counters, Lane, Load, count};
pub use reply::Reply;
pub(crate) use reply::ReplyHead;
pub use slot::CallSlot;
pub(crate) use slot::Parked;

use crate::protocol::{Codec, Frame, Metadata};

/// A set of methods under one service path: what `#[rpcx::service]` generates as `ArithServer`.
///
/// Object safe, and without a boxed future: the runtime lends a [`CallSlot`] and decides where the
/// handler runs.
pub trait Service: Send + Sync + 'static {
    /// Names and options, the same for every instance.
    fn info(&self) -> &'static ServiceInfo;

    /// The method with this name (or alias) on the wire.
    fn find(&self, name: &[u8]) -> Option<&'static MethodInfo>;

    /// Decodes the arguments, calls the handler and hands its future to `slot`.
    /// `method` is the [`MethodInfo::id`] that [`find`](Self::find) gave.
    fn call(&self, method: u32, request: Request, slot: &mut CallSlot<'_>);
}

/// What is known of a service when it is compiled.
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
}

impl ServiceInfo {
    /// A service with this path and these methods.
    pub const fn new(name: &'static str, methods: &'static [&'static MethodInfo]) -> Self {
        Self {
            name,
            methods,
            docs: "",
            version: None,
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
}

/// What is known of a method when it is compiled.
#[derive(Debug)]
#[non_exhaustive]
pub struct MethodInfo {
    /// Its number within the service, for [`Service::call`].
    pub id: u32,
    /// The name on the wire: `Mul`.
    pub name: &'static str,
    /// Other names that a server answers to.
    pub aliases: &'static [&'static str],
    /// The doc comment of the method.
    pub docs: &'static str,
    /// No answer is sent, and none is awaited.
    pub oneway: bool,
    /// Running it twice is the same as running it once, so a lost call may be repeated.
    pub idempotent: bool,
    /// Where the handler runs.
    pub execution: Execution,
    /// How long a caller waits unless it says otherwise.
    pub timeout: Option<Duration>,
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
    /// A thread of the blocking pool: for handlers that block.
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
            oneway: false,
            idempotent: false,
            execution: Execution::Inline,
            timeout: None,
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
    /// Sets [`oneway`](Self::oneway).
    pub const fn oneway(mut self) -> Self {
        self.oneway = true;
        self
    }
    /// Sets [`idempotent`](Self::idempotent).
    pub const fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }
    /// Sets [`execution`](Self::execution).
    pub const fn execution(mut self, execution: Execution) -> Self {
        self.execution = execution;
        self
    }
    /// Sets [`timeout`](Self::timeout), in milliseconds.
    pub const fn timeout_ms(mut self, milliseconds: u64) -> Self {
        self.timeout = Some(Duration::from_millis(milliseconds));
        self
    }
}

/// One request on its way to a handler.
pub struct Request {
    frame: Frame,
    inflated: Option<Bytes>,
}

impl Request {
    pub(crate) fn new(frame: Frame, inflated: Option<Bytes>) -> Self {
        Self { frame, inflated }
    }

    /// How the payload is encoded.
    pub fn codec(&self) -> Codec {
        self.frame.header.codec()
    }

    /// The encoded arguments, inflated where the peer had compressed them.
    pub fn payload(&self) -> &[u8] {
        self.inflated
            .as_deref()
            .unwrap_or_else(|| self.frame.payload())
    }

    /// What came with the request.
    pub fn metadata(&self) -> Metadata {
        self.frame.metadata()
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("codec", &self.codec())
            .field("payload_bytes", &self.payload().len())
            .finish()
    }
}
