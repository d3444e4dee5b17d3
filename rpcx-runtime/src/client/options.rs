//! What a channel was told.

use std::time::Duration;

use crate::connection::Limits;
use crate::connection::client::ConnectionOptions;
use crate::protocol::{Codec, Compression, Metadata};

/// What every call of a channel does unless it says otherwise.
#[derive(Clone, Debug)]
pub(crate) struct ChannelOptions {
    pub(crate) codec: Codec,
    pub(crate) compress: Compression,
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
            codec: Codec::MSGPACK,
            compress: Compression::NONE,
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
