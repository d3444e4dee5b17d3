//! Spans and metrics, read back from an exporter and from a recorder.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use ::metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use opentelemetry::trace::{SpanKind, Status, TracerProvider as _};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use rpcx_runtime::client::Select;
use rpcx_runtime::layer::{Next, Request, Response};
use rpcx_runtime::protocol::Codec;
use rpcx_runtime::service::RawPayload;
use rpcx_runtime::telemetry::{Metrics, Spans, count_events, log_events, publish};
use rpcx_runtime::{Channel, Error, Rejection, Retry, Server, ServerHandle};
use tokio::net::TcpSocket;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::echo::{Echo, EchoClient};

/// What is exported while the guard lives, on this thread.
fn exporter() -> (InMemorySpanExporter, ::tracing::subscriber::DefaultGuard) {
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let subscriber = tracing_subscriber::registry().with(layer);
    let guard = ::tracing::subscriber::set_default(subscriber);
    (exporter, guard)
}

async fn server() -> (String, ServerHandle) {
    let echo = Echo::default();
    let server = Server::builder()
        .register(echo)
        .layer(Spans::new())
        .layer(Metrics::new())
        .on_event(log_events())
        .on_event(count_events())
        // Calls `Echo` at the address that is in the metadata, as Go does: with the metadata that it got.
        .handle("Proxy", "Forward", |context, request| async move {
            let address = context.metadata().get("address").unwrap().to_owned();
            let channel = Channel::connect(address).await?;
            let call = channel.raw("Echo", "Echo").codec(request.payload.codec);
            let call = call.all_metadata(context.metadata());
            call.call(request.payload.bytes).await?;
            Ok(RawPayload::new(Codec::RAW, "done"))
        })
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await
        .unwrap();
    let (address, handle) = (server.addresses()[0].to_string(), server.handle());
    tokio::spawn(server.serve());
    (address, handle)
}

async fn channel(address: &str) -> Channel {
    let channel = Channel::builder()
        .address(address)
        .layer(Spans::new())
        .layer(Metrics::new())
        .on_event(count_events())
        .retry(Retry::never());
    channel.build().await.unwrap()
}

fn attribute(span: &SpanData, key: &str) -> Option<String> {
    let found = span.attributes.iter().find(|pair| pair.key.as_str() == key);
    found.map(|pair| pair.value.to_string())
}

/// In the order of their parents.
fn chain(spans: &[SpanData]) -> Vec<SpanData> {
    let root = |span: &&SpanData| span.parent_span_id == opentelemetry::SpanId::INVALID;
    let mut chain = vec![spans.iter().find(root).expect("a root").clone()];
    loop {
        let last = chain.last().unwrap().span_context.span_id();
        match spans.iter().find(|span| span.parent_span_id == last) {
            Some(child) => chain.push(child.clone()),
            None => return chain,
        }
    }
}

#[tokio::test]
async fn a_call_that_is_passed_on_is_one_trace_with_right_parents() {
    let (exporter, _guard) = exporter();
    let (first, second) = (server().await.0, server().await.0);
    let call = channel(&first).await.raw("Proxy", "Forward");
    call.metadata("address", &second).call("x").await.unwrap();
    let spans = exporter.get_finished_spans().unwrap();
    assert_eq!(spans.len(), 3, "{spans:?}");
    let chain = chain(&spans);
    let seen: Vec<_> = chain
        .iter()
        .map(|span| (&*span.name, &span.span_kind))
        .collect();
    let wanted = [
        ("Proxy/Forward", &SpanKind::Client),
        ("Proxy/Forward", &SpanKind::Server),
        ("Echo/Echo", &SpanKind::Server),
    ];
    assert_eq!(seen, wanted);
    let trace = chain[0].span_context.trace_id();
    assert!(
        chain
            .iter()
            .all(|span| span.span_context.trace_id() == trace)
    );
    let port = port_of(&first);
    for (key, value) in [
        ("rpc.system.name", "rpcx"),
        ("rpc.method", "Proxy/Forward"),
        ("rpc.status_code", "ok"),
        ("server.address", "127.0.0.1"),
        ("server.port", port),
    ] {
        assert_eq!(attribute(&chain[0], key).as_deref(), Some(value), "{key}");
    }
    assert_eq!(attribute(&chain[0], "error.type"), None);
    let peer = attribute(&chain[1], "network.peer.address");
    assert_eq!(peer.as_deref(), Some("127.0.0.1"));
    assert!(attribute(&chain[1], "network.peer.port").is_some());
    assert_eq!(attribute(&chain[1], "server.address"), None);
}

