//! What a stranger does, on every network: the same attacks by clients against a server, and by servers against a client.

mod evictions;
mod half_handshakes;
mod on_clients;
mod on_servers;
mod reasons;
mod slow_readers;

use std::sync::Arc;
use std::time::Duration;

use rpcx_runtime::client::ChannelBuilder;

use crate::echo::EchoClient;
use crate::networks::{Network, all_entrances};
use crate::wire::PATIENCE;

/// Makes an attack on each network, all at once.
async fn everywhere<F>(attack: fn(Arc<Network>) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let attacks: Vec<_> = all_entrances()
        .map(|network| (network.label(), tokio::spawn(attack(Arc::new(network)))))
        .collect();
    for (label, attack) in attacks {
        let outcome = attack.await;
        outcome.unwrap_or_else(|error| panic!("{label}: {error}"));
    }
}

/// A channel that has time to connect on a busy machine.
fn patient(network: &Network, address: &str) -> ChannelBuilder {
    network.channel(address).connect_timeout(PATIENCE)
}

async fn connect(network: &Network, address: &str) -> EchoClient {
    EchoClient::new(patient(network, address).build().await.unwrap())
}

/// Waits for what comes in its time.
async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let came = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let came = tokio::time::timeout(PATIENCE, came).await;
    came.unwrap_or_else(|_| panic!("{what}"));
}
