//! A channel whose nodes come from a registry.

use std::collections::HashMap;
use std::future::IntoFuture;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rpcx_runtime::client::{ChannelBuilder, FailMode, Select};
use rpcx_runtime::discovery::{Discover, InProcessRegistry, Node, StaticNodes, Updates};
use rpcx_runtime::transport::BoxFuture;
use rpcx_runtime::{Channel, Error, ErrorKind, Event, Limits, Result, Server};

use crate::allocations::{CALLS, allocations};
use crate::echo::{Echo, EchoClient, Running, start};

/// Longer than a busy machine takes; nothing is expected to take it.
const SOON: Duration = Duration::from_secs(20);

async fn servers<const N: usize>() -> [Running; N] {
    let mut servers = Vec::new();
    for _ in 0..N {
        servers.push(start(Limits::server()).await);
    }
    servers.try_into().ok().unwrap()
}

fn node(server: &Running, metadata: &str) -> Node {
    Node::parse(&server.address, metadata.as_bytes()).unwrap()
}

fn list(servers: &[Running]) -> Vec<Node> {
    servers.iter().map(|server| node(server, "")).collect()
}

fn client(builder: ChannelBuilder) -> EchoClient {
    EchoClient::new(builder.build_lazy().unwrap())
}

fn runs(servers: &[Running]) -> Vec<usize> {
    servers.iter().map(Running::runs).collect()
}

/// Waits until something is so, and says what it was if it never is.
async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let wait = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let waited = tokio::time::timeout(SOON, wait).await;
    waited.unwrap_or_else(|_| panic!("never: {what}"));
}

/// Waits until the channel has the list with so many nodes.
async fn listed(client: &EchoClient, nodes: usize) {
    let channel = client.0.channel();
    until("the list", || channel.nodes().len() == nodes).await;
}

#[tokio::test]
async fn calls_are_spread_over_what_the_registry_says() {
    let servers = servers::<3>().await;
    let registry = InProcessRegistry::new();
    for (server, metadata) in
        servers
            .iter()
            .zip(["weight=1", "weight=3", "weight=7&state=inactive"])
    {
        registry.put("Echo", &server.address, metadata);
    }
    let client = client(
        Channel::builder()
            .discover(registry)
            .select(Select::Weighted),
    );
    for _ in 0..40 {
        client.echo(b"x").await.unwrap();
    }
    let runs = runs(&servers);
    assert!(
        (9..=11).contains(&runs[0]) && runs[0] + runs[1] == 40,
        "{runs:?}"
    );
    let nodes = client.0.channel().nodes();
    assert_eq!(nodes.len(), 2, "the inactive one is none of them");
    assert!(
        nodes
            .iter()
            .all(|node| node.services == ["Echo"] && node.connected)
    );
}

