//! Every network with every way of calling, between Go and Rust and among Rust. The table in
//! `tests/interop/README.md` is made of what ran here.
//!
//! Without Go only Rust calls Rust, and the table stays as it is.

mod calls;
mod plan;
mod servers;
mod table;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use self::calls::Peers;
use self::plan::{Direction, Group, LINKS, WAYS, Way};
use self::servers::Serving;
use self::table::Table;

/// How many servers there are at a time: enough to keep a small machine busy.
const AT_ONCE: usize = 6;

/// How long one cell may take; the slowest takes a few seconds.
const LIMIT: Duration = Duration::from_secs(120);

/// One server, and each way of calling it after the other, because some calls are counted.
async fn run(group: Group, peers: &Peers) -> Table {
    let mut table = Table::default();
    let serving = match Serving::start(group, peers).await {
        Ok(serving) => serving,
        Err(error) => {
            table.failed(group, "does not listen", &error);
            return table;
        }
    };
    for way in WAYS {
        match cell(group, way, peers, &serving.address).await {
            Ok(()) => table.passed(group, way),
            Err(error) => table.failed(group, way.name, &error),
        }
    }
    if let Err(error) = serving.stop().await {
        table.failed(group, "does not end well", &error);
    }
    table
}

async fn cell(group: Group, way: Way, peers: &Peers, address: &str) -> Result<(), String> {
    let ran = match group.direction {
        Direction::GoToRust => timeout(LIMIT, peers.go_calls(group.link, way, address)).await,
        _ => timeout(LIMIT, peers.rust_calls(group, way, address)).await,
    };
    ran.unwrap_or_else(|_| Err(format!("it took longer than {LIMIT:?}")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_network_every_way() {
    let peers = tokio::task::spawn_blocking(Peers::new).await;
    let peers = Arc::new(peers.expect("the Go programs build"));
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let mut groups = JoinSet::new();
    for group in plan::groups(peers.have_go()) {
        let (peers, permits) = (Arc::clone(&peers), Arc::clone(&permits));
        groups.spawn(async move {
            let _permit = permits.acquire_owned().await.expect("it is never closed");
            run(group, &peers).await
        });
    }
    let mut table = Table::default();
    while let Some(ran) = groups.join_next().await {
        table.add(ran.expect("no group panics"));
    }
    table.assert_passed();
    if peers.have_go() {
        table.compare();
    }
}

/// What is not asked is refused when a server is bound or a channel built, not later.
#[tokio::test]
async fn what_a_network_cannot_have_is_refused() {
    let peers = Peers::without_go();
    for link in LINKS {
        let group = Group {
            link,
            direction: Direction::RustToRust,
        };
        if link.unasked(group.direction).is_none() {
            continue;
        }
        let error = Serving::start(group, &peers).await.err();
        let error = error.unwrap_or_else(|| panic!("{link:?} listens"));
        let said = error.starts_with("Setup") && error.contains(link.network);
        assert!(said, "{error}");
    }
}
