//! ZooKeeper, with rpcx-zookeeper.

use std::collections::BTreeMap;
use std::time::Duration;

use rpcx::discovery::{Registrar, Registration, Watch};
use tokio::runtime::Handle;
use tokio::task::block_in_place;
use zookeeper_client::{Acls, Client, CreateMode, Error};

use super::scenarios::{Backend, eventually, open, shows};
use super::servers::{Registry, ZOOKEEPER};

const BACKEND: Backend = Backend {
    kind: "zookeeper",
    start: &ZOOKEEPER,
    url: |registry| {
        format!(
            "zookeeper://{}/rpcx_test?interval=1s&ttl=2s",
            registry.address()
        )
    },
    go_options: &["-update", "2s"],
    dump: |registry| block_in_place(|| Handle::current().block_on(dump(registry))),
    put: |registry, key, value| {
        block_in_place(|| Handle::current().block_on(put(registry, key, value)))
    },
    forgets: false,
};

async fn client(registry: &Registry) -> Client {
    Client::connect(&registry.address()).await.unwrap()
}

async fn dump(registry: &Registry) -> BTreeMap<String, String> {
    let client = client(registry).await;
    let (mut found, mut paths) = (BTreeMap::new(), vec!["/".to_owned()]);
    while let Some(path) = paths.pop() {
        let names = client.list_children(&path).await.unwrap_or_default();
        let below = names
            .into_iter()
            .map(|name| format!("{}/{name}", path.trim_end_matches('/')));
        paths.extend(below.filter(|path| path != "/zookeeper"));
        // It may have gone since.
        if let Ok((value, _)) = client.get_data(&path).await
            && path != "/"
        {
            found.insert(path, String::from_utf8(value).unwrap());
        }
    }
    found
}

async fn put(registry: &Registry, key: &str, value: &str) {
    let (client, path) = (client(registry).await, format!("/rpcx_test/{key}"));
    // More than that ZooKeeper does not take.
    let value = &value.as_bytes()[..value.len().min(900_000)];
    let persistent = CreateMode::Persistent.with_acls(Acls::anyone_all());
    match client.set_data(&path, value, None).await {
        Err(Error::NoNode) => drop(client.create(&path, value, &persistent).await.unwrap()),
        done => drop(done.unwrap()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn go_servers_are_found() {
    BACKEND.finds_go_servers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn go_clients_find_us() {
    BACKEND.is_found_by_go().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_values_are_those_of_go() {
    BACKEND.writes_what_go_writes().await;
}

/// Sessions end meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_survived() {
    BACKEND.survives_an_outage(Duration::from_secs(2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_survived() {
    BACKEND.survives_silence(Duration::from_secs(2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_is_survived() {
    BACKEND.survives_a_partition().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_may_come_late() {
    BACKEND.may_come_late().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn services_are_told_apart() {
    BACKEND.tells_services_apart().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_vanishes_is_forgotten() {
    BACKEND
        .forgets_a_server_that_vanishes(Duration::from_secs(8))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_becomes_empty() {
    BACKEND.empties_a_list().await;
}

/// An entry is ephemeral, also if there is a node of another kind in its place, and stays as it was changed.
#[tokio::test(flavor = "multi_thread")]
async fn entries_go_with_their_session() {
    let Some(registry) = ZOOKEEPER.start() else {
        return;
    };
    let client = client(&registry).await;
    let persistent = CreateMode::Persistent.with_acls(Acls::anyone_all());
    client.mkdir("/rpcx_test/Arith", &persistent).await.unwrap();
    let key = "Arith/tcp@127.0.0.1:1";
    put(&registry, key, "left=over").await;
    let url = format!(
        "zookeeper://ann:secret@{}/rpcx_test?interval=1s",
        registry.address()
    );
    let address = "tcp@127.0.0.1:1".parse().unwrap();
    let registration = Registration::new("Arith", address, "group=a");
    let mut registrar = Registrar::start(open(&url).register.unwrap(), vec![registration]);
    registrar.registered().await;
    let path = format!("/rpcx_test/{key}");
    let is = async |expected: &str| {
        let (value, stat) = client.get_data(&path).await.unwrap();
        value == expected.as_bytes() && stat.ephemeral_owner != 0
    };
    assert!(is("group=a").await);
    client.delete(&path, None).await.unwrap();
    put(&registry, key, "group=b").await;
    eventually("an entry of the session", async || is("group=b").await).await;
    assert!(registrar.leave(Duration::from_secs(5)).await);
    let watch = Watch::start(open(&url).discover, "Arith");
    shows(&watch, &[]).await;
}

/// A slash parts nodes.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_with_a_slash_is_refused() {
    let Some(registry) = ZOOKEEPER.start() else {
        return;
    };
    let address = "unix@/run/arith.sock".parse().unwrap();
    let registration = Registration::new("Arith", address, "");
    let register = open(&(BACKEND.url)(&registry)).register.unwrap();
    let registrar = Registrar::start(register, vec![registration]);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!registrar.is_registered());
    assert_eq!(dump(&registry).await, BTreeMap::new());
}

#[test]
fn a_wrong_url_says_what_is_wrong() {
    for (url, said) in [
        ("zookeeper://ann@h/x", "a user has a password"),
        ("zookeeper://h/x?tls=on", "the option `tls` is not known"),
        ("zookeeper://h", "it needs the base path"),
    ] {
        let error = rpcx::discovery::open(url).unwrap_err();
        assert!(error.message().contains(said), "{error}");
    }
}