/// A server whose only method answers with its port, or refuses.
async fn node(refuses: bool) -> String {
    let port = Arc::new(OnceLock::<String>::new());
    let own = Arc::clone(&port);
    let server = Server::builder().handle("Node", "Port", move |_, _| {
        let port = own.get().unwrap().clone();
        async move {
            match refuses {
                true => Err(Error::refuse(Rejection::Elsewhere, "not this one")),
                false => Ok(RawPayload::new(Codec::RAW, port)),
            }
        }
    });
    let server = server.listen("tcp@127.0.0.1:0").bind().await.unwrap();
    let address = server.addresses()[0].to_string();
    port.set(port_of(&address).to_owned()).unwrap();
    tokio::spawn(server.serve());
    address
}

fn port_of(address: &str) -> &str {
    address.rsplit_once(':').unwrap().1
}

/// Where nothing listens, and nothing else can for as long as the socket lives.
fn unreachable() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = format!("tcp@{}", socket.local_addr().unwrap());
    (socket, address)
}

#[tokio::test]
async fn the_span_of_a_call_names_the_server_that_it_has_reached() {
    let (exporter, _guard) = exporter();
    let (_socket, gone) = unreachable();
    let nodes = [gone, node(true).await, node(false).await, node(false).await];
    let channel = Channel::builder().addresses(&nodes).layer(Spans::new());
    let channel = channel.select(Select::RoundRobin).build_lazy().unwrap();
    let mut answered = Vec::new();
    for _ in 0..12 {
        let reply = channel.raw("Node", "Port").call("").await.unwrap();
        answered.push(String::from_utf8(reply.payload.to_vec()).unwrap());
    }
    let spans = exporter.get_finished_spans().unwrap();
    let all = |key: &str| spans.iter().map(|span| attribute(span, key)).collect();
    let ports: Vec<Option<String>> = all("server.port");
    assert_eq!(
        ports,
        answered.iter().cloned().map(Some).collect::<Vec<_>>()
    );
    assert_eq!(all("network.peer.port"), ports);
    let both = nodes[2..]
        .iter()
        .all(|node| answered.iter().any(|port| port == port_of(node)));
    assert!(both, "{answered:?}");
}

#[tokio::test]
async fn the_span_of_a_call_that_could_not_be_sent_names_the_server_too() {
    let (exporter, _guard) = exporter();
    let (_socket, address) = unreachable();
    let channel = Channel::builder().address(&address).layer(Spans::new());
    let channel = channel.retry(Retry::never()).build_lazy().unwrap();
    channel.raw("Node", "Port").call("").await.unwrap_err();
    // What is given by hand is for calls that no server was chosen for.
    let by_hand = Spans::new().server_address("tcp@example.org:7".parse().unwrap());
    let refusing =
        |_: Request, _: Next| async { Response::refuse(Rejection::Denied, "not from here") };
    let channel = Channel::builder()
        .address(&address)
        .layer(by_hand)
        .layer(refusing);
    let channel = channel.build_lazy().unwrap();
    channel.raw("Node", "Port").call("").await.unwrap_err();
    let spans = exporter.get_finished_spans().unwrap();
    let wanted = [("127.0.0.1", port_of(&address)), ("example.org", "7")];
    for (span, (host, port)) in spans.iter().zip(wanted) {
        assert_eq!(attribute(span, "server.address").as_deref(), Some(host));
        assert_eq!(attribute(span, "server.port").as_deref(), Some(port));
        assert_eq!(attribute(span, "network.peer.address"), None);
    }
}

#[tokio::test]
async fn a_span_says_how_a_call_failed_or_that_it_was_given_up() {
    let (exporter, _guard) = exporter();
    let client = EchoClient::new(channel(&server().await.0).await);
    client.fail().await.unwrap_err();
    let wait = client.wait(60_000).into_future();
    let given_up = tokio::time::timeout(std::time::Duration::from_millis(50), wait).await;
    assert!(given_up.is_err());
    let spans = exporter.get_finished_spans().unwrap();
    let clients: Vec<_> = spans
        .iter()
        .filter(|span| span.span_kind == SpanKind::Client)
        .collect();
    for (span, status, text) in [
        (clients[0], "service", "no such account"),
        (clients[1], "cancelled", "the call was given up"),
    ] {
        assert_eq!(attribute(span, "rpc.status_code").as_deref(), Some(status));
        assert_eq!(attribute(span, "error.type").as_deref(), Some(status));
        assert_eq!(span.status, Status::error(text));
    }
    let failed = spans
        .iter()
        .find(|span| span.span_kind == SpanKind::Server && &*span.name == "Echo/Fail");
    let status = attribute(failed.unwrap(), "error.type");
    assert_eq!(status.as_deref(), Some("service"));
}

