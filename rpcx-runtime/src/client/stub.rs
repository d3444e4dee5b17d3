//! What a generated client holds.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::Channel;
use super::fleet::Candidates;
use super::layered::{CallLayers, Outermost};
use crate::layer::Layer;
use crate::protocol::Codec;
use crate::service::{MethodRef, ServiceInfo};

/// A channel, the service path it calls, and the layers around these calls: the inside of a generated
/// client.
#[derive(Clone, Debug)]
pub struct Stub {
    route: Arc<Route>,
    service: &'static ServiceInfo,
    /// Those of the client; the ones of the channel are around them.
    layers: CallLayers,
}

/// Where calls go.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) channel: Channel,
    /// The service path.
    pub(super) service: Arc<str>,
    /// Those of the service, in a channel that selects, when a call has asked for them.
    pub(super) nodes: OnceLock<Arc<dyn Candidates>>,
    around: Option<Around>,
}

impl Route {
    pub(super) fn new(channel: Channel, service: impl Into<Arc<str>>) -> Arc<Self> {
        Self::through(channel, service, |_, _| None)
    }

    fn through(
        channel: Channel,
        service: impl Into<Arc<str>>,
        around: impl FnOnce(&Channel, &str) -> Option<Around>,
    ) -> Arc<Self> {
        let service = service.into();
        Arc::new(Self {
            around: around(&channel, &service),
            channel,
            service,
            nodes: OnceLock::new(),
        })
    }

    /// The layers around a method of a generated client, if it has any.
    #[inline]
    pub(super) fn around(&self, method: &MethodRef) -> Option<&Outermost> {
        self.around.as_ref()?.outermost(method)
    }
}

/// The layers around each method that has any, by the number of the method.
struct Around(Vec<(u32, Outermost)>);

impl Stub {
    /// Calls `service` through `channel`, under the service's own name.
    pub fn new(channel: impl Into<Channel>, service: &'static ServiceInfo) -> Self {
        Self::build(channel.into(), service.name, service, CallLayers::new())
    }

    fn build(
        channel: Channel,
        path: impl Into<Arc<str>>,
        service: &'static ServiceInfo,
        layers: CallLayers,
    ) -> Self {
        let route = Route::through(channel, path, |channel, path| {
            Around::new(channel, path, service, &layers)
        });
        Self {
            route,
            service,
            layers,
        }
    }

    /// The same channel under another service path.
    #[must_use]
    pub fn with_path(self, path: impl Into<Cow<'static, str>>) -> Self {
        let channel = self.route.channel.clone();
        Self::build(channel, path.into(), self.service, self.layers)
    }

    /// Puts a layer around the calls of this client and of its clones to come, inside of the layers
    /// that are there.
    #[must_use]
    pub fn layer(self, layer: impl Layer) -> Self {
        let (channel, path) = (self.route.channel.clone(), Arc::clone(&self.route.service));
        Self::build(channel, path, self.service, self.layers.with(layer))
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
}

impl Around {
    fn new(
        channel: &Channel,
        path: &str,
        service: &ServiceInfo,
        layers: &CallLayers,
    ) -> Option<Self> {
        let outer = &channel.options().layers;
        let chains: Vec<_> = service
            .methods
            .iter()
            .filter_map(|method| {
                let method = MethodRef::from(*method);
                let chain = outer.outermost(layers, path, &method)?;
                Some((method.id(), chain))
            })
            .collect();
        (!chains.is_empty()).then_some(Self(chains))
    }

    #[inline]
    fn outermost(&self, method: &MethodRef) -> Option<&Outermost> {
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
