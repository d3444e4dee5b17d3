//! Handshakes that do not end, that are lost, and that are many.

use std::time::Duration;

use rpcx_runtime::{Channel, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::authority::Authority;
use super::networks::streams;
use super::server::{Running, SOON, eventually};
use super::socket::{location, open};

#[tokio::test]
async fn a_handshake_is_not_waited_for_longer_than_allowed() {
    for listen in streams() {
        let authority = Authority::new();
        let mut limits = Limits::server();
        limits.handshake = Duration::from_millis(100);
        limits.handshakes = 3;
        let tls = Some(authority.server());
        let server = Running::start_with(listen, tls, |server| server.limits(limits)).await;
        let mut silent = Vec::new();
        for _ in 0..5 {
            silent.push(open(&server.address).await.unwrap());
        }
        for mut socket in silent {
            let end = timeout(SOON, socket.read(&mut [0])).await;
            // A reset is an end as well.
            let _ = end.expect("the server still waits");
        }
        eventually("all are counted", || {
            let stats = server.handle.stats();
            (stats.slow_handshakes, stats.crowded_handshakes) == (5, 0)
        })
        .await;
    }
}

/// Each pair of them had a second, and a client has three.
#[tokio::test]
async fn silent_sockets_leave_the_places_to_those_that_speak() {
    for listen in streams() {
        let authority = Authority::new();
        let mut limits = Limits::server();
        (limits.handshakes, limits.connections) = (2, 64);
        let tls = Some(authority.server());
        let server = Running::start_with(listen, tls, |server| server.limits(limits)).await;
        let mut silent = Vec::new();
        // One address has half of the room.
        for _ in 0..31 {
            silent.push(open(&server.address).await.unwrap());
        }
        let channel = Channel::builder().address(&server.address);
        let tls = authority.client().server_name("127.0.0.1").unwrap();
        channel.tls(tls).build().await.unwrap();
        assert_eq!(server.handle.stats().crowded_handshakes, 0);
    }
}

/// How a connection ends that is not served.
#[derive(Clone, Copy, Debug)]
enum Ending {
    Reset,
    /// After what the client had to say.
    Closed,
}

/// Ends the first `lost` connections, and passes the others on.
async fn losing_proxy(to: String, ending: Ending, lost: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let mut seen = 0;
        while let Ok((mut client, _)) = listener.accept().await {
            seen += 1;
            if seen <= lost {
                // Closed with unread bytes, a socket is reset.
                client.peek(&mut [0]).await.unwrap();
                if let Ending::Closed = ending {
                    client.shutdown().await.unwrap();
                    let _ = client.read_to_end(&mut Vec::new()).await;
                }
                continue;
            }
            let mut server = TcpStream::connect(&to).await.unwrap();
            tokio::spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    address
}

/// As when a listener closes that shares its port with another, or a server that stops has no time
/// left for a handshake: nothing was sent yet, so nothing is lost.
#[tokio::test]
async fn a_connection_that_is_lost_during_the_handshake_is_tried_again() {
    let authority = Authority::new();
    let networks = ["tcp", "http", "ws"].map(|network| (network, authority.client()));
    for (network, tls) in networks {
        let listen = format!("{network}@127.0.0.1:0");
        let server = Running::start(&listen, Some(authority.server())).await;
        for (ending, lost, reached) in [
            (Ending::Reset, 3, true),
            (Ending::Reset, 4, false),
            (Ending::Closed, 3, true),
            (Ending::Closed, 4, false),
        ] {
            let proxy = losing_proxy(location(&server.address).to_owned(), ending, lost).await;
            let channel = Channel::builder()
                .address(format!("{network}@{proxy}"))
                .tls(tls.clone())
                .build()
                .await;
            assert_eq!(channel.is_ok(), reached, "{lost} {ending:?}: {channel:?}");
        }
    }
}

/// As after the restart of a server that has many clients.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_that_connect_at_once_all_get_through() {
    let authority = Authority::new();
    let mut limits = Limits::server();
    limits.handshakes = 4;
    let server = Running::start_with("tcp@127.0.0.1:0", Some(authority.server()), |server| {
        server.limits(limits)
    });
    let server = server.await;
    let mut clients = JoinSet::new();
    for _ in 0..100 {
        let channel = Channel::builder()
            .address(&server.address)
            .tls(authority.client())
            .connect_timeout(Duration::from_secs(60));
        clients.spawn(async move { channel.build().await.map(drop) });
    }
    while let Some(connected) = clients.join_next().await {
        connected.unwrap().unwrap();
    }
}
