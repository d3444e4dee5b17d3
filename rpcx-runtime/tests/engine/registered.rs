//! Servers that make themselves known in a registry, and channels that find them there.

use std::future::IntoFuture;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rpcx_runtime::client::{FailMode, Select};
use rpcx_runtime::discovery::InProcessRegistry;
use rpcx_runtime::server::ServerBuilder;
use rpcx_runtime::{Channel, ErrorKind, Limits, Result, Retry, Server, ServerHandle};
use tokio::task::JoinHandle;

use crate::echo::{Echo, EchoClient};

/// Longer than a busy machine takes; nothing is expected to take it.
const SOON: Duration = Duration::from_secs(20);

/// Enough for a watch within one process.
const NOTICE: Duration = Duration::from_millis(50);

struct Node {
    address: String,
    handle: ServerHandle,
    task: JoinHandle<Result<()>>,
}

impl Node {
    async fn start(builder: ServerBuilder, echo: &Echo) -> Self {
        let server = builder.register(echo.clone()).leave_notice(NOTICE);
        let server = server.listen("tcp@127.0.0.1:0").bind().await.unwrap();
        Self {
            address: server.addresses()[0].to_string(),
            handle: server.handle(),
            task: tokio::spawn(server.serve()),
        }
    }

    async fn stop(self) {
        self.handle.shutdown();
        self.task.await.unwrap().unwrap();
    }
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let wait = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let waited = tokio::time::timeout(SOON, wait).await;
    waited.unwrap_or_else(|_| panic!("never: {what}"));
}

async fn of_three_services(
    registry: &InProcessRegistry,
    told: Arc<Mutex<Vec<&'static str>>>,
) -> Server {
    Server::builder()
        .register(Echo::default())
        .register_as("Other", Echo::default())
        .handle(
            "Raw",
            "Say",
            |_, request| async move { Ok(request.payload) },
        )
        .registry_with(registry.clone())
        .node_metadata("weight=7&group=b&group=a")
        .service_metadata("Other", "weight=2")
        .listen("tcp@127.0.0.1:0")
        .listen("reuseport@127.0.0.1:0")
        .leave_notice(Duration::from_millis(200))
        .on_event(move |event| told.lock().unwrap().push(event.name()))
        .bind()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_server_stands_in_its_registry_from_when_it_serves_until_it_is_told_to_stop() {
    let (registry, told) = (InProcessRegistry::new(), Arc::new(Mutex::new(Vec::new())));
    let server = of_three_services(&registry, Arc::clone(&told)).await;
    let addresses = server.addresses();
    let keys: Vec<_> = addresses
        .iter()
        .map(|address| format!("tcp@{}", address.location()))
        .collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(registry.entries("Echo").is_empty(), "it does not serve yet");
    let handle = server.handle();
    let task = tokio::spawn(server.serve());
    until("registered", || registry.entries("Raw").len() == 2).await;
    for (service, metadata) in [("Echo", "weight=7&group=b&group=a"), ("Other", "weight=2")] {
        for (key, value) in registry.entries(service) {
            assert!(keys.contains(&key), "{key}");
            assert_eq!(value, metadata);
        }
    }
    let client = EchoClient::connect(&keys[0]).await;
    for _ in 0..20 {
        client.echo(b"x").await.unwrap();
    }
    assert_eq!(handle.stats().calls, 20);
    let refreshed = || registry.entries("Echo")[0].1.contains("calls=2.00");
    until("load figures", refreshed).await;
    let value = registry.entries("Echo")[0].1.clone();
    assert!(value.ends_with("&group=b&group=a&weight=7"), "{value}");

    handle.shutdown();
    until("gone from the registry", || {
        registry.entries("Echo").is_empty()
    })
    .await;
    assert!(registry.entries("Other").is_empty() && registry.entries("Raw").is_empty());
    // Clients that have not noticed yet are served as before.
    EchoClient::connect(&keys[0])
        .await
        .echo(b"x")
        .await
        .unwrap();
    task.await.unwrap().unwrap();
    let told = told.lock().unwrap();
    let place = |name| told.iter().position(|told| *told == name);
    assert!(place("registered") < place("stopping"));
    assert!(place("stopping") < place("unregistered"));
    assert!(
        place("unregistered") < place("listeners_closed"),
        "{told:?}"
    );
}

#[tokio::test]
async fn what_clients_could_not_use_is_not_advertised() {
    let bind = |builder: ServerBuilder| {
        let builder = builder.register(Echo::default());
        builder.registry_with(InProcessRegistry::new()).bind()
    };
    for (builder, part) in [
        (Server::builder().listen("tcp@0.0.0.0:0"), "`advertise`"),
        (Server::builder().listen("tcp@[::]:0"), "`advertise`"),
        (
            Server::builder()
                .listen("mem@advertised")
                .advertise("tcp@10.0.0.5:0"),
            "port 0",
        ),
        (
            Server::builder()
                .listen("tcp@127.0.0.1:0")
                .node_metadata("weight=-3"),
            "from 0 to 65535",
        ),
        (
            Server::builder()
                .listen("tcp@127.0.0.1:0")
                .node_metadata("x".repeat(20_000)),
            "16384",
        ),
        (
            Server::builder()
                .listen("tcp@127.0.0.1:0")
                .service_metadata("Nope", ""),
            "not registered",
        ),
        (
            Server::builder()
                .listen("tcp@127.0.0.1:0")
                .registry("static://tcp@h:1"),
            "cannot be written into",
        ),
    ] {
        let error = bind(builder).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup);
        assert!(error.message().contains(part), "{error}");
    }
}

