//! Connections that are opened before they are needed.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::endpoint::Endpoint;
use crate::task;

/// Nodes that are connected to at once.
const AT_ONCE: usize = 16;

/// Connects to all of them, and says how many there is a connection to.
pub(super) async fn all(endpoints: Vec<Arc<Endpoint>>) -> usize {
    let (mut connected, mut dialing) = (0, JoinSet::new());
    for endpoint in endpoints {
        if dialing.len() == AT_ONCE {
            connected += usize::from(matches!(dialing.join_next().await, Some(Ok(true))));
        }
        task::join(&mut dialing, async move { endpoint.warm().await });
    }
    while let Some(dialed) = dialing.join_next().await {
        connected += usize::from(matches!(dialed, Ok(true)));
    }
    connected
}
