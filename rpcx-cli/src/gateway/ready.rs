//! Whether a gateway is to be called: whether there are servers behind it, which is looked for before the first call.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rpcx::Channel;

use super::listed::Listed;

/// How often servers are looked for while there are none, and looked at while there are.
const AGAIN: Duration = Duration::from_secs(1);

/// What is known of the servers.
#[derive(Clone)]
pub(super) struct Ready(Arc<Mutex<State>>);

enum State {
    Unknown,
    Leaving,
    /// Whether there are any, or why not.
    Known(Result<(), String>),
}

impl Ready {
    /// Looks at the servers of the channel for as long as the program runs.
    pub(super) fn watch(channel: Channel, mut listed: Listed, is_registry: bool) -> Self {
        let ready = Self(Arc::new(Mutex::new(State::Unknown)));
        let known = ready.clone();
        tokio::spawn(async move {
            loop {
                known.set(look(&channel, &mut listed, is_registry).await);
                tokio::time::sleep(AGAIN).await;
            }
        });
        ready
    }

    /// The gateway stops.
    pub(super) fn leave(&self) {
        *self.state() = State::Leaving;
    }

    pub(super) fn is_ready(&self) -> Result<(), String> {
        match &*self.state() {
            State::Unknown => Err("the servers are being looked for".to_owned()),
            State::Leaving => Err("the gateway is shutting down".to_owned()),
            State::Known(known) => known.clone(),
        }
    }

    fn set(&self, known: Result<(), String>) {
        let mut state = self.state();
        if !matches!(*state, State::Leaving) {
            *state = State::Known(known);
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Connects to servers that it is not connected to. Of a registry without a list of services they are those of the services that
/// were called.
async fn look(channel: &Channel, listed: &mut Listed, is_registry: bool) -> Result<(), String> {
    match listed.now().await? {
        Some(services) => connected(channel, services).await,
        None if !is_registry => connected(channel, &[]).await,
        None => {
            let nodes = channel.nodes();
            match nodes.iter().all(|node| node.unreachable) && !nodes.is_empty() {
                true => Err("no server can be reached".to_owned()),
                false => Ok(()),
            }
        }
    }
}

async fn connected(channel: &Channel, services: &[String]) -> Result<(), String> {
    // An error is that of one service; what is known of the others counts.
    let warmed = channel.warm(services).await;
    let nodes = channel.nodes();
    match (warmed, nodes.iter().any(|node| node.connected)) {
        (_, true) => Ok(()),
        (Err(error), false) => Err(error.message().to_owned()),
        (Ok(_), false) if nodes.is_empty() => Err("the registry has no server".to_owned()),
        (Ok(_), false) => Err("no server can be reached".to_owned()),
    }
}
