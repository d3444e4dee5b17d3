//! What a channel was told.

use std::time::Duration;

use crate::connection::Limits;
use crate::connection::client::ConnectionOptions;
use crate::protocol::{CompressType, Metadata, SerializeType};

/// What every call of a channel does unless it says otherwise.
#[derive(Clone, Debug)]
pub(crate) struct ChannelOptions {
    pub(crate) codec: SerializeType,
    pub(crate) compress: CompressType,
    /// Sent to the server.
    pub(crate) timeout: Option<Duration>,
    /// Kept by this side alone.
    pub(crate) patience: Option<Duration>,
    pub(crate) metadata: Metadata,
    pub(crate) connect_timeout: Duration,
    pub(crate) connection: ConnectionOptions,
}

impl Default for ChannelOptions {
    fn default() -> Self {
        Self {
            codec: SerializeType::MSGPACK,
            compress: CompressType::NONE,
            timeout: None,
            patience: Some(Duration::from_secs(60)),
            metadata: Metadata::new(),
            connect_timeout: Duration::from_secs(3),
            connection: ConnectionOptions {
                limits: Limits::client(),
                heartbeat_interval: Some(Duration::from_secs(30)),
                heartbeat_timeout: Duration::from_secs(30),
            },
        }
    }
}