/// Keeps the last or the sum of everything, by name and labels.
#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<BTreeMap<String, f64>>>);

struct Cell(Kept, String);

impl Cell {
    fn add(&self, value: f64) {
        *self.0.0.lock().unwrap().entry(self.1.clone()).or_default() += value;
    }

    fn set(&self, value: f64) {
        self.0.0.lock().unwrap().insert(self.1.clone(), value);
    }
}

impl CounterFn for Cell {
    fn increment(&self, value: u64) {
        self.add(value as f64);
    }
    fn absolute(&self, value: u64) {
        self.set(value as f64);
    }
}

impl GaugeFn for Cell {
    fn increment(&self, value: f64) {
        self.add(value);
    }
    fn decrement(&self, value: f64) {
        self.add(-value);
    }
    fn set(&self, value: f64) {
        Self::set(self, value);
    }
}

/// Counts how often it was recorded to.
impl HistogramFn for Cell {
    fn record(&self, value: f64) {
        assert!((0.0..60.0).contains(&value), "seconds: {value}");
        self.add(1.0);
    }
}

impl Kept {
    fn cell(&self, key: &Key) -> Arc<Cell> {
        let labels: Vec<_> = key
            .labels()
            .filter(|label| label.key() != "rpc.system.name")
            .map(|label| format!(" {}={}", label.key(), label.value()))
            .collect();
        let name = format!("{}{}", key.name(), labels.concat());
        Arc::new(Cell(self.clone(), name))
    }

    fn get(&self, name: &str) -> Option<f64> {
        self.0.lock().unwrap().get(name).copied()
    }
}

impl Recorder for Kept {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.cell(key))
    }
    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.cell(key))
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.cell(key))
    }
}

#[tokio::test]
async fn calls_are_measured_on_both_sides_by_method_and_outcome() {
    let kept = Kept::default();
    let _guard = ::metrics::set_default_local_recorder(&kept);
    let (address, handle) = server().await;
    let client = EchoClient::new(channel(&address).await);
    for _ in 0..3 {
        client.echo(b"four").await.unwrap();
    }
    client.fail().await.unwrap_err();
    client.echo(b"x").await.unwrap();
    for side in ["server", "client"] {
        let ok = format!("rpc.{side}.call.duration rpc.method=Echo/Echo rpc.status_code=ok");
        assert_eq!(kept.get(&ok), Some(4.0), "{kept:?}");
        let failed = format!(
            "rpc.{side}.call.duration rpc.method=Echo/Fail rpc.status_code=service error.type=service"
        );
        assert_eq!(kept.get(&failed), Some(1.0), "{kept:?}");
        let bytes = format!("rpcx.{side}.request.bytes rpc.method=Echo/Echo");
        assert_eq!(kept.get(&bytes), Some(13.0));
        let bytes = format!("rpcx.{side}.response.bytes rpc.method=Echo/Echo");
        assert_eq!(kept.get(&bytes), Some(13.0));
        let in_flight = format!("rpcx.{side}.calls rpc.method=Echo/Echo");
        assert_eq!(kept.get(&in_flight), Some(0.0));
    }
    assert_eq!(kept.get("rpcx.events event=connection_opened"), Some(2.0));
    publish(&handle.stats());
    assert_eq!(kept.get("rpcx.server.open_connections"), Some(1.0));
    assert_eq!(kept.get("rpcx.server.connections"), Some(1.0));
    let published = kept.0.lock().unwrap();
    for (name, _) in handle.stats().iter() {
        assert!(
            published.contains_key(&format!("rpcx.server.{name}")),
            "{name}"
        );
    }
}

#[tokio::test]
async fn methods_that_peers_name_have_one_label() {
    let kept = Kept::default();
    let _guard = ::metrics::set_default_local_recorder(&kept);
    let server = Server::builder()
        .layer(Metrics::new())
        .fallback(|_, _| async { Err(Rejection::UnknownMethod.into()) })
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await
        .unwrap();
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve());
    let channel = Channel::connect(address).await.unwrap();
    for name in ["A", "B"] {
        channel.raw(name, "C").call("x").await.unwrap_err();
    }
    let failed = "rpc.server.call.duration rpc.method=_OTHER rpc.status_code=unknown-method error.type=unknown-method";
    assert_eq!(kept.get(failed), Some(2.0), "{kept:?}");
}

#[tokio::test]
async fn without_a_subscriber_a_layer_of_spans_changes_nothing() {
    let client = EchoClient::new(channel(&server().await.0).await);
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
}
