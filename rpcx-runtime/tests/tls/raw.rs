//! Handshakes that do not end, and ones that are reset.

use std::time::Duration;

use rpcx_runtime::{Channel, Limits};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::authority::Authority;
use crate::networks::streams;
use crate::server::{Running, SOON, eventually};
use crate::socket::{location, open};

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
            stats.slow_handshakes + stats.crowded_handshakes == 5
        })
        .await;
        // How many have pushed out others depends on how fast all of them came.
        assert!(server.handle.stats().slow_handshakes >= 3, "{listen}");
    }
}

/// Resets the first `resets` connections, and passes the others on.
async fn resetting_proxy(to: String, resets: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let mut seen = 0;
        while let Ok((mut client, _)) = listener.accept().await {
            seen += 1;
            if seen <= resets {
                // Closed with bytes that nobody has read, a socket is reset.
                client.peek(&mut [0]).await.unwrap();
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

/// As when a listener closes that shares its port with another: nothing was sent yet, so nothing
/// is lost.
#[tokio::test]
async fn a_reset_during_the_handshake_is_tried_again() {
    let authority = Authority::new();
    let server = Running::start("tcp@127.0.0.1:0", Some(authority.server())).await;
    for (resets, reached) in [(3, true), (4, false)] {
        let proxy = resetting_proxy(location(&server.address).to_owned(), resets).await;
        let channel = Channel::builder()
            .address(&format!("tcp@{proxy}"))
            .tls(authority.client())
            .build()
            .await;
        assert_eq!(channel.is_ok(), reached, "{resets} resets: {channel:?}");
    }
}
