//! A server pushes: Rust to Rust, Rust to Go, Go to Rust.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rpcx::{Channel, Context, ErrorKind, InProcess};
use tokio::sync::mpsc;

use super::peer::programs;

#[rpcx::message]
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) count: u32,
}

#[rpcx::message]
#[derive(Debug)]
pub(crate) struct Nothing {}

#[rpcx::service]
pub(crate) trait Market {
    async fn subscribe(&self, ctx: &Context, args: Subscription) -> rpcx::Result<Nothing>;
}

/// Go servers push plain bytes.
#[rpcx::service(codec = "raw")]
pub(crate) trait Prices {
    #[rpcx(oneway)]
    async fn changed(&self, ctx: &Context, price: &[u8]) -> rpcx::Result<()>;
}

/// Pushes the numbers from 0 on, as text and as the metadata `n`.
pub(crate) struct Numbers;

impl Market for Numbers {
    async fn subscribe(&self, ctx: &Context, args: Subscription) -> rpcx::Result<Nothing> {
        let prices = PricesClient::new(ctx.peer().ok_or("a call without a peer")?);
        for n in 0..args.count {
            let n = n.to_string();
            prices.changed(n.as_bytes()).metadata("n", &n).await?;
        }
        Ok(Nothing {})
    }
}

/// Passes on what was pushed.
struct View(mpsc::UnboundedSender<String>);

impl Prices for View {
    async fn changed(&self, ctx: &Context, price: &[u8]) -> rpcx::Result<()> {
        let n = ctx.metadata().get("n").unwrap_or("none");
        let price = String::from_utf8_lossy(price);
        self.0
            .send(format!("{n} {price}"))
            .map_err(|_| "nobody looks".into())
    }
}

/// Subscribes to five prices and expects them in their order.
async fn subscribe(channel: Channel) {
    let (sender, mut prices) = mpsc::unbounded_channel();
    channel.serve(PricesServer::new(View(sender))).unwrap();
    let market = MarketClient::new(channel.clone());
    market.subscribe(Subscription { count: 5 }).await.unwrap();
    for n in 0..5 {
        let price = tokio::time::timeout(Duration::from_secs(5), prices.recv())
            .await
            .unwrap();
        assert_eq!(price.unwrap(), format!("{n} {n}"));
    }
    assert_eq!(channel.dropped_pushes(), 0);
}

#[tokio::test]
async fn rust_pushes_to_rust() {
    subscribe(InProcess::new(MarketServer::new(Numbers)).into()).await;
    let server = rpcx::Server::builder()
        .register(MarketServer::new(Numbers))
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await
        .unwrap();
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve());
    subscribe(Channel::connect(&address).await.unwrap()).await;
}

#[tokio::test]
async fn go_pushes_to_rust() {
    let Some(go) = programs() else { return };
    let server = go.serve("127.0.0.1:0");
    let channel = Channel::connect(format!("tcp@{}", server.address))
        .await
        .unwrap();
    subscribe(channel).await;
}

/// Keeps who subscribed, and pushes when it is told to.
#[derive(Clone, Default)]
struct Later(Arc<Mutex<Vec<rpcx::Peer>>>);

impl Market for Later {
    async fn subscribe(&self, ctx: &Context, _: Subscription) -> rpcx::Result<Nothing> {
        self.0.lock().unwrap().extend(ctx.peer().cloned());
        Ok(Nothing {})
    }
}

#[tokio::test]
async fn a_peer_may_be_kept_until_it_is_gone() {
    let later = Later::default();
    let channel: Channel = InProcess::new(MarketServer::new(later.clone())).into();
    let (sender, mut prices) = mpsc::unbounded_channel();
    channel.serve(PricesServer::new(View(sender))).unwrap();
    MarketClient::new(channel.clone())
        .subscribe(Subscription { count: 0 })
        .await
        .unwrap();
    let peer = later.0.lock().unwrap().pop().unwrap();
    let pushed = PricesClient::new(&peer);
    pushed.changed(b"7").await.unwrap();
    assert_eq!(prices.recv().await.unwrap(), "none 7");

    drop(channel);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let error = pushed.changed(b"8").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent, "{error}");
}

#[tokio::test]
async fn what_is_answered_cannot_be_pushed() {
    let channel: Channel = InProcess::new(MarketServer::new(Numbers)).into();
    let error = channel.serve(MarketServer::new(Numbers)).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`Market.Subscribe` is not one-way"),
        "{error}"
    );
    let (sender, _prices) = mpsc::unbounded_channel();
    channel
        .serve(PricesServer::new(View(sender.clone())))
        .unwrap();
    let twice = channel.serve(PricesServer::new(View(sender))).unwrap_err();
    assert!(
        twice
            .to_string()
            .contains("the service path `Prices` is registered twice"),
        "{twice}"
    );
}

#[tokio::test]
async fn pushes_that_no_service_takes_are_counted() {
    let channel: Channel = InProcess::new(MarketServer::new(Numbers)).into();
    let (sender, _prices) = mpsc::unbounded_channel();
    let market = MarketClient::new(channel.clone());
    market
        .subscribe(Subscription { count: 2000 })
        .await
        .unwrap();
    assert_eq!(channel.dropped_pushes(), 2000 - 1024, "the oldest go first");
    channel.serve(PricesServer::new(View(sender))).unwrap();
}