#[tokio::test]
async fn port_0_is_advertised_as_the_port_of_the_listener() {
    let registry = InProcessRegistry::new();
    let server = Server::builder()
        .register(Echo::default())
        .registry_with(registry.clone())
        .listen("tcp@0.0.0.0:0")
        .advertise("tcp@arith.example.org:0")
        .advertise("ws@arith.example.org:443/calls")
        .bind()
        .await
        .unwrap();
    let port = server.addresses()[0].socket_addr().unwrap().port();
    let serving = tokio::spawn(server.serve());
    until("registered", || registry.entries("Echo").len() == 2).await;
    let keys: Vec<_> = registry
        .entries("Echo")
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    assert_eq!(
        keys,
        [
            format!("tcp@arith.example.org:{port}"),
            "ws@arith.example.org:443/calls".to_owned()
        ]
    );
    // Not asked to stop, but dropped.
    serving.abort();
    until("gone from the registry", || {
        registry.entries("Echo").is_empty()
    })
    .await;
}

#[tokio::test]
async fn a_registry_that_is_away_keeps_nothing_from_starting_and_stopping() {
    let registry = InProcessRegistry::new();
    registry.set_down(true);
    let echo = Echo::default();
    let node = Node::start(Server::builder().registry_with(registry.clone()), &echo).await;
    EchoClient::connect(&node.address)
        .await
        .echo(b"x")
        .await
        .unwrap();
    registry.set_down(false);
    until("registered", || !registry.entries("Echo").is_empty()).await;
    registry.clear();
    until("registered again", || !registry.entries("Echo").is_empty()).await;
    registry.set_down(true);
    tokio::time::timeout(SOON, node.stop()).await.unwrap();
}

/// Callers that call for as long as they are told, and count.
struct Load {
    done: Arc<AtomicBool>,
    made: Arc<AtomicUsize>,
    callers: Vec<JoinHandle<()>>,
}

