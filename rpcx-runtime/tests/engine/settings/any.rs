//! Any settings together: a mistake is told when they are given, or a call has an outcome and a server ends.

use std::future::Future;
use std::panic;
use std::sync::{Mutex, Once};
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use rpcx_runtime::client::{Bulk, ChannelBuilder, Ejection, Retry, Select};
use rpcx_runtime::protocol::FrameLimits;
use rpcx_runtime::server::ServerBuilder;
use rpcx_runtime::transport::kcp::Kcp;
use rpcx_runtime::transport::quic::Quic;
use rpcx_runtime::transport::{ConnectOptions, ConnectionRules, ListenOptions};
use rpcx_runtime::{Backoff, Channel, ClientLimits, ErrorKind, Limits, MemoryBudget, Server};

use super::draw::Draw;
use crate::certificates::Authority;
use crate::echo::{Echo, EchoClient};

/// For a machine that is busy; what is waited for comes by itself.
const SOON: Duration = Duration::from_secs(60);

fn frames(draw: &mut Draw<'_>, limits: &mut FrameLimits) {
    draw.size(&mut limits.body);
    draw.size(&mut limits.name);
    draw.size(&mut limits.metadata);
    draw.size(&mut limits.metadata_pairs);
    draw.size(&mut limits.metadata_key);
    draw.size(&mut limits.metadata_value);
}

fn server_limits(draw: &mut Draw<'_>) -> Limits {
    let mut limits = Limits::server();
    frames(draw, &mut limits.frame);
    draw.size(&mut limits.inflated);
    draw.size(&mut limits.decoded);
    draw.size(&mut limits.connection_calls);
    draw.size(&mut limits.blocking_calls);
    draw.size(&mut limits.address_blocking_calls);
    draw.time(&mut limits.blocking_wait);
    draw.size(&mut limits.server_calls);
    draw.size(&mut limits.connection_request_bytes);
    draw.size(&mut limits.server_request_bytes);
    draw.size(&mut limits.queued_bytes);
    draw.size(&mut limits.reply_bytes);
    if draw.yes() {
        limits.memory = MemoryBudget::new(draw.any_size());
    }
    draw.size(&mut limits.connections);
    draw.size(&mut limits.address_connections);
    draw.count(&mut limits.strikes);
    draw.time(&mut limits.handshake);
    draw.size(&mut limits.handshakes);
    draw.time(&mut limits.first_byte);
    draw.time(&mut limits.frame_header);
    draw.time(&mut limits.frame_body);
    draw.size(&mut limits.frame_rate);
    draw.time(&mut limits.idle);
    draw.time(&mut limits.age);
    draw.time(&mut limits.write_stall);
    draw.size(&mut limits.write_rate);
    draw.time(&mut limits.handler);
    draw.size(&mut limits.heartbeat_bytes);
    draw.count(&mut limits.heartbeat_rate);
    limits
}

fn client_limits(draw: &mut Draw<'_>) -> ClientLimits {
    let mut limits = ClientLimits::new();
    frames(draw, &mut limits.frame);
    draw.size(&mut limits.inflated);
    draw.size(&mut limits.decoded);
    draw.size(&mut limits.connection_calls);
    draw.size(&mut limits.queued_bytes);
    draw.time(&mut limits.write_stall);
    draw.size(&mut limits.write_rate);
    draw.size(&mut limits.push_bytes);
    limits
}

fn kcp(draw: &mut Draw<'_>) -> Kcp {
    let mut kcp = Kcp::fast();
    draw.small(&mut kcp.send_window);
    draw.small(&mut kcp.receive_window);
    draw.time(&mut kcp.interval);
    draw.size(&mut kcp.mtu);
    draw.time(&mut kcp.idle);
    draw.time(&mut kcp.linger);
    draw.size(&mut kcp.sessions);
    draw.size(&mut kcp.sessions_per_ip);
    kcp
}

fn quic(draw: &mut Draw<'_>) -> Quic {
    let mut quic = Quic::default();
    draw.count(&mut quic.window);
    draw.time(&mut quic.idle);
    draw.time(&mut quic.keep_alive);
    quic
}

fn backoff(draw: &mut Draw<'_>) -> Backoff {
    Backoff::new(draw.any_time(), draw.any_time()).jitter(draw.any_share())
}

fn server(draw: &mut Draw<'_>, builder: ServerBuilder) -> ServerBuilder {
    let mut builder = builder
        .register(Echo::default())
        .limits(server_limits(draw));
    if draw.yes() {
        builder = builder
            .shutdown_grace(draw.any_time())
            .leave_notice(draw.any_time());
    }
    if draw.yes() {
        let rules = ConnectionRules::new().per_address(draw.any_size());
        let (share, burst) = (draw.any_share(), draw.any_count());
        builder = builder.connections(rules.clone().rate(share, burst).unwrap_or(rules));
    }
    #[cfg(feature = "http")]
    if draw.yes() {
        use rpcx_runtime::gateway::{Cors, Http};
        let http = Http::new()
            .idle(draw.any_time())
            .body_limit(draw.any_size());
        let cors = Cors::new().max_age(draw.any_time());
        builder = builder.http(http.batch_limit(draw.any_size()).cors(cors));
    }
    builder
}

