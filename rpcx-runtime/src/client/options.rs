//! What a channel was told.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::bulk::BulkRules;
use super::connection::ConnectionOptions;
use super::layered::CallLayers;
use super::token::Presents;
use super::{FailMode, Retry, Select};
use crate::codec::Formats;
use crate::connection::ClientLimits;
use crate::event::Events;
use crate::pace::Backoff;
use crate::protocol::{Codec, Compression, Metadata};

/// A server that restarts is found again soon, and one that is gone is not dialled all the time. Half
/// of a pause is certain, so that there is one.
const RECONNECT: Backoff =
    Backoff::new(Duration::from_millis(50), Duration::from_secs(2)).jitter(0.5);

/// What every call of a channel does unless it says otherwise.
#[derive(Clone, Debug)]
pub(crate) struct ChannelOptions {
    /// `None`: the first choice of each method.
    pub(crate) codec: Option<Codec>,
    pub(crate) compression: Compression,
    /// Sent to the server.
    pub(crate) timeout: Option<Duration>,
    /// Kept by this side alone.
    pub(crate) patience: Option<Duration>,
    pub(crate) metadata: Metadata,
    /// How long opening a connection to one address may take.
    pub(crate) connect_timeout: Duration,
    pub(crate) retry: Retry,
    /// None: what suits where the addresses come from.
    pub(crate) select: Option<Select>,
    /// Those that a node may have.
    pub(crate) connections: usize,
    pub(crate) fail_mode: FailMode,
    /// Where the tokens come from that calls present, if they are fetched.
    pub(crate) tokens: Option<Arc<dyn Presents>>,
    /// Those around every call.
    pub(crate) layers: CallLayers,
    /// The pauses between dials of one address.
    pub(crate) reconnect: Backoff,
    pub(crate) connection: ConnectionOptions,
    /// Which calls are large, if those have connections of their own.
    pub(crate) bulk: Option<Arc<BulkRules>>,
    /// What each connection takes one of, if there is a limit for all.
    pub(crate) room: Option<Arc<Semaphore>>,
    /// That limit.
    pub(crate) most_connections: Option<usize>,
}

impl Default for ChannelOptions {
    fn default() -> Self {
        Self {
            codec: None,
            compression: Compression::NONE,
            timeout: None,
            patience: Some(Duration::from_secs(60)),
            metadata: Metadata::new(),
            connect_timeout: Duration::from_secs(3),
            retry: Retry::new(),
            select: None,
            connections: 1,
            fail_mode: FailMode::Failover,
            tokens: None,
            layers: CallLayers::new(),
            reconnect: RECONNECT,
            room: None,
            bulk: None,
            most_connections: None,
            connection: ConnectionOptions {
                limits: ClientLimits::new(),
                events: Events::default(),
                formats: Formats::default(),
                heartbeat_interval: Some(Duration::from_secs(30)),
                heartbeat_timeout: Duration::from_secs(30),
                idle_after: None,
                server_patience: Duration::from_secs(10),
            },
        }
    }
}
