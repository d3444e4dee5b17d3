//! One trace of a call through two servers, and what happens beside calls as lines of a log.
//!
//! Spans go to an exporter of OpenTelemetry; this one keeps them, so that they can be printed. In a program
//! of yours it is an OTLP exporter, and the rest is the same.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use rpcx::telemetry::Spans;
use rpcx::transport::Address;
use rpcx::{Channel, Server};
use tracing_subscriber::layer::SubscriberExt as _;

#[rpcx::service]
pub trait Prices {
    /// The price of something, in cents.
    async fn price(&self, name: &str) -> rpcx::Result<u64>;
}

/// Knows all prices.
struct Store;

impl Prices for Store {
    async fn price(&self, name: &str) -> rpcx::Result<u64> {
        match name {
            "tea" => Ok(250),
            _ => Err(format!("no {name} here").into()),
        }
    }
}

/// Asks another server.
struct Shop(PricesClient);

impl Prices for Shop {
    async fn price(&self, name: &str) -> rpcx::Result<u64> {
        Ok(self.0.price(name).await? + 50)
    }
}

async fn serve(service: impl Prices) -> rpcx::Result<Address> {
    let server = Server::builder()
        .register(PricesServer::new(service))
        .layer(Spans::new())
        .on_event(|event| println!("server: {}", event.name()))
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await?;
    let address = server.addresses()[0].clone();
    tokio::spawn(server.serve());
    Ok(address)
}

async fn connect(address: Address) -> rpcx::Result<PricesClient> {
    let spans = Spans::new().server_address(address.clone());
    let channel = Channel::builder().address(address).layer(spans);
    Ok(PricesClient::new(channel.build().await?))
}

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("example"));
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))
        .map_err(rpcx::Error::internal)?;

    let store = connect(serve(Store).await?).await?;
    let shop = connect(serve(Shop(store)).await?).await?;
    println!("tea costs {}", shop.price("tea").await?);

    let spans = exporter
        .get_finished_spans()
        .map_err(rpcx::Error::internal)?;
    for span in &spans {
        let parent = spans
            .iter()
            .position(|other| other.span_context.span_id() == span.parent_span_id);
        println!(
            "{} {:?} in trace {}, child of {parent:?}",
            span.name,
            span.span_kind,
            span.span_context.trace_id()
        );
    }
    Ok(())
}
