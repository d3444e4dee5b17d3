//! What happens on the way: streams cut, changed, and ended too early.

use std::time::Duration;

use rpcx_runtime::{Channel, ErrorKind};
use tokio::task::JoinSet;

use super::authority::Authority;
use super::middle::Middle;
use super::networks::{QUIC, networks, streams};
use super::relay::{Harm, Relay};
use super::server::{Client, Running};

/// Long enough to fill many records and datagrams.
const LENGTH: usize = 20_000;

const SECRET: &[u8] = b"never in clear";

fn payload() -> Vec<u8> {
    SECRET.iter().copied().cycle().take(LENGTH).collect()
}

/// A call by a relay that does harm fails, and says the truth about it; what it asked for is seen
/// by nobody.
async fn harmed(listen: &'static str, harm: Harm) {
    let authority = Authority::new();
    let server = Running::start(listen, Some(authority.server())).await;
    let relay = Relay::to(&server.address, harm).await;
    // On QUIC silence is all that a client has to go by when it waits for a reply.
    let beat = Duration::from_millis(500);
    let channel = Channel::builder()
        .address(&relay.address)
        .tls(authority.client().server_name("localhost").unwrap())
        .heartbeat(beat, beat)
        .build_lazy();
    let client = Client::new(channel.unwrap());
    let outcome = client.echo(&payload()).await;
    let error = outcome.expect_err(&format!("{listen}, {harm:?}"));
    match error.kind() {
        ErrorKind::NotSent => assert_eq!(server.runs(), 0, "{listen}, {harm:?}: {error}"),
        kind => assert_eq!(kind, ErrorKind::Unknown, "{listen}, {harm:?}: {error}"),
    }
    assert!(relay.count() > 0, "{listen}, {harm:?}: {error}");
    assert!(!relay.has_seen(SECRET), "{listen}, {harm:?}");
}

/// All at once: on QUIC some of them wait for time to pass.
async fn each_harmed(networks: Vec<&'static str>, harms: impl Iterator<Item = Harm> + Clone) {
    let mut cases = JoinSet::new();
    for listen in networks {
        for harm in harms.clone() {
            cases.spawn(harmed(listen, harm));
        }
    }
    while let Some(case) = cases.join_next().await {
        case.unwrap();
    }
}

#[tokio::test]
async fn a_relay_without_harm_sees_nothing_and_changes_nothing() {
    for listen in networks() {
        let authority = Authority::new();
        let server = Running::start(listen, Some(authority.server())).await;
        let relay = Relay::to(&server.address, Harm::Nothing).await;
        let tls = authority.client().server_name("localhost").unwrap();
        let client = Client::lazy(&relay.address, Some(tls));
        let outcome = client.echo(&payload()).await;
        assert_eq!(outcome.unwrap(), payload(), "{listen}");
        assert!(relay.count() > 2 * LENGTH, "{listen}");
        assert!(!relay.has_seen(SECRET), "{listen}");
    }
}

/// Wherever the stream is cut, a call fails; it never succeeds with less than was sent.
#[tokio::test]
async fn a_cut_stream_is_an_error() {
    let cuts = [1, 100, 700, 1500, 4000, 12_000, LENGTH].map(Harm::Cut);
    each_harmed(networks(), cuts.into_iter()).await;
}

/// An alert without protection ends nothing in good order, neither in a handshake nor in a reply.
#[tokio::test]
async fn a_forged_end_is_an_error() {
    let cuts = [1, 100, 4000, LENGTH].map(Harm::CutWithNotice);
    each_harmed(streams(), cuts.into_iter()).await;
}

/// No third party may choose what the two speak: a handshake that was touched fails. So
/// does what comes later.
#[tokio::test]
async fn a_changed_byte_is_an_error() {
    // The record's type, the ClientHello's and its version, its random, its session id and its
    // extensions; and the request.
    let client = [0, 5, 10, 20, 60, 200, 4000].map(Harm::GarbleClient);
    let server = [0, 5, 20, 60, 500, 5000].map(Harm::GarbleServer);
    each_harmed(streams(), client.into_iter().chain(server)).await;
}

/// QUIC drops what was changed and sends it again; when that is changed too, nothing is left but
/// to give up.
#[tokio::test]
async fn changed_datagrams_are_not_taken() {
    // The packet's type, its version, the connection id, and what is protected.
    let client = [0, 3, 8, 20].map(Harm::GarbleClient);
    for harm in client {
        let authority = Authority::new();
        let server = Running::start(QUIC, Some(authority.server())).await;
        let relay = Relay::to(&server.address, harm).await;
        let tls = authority.client().server_name("localhost").unwrap();
        let channel = Channel::builder()
            .address(&relay.address)
            .tls(tls)
            .connect_timeout(Duration::from_millis(300));
        let error = channel.build().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSent, "{harm:?}: {error}");
        assert!(relay.count() > 0 && server.runs() == 0, "{harm:?}");
        assert_eq!(server.handle.stats().connections, 0, "{harm:?}");
    }
}

/// A reply that ends too early in good order, by a peer that has the keys, is no reply.
#[tokio::test]
async fn a_truncated_reply_is_no_success() {
    for listen in networks() {
        let authority = Authority::new();
        let server = Running::start(listen, Some(authority.server())).await;
        for most in [0, 1, 10, 100, 1000, LENGTH] {
            let middle = Middle::to(&server.address, &authority, most).await;
            let tls = authority.client().server_name("localhost").unwrap();
            let client = Client::lazy(&middle.address, Some(tls));
            let outcome = client.echo(&payload()).await;
            let error = outcome.expect_err(&format!("{listen}, ended after {most} bytes"));
            let (not_sent, unknown) = (ErrorKind::NotSent, ErrorKind::Unknown);
            assert!(
                error.kind() == not_sent || error.kind() == unknown,
                "{listen}, ended after {most} bytes: {error}"
            );
        }
        let middle = Middle::to(&server.address, &authority, usize::MAX).await;
        let tls = authority.client().server_name("localhost").unwrap();
        let client = Client::lazy(&middle.address, Some(tls));
        let outcome = client.echo(&payload()).await;
        assert_eq!(outcome.unwrap(), payload(), "{listen}");
    }
}