fn channel(draw: &mut Draw<'_>) -> ChannelBuilder {
    let mut builder = Channel::builder()
        .limits(client_limits(draw))
        .retry(
            Retry::new()
                .attempts(draw.any_count())
                .backoff(backoff(draw))
                .budget(draw.any_share(), draw.any_share()),
        )
        .reconnect(backoff(draw));
    if draw.yes() {
        builder = builder
            .timeout(draw.any_time())
            .connect_timeout(draw.any_time());
    }
    if draw.yes() {
        builder = builder.heartbeat(draw.any_time(), draw.any_time());
    }
    if draw.yes() {
        builder = builder.dead_after(draw.any_time());
    }
    if draw.yes() {
        builder = builder.idle_after(draw.any_time());
    }
    if draw.yes() {
        builder = builder.most_connections(draw.any_size());
    }
    if draw.yes() {
        // As many links are made at once.
        let bulk = Bulk::new().connections(draw.any_size().min(100));
        builder = builder.bulk(bulk.threshold(draw.any_size()));
    }
    if draw.yes() {
        builder = fleet(draw, builder);
    }
    builder
}

fn fleet(draw: &mut Draw<'_>, builder: ChannelBuilder) -> ChannelBuilder {
    let ejection = Ejection::new()
        .failures(draw.any_count())
        .error_rate(draw.any_share(), draw.any_count())
        .latency(draw.any_share())
        .pauses(backoff(draw))
        .at_most(draw.any_share());
    let mut builder = builder
        .select(Select::ConsistentHash)
        .ejection(ejection)
        .slow_start(draw.any_time())
        .hash_load(draw.any_share());
    if draw.yes() {
        // As many links are made at once.
        builder = builder.connections(draw.any_size().min(100));
    }
    builder
}

/// Panics in the sources of the runtime or of what it uses, in whatever task.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

pub(super) fn watch_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let file = info.location().map_or("", |location| location.file());
            if !file.contains("tests/") {
                PANICS.lock().unwrap().push(info.to_string());
            }
            before(info);
        }));
    });
}

pub(super) fn no_panics() {
    let panics = PANICS.lock().unwrap();
    assert!(panics.is_empty(), "{panics:?}");
}

pub(super) async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    let done = tokio::time::timeout(SOON, future).await;
    done.unwrap_or_else(|_| panic!("{what} does not end"))
}

async fn exchange(network: &str, choices: &[u8]) {
    let draw = &mut Draw::new(choices);
    let authority = Authority::new();
    let (mut listen, mut connect) = (ListenOptions::new(), ConnectOptions::new());
    let (mut at_server, mut at_client) = (server(draw, Server::builder()), channel(draw));
    match network {
        "kcp" => {
            listen = listen.kcp(kcp(draw));
            connect = connect.kcp(kcp(draw));
        }
        "quic" => {
            listen = listen.quic(quic(draw));
            connect = connect.quic(quic(draw));
            at_server = at_server.tls(authority.server());
            at_client = at_client.tls(authority.client());
        }
        _ => {}
    }
    let (timeout, attempts) = (draw.any_time(), draw.any_count());
    let address = format!("{network}@127.0.0.1:0");
    let server = match at_server.listen_with(address.as_str(), listen).bind().await {
        Ok(server) => server,
        Err(mistake) => return assert_eq!(mistake.kind(), ErrorKind::Setup, "{mistake}"),
    };
    let (address, handle) = (server.addresses()[0].clone(), server.handle());
    let serving = tokio::spawn(server.serve());
    match at_client
        .address(address)
        .connect_options(connect)
        .build_lazy()
    {
        Ok(channel) => call(&EchoClient::new(channel), timeout, attempts).await,
        Err(mistake) => assert_eq!(mistake.kind(), ErrorKind::Setup, "{mistake}"),
    }
    handle.shutdown();
    // A grace time without end is for connections that do not end; these do.
    soon("the server", serving).await.unwrap().unwrap();
}

/// Each has an outcome. The first may have no deadline at all.
async fn call(client: &EchoClient, timeout: Duration, attempts: u32) {
    let bounded = client.echo(b"x").timeout(Duration::from_millis(250));
    let _ = soon("a call with a deadline", bounded).await;
    let any = client.echo(b"y").timeout(timeout).attempts(attempts);
    let _ = tokio::time::timeout(Duration::from_millis(50), any).await;
    let oneway = client.note().timeout(Duration::from_millis(50));
    let _ = soon("a one-way call", oneway).await;
}

fn run(network: &str, choices: &[u8]) {
    watch_panics();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(exchange(network, choices));
    drop(runtime);
    no_panics();
}

/// More choices than there are settings.
fn choices() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 120),
        // Few that differ from the defaults, so that calls get further.
        vec(prop_oneof![12 => Just(255u8), 1 => any::<u8>()], 120),
    ]
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        max_shrink_time: 60_000,
        ..ProptestConfig::with_cases(cases)
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn any_settings_over_tcp(choices in choices()) {
        run("tcp", &choices);
    }
}

proptest! {
    #![proptest_config(cases(20))]

    #[test]
    fn any_settings_over_websockets(choices in choices()) {
        run("ws", &choices);
    }

    #[test]
    fn any_settings_over_kcp(choices in choices()) {
        run("kcp", &choices);
    }

    #[test]
    fn any_settings_over_quic(choices in choices()) {
        run("quic", &choices);
    }
}
