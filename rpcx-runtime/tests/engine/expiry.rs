//! Many calls whose deadlines pass at once, at a server that does not read.

use std::future::IntoFuture;
use std::time::{Duration, Instant};

use rpcx_runtime::transport::Listen;
use rpcx_runtime::{ClientLimits, ErrorKind};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use crate::echo::EchoClient;
use crate::long;
use crate::networks::{Network, all_entrances};

/// On the first network; on the others as many as are enough to tell n from n times n.
const CALLS: usize = 16_000;
const FEWER: usize = 4_000;

/// What they have to send together.
const BYTES: usize = 24_000_000;

/// Calls of a megabyte before them: more than sockets take that are not read. All that is in one write has begun, as far as this
/// side knows, so the others come when the first write is under way.
const FIRST: usize = 24;

const DEADLINE: Duration = Duration::from_millis(1500);

/// What ended how, and when the last one did.
async fn end(client: &EchoClient, many: usize, oneway: bool) -> (usize, usize, Duration) {
    let mut calls = JoinSet::new();
    let mut begin = |count, payload: &[u8]| {
        for _ in 0..count {
            let call = match oneway {
                true => client.note_of(payload),
                false => client.echo(payload),
            };
            calls.spawn(call.timeout(DEADLINE).attempts(1).into_future());
        }
    };
    begin(FIRST, &vec![7; 1 << 20]);
    sleep(Duration::from_millis(300)).await;
    let began = Instant::now();
    begin(many, &vec![7; BYTES / many]);
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

/// Takes connections, and reads nothing of them.
fn deaf(mut listener: Box<dyn Listen>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut open = JoinSet::new();
        loop {
            let incoming = listener.accept().await.unwrap();
            open.spawn(async move {
                let _stream = incoming.stream().await;
                std::future::pending::<()>().await;
            });
        }
    })
}

async fn calls_end_at_their_deadline(network: &Network, many: usize) {
    let mut limits = ClientLimits::new();
    limits.queued_bytes = 64 << 20;
    for oneway in [false, true] {
        let (listener, address) = network.listen().await;
        let server = deaf(listener);
        // What is written to a server that does not read is not answered, and so is no reason to give the connection up.
        let channel = network.channel(&address).limits(limits.clone());
        let channel = channel.dead_after(Duration::MAX);
        let client = EchoClient::new(channel.build().await.unwrap());
        let (unsent, unknown, took) = end(&client, many, oneway).await;
        let label = format!("{}, one-way: {oneway}", network.label());
        // What the system took of them may have been read, as far as this side knows.
        assert!(unsent > many / 2, "{label}: {unsent} and {unknown}");
        let most = DEADLINE + Duration::from_secs(10);
        assert!(took < most, "{label}: {took:?}");
        server.abort();
    }
}

/// To end n calls takes time in proportion to n. It took 13 to 43 s when each of them moved the queue.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_calls_end_at_their_deadline_on_every_network() {
    let mut networks = all_entrances();
    let first = networks.next().unwrap();
    calls_end_at_their_deadline(&first, CALLS).await;
    if !long::is_wanted("thousands of calls that end at once, on all networks but the first") {
        return;
    }
    for network in networks {
        calls_end_at_their_deadline(&network, FEWER).await;
    }
}