#[tokio::test]
async fn groups_and_filters_leave_nodes_out() {
    let servers = servers::<3>().await;
    let nodes = StaticNodes::of([
        node(&servers[0], "group=blue&zone=eu"),
        node(&servers[1], "group=blue&group=red&zone=us"),
        node(&servers[2], "zone=eu"),
    ]);
    let builder = || Channel::builder().discover(nodes.clone());
    let blue = client(builder().group("blue"));
    let eu = client(builder().filter(|node| node.get("zone").is_some_and(|zone| zone == "eu")));
    let both = client(builder().group("blue").filter(|node| node.weight > 3));
    let panics = client(builder().filter(|_| panic!("in a filter")));
    for _ in 0..10 {
        blue.echo(b"x").await.unwrap();
    }
    assert_eq!(runs(&servers), [5, 5, 0]);
    for _ in 0..10 {
        eu.echo(b"x").await.unwrap();
    }
    assert_eq!(runs(&servers), [10, 5, 5]);
    for none in [both, panics] {
        let error = none.echo(b"x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSent);
        assert!(error.message().contains("3 are known"), "{error}");
    }
}

#[tokio::test]
async fn nodes_come_and_go_under_load_and_no_call_is_lost() {
    for mode in [FailMode::Failover, FailMode::Failfast, FailMode::Failtry] {
        let servers = servers::<3>().await;
        let nodes = StaticNodes::of(list(&servers));
        let client = client(Channel::builder().discover(nodes.clone()).fail_mode(mode));
        let done = Arc::new(AtomicBool::new(false));
        let callers: Vec<_> = (0..20)
            .map(|_| {
                let (client, done) = (client.clone(), Arc::clone(&done));
                tokio::spawn(async move {
                    let mut made = 0;
                    while !done.load(Ordering::Relaxed) {
                        client.echo(b"x").await.unwrap();
                        made += 1;
                    }
                    made
                })
            })
            .collect();
        for round in 0..60 {
            let without = round % 4;
            let some = list(&servers).into_iter().enumerate();
            nodes.set(some.filter(|(at, _)| *at != without).map(|(_, node)| node));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        done.store(true, Ordering::Relaxed);
        let mut made = 0;
        for caller in callers {
            made += caller.await.unwrap();
        }
        assert_eq!(runs(&servers).iter().sum::<usize>(), made, "{mode:?}");
    }
}

#[tokio::test]
async fn a_node_that_leaves_answers_its_calls_and_is_let_go() {
    let servers = servers::<2>().await;
    let nodes = StaticNodes::of([node(&servers[0], "")]);
    let client = client(Channel::builder().discover(nodes.clone()));
    let slow = tokio::spawn(client.wait(300).into_future());
    until("the call", || servers[0].runs() == 1).await;
    nodes.set([node(&servers[1], "")]);
    until("the list", || {
        let nodes = client.0.channel().nodes();
        nodes.len() == 1 && nodes[0].address == servers[1].address
    })
    .await;
    client.echo(b"x").await.unwrap();
    assert_eq!(runs(&servers), [1, 1]);
    assert_eq!(servers[0].handle.stats().open_connections, 1);
    slow.await.unwrap().unwrap();
    until("the end of the connection", || {
        servers[0].handle.stats().open_connections == 0
    })
    .await;
}

#[tokio::test]
async fn services_at_one_address_share_a_connection() {
    let echo = Echo::default();
    let server = Server::builder()
        .register(echo.clone())
        .register_as("Other", echo.clone())
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await
        .unwrap();
    let (address, handle) = (server.addresses()[0].to_string(), server.handle());
    tokio::spawn(server.serve());
    let registry = InProcessRegistry::new();
    registry.put("Echo", &address, "weight=2");
    registry.put("Other", &address, "weight=5");
    let one = client(Channel::builder().discover(registry.clone()));
    let other = EchoClient(one.0.clone().with_path("Other"));
    one.echo(b"x").await.unwrap();
    other.echo(b"x").await.unwrap();
    assert_eq!(handle.stats().open_connections, 1);
    let nodes = one.0.channel().nodes();
    assert_eq!((nodes.len(), nodes[0].weight), (1, 5));
    // The other service still has it.
    registry.put("Echo", "tcp@127.0.0.1:1", "");
    registry.remove("Echo", &address);
    listed(&one, 2).await;
    other.echo(b"x").await.unwrap();
    assert_eq!(handle.stats().open_connections, 1);
}

#[tokio::test]
async fn new_nodes_get_their_share() {
    let servers = servers::<4>().await;
    let nodes = StaticNodes::of(list(&servers[..2]));
    for select in [Select::RoundRobin, Select::Random, Select::Weighted] {
        nodes.set(list(&servers[..2]));
        let client = client(
            Channel::builder()
                .discover(nodes.clone())
                .select(select.clone())
                .slow_start(Duration::ZERO),
        );
        client.echo(b"x").await.unwrap();
        nodes.set(list(&servers));
        listed(&client, 4).await;
        let before = runs(&servers);
        for _ in 0..2000 {
            client.echo(b"x").await.unwrap();
        }
        let shares: Vec<_> = runs(&servers)
            .iter()
            .zip(before)
            .map(|(now, then)| now - then)
            .collect();
        assert!(
            shares.iter().all(|share| (400..600).contains(share)),
            "{select:?}: {shares:?}"
        );
    }
}

#[tokio::test]
async fn the_first_call_waits_for_the_list() {
    let [server] = servers::<1>().await;
    let registry = InProcessRegistry::new();
    registry.set_down(true);
    registry.put("Echo", &server.address, "");
    let waiting = client(Channel::builder().discover(registry.clone()));
    let call = tokio::spawn(waiting.echo(b"x").into_future());
    tokio::time::sleep(Duration::from_millis(20)).await;
    registry.set_down(false);
    call.await.unwrap().unwrap();
    // The last list is enough from now on.
    registry.set_down(true);
    tokio::time::sleep(Duration::from_millis(200)).await;
    waiting.echo(b"x").await.unwrap();

    let builder = Channel::builder().discover(registry.clone());
    let impatient = client(builder.connect_timeout(Duration::from_millis(30)));
    let error = impatient.echo(b"x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    let text = error.to_string();
    assert!(
        text.contains("no list of the nodes of `Echo` within 30 ms") && text.contains("away"),
        "{text}"
    );
    let late = waiting.0.clone().with_path("Late");
    let error = EchoClient(late)
        .echo(b"x")
        .timeout(Duration::from_millis(30))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent, "{error}");
    registry.set_down(false);
    let other = waiting.0.clone().with_path("Other");
    let error = EchoClient(other).echo(b"x").await.unwrap_err();
    assert!(
        error.message().contains("no node offers `Other`"),
        "{error}"
    );
}

#[tokio::test]
async fn a_sticky_channel_stays_until_its_node_leaves() {
    let servers = servers::<3>().await;
    let nodes = StaticNodes::of(list(&servers));
    let client = client(Channel::builder().discover(nodes.clone()).sticky());
    for _ in 0..10 {
        client.echo(b"x").await.unwrap();
    }
    let first = runs(&servers);
    let stuck = first.iter().position(|runs| *runs == 10).unwrap();
    // The list changes, and has it still.
    let two = list(&servers).into_iter().enumerate();
    let two: Vec<_> = two.filter(|(at, _)| *at != (stuck + 1) % 3).collect();
    nodes.set(two.into_iter().map(|(_, node)| node));
    listed(&client, 2).await;
    client.echo(b"x").await.unwrap();
    assert_eq!(runs(&servers)[stuck], 11);
    nodes.set([node(&servers[(stuck + 1) % 3], "")]);
    listed(&client, 1).await;
    client.echo(b"x").await.unwrap();
    assert_eq!(runs(&servers)[stuck], 11);
}

#[tokio::test]
async fn the_closest_node_is_called() {
    let servers = servers::<3>().await;
    let nodes = StaticNodes::of([
        node(&servers[0], "latitude=52.5&longitude=13.4"),
        node(&servers[1], "latitude=48.8&longitude=2.3"),
        node(&servers[2], ""),
    ]);
    let builder = Channel::builder().discover(nodes).select(Select::Closest);
    let client = client(builder.location(48.1, 11.6));
    for _ in 0..5 {
        client.echo(b"x").await.unwrap();
    }
    assert_eq!(runs(&servers), [5, 0, 0]);
}

#[tokio::test]
async fn several_connections_take_turns() {
    let servers = servers::<2>().await;
    for builder in [
        Channel::builder().discover(StaticNodes::of(list(&servers))),
        Channel::builder().address(servers[0].address.as_str()),
        Channel::builder().addresses(servers.iter().map(|server| server.address.as_str())),
    ] {
        let client = client(builder.connections(3));
        until("three connections", || {
            drop(tokio::spawn(client.echo(b"x").into_future()));
            servers[0].handle.stats().open_connections == 3
        })
        .await;
        client.0.channel().close().await;
        for server in &servers {
            until("the end", || server.handle.stats().open_connections == 0).await;
        }
    }
}

#[tokio::test]
async fn what_cannot_be_used_is_told_and_passed_over() {
    let [server] = servers::<1>().await;
    let told = Arc::new(Mutex::new(HashMap::<String, usize>::new()));
    let sink = Arc::clone(&told);
    let nodes = StaticNodes::of([
        node(&server, ""),
        Node::parse("reuseport@127.0.0.1:1", b"").unwrap(),
    ]);
    let builder = Channel::builder().discover(nodes.clone());
    let client = client(builder.on_event(move |event| {
        if let Event::NodeUnusable { address, .. } = event {
            *sink
                .lock()
                .unwrap()
                .entry((*address).to_owned())
                .or_default() += 1;
        }
    }));
    client.echo(b"x").await.unwrap();
    nodes.set([
        Node::parse("reuseport@127.0.0.1:1", b"a=1").unwrap(),
        node(&server, ""),
    ]);
    tokio::time::sleep(Duration::from_millis(20)).await;
    client.echo(b"x").await.unwrap();
    assert_eq!(client.0.channel().nodes().len(), 1);
    let told = told.lock().unwrap();
    assert_eq!(
        *told,
        HashMap::from([("reuseport@127.0.0.1:1".to_owned(), 1)])
    );
}

/// Its nodes stay in use: the registry may have been emptied.
#[tokio::test]
async fn that_a_registry_has_no_nodes_any_more_is_told_once() {
    let [server] = servers::<1>().await;
    let registry = InProcessRegistry::new();
    registry.put("Echo", &server.address, "");
    let told = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&told);
    let builder = Channel::builder().discover(registry.clone());
    let client = client(builder.on_event(move |event| {
        if event.name() == "list_emptied" {
            sink.lock().unwrap().push(event.to_string());
        }
    }));
    client.echo(b"x").await.unwrap();
    registry.clear();
    until("an event", || !told.lock().unwrap().is_empty()).await;
    // An empty list again.
    registry.put("Other", &server.address, "");
    client.echo(b"x").await.unwrap();
    let said = "Echo: the registry has no nodes any more, the 1 that it had stay in use for 30 s";
    assert_eq!(*told.lock().unwrap(), [said]);
}

#[tokio::test]
async fn a_list_that_is_there_costs_nothing() {
    let servers = servers::<2>().await;
    let nodes = StaticNodes::of(list(&servers));
    let client = client(Channel::builder().discover(nodes));
    client.echo(b"x").await.unwrap();
    let made = allocations(async || assert_eq!(client.echo(b"x").await.unwrap(), b"x")).await;
    // As for a single address.
    assert!(made <= 4 * CALLS + CALLS / 50, "{made}");
}

/// Counts the watches that are alive.
#[derive(Debug, Default)]
struct Counted(Arc<()>);

impl Discover for Counted {
    fn watch<'a>(&'a self, _service: &'a str, updates: &'a Updates) -> BoxFuture<'a, Result<()>> {
        let alive = Arc::clone(&self.0);
        Box::pin(async move {
            updates.nodes([]);
            std::future::pending::<()>().await;
            drop(alive);
            Err(Error::not_sent("never"))
        })
    }
}

