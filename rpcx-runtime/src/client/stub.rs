//! What a generated client holds.

use std::borrow::Cow;
use std::sync::Arc;

use super::Channel;
use crate::protocol::Codec;
use crate::service::ServiceInfo;

/// A channel and the service path it calls: the inside of a generated client.
#[derive(Clone, Debug)]
pub struct Stub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    channel: Channel,
    path: Cow<'static, str>,
}

impl Stub {
    /// Calls `service` through `channel`, under the service's own name.
    pub fn new(channel: impl Into<Channel>, service: &'static ServiceInfo) -> Self {
        Self(Arc::new(Inner {
            channel: channel.into(),
            path: Cow::Borrowed(service.name),
        }))
    }

    /// The same channel under another service path.
    #[must_use]
    pub fn with_path(self, path: impl Into<Cow<'static, str>>) -> Self {
        Self(Arc::new(Inner {
            channel: self.0.channel.clone(),
            path: path.into(),
        }))
    }

    /// The channel.
    pub fn channel(&self) -> &Channel {
        &self.0.channel
    }

    /// The service path.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The codec that calls use unless they say otherwise.
    pub fn codec(&self) -> Codec {
        self.0.channel.options().codec
    }
}
