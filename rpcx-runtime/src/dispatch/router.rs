//! Service paths to services.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::raw::{Fallback, RawHandlers};
use crate::error::{Error, Rejection};
use crate::layer::{Chain, Layers, Link};
use crate::service::{MethodRef, Service, ServiceRef};

/// No service has as many methods; a higher number is a mistake that would cost memory.
pub(super) const MOST_METHODS: u32 = 1 << 16;

/// What a server has for a path and a method: of a service first, then a raw handler, then the fallback.
#[derive(Clone, Default)]
pub(crate) struct Router {
    services: HashMap<Vec<u8>, Route>,
    raw: RawHandlers,
    fallback: Option<Fallback>,
    layers: Layers,
}

/// A service and what is around it.
#[derive(Clone)]
pub(super) struct Route {
    pub(super) path: Arc<str>,
    pub(super) service: Arc<dyn Service>,
    pub(super) around: Around,
}

/// The layers around the methods of a service.
#[derive(Clone)]
pub(super) enum Around {
    /// Chosen when the service was registered, by the number of the method.
    Methods(Arc<[Chain]>),
    /// Chosen for each call of a raw handler.
    Handlers(Layers),
    /// Chosen for each call of the fallback.
    Fallback(Layers),
}

/// The layers around a method, if there are any: the outermost.
pub(super) enum Outermost<'a> {
    None,
    /// Of all calls of the method.
    OfMethod(&'a Arc<Link>),
    /// Chosen for this call.
    OfCall(Arc<Link>),
}

impl Route {
    /// The layers around a method.
    #[inline]
    pub(super) fn around(&self, method: &MethodRef) -> Outermost<'_> {
        match &self.around {
            Around::Methods(chains) => match chains.get(method.id() as usize) {
                Some(Some(outermost)) => Outermost::OfMethod(outermost),
                _ => Outermost::None,
            },
            Around::Handlers(layers) | Around::Fallback(layers) => {
                let chain = layers.chain(&Layers::new(), &self.path, method);
                chain.map_or(Outermost::None, Outermost::OfCall)
            }
        }
    }

    pub(super) fn is_service(&self) -> bool {
        matches!(self.around, Around::Methods(_))
    }

    /// Whether both are the same, so that memory of one does for the other.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let kind = |route: &Self| std::mem::discriminant(&route.around);
        kind(self) == kind(other)
            && (self.path == other.path || matches!(self.around, Around::Fallback(_)))
    }
}

impl Router {
    /// Adds a service under `path`.
    ///
    /// # Errors
    /// What is wrong with the path or with the service.
    pub(crate) fn insert(&mut self, path: &str, service: Arc<dyn Service>) -> Result<(), String> {
        if path.is_empty() {
            return Err("a service path is empty".to_owned());
        }
        if self.services.contains_key(path.as_bytes()) {
            return Err(format!("the service path `{path}` is registered twice"));
        }
        check_numbers(path, &*service)?;
        let route = Route {
            path: path.into(),
            service,
            around: Around::Methods(Arc::default()),
        };
        self.services.insert(path.as_bytes().to_vec(), route);
        Ok(())
    }

    /// Puts `layers` around all services, outside of their own, and around all handlers.
    pub(crate) fn surround(&mut self, layers: Layers) {
        for route in self.services.values_mut() {
            route.around = Around::Methods(chains(&layers, &route.path, &*route.service));
        }
        self.layers = layers;
    }

    /// The paths of all services, and of those that raw handlers are for, in no order. A path may be there twice.
    pub(crate) fn paths(&self) -> Vec<String> {
        let services = self.services.values().map(|route| route.path.to_string());
        services.chain(self.raw.services()).collect()
    }

    /// All services by their paths, in order.
    pub(crate) fn services(&self) -> Vec<(String, ServiceRef)> {
        let each = self.services.values();
        let named = each.map(|route| (route.path.to_string(), route.service.info()));
        let mut services: Vec<_> = named.collect();
        services.sort_by(|(one, _), (other, _)| one.cmp(other));
        services
    }

    pub(crate) fn has_service(&self, path: &str) -> bool {
        self.services.contains_key(path.as_bytes())
    }

    /// The handlers beside the services.
    pub(crate) fn raw(&self) -> &RawHandlers {
        &self.raw
    }

    pub(crate) fn set_fallback(&mut self, fallback: Fallback) {
        self.fallback = Some(fallback);
    }

    /// Whether a service has this method, which a raw handler would then never see.
    pub(crate) fn has_method(&self, path: &str, method: &str) -> bool {
        let route = self.services.get(path.as_bytes());
        route.is_some_and(|route| route.service.find(method.as_bytes()).is_some())
    }

    /// What there is for a method.
    ///
    /// # Errors
    /// That there is nothing, in the words of Go rpcx.
    pub(super) fn find(&self, path: &[u8], name: &[u8]) -> Result<(Route, MethodRef), Error> {
        let service = self.services.get(path);
        if let Some(route) = service
            && let Some(method) = route.service.find(name)
        {
            return Ok((route.clone(), method));
        }
        let raw = self.raw.get(path);
        if let Some(raw) = &raw
            && let Some(method) = raw.find(name)
        {
            let around = Around::Handlers(self.layers.clone());
            return Ok((route(path, Arc::clone(raw) as _, around), method));
        }
        if let Some(fallback) = &self.fallback
            && let Some(method) = fallback.find(name)
        {
            let around = Around::Fallback(self.layers.clone());
            return Ok((route(path, Arc::new(fallback.clone()), around), method));
        }
        let text = match service.is_some() || raw.is_some() {
            true => format!("rpcx: can't find method {}", lossy(name)),
            false => format!("rpcx: can't find service {}", lossy(path)),
        };
        Err(Error::refuse(Rejection::UnknownMethod, text))
    }

    pub(crate) fn len(&self) -> usize {
        self.services.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.services.is_empty()
    }
}

/// Each connection has memory for a handler of each method, found by the method's number. Methods that
/// are not compiled in leave gaps.
fn check_numbers(path: &str, service: &dyn Service) -> Result<(), String> {
    let mut seen = Vec::new();
    for method in service.info().methods() {
        let (name, id) = (method.name(), method.id());
        if id >= MOST_METHODS {
            return Err(format!(
                "the method `{path}.{name}` has the number {id}: count them from 0, to {MOST_METHODS} at most"
            ));
        }
        let at = id as usize;
        if seen.len() <= at {
            seen.resize(at + 1, false);
        }
        if std::mem::replace(&mut seen[at], true) {
            return Err(format!(
                "two methods of `{path}` have the number {id}, one of them is `{name}`"
            ));
        }
    }
    Ok(())
}

fn route(path: &[u8], service: Arc<dyn Service>, around: Around) -> Route {
    Route {
        path: lossy(path).into(),
        service,
        around,
    }
}

fn lossy(name: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(name)
}

/// The layers around each method, by its number.
fn chains(layers: &Layers, path: &str, service: &dyn Service) -> Arc<[Chain]> {
    let mut chains = Vec::new();
    for method in service.info().methods() {
        let Some(chain) = layers.chain(service.layers(), path, &method) else {
            continue;
        };
        let id = method.id() as usize;
        if chains.len() <= id {
            chains.resize(id + 1, None);
        }
        chains[id] = Some(chain);
    }
    chains.into()
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths = self
            .services
            .keys()
            .map(|path| String::from_utf8_lossy(path));
        f.debug_struct("Router")
            .field("services", &paths.collect::<Vec<_>>())
            .field("raw", &self.raw)
            .field("fallback", &self.fallback.is_some())
            .finish()
    }
}
