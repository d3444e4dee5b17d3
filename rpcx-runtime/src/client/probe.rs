//! Asks nodes that are ejected for a sign of life, in the background.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::sleep;

use super::endpoint::Endpoint;
use crate::task;

/// The shortest pause between two questions.
const LEAST: Duration = Duration::from_millis(100);

/// A node was ejected. Without a runtime there is nothing that could ask it, and a call tries it in the end.
pub(super) fn start(endpoint: &Arc<Endpoint>) {
    match Handle::try_current() {
        Ok(runtime) => drop(runtime.spawn(task::boxed(probe(Arc::downgrade(endpoint))))),
        Err(_) => endpoint.health().is_alive(),
    }
}

/// Until a call has succeeded there, or no list has it any more.
async fn probe(endpoint: Weak<Endpoint>) {
    loop {
        let Some(pause) = endpoint.upgrade().and_then(|endpoint| pause(&endpoint)) else {
            return;
        };
        sleep(pause).await;
        let Some(endpoint) = endpoint.upgrade() else {
            return;
        };
        // A call may have tried it meanwhile, and have failed.
        if pause_left(&endpoint) == Some(Duration::ZERO) {
            match endpoint.ping().await {
                Some(_) => endpoint.health().is_alive(),
                None if endpoint.is_ejected() => endpoint.health().prolong(endpoint.load().now()),
                None => return,
            }
        }
    }
}

fn pause(endpoint: &Endpoint) -> Option<Duration> {
    pause_left(endpoint).map(|left| left.max(LEAST))
}

/// None if it is not ejected any more.
fn pause_left(endpoint: &Endpoint) -> Option<Duration> {
    let until = endpoint.health().ejected_until()?;
    let left = until.saturating_sub(endpoint.load().now());
    (!endpoint.is_retired()).then(|| Duration::from_nanos(left))
}