#[tokio::test]
async fn watches_end_with_the_channel_and_their_number_is_bounded() {
    let counted = Counted::default();
    let alive = Arc::clone(&counted.0);
    let channel = Channel::builder().discover(counted).build_lazy().unwrap();
    let client = EchoClient::new(channel.clone());
    client.echo(b"x").await.unwrap_err();
    // Names that anyone may choose, as behind a gateway.
    for number in 0..1100 {
        let name = format!("Service{number}");
        let error = channel.raw(name, "Mul").call("").await.unwrap_err();
        assert!(error.message().contains("no node offers"), "{error}");
    }
    until("those beyond the limit are let go", || {
        Arc::strong_count(&alive) <= 1026
    })
    .await;
    client.0.channel().close().await;
    let error = client.echo(b"x").await.unwrap_err();
    assert!(error.message().contains("closed"), "{error}");
    drop((client, channel));
    until("no watch is left", || Arc::strong_count(&alive) == 1).await;
}

#[tokio::test]
async fn what_makes_no_sense_is_said() {
    let nodes = StaticNodes::of([]);
    let discovered = || Channel::builder().discover(nodes.clone());
    for (builder, part) in [
        (Channel::builder(), "needs an address or a registry"),
        (discovered().address("tcp@127.0.0.1:1"), "not both"),
        (Channel::builder().address("tcp@h:1").group("a"), "`group`"),
        (
            Channel::builder().address("tcp@h:1").filter(|_| true),
            "`filter`",
        ),
        (discovered().select(Select::Closest), "`location`"),
        (discovered().location(91.0, 0.0), "no place"),
        (Channel::builder().registry("nope://h"), "no such registry"),
    ] {
        let error = builder.build_lazy().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup);
        assert!(error.message().contains(part), "{error}");
    }
}
