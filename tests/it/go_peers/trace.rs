//! A trace through processes: a Rust client, a Go server that continues it, and a Rust server.

use opentelemetry::trace::{SpanKind, TracerProvider as _};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use rpcx::telemetry::Spans;
use rpcx::{Channel, Server};
use tracing_subscriber::layer::SubscriberExt as _;

use super::peer::programs;
use super::services::{ArithServer, Peer};

#[rpcx::message]
#[derive(Debug)]
struct Forward {
    address: String,
    a: i64,
    b: i64,
}

#[rpcx::message]
#[derive(Debug)]
struct Forwarded {
    c: i64,
    got: String,
    sent: String,
}

#[rpcx::service(name = "Arith")]
trait Forwards {
    async fn forward(&self, args: Forward) -> rpcx::Result<Forwarded>;
}

/// `00-TRACE-SPAN-01`, as Go sees it.
fn traceparent(span: &SpanData) -> String {
    let context = &span.span_context;
    format!("00-{}-{}-01", context.trace_id(), context.span_id())
}

#[tokio::test]
async fn a_trace_through_a_go_server_is_one_trace_with_right_parents() {
    let Some(go) = programs() else { return };
    let go = go.serve("127.0.0.1:0");
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let subscriber = tracing_subscriber::registry().with(layer);
    let _guard = tracing::subscriber::set_default(subscriber);

    let server = Server::builder()
        .register(ArithServer::new(Peer::default()))
        .layer(Spans::new())
        .listen("tcp@127.0.0.1:0");
    let server = server.bind().await.unwrap();
    let address = server.addresses()[0].location().to_owned();
    tokio::spawn(server.serve());
    let channel = Channel::builder()
        .address(format!("tcp@{}", go.address))
        .layer(Spans::new());
    let client = ForwardsClient::new(channel.build().await.unwrap());
    let (a, b) = (6, 7);
    let reply = client.forward(Forward { address, a, b }).await.unwrap();
    assert_eq!(reply.c, 42);

    let spans = exporter.get_finished_spans().unwrap();
    assert_eq!(spans.len(), 2, "{spans:?}");
    let of = |kind| spans.iter().find(|span| span.span_kind == kind).unwrap();
    let (called, served) = (of(SpanKind::Client), of(SpanKind::Server));
    assert_eq!(
        (&*called.name, &*served.name),
        ("Arith/Forward", "Arith/Mul")
    );
    // The client's span is the parent of Go's, and that is the parent of the server's.
    assert_eq!(reply.got, traceparent(called));
    let trace = called.span_context.trace_id();
    assert_eq!(served.span_context.trace_id(), trace);
    assert_eq!(
        reply.sent,
        format!("00-{trace}-{}-01", served.parent_span_id)
    );
}
