//! Which node takes a call: the one that a marked argument names, and another one if a node says that it is not the one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rpcx::client::{FailMode, Select};
use rpcx::{Channel, ErrorKind, Rejection, Retry, Server};

#[derive(Debug, rpcx::ServiceError)]
pub(crate) enum StoreError {
    #[rpcx(code = 1, message = "{leader} is the leader", elsewhere)]
    NotLeader { leader: String },
    #[rpcx(code = 2, message = "full")]
    Full,
    #[rpcx(other)]
    Rpc(rpcx::Error),
}

/// Those of the network are never expected.
impl PartialEq for StoreError {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::NotLeader { leader }, Self::NotLeader { leader: other }) => leader == other,
            (Self::Full, Self::Full) => true,
            _ => false,
        }
    }
}

#[rpcx::service]
trait Store {
    async fn put(&self, key: String) -> Result<u32, StoreError>;
    async fn owner(&self, #[rpcx(hash)] user: u64, item: String) -> rpcx::Result<u32>;
    async fn named(&self, count: u32, #[rpcx(hash)] name: &str) -> rpcx::Result<u32>;
}

#[derive(Clone)]
struct Node {
    number: u32,
    leads: bool,
    asked: Arc<AtomicUsize>,
}

impl Store for Node {
    async fn put(&self, key: String) -> Result<u32, StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match (&*key, self.leads) {
            ("full", _) => Err(StoreError::Full),
            (_, true) => Ok(self.number),
            (_, false) => Err(StoreError::NotLeader {
                leader: "two".to_owned(),
            }),
        }
    }

    async fn owner(&self, _user: u64, _item: String) -> rpcx::Result<u32> {
        Ok(self.number)
    }

    async fn named(&self, _count: u32, _name: &str) -> rpcx::Result<u32> {
        Ok(self.number)
    }
}

/// Three nodes, of which this one leads, and their addresses.
async fn nodes(leader: u32) -> ([Node; 3], Vec<String>) {
    let nodes = [0, 1, 2].map(|number| Node {
        number,
        leads: number == leader,
        asked: Arc::default(),
    });
    let mut addresses = Vec::new();
    for node in &nodes {
        let server = Server::builder().register(StoreServer::new(node.clone()));
        let server = server.listen("tcp@127.0.0.1:0").bind().await.unwrap();
        addresses.push(server.addresses()[0].to_string());
        tokio::spawn(server.serve());
    }
    (nodes, addresses)
}

fn asked(nodes: &[Node]) -> usize {
    nodes
        .iter()
        .map(|node| node.asked.load(Ordering::SeqCst))
        .sum()
}

fn client(addresses: &[String], mode: FailMode) -> StoreClient {
    let addresses = addresses.iter().map(String::as_str);
    let builder = Channel::builder().addresses(addresses).fail_mode(mode);
    StoreClient::new(builder.select(Select::RoundRobin).build_lazy().unwrap())
}

fn not_leader() -> StoreError {
    StoreError::NotLeader {
        leader: "two".to_owned(),
    }
}

#[tokio::test]
async fn a_node_that_is_not_the_one_sends_the_call_to_another() {
    let (all, addresses) = nodes(2).await;
    let store = client(&addresses, FailMode::Failover);
    // More than the budget of retries would allow.
    for _ in 0..200 {
        assert_eq!(store.put("a".to_owned()).await, Ok(2));
    }
    assert!(asked(&all) <= 3 * 200, "no node is asked twice by a call");
    // Any other error of the method is an answer.
    let before = asked(&all);
    assert_eq!(store.put("full".to_owned()).await, Err(StoreError::Full));
    assert_eq!(asked(&all), before + 1);
}

#[tokio::test]
async fn the_error_is_the_callers_own_when_no_node_is_left() {
    let (all, addresses) = nodes(7).await;
    let store = client(&addresses, FailMode::Failover);
    assert_eq!(
        store.put("a".to_owned()).attempts(10).await,
        Err(not_leader())
    );
    assert_eq!(asked(&all), 3, "each node was asked once");
    for mode in [FailMode::Failfast, FailMode::Failtry] {
        let before = asked(&all);
        let store = client(&addresses, mode);
        assert_eq!(
            store.put("a".to_owned()).idempotent().await,
            Err(not_leader())
        );
        assert_eq!(asked(&all), before + 1, "{mode:?}");
    }
    // What is known of it: the method has done nothing.
    let raw = store
        .channel()
        .raw("Store", "Put")
        .codec(rpcx::protocol::Codec::JSON);
    let error = raw.call(r#""a""#).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Elsewhere));
    assert_eq!(
        (error.code(), error.message()),
        (Some(1), "two is the leader")
    );
}

/// However a node is chosen, and without any budget: the leader is found, at most by asking all.
#[tokio::test]
async fn redirects_are_followed_whatever_selects() {
    for select in [
        Select::First,
        Select::Random,
        Select::RoundRobin,
        Select::Weighted,
        Select::ConsistentHash,
        Select::LeastLoaded,
        Select::Pinged,
    ] {
        for mode in [FailMode::Failover, FailMode::FailbackupP95] {
            let (all, addresses) = nodes(1).await;
            let builder = Channel::builder().addresses(addresses.iter().map(String::as_str));
            let builder = builder.retry(Retry::new().budget(0.0, 0.0)).fail_mode(mode);
            let channel = builder.select(select.clone()).build_lazy().unwrap();
            let store = StoreClient::new(channel);
            for call in 0..40 {
                let key = format!("{call}");
                assert_eq!(
                    store.put(key).idempotent().await,
                    Ok(1),
                    "{select:?}, {mode:?}"
                );
            }
            let hedges = 10;
            assert!(asked(&all) <= 3 * (40 + hedges), "{select:?}, {mode:?}");
        }
    }
}

/// Addresses alone are no choice; a fail mode makes them one.
#[tokio::test]
async fn a_fail_mode_is_enough_to_go_elsewhere() {
    let (all, addresses) = nodes(2).await;
    let builder = || Channel::builder().addresses(addresses.iter().map(String::as_str));
    let alone = StoreClient::new(builder().build_lazy().unwrap());
    assert_eq!(alone.put("a".to_owned()).await, Err(not_leader()));
    let fails_over = builder().fail_mode(FailMode::Failover);
    let store = StoreClient::new(fails_over.build_lazy().unwrap());
    assert_eq!(store.put("a".to_owned()).await, Ok(2));
    assert_eq!(asked(&all), 1 + 3);
}

/// The one that took the last call is asked first.
#[tokio::test]
async fn a_sticky_channel_stays_with_the_leader() {
    let (all, addresses) = nodes(2).await;
    let builder = Channel::builder().addresses(addresses.iter().map(String::as_str));
    let channel = builder.select(Select::RoundRobin).sticky();
    let store = StoreClient::new(channel.build_lazy().unwrap());
    for _ in 0..50 {
        assert_eq!(store.put("a".to_owned()).await, Ok(2));
    }
    let others = asked(&all[..2]);
    assert!(others <= 2, "{others}");
}

#[tokio::test]
async fn one_node_alone_is_not_asked_again() {
    let (all, addresses) = nodes(7).await;
    let channel = Channel::connect(&*addresses[0]).await.unwrap();
    let store = StoreClient::new(channel);
    assert_eq!(
        store.put("a".to_owned()).attempts(5).await,
        Err(not_leader())
    );
    assert_eq!(asked(&all), 1);
}

#[tokio::test]
async fn a_marked_argument_says_which_node() {
    let (_all, addresses) = nodes(0).await;
    let builder = Channel::builder().addresses(addresses.iter().map(String::as_str));
    let channel = builder.select(Select::ConsistentHash).build_lazy().unwrap();
    let store = StoreClient::new(channel);
    let mut owners = std::collections::HashSet::new();
    for user in 0..40 {
        let owner = store.owner(user, "first".to_owned()).await.unwrap();
        for item in ["second", "third", "fourth"] {
            assert_eq!(store.owner(user, item.to_owned()).await.unwrap(), owner);
        }
        // A text is the same key in both forms, whatever else is sent.
        let name = user.to_string();
        let by_name = store.named(1, &name).await.unwrap();
        let by_key = store
            .owner(999, String::new())
            .hash_key(&name)
            .await
            .unwrap();
        assert_eq!(
            (store.named(2, &name).await.unwrap(), by_key),
            (by_name, by_name)
        );
        owners.insert(owner);
    }
    assert_eq!(owners.len(), 3);
}
