//! Stands in for `socket` where the feature `jsonrpc-ws` is off.

use std::sync::Arc;

use bytes::Bytes;

use super::super::entry::Entry;
use crate::protocol::Metadata;
use crate::server::Place;
use crate::transport::Stream;

/// Whether JSON-RPC is spoken over WebSocket.
pub(in super::super) const PRESENT: bool = false;

/// Never called: no request is taken for one of these.
pub(in super::super) async fn serve(_: (Arc<Entry>, Place), _: Stream, _: Bytes, _: Metadata) {}
