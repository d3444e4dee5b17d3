//! Many calls whose deadlines pass at once, at a server that does not read.

use std::future::IntoFuture;
use std::time::{Duration, Instant};

use rpcx_runtime::{ClientLimits, ErrorKind};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::echo::EchoClient;
use crate::networks::networks;

const CALLS: usize = 16_000;
const DEADLINE: Duration = Duration::from_millis(1500);

/// What ended how, and when the last one did.
async fn end(client: &EchoClient, oneway: bool) -> (usize, usize, Duration) {
    let payload = vec![7; 900];
    let began = Instant::now();
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        let call = match oneway {
            true => client.note_of(&payload),
            false => client.echo(&payload),
        };
        calls.spawn(call.timeout(DEADLINE).attempts(1).into_future());
    }
    let (mut unsent, mut unknown) = (0, 0);
    while let Some(outcome) = calls.join_next().await {
        match outcome.unwrap() {
            Err(error) if error.kind() == ErrorKind::NotSent => unsent += 1,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
                unknown += 1;
            }
            // A one-way call that was written.
            Ok(_) => assert!(oneway),
        }
    }
    (unsent, unknown, began.elapsed())
}

/// To end n calls takes time in proportion to n. It took 13 to 43 s when each of them moved the queue.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_calls_end_at_their_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp@{}", listener.local_addr().unwrap());
    let mut limits = ClientLimits::new();
    limits.queued_bytes = 64 << 20;
    for oneway in [false, true] {
        let channel = networks()
            .next()
            .unwrap()
            .channel(&address)
            .limits(limits.clone());
        let client = EchoClient::new(channel.build().await.unwrap());
        let (unsent, unknown, took) = end(&client, oneway).await;
        // What the system took of them may have been read, as far as this side knows.
        assert!(unsent > CALLS / 4, "{unsent} and {unknown}");
        let most = DEADLINE + Duration::from_secs(10);
        assert!(took < most, "{took:?}, one-way: {oneway}");
        let _socket = listener.accept().await.unwrap();
    }
}
