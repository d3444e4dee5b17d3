//! Places are short: what those are told that have to go, as far as the protocol allows, and what the server tells of them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rpcx_runtime::protocol::{Codec, Frame, Header, Metadata};
use rpcx_runtime::server::ServerBuilder;
use rpcx_runtime::{Event, Limits, Rejection, Server};
use tokio::time::{sleep, timeout};

use super::{everywhere, until};
use crate::echo::Running;
use crate::networks::Network;
use crate::wire::{PATIENCE, Wire, frame_of, heartbeat, request};

const PLACES: usize = 5;

const REASON: &str = "the server needed the place of the connection for others";

/// What the server's events say of the ends of connections.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn builder(&self) -> ServerBuilder {
        let told = Arc::clone(&self.0);
        let mut limits = Limits::server();
        limits.connections = PLACES;
        limits.address_connections = usize::MAX;
        Server::builder()
            .limits(limits)
            .authorize(|request| match request.method {
                "Fail" => Err(Rejection::Denied.into()),
                _ => Ok(()),
            })
            .on_event(move |event| {
                let said = match event {
                    Event::ConnectionLost { error, .. } => format!("lost: {error}"),
                    Event::GoAwaySent { reason, .. } => format!("asked: {reason}"),
                    Event::LimitReached { counter, .. } => (*counter).to_owned(),
                    _ => return,
                };
                told.lock().unwrap().push(said);
            })
    }

    fn count(&self, what: &str) -> usize {
        let told = self.0.lock().unwrap();
        told.iter().filter(|said| said.contains(what)).count()
    }
}

/// A connection that has asked for this and has its answer.
async fn asking(network: &Network, server: &Running, method: &str, metadata: &Metadata) -> Wire {
    let mut wire = Wire::from(network.dial(&server.address).await);
    let header = Header::request(1, Codec::RAW);
    wire.send(&frame_of(header, method, metadata, b"x")).await;
    timeout(PATIENCE, wire.next()).await.unwrap();
    wire
}

/// One that has said a heartbeat and no more.
async fn silent(network: &Network, server: &Running) -> Wire {
    let mut wire = Wire::from(network.dial(&server.address).await);
    wire.send(&heartbeat(1)).await;
    timeout(PATIENCE, wire.next()).await.unwrap();
    wire
}

fn knowing_goaway() -> Metadata {
    Metadata::from_iter([("__rpcx_capabilities", "goaway")])
}

fn is_told(frame: &Frame) -> bool {
    frame.method() == b"GoAway" && String::from_utf8_lossy(frame.payload()).contains(REASON)
}

/// Those of which no request was let through go first, in their order.
async fn strangers_are_evicted(network: Arc<Network>) {
    let told = Told::default();
    let server = network.start_with(&network.free(), told.builder()).await;
    let mut refused = asking(&network, &server, "Fail", &knowing_goaway()).await;
    let mut mute = silent(&network, &server).await;
    let mut caller = asking(&network, &server, "Echo", &knowing_goaway()).await;
    // From four fifths of the places on, each new one sends another one away.
    let mut newcomers = Vec::new();
    for _ in 0..3 {
        newcomers.push(silent(&network, &server).await);
    }
    let frames = refused.rest().await;
    assert!(frames.iter().any(is_told), "{frames:?}");
    let frames = mute.rest().await;
    assert!(frames.is_empty(), "it does not know goaway: {frames:?}");
    until("the events", || told.count("lost: ") >= 2).await;
    let lost = told.count(&format!("lost: {REASON}"));
    assert_eq!(
        (lost, told.count("asked: "), told.count("crowded_out")),
        (2, 1, 2)
    );
    assert_eq!(server.handle.stats().crowded_out, 2);
    // The one that has called stays, and so do the newcomers.
    caller.send(&request(2, "Echo", b"y")).await;
    let reply = timeout(PATIENCE, caller.next()).await.unwrap();
    assert_eq!((reply.method(), reply.payload()), (&b"Echo"[..], &b"y"[..]));
    for newcomer in &mut newcomers {
        newcomer.send(&request(2, "Echo", b"z")).await;
        let reply = timeout(PATIENCE, newcomer.next()).await.unwrap();
        assert_eq!(reply.payload(), b"z");
    }
}

async fn is_served(network: &Network, server: &Running) -> bool {
    let Ok(stream) = network.try_dial(&server.address).await else {
        return false;
    };
    let mut wire = Wire::from(stream);
    let _ = wire.try_send(&request(1, "Echo", b"new")).await;
    let reply = wire.frame().await;
    reply.is_some_and(|reply| reply.payload() == b"new")
}

/// With every place taken by one that has called, the one that was idle for longest is asked to go.
async fn the_most_idle_is_asked_to_go(network: Arc<Network>) {
    let told = Told::default();
    let server = network.start_with(&network.free(), told.builder()).await;
    let mut callers = Vec::new();
    for _ in 0..PLACES {
        callers.push(asking(&network, &server, "Echo", &knowing_goaway()).await);
    }
    // It has a call, and is not idle.
    callers[0].send(&request(2, "Hold", b"")).await;
    // There is no place before one of them has been idle for five seconds.
    let newcomer = async {
        while !is_served(&network, &server).await {
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, newcomer).await.unwrap();
    let frame = timeout(PATIENCE, callers[1].next()).await.unwrap();
    assert!(is_told(&frame), "{frame:?}");
    assert_eq!(told.count(&format!("asked: {REASON}")), 1);
    assert_eq!(server.handle.stats().crowded_out, 1);
    // What is on its way is answered before it goes.
    callers[1].send(&request(3, "Echo", b"last")).await;
    let reply = timeout(PATIENCE, callers[1].next()).await.unwrap();
    assert_eq!(reply.payload(), b"last");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_learns_that_others_need_its_place_on_every_network() {
    everywhere(strangers_are_evicted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_caller_learns_that_others_need_its_place_on_every_network() {
    everywhere(the_most_idle_is_asked_to_go).await;
}
