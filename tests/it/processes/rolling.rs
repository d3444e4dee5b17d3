//! Processes in a real registry, replaced one after the other under load.

use rpcx::Channel;
use rpcx::client::Select;

use super::{BankClient, Ledger, Load, Process, What, judge, until};
use crate::registries::servers::{ETCD, REDIS, Registry, Start, ZOOKEEPER};

async fn restarts(registry: &Start, url: fn(&Registry) -> String) {
    let Some(registry) = registry.start() else {
        return;
    };
    let (url, ledger) = (url(&registry), Ledger::new());
    let start = || Process::start("tcp@127.0.0.1:0", &ledger, Some(&url));
    let mut processes: Vec<_> = (0..3).map(|_| start()).collect();
    let channel = Channel::builder().registry(&url).select(Select::RoundRobin);
    let channel = channel.build_lazy().unwrap();
    let client = BankClient::new(channel.clone());
    // The first call waits for a list, which may be one without nodes yet.
    while client.look(0).await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let listed = |address: &str| channel.nodes().iter().any(|node| node.address == address);
    for process in &processes {
        until("a node in the list", || listed(&process.address)).await;
    }
    let load = Load::start(&client, 50, |_| What::Book);
    for _ in 0..3 {
        load.more(1000).await;
        let new = start();
        until("a new node in the list", || listed(&new.address)).await;
        let old = std::mem::replace(&mut processes[0], new);
        let gone = old.address.clone();
        old.stop().await;
        until("the old node is gone", || !listed(&gone)).await;
        processes.rotate_left(1);
    }
    load.more(1000).await;
    let outcomes = load.stop().await;
    for (.., outcome) in &outcomes {
        assert!(outcome.is_ok(), "{outcome:?}");
    }
    judge(&outcomes, &ledger);
    assert_eq!(ledger.runs().len(), outcomes.len(), "each ran once");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_etcd_no_call_fails_and_each_runs_once() {
    restarts(&ETCD, |registry| {
        format!("etcd://{}/rolling?interval=1s&ttl=3s", registry.address())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_redis_no_call_fails_and_each_runs_once() {
    restarts(&REDIS, |registry| {
        format!("redis://{}/rolling?interval=1s&ttl=3s", registry.address())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_zookeeper_no_call_fails_and_each_runs_once() {
    restarts(&ZOOKEEPER, |registry| {
        format!("zookeeper://{}/rolling", registry.address())
    })
    .await;
}
