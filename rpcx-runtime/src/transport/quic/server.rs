//! Accepting connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use quinn::Endpoint;
use tokio::task::JoinSet;

use super::super::cause::cannot_listen;
use super::super::{
    Address, BoxFuture, Closing, ConnectionRules, Incoming, Listen, ListenOptions, Network, Stream,
    bind, resolve,
};
use super::close_reason::close_reason;
use super::{Quic, reset, settings, stream};
use crate::error::Error;
use crate::task;

/// With more handshakes than this under way, a client has to show that its address is its own
/// before another one is begun. Half of the places that there are by default, so that clients
/// that cannot leave room for those that can.
const UNVALIDATED: usize = 128;

pub(super) async fn listen(
    address: &Address,
    options: &ListenOptions,
) -> Result<Box<dyn Listen>, Error> {
    options.check(address)?;
    let tls = options.chosen_tls().ok_or_else(|| {
        Error::setup(format!(
            "the address `{address}` needs a certificate, QUIC has no plain text: call `tls`"
        ))
    })?;
    let quic: Quic = options.own.get().cloned().unwrap_or_default();
    let config = settings::server(tls, &quic)?;
    let failed = cannot_listen(address);
    let candidates = resolve::local(address).await.map_err(&failed)?;
    let known = reset::config(tls.secret(b"quic reset"));
    let listening = |candidate| settings::listening(candidate, known.clone(), config.clone());
    let endpoint = bind::first(&candidates, listening).map_err(&failed)?;
    let local = endpoint.local_addr().map_err(&failed)?;
    Ok(Box::new(QuicListening {
        address: Address::new(Network::QUIC, local.to_string()),
        endpoint,
        window: quic.window,
        unvalidated: Arc::default(),
        rules: ConnectionRules::new(),
    }))
}

struct QuicListening {
    endpoint: Endpoint,
    address: Address,
    /// The most that a client may send ahead.
    window: u32,
    /// A clone for each handshake under way with a client whose address is not known to be its
    /// own.
    unvalidated: Arc<()>,
    rules: ConnectionRules,
}

impl Listen for QuicListening {
    fn accept(&mut self) -> BoxFuture<'_, io::Result<Incoming>> {
        Box::pin(async move {
            loop {
                let next = self.endpoint.accept().await;
                let incoming = next.ok_or(io::ErrorKind::BrokenPipe)?;
                let validated = incoming.remote_address_validated();
                // What counts peers by their address must not count one that is forged.
                let unproven =
                    self.rules.counts() || Arc::strong_count(&self.unvalidated) > UNVALIDATED;
                if !validated && unproven {
                    // An error means that the client has shown its address already.
                    let _ = incoming.retry();
                    continue;
                }
                let peer = peer_address(incoming.remote_address());
                let Ok(pass) = self.rules.admit(&peer) else {
                    incoming.refuse();
                    continue;
                };
                let ticket = (!validated).then(|| Arc::clone(&self.unvalidated));
                let (window, rules) = (self.window, self.rules.clone());
                let negotiating = Incoming::negotiating(async move {
                    let stream = negotiate(incoming, window).await;
                    drop(ticket);
                    rules.identified(stream?, pass)
                });
                return Ok(negotiating.with_origin(peer, validated));
            }
        })
    }

    fn address(&self) -> Address {
        self.address.clone()
    }

    fn filter(&mut self, rules: ConnectionRules) -> Option<ConnectionRules> {
        // A second one stands in front.
        if !self.rules.is_empty() {
            return Some(rules);
        }
        self.rules = rules;
        None
    }

    fn close(self: Box<Self>) -> Closing {
        // At once: a peer that is sent away from here and comes back is to hear it, and not to wait.
        let mut refusing = JoinSet::new();
        let endpoint = self.endpoint.clone();
        task::join(&mut refusing, async move {
            while let Some(incoming) = endpoint.accept().await {
                incoming.refuse();
            }
        });
        Closing::until(async move {
            self.endpoint.wait_idle().await;
            drop(refusing);
        })
    }
}

async fn negotiate(incoming: quinn::Incoming, window: u32) -> io::Result<Stream> {
    let connecting = incoming.accept().map_err(|error| close_reason(&error))?;
    let connection = connecting.await.map_err(|error| close_reason(&error))?;
    let peer = connection.remote_address();
    Ok(stream::accepted(connection, window).into_stream(peer_address(peer)))
}

fn peer_address(peer: SocketAddr) -> Address {
    Address::new(Network::QUIC, resolve::canonical(peer).to_string())
}
