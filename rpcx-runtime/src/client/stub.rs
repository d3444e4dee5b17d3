//! What a generated client holds.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::Channel;
use super::nodes::Nodes;
use crate::layer::{Layer, Layers, Link};
use crate::protocol::Codec;
use crate::service::{MethodRef, ServiceInfo};

/// A channel, the service path it calls, and the layers around these calls: the inside of a generated
/// client.
#[derive(Clone, Debug)]
pub struct Stub {
    route: Arc<Route>,
    service: &'static ServiceInfo,
    /// Those of the client; the ones of the channel are around them.
    layers: Layers,
    around: Option<Arc<Around>>,
}

/// Where calls go.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) channel: Channel,
    /// The service path.
    pub(super) service: Arc<str>,
    /// Those of the service, in a channel that selects, when a call has asked for them.
    pub(super) nodes: OnceLock<Arc<Nodes>>,
}

impl Route {
    pub(super) fn new(channel: Channel, service: impl Into<Arc<str>>) -> Arc<Self> {
        Arc::new(Self {
            channel,
            service: service.into(),
            nodes: OnceLock::new(),
        })
    }
}

/// The layers around each method that has any, by the number of the method.
struct Around(Vec<(u32, Arc<Link>)>);

impl Stub {
    /// Calls `service` through `channel`, under the service's own name.
    pub fn new(channel: impl Into<Channel>, service: &'static ServiceInfo) -> Self {
        let route = Route::new(channel.into(), service.name);
        Self::build(route, service, Layers::new())
    }

    fn build(route: Arc<Route>, service: &'static ServiceInfo, layers: Layers) -> Self {
        let around = Around::new(&route, service, &layers);
        Self {
            route,
            service,
            layers,
            around,
        }
    }

    /// The same channel under another service path.
    #[must_use]
    pub fn with_path(self, path: impl Into<Cow<'static, str>>) -> Self {
        let route = Route::new(self.route.channel.clone(), path.into());
        Self::build(route, self.service, self.layers)
    }

    /// Puts a layer around the calls of this client and of its clones to come, inside of the layers
    /// that are there.
    #[must_use]
    pub fn layer(self, layer: impl Layer) -> Self {
        Self::build(self.route, self.service, self.layers.with(layer))
    }

    /// The channel.
    pub fn channel(&self) -> &Channel {
        &self.route.channel
    }

    /// The service path.
    pub fn path(&self) -> &str {
        &self.route.service
    }

    /// The codec that calls are to use where their methods can, if the channel was told one.
    pub fn codec(&self) -> Option<Codec> {
        self.route.channel.options().codec
    }

    pub(super) fn route(&self) -> &Arc<Route> {
        &self.route
    }

    /// The layers around a method, if it has any.
    #[inline]
    pub(super) fn around(&self, method: &MethodRef) -> Option<&Arc<Link>> {
        self.around.as_ref()?.outermost(method)
    }
}

impl Around {
    fn new(route: &Arc<Route>, service: &ServiceInfo, layers: &Layers) -> Option<Arc<Self>> {
        let outer = &route.channel.options().layers;
        let chains: Vec<_> = service
            .methods
            .iter()
            .filter_map(|method| {
                let method = MethodRef::from(*method);
                let chain = outer.chain(layers, &route.service, &method)?;
                Some((method.id(), chain))
            })
            .collect();
        (!chains.is_empty()).then(|| Arc::new(Self(chains)))
    }

    #[inline]
    fn outermost(&self, method: &MethodRef) -> Option<&Arc<Link>> {
        let id = method.id();
        let (_, outermost) = self.0.iter().find(|(number, _)| *number == id)?;
        Some(outermost)
    }
}

impl fmt::Debug for Around {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let methods = self.0.iter().map(|(method, _)| method);
        f.debug_list().entries(methods).finish()
    }
}
