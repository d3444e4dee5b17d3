//! What a peer is told whose connection a server ends, on every network: as much as the protocol allows. The server's events have
//! the reason in any case.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rpcx_runtime::protocol::{Codec, Frame, Header, Metadata};
use rpcx_runtime::server::ServerBuilder;
use rpcx_runtime::{Event, Limits, Rejection, Server};

use super::{everywhere, until};
use crate::echo::Running;
use crate::networks::Network;
use crate::wire::{Wire, error_of, frame, heartbeat, request};

/// A limit that a peer reaches.
struct Case {
    set: fn(&mut Limits),
    /// What the peer sends to reach it, behind a call that says that it knows goaway.
    send: fn() -> Vec<u8>,
    /// What it learns, and what the server's events say.
    reason: &'static str,
    how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// By the error of the frame that was too much.
    Error,
    /// By a goaway: nothing of the peer is there that could be answered.
    Goaway,
}

const CASES: [Case; 6] = [
    Case {
        set: |_| {},
        send: || (0..500).flat_map(heartbeat).collect(),
        reason: "too many or too large heartbeats",
        how: How::Error,
    },
    Case {
        set: |_| {},
        send: || frame(Header::heartbeat(3), &Metadata::new(), &[7; 2_000]),
        reason: "too many or too large heartbeats",
        how: How::Error,
    },
    Case {
        set: |limits| limits.frame_body = Duration::from_millis(200),
        send: || request(3, "Echo", &[7; 1_000])[..500].to_vec(),
        reason: "too slowly",
        how: How::Error,
    },
    Case {
        set: |limits| limits.idle = Duration::from_millis(200),
        send: Vec::new,
        reason: "the connection was idle for too long",
        how: How::Goaway,
    },
    Case {
        set: |limits| limits.age = Duration::from_millis(200),
        send: Vec::new,
        reason: "the connection was open for as long as one may be",
        how: How::Goaway,
    },
    Case {
        set: |limits| limits.strikes = 3,
        send: || (1..=3).flat_map(|seq| request(seq, "Fail", b"")).collect(),
        reason: "3 requests in a row were refused by authorization",
        how: How::Goaway,
    },
];

/// What its events say about the ends of connections.
type Told = Arc<Mutex<Vec<String>>>;

fn telling(told: &Told) -> ServerBuilder {
    let told = Arc::clone(told);
    Server::builder()
        .authorize(|request| match request.method {
            "Fail" => Err(Rejection::Denied.into()),
            _ => Ok(()),
        })
        .on_event(move |event| {
            let said = match event {
                Event::ConnectionLost { error, .. } => error.to_string(),
                Event::GoAwaySent { reason, .. } => (*reason).to_owned(),
                _ => return,
            };
            told.lock().unwrap().push(said);
        })
}

/// A peer that has called, and is told to go where that is possible.
async fn peer(network: &Network, server: &Running) -> Wire {
    let mut wire = Wire::from(network.dial(&server.address).await);
    let knows = Metadata::from_iter([("__rpcx_capabilities", "goaway")]);
    let header = Header::request(1, Codec::RAW);
    wire.send(&frame(header, &knows, b"first")).await;
    assert_eq!(wire.next().await.payload(), b"first");
    wire
}

fn says(frame: &Frame, case: &Case) -> bool {
    match case.how {
        How::Error => error_of(frame).contains(case.reason),
        How::Goaway => {
            frame.method() == b"GoAway"
                && String::from_utf8_lossy(frame.payload()).contains(case.reason)
        }
    }
}

async fn learn(network: Arc<Network>) {
    for case in &CASES {
        let told = Told::default();
        let mut limits = Limits::server();
        (case.set)(&mut limits);
        let builder = telling(&told).limits(limits);
        let server = network.start_with(&network.free(), builder).await;
        let mut wire = peer(&network, &server).await;
        let _ = wire.try_send(&(case.send)()).await;
        let mut heard = None;
        while let Some(frame) = wire.frame().await {
            if says(&frame, case) {
                heard = Some(frame);
                break;
            }
        }
        assert!(heard.is_some(), "it does not learn: {}", case.reason);
        // It goes, as it was asked to.
        wire.finish().await;
        wire.rest().await;
        let has = || {
            let told = told.lock().unwrap();
            told.iter().any(|said| said.contains(case.reason))
        };
        until(case.reason, has).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_learns_why_it_is_closed_on_every_network() {
    everywhere(learn).await;
}