impl Load {
    fn start(client: &EchoClient, callers: usize) -> Self {
        let (done, made) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicUsize::new(0)),
        );
        let caller = |_| {
            let (client, done, made) = (client.clone(), Arc::clone(&done), Arc::clone(&made));
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    client.echo(b"x").await.unwrap();
                    made.fetch_add(1, Ordering::Relaxed);
                }
            })
        };
        let callers = (0..callers).map(caller).collect();
        Self {
            done,
            made,
            callers,
        }
    }

    /// More calls than there are now.
    async fn more(&self, calls: usize) {
        let enough = self.made.load(Ordering::Relaxed) + calls;
        until("more calls", || self.made.load(Ordering::Relaxed) >= enough).await;
    }

    async fn stop(self) -> usize {
        self.done.store(true, Ordering::Relaxed);
        for caller in self.callers {
            caller.await.unwrap();
        }
        self.made.load(Ordering::Relaxed)
    }
}

#[tokio::test]
async fn a_rolling_restart_fails_no_call_and_runs_each_once() {
    for select in [
        Select::RoundRobin,
        Select::LeastLoaded,
        Select::ConsistentHash,
    ] {
        let (registry, echo) = (InProcessRegistry::new(), Echo::default());
        let builder = || Server::builder().registry_with(registry.clone());
        let mut nodes = Vec::new();
        for _ in 0..3 {
            nodes.push(Node::start(builder(), &echo).await);
        }
        until("registered", || registry.entries("Echo").len() == 3).await;
        let channel = Channel::builder()
            .discover(registry.clone())
            .select(select.clone());
        let client = EchoClient::new(channel.build_lazy().unwrap());
        let load = Load::start(&client, 50);
        for _ in 0..2 {
            for node in &mut nodes {
                load.more(500).await;
                let old = std::mem::replace(node, Node::start(builder(), &echo).await);
                old.stop().await;
            }
        }
        load.more(500).await;
        // The registry forgets everything, and is away: calls go on.
        registry.clear();
        registry.set_down(true);
        load.more(500).await;
        let made = load.stop().await;
        let runs = echo.runs.load(Ordering::SeqCst);
        assert_eq!(runs, made, "{select:?}");
    }
}

#[tokio::test]
async fn a_node_that_is_gone_and_still_listed_costs_no_call() {
    let registry = InProcessRegistry::new();
    let mut servers = Vec::new();
    for _ in 0..3 {
        let server = crate::echo::start(Limits::server()).await;
        // As of a process that was killed: nothing takes it out.
        registry.put("Echo", &server.address, "");
        servers.push(server);
    }
    let builder = Channel::builder().discover(registry);
    let client = EchoClient::new(builder.build_lazy().unwrap());
    for _ in 0..9 {
        client.echo(b"x").await.unwrap();
    }
    servers[0].task.abort();
    until("the connection is lost", || {
        let nodes = client.0.channel().nodes();
        nodes
            .iter()
            .any(|node| node.address == servers[0].address && !node.connected)
    })
    .await;
    let calls: Vec<_> = (0..200)
        .map(|_| tokio::spawn(client.echo(b"x").into_future()))
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let runs: usize = servers.iter().map(crate::echo::Running::runs).sum();
    assert_eq!(runs, 209);
}

#[tokio::test]
async fn calls_are_not_amplified_when_all_nodes_fail() {
    let (registry, echo) = (InProcessRegistry::new(), Echo::default());
    let mut limits = Limits::server();
    limits.server_calls = 0;
    let mut nodes = Vec::new();
    for _ in 0..3 {
        let builder = Server::builder()
            .registry_with(registry.clone())
            .limits(limits.clone());
        nodes.push(Node::start(builder, &echo).await);
    }
    until("registered", || registry.entries("Echo").len() == 3).await;
    let quick = rpcx_runtime::Backoff::new(Duration::ZERO, Duration::ZERO);
    let builder = Channel::builder()
        .discover(registry.clone())
        .fail_mode(FailMode::Failover)
        .retry(Retry::new().backoff(quick).budget(0.2, 0.0));
    let client = EchoClient::new(builder.build_lazy().unwrap());
    for _ in 0..1000 {
        client.echo(b"x").idempotent().await.unwrap_err();
    }
    let refused: u64 = nodes
        .iter()
        .map(|node| node.handle.stats().overloaded)
        .sum();
    assert!((1000..=1210).contains(&refused), "{refused}");
}
