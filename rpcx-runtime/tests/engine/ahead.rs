//! Large requests that are refused by what stands in front of their payload, before that has come.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rpcx_runtime::protocol::{Codec, Frame, FrameEncoder, Header, Metadata};
use rpcx_runtime::{Limits, MemoryBudget, Rejection, Server, ServerHandle};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::echo::Echo;
use crate::wire::Wire as Peer;

const PAYLOAD: usize = 8 << 20;

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

/// A server that lets in who has a token, and how often it has decided.
async fn server() -> (String, ServerHandle, Echo, Arc<AtomicUsize>) {
    let decisions = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&decisions);
    let echo = Echo::default();
    let mut limits = Limits::server();
    // Half of it, for what arrives, has one request and not two.
    limits.memory = MemoryBudget::new(3 * PAYLOAD);
    let server = Server::builder()
        .register(echo.clone())
        .limits(limits)
        .authorize(move |request| {
            counted.fetch_add(1, Ordering::SeqCst);
            match request.metadata.auth_is("token") {
                true => Ok(()),
                false => Err(Rejection::Unauthenticated.into()),
            }
        })
        .listen("tcp@127.0.0.1:0");
    let server = server.bind().await.unwrap();
    let address = server.addresses()[0].location().to_owned();
    let handle = server.handle();
    tokio::spawn(server.serve());
    (address, handle, echo, decisions)
}

async fn next(peer: &mut Peer) -> Frame {
    timeout(Duration::from_secs(10), peer.next()).await.unwrap()
}

#[tokio::test]
async fn a_large_request_is_refused_before_its_payload_has_come() {
    let (address, handle, echo, decisions) = server().await;
    let mut peer = Peer::new(TcpStream::connect(&address).await.unwrap());
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
            (seq, Some(reason))
        );
        assert!(handle.stats().memory < 1 << 20, "{}", handle.stats().memory);
        // The rest is skipped, and the connection goes on.
        peer.send(rest).await;
    }
    assert_eq!(echo.runs.load(Ordering::SeqCst), 0);
    let request = request(4, "Echo", &with("__AUTH", "token"));
    peer.send(&request).await;
    assert_eq!(next(&mut peer).await.payload().len(), PAYLOAD);
    assert_eq!(echo.runs.load(Ordering::SeqCst), 1);
    // Once for each request that names a method.
    assert_eq!(decisions.load(Ordering::SeqCst), 2);
    assert_eq!(handle.stats().calls, 4);
}
