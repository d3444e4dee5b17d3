//! Large requests that are refused by what stands in front of their payload, before that has come.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rpcx_runtime::protocol::{Codec, Frame, FrameEncoder, Header, Metadata};
use rpcx_runtime::{Limits, MemoryBudget, Rejection, Server};
use tokio::time::timeout;

use crate::echo::Running;
use crate::networks::{Network, entrances_for_much};
use crate::wire::{PATIENCE, Wire};

const PAYLOAD: usize = 2 << 20;

fn request(seq: u64, method: &str, metadata: &Metadata) -> Vec<u8> {
    let mut out = Vec::new();
    let mut frame = FrameEncoder::new(&mut out, Header::request(seq, Codec::RAW));
    frame.names(b"Echo", method.as_bytes());
    frame.metadata(metadata);
    frame.payload(&vec![7; PAYLOAD]);
    frame.finish().unwrap();
    out
}

fn with(key: &str, value: &str) -> Metadata {
    Metadata::from_iter([(key, value)])
}

/// A server that lets in callers with a token, and how often it has decided.
async fn server(network: &Network) -> (Running, Arc<AtomicUsize>) {
    let decisions = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&decisions);
    let mut limits = Limits::server();
    // Half of it, for what arrives, has one request and not two.
    limits.memory = MemoryBudget::new(3 * PAYLOAD);
    let server = Server::builder().limits(limits).authorize(move |request| {
        counted.fetch_add(1, Ordering::SeqCst);
        match request.metadata.auth_is("token") {
            true => Ok(()),
            false => Err(Rejection::Unauthenticated.into()),
        }
    });
    (network.start_with(&network.free(), server).await, decisions)
}

async fn next(peer: &mut Wire) -> Frame {
    timeout(PATIENCE, peer.next()).await.unwrap()
}

#[tokio::test]
async fn a_large_request_is_refused_before_its_payload_has_come_on_every_network() {
    for network in entrances_for_much() {
        let (label, (server, decisions)) = (network.label(), server(&network).await);
        let mut peer = Wire::from(network.dial(&server.address).await);
        let late = Metadata::from_iter([("__AUTH", "token"), ("__ServerTimeout", "0")]);
        for (seq, method, metadata, reason) in [
            (1, "Echo", with("__AUTH", "wrong"), "unauthenticated"),
            (2, "Nothing", with("__AUTH", "token"), "unknown-method"),
            (3, "Echo", late, "expired"),
        ] {
            let request = request(seq, method, &metadata);
            let (front, rest) = request.split_at(PAYLOAD / 8);
            peer.send(front).await;
            let reply = next(&mut peer).await;
            let said = reply.metadata();
            assert_eq!(
                (reply.header.seq, said.get("__rpcx_rejected")),
                (seq, Some(reason)),
                "{label}"
            );
            let memory = server.handle.stats().memory;
            assert!(memory < (PAYLOAD / 8) as u64, "{label}: {memory}");
            // The rest is skipped, and the connection goes on.
            peer.send(rest).await;
        }
        assert_eq!(server.runs(), 0, "{label}");
        let request = request(4, "Echo", &with("__AUTH", "token"));
        let sent = peer.send(&request);
        timeout(PATIENCE, sent).await.unwrap();
        assert_eq!(next(&mut peer).await.payload().len(), PAYLOAD, "{label}");
        assert_eq!(server.runs(), 1, "{label}");
        // Once for each request that names a method.
        assert_eq!(decisions.load(Ordering::SeqCst), 2, "{label}");
        assert_eq!(server.handle.stats().calls, 4, "{label}");
    }
}
