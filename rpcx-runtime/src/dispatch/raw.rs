//! Handlers that take payloads as they came: added, replaced and removed while the server runs.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use crate::context::Context;
use crate::error::Result;
use crate::reflection;
use crate::service::{
    CallSlot, MethodOptions, MethodRef, RawPayload, RawRequest, Reply, Request, Service,
    ServiceRef, no_such_method,
};
use crate::sync::{read, write};

type HandlerFuture = Pin<Box<dyn Future<Output = Result<RawPayload>> + Send>>;
type Handler = dyn Fn(Context, RawRequest) -> HandlerFuture + Send + Sync;

const RAW: MethodOptions = MethodOptions {
    raw: true,
    ..MethodOptions::new()
};

/// The raw handlers of a server. Clones are the same set.
#[derive(Clone, Default)]
pub(crate) struct RawHandlers(Arc<Handlers>);

#[derive(Default)]
struct Handlers {
    services: RwLock<ByName<Arc<RawService>>>,
    /// How often the set became another one.
    changes: AtomicU64,
}

/// By a name on the wire, which need not be UTF-8.
type ByName<T> = HashMap<Box<[u8]>, T>;

impl RawHandlers {
    /// Sets the handler of a method, in place of one that is there.
    pub(crate) fn set<F, R>(&self, service: &str, method: &str, handler: F)
    where
        F: Fn(Context, RawRequest) -> R + Send + Sync + 'static,
        R: Future<Output = Result<RawPayload>> + Send + 'static,
    {
        let mut services = write(&self.0.services);
        let service = services
            .entry(service.as_bytes().into())
            .or_insert_with(|| Arc::new(RawService::new(service)));
        let found = Found {
            method: MethodRef::owned(0, method, RAW),
            handler: boxed(handler),
        };
        let before = write(&service.methods).insert(method.as_bytes().into(), found);
        if before.is_none() {
            self.0.changes.fetch_add(1, Ordering::Release);
        }
    }

    /// Takes the handler of a method away, if there is one.
    pub(crate) fn remove(&self, service: &str, method: &str) -> bool {
        let services = read(&self.0.services);
        let service = services.get(service.as_bytes());
        let removed = service
            .is_some_and(|service| write(&service.methods).remove(method.as_bytes()).is_some());
        if removed {
            self.0.changes.fetch_add(1, Ordering::Release);
        }
        removed
    }

    /// The services that have any.
    pub(super) fn services(&self) -> Vec<String> {
        let services = read(&self.0.services);
        let names = services.keys();
        names
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect()
    }

    pub(super) fn get(&self, service: &[u8]) -> Option<Arc<RawService>> {
        read(&self.0.services).get(service).cloned()
    }
}

impl reflection::Handlers for RawHandlers {
    fn changes(&self) -> u64 {
        self.0.changes.load(Ordering::Acquire)
    }

    fn all(&self) -> Vec<(String, MethodRef)> {
        let services = read(&self.0.services);
        let mut all = Vec::new();
        for (path, service) in &*services {
            let methods = read(&service.methods);
            let path = String::from_utf8_lossy(path);
            all.extend(
                methods
                    .values()
                    .map(|found| (path.to_string(), found.method.clone())),
            );
        }
        let key = |(path, method): &(String, MethodRef)| (path.clone(), method.name().to_owned());
        all.sort_by_cached_key(key);
        all
    }
}

fn boxed<F, R>(handler: F) -> Arc<Handler>
where
    F: Fn(Context, RawRequest) -> R + Send + Sync + 'static,
    R: Future<Output = Result<RawPayload>> + Send + 'static,
{
    Arc::new(move |context, request| Box::pin(handler(context, request)))
}

/// The raw handlers under one path.
pub(super) struct RawService {
    info: ServiceRef,
    methods: RwLock<ByName<Found>>,
}

#[derive(Clone)]
struct Found {
    method: MethodRef,
    handler: Arc<Handler>,
}

impl RawService {
    fn new(path: &str) -> Self {
        Self {
            info: ServiceRef::owned(path, Vec::new()),
            methods: RwLock::default(),
        }
    }

    fn get(&self, name: &[u8]) -> Option<Found> {
        read(&self.methods).get(name).cloned()
    }
}

impl Service for RawService {
    fn info(&self) -> ServiceRef {
        self.info.clone()
    }

    fn find(&self, name: &[u8]) -> Option<MethodRef> {
        self.get(name).map(|found| found.method)
    }

    fn call(&self, _: u32, request: Request, slot: &mut CallSlot<'_>) {
        match self.get(slot.method()) {
            Some(found) => run(&*found.handler, request, slot),
            // It was removed a moment ago.
            None => no_such_method(slot),
        }
    }
}

/// A handler for every method that nothing else is there for.
#[derive(Clone)]
pub(crate) struct Fallback(Arc<Handler>);

impl Fallback {
    pub(crate) fn new<F, R>(handler: F) -> Self
    where
        F: Fn(Context, RawRequest) -> R + Send + Sync + 'static,
        R: Future<Output = Result<RawPayload>> + Send + 'static,
    {
        Self(boxed(handler))
    }
}

impl Service for Fallback {
    fn info(&self) -> ServiceRef {
        ServiceRef::owned("", Vec::new())
    }

    fn find(&self, name: &[u8]) -> Option<MethodRef> {
        Some(MethodRef::named_by_peer(lossy(name), RAW))
    }

    fn call(&self, _: u32, request: Request, slot: &mut CallSlot<'_>) {
        run(&*self.0, request, slot);
    }
}

fn run(handler: &Handler, request: Request, slot: &mut CallSlot<'_>) {
    let context = slot.context(&request);
    let request = RawRequest {
        service: lossy(slot.service()).into_owned(),
        method: lossy(slot.method()).into_owned(),
        oneway: slot.is_oneway(),
        payload: request.into_raw(),
    };
    slot.run(handler(context, request), answer);
}

fn answer(output: Result<RawPayload>, reply: &mut Reply<'_>) {
    match output {
        Ok(payload) => reply.raw(&payload),
        Err(error) => reply.error(error),
    }
}

fn lossy(name: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(name)
}

impl fmt::Debug for RawHandlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let services = read(&self.0.services);
        f.debug_set()
            .entries(services.keys().map(|path| lossy(path)))
            .finish()
    }
}

impl fmt::Debug for Fallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fallback").finish_non_exhaustive()
    }
}
