//! What a server and a channel do, as Prometheus reads it.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use rpcx::telemetry::{Metrics, count_events, publish};
use rpcx::{Channel, Server};

/// What the OpenTelemetry conventions recommend for durations, in seconds.
const BUCKETS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

#[rpcx::service]
pub trait Stock {
    /// How many there are.
    async fn count(&self, name: &str) -> rpcx::Result<u64>;
}

struct Shelf;

impl Stock for Shelf {
    async fn count(&self, name: &str) -> rpcx::Result<u64> {
        match name {
            "tea" => Ok(12),
            _ => Err(format!("no {name} here").into()),
        }
    }
}

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    let durations = Matcher::Suffix("call_duration".to_owned());
    let prometheus = PrometheusBuilder::new()
        .set_buckets_for_metric(durations, &BUCKETS)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(rpcx::Error::internal)?;

    let server = Server::builder()
        .register(StockServer::new(Shelf))
        .layer(Metrics::new())
        .on_event(count_events())
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await?;
    let (address, handle) = (server.addresses()[0].clone(), server.handle());
    tokio::spawn(server.serve());

    let channel = Channel::builder().address(address).layer(Metrics::new());
    let stock = StockClient::new(channel.on_event(count_events()).build().await?);
    println!("{} of tea", stock.count("tea").await?);
    if let Err(error) = stock.count("gold").await {
        println!("{error}");
    }

    // What the server would answer to `GET /metrics`.
    publish(&handle.stats());
    print!("{}", prometheus.render());
    Ok(())
}
