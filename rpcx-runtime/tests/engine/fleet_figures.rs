//! What a fleet promises in figures, in a time of its own, so that they do not depend on the machine.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use rpcx_runtime::client::{ChannelBuilder, FailMode, RawMethod, Select};
use rpcx_runtime::discovery::{Node as Listed, StaticNodes};
use rpcx_runtime::protocol::Codec;
use rpcx_runtime::service::RawPayload;
use rpcx_runtime::{Channel, Error, Rejection, Server};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// A node whose calls take some milliseconds.
#[derive(Clone)]
struct Node {
    address: String,
    takes: Arc<AtomicU64>,
    calls: Arc<AtomicUsize>,
}

/// What a node is told to refuse by.
const REFUSES: u64 = u64::MAX;

impl Node {
    async fn start(address: &str, milliseconds: u64) -> Self {
        let node = Self {
            address: address.to_owned(),
            takes: Arc::new(AtomicU64::new(milliseconds)),
            calls: Arc::default(),
        };
        let own = node.clone();
        let server = Server::builder().handle("Shop", "Ask", move |_, _| own.clone().answer());
        let server = server.listen(address).bind().await.unwrap();
        tokio::spawn(server.serve());
        node
    }

    async fn answer(self) -> rpcx_runtime::Result<RawPayload> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        match self.takes.load(Ordering::Relaxed) {
            REFUSES => return Err(Error::refuse(Rejection::Overloaded, "not now")),
            milliseconds => sleep(Duration::from_millis(milliseconds)).await,
        }
        Ok(RawPayload::new(Codec::RAW, Vec::new()))
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

async fn nodes<const N: usize>(test: &str, takes: [u64; N]) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (number, takes) in takes.into_iter().enumerate() {
        nodes.push(Node::start(&format!("mem@figures-{test}-{number}"), takes).await);
    }
    nodes
}

fn to(nodes: &[Node]) -> ChannelBuilder {
    Channel::builder().addresses(nodes.iter().map(|node| node.address.as_str()))
}

fn ask(channel: &Channel) -> RawMethod {
    channel.raw("Shop", "Ask").codec(Codec::RAW).idempotent()
}

fn counts(nodes: &[Node]) -> Vec<usize> {
    nodes.iter().map(Node::calls).collect()
}

/// So many callers, one call after the other each, until then. The times of the calls that have succeeded.
async fn call_until(method: &RawMethod, callers: usize, until: Instant) -> Vec<Duration> {
    let mut all = JoinSet::new();
    for _ in 0..callers {
        let method = method.clone();
        all.spawn(async move {
            let mut times = Vec::new();
            while Instant::now() < until {
                let began = Instant::now();
                if method.call(Vec::new()).await.is_ok() {
                    times.push(began.elapsed());
                }
            }
            times
        });
    }
    all.join_all().await.concat()
}

fn call_for(
    method: &RawMethod,
    callers: usize,
    time: Duration,
) -> impl Future<Output = Vec<Duration>> {
    call_until(method, callers, Instant::now() + time)
}

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn the_least_loaded_node_is_not_the_one_that_is_ten_times_slower() {
    let nodes = nodes("p2c", [2, 2, 20]).await;
    let channel = to(&nodes).select(Select::LeastLoaded).build_lazy().unwrap();
    let method = ask(&channel);
    call_for(&method, 6, SECOND * 2).await;
    let before = counts(&nodes);
    call_for(&method, 6, SECOND * 2).await;
    let calls: Vec<_> = counts(&nodes)
        .iter()
        .zip(&before)
        .map(|(now, then)| now - then)
        .collect();
    let fair = calls.iter().sum::<usize>() as f64 / 3.0;
    assert!(calls[2] as f64 <= 0.15 * fair, "{calls:?}");
    assert!(calls[0].min(calls[1]) as f64 > 1.2 * fair, "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_a_hundred_times_slower_is_not_felt() {
    let nodes = nodes("slow", [2, 2, 2]).await;
    let channel = to(&nodes)
        .select(Select::LeastLoaded)
        .fail_mode(FailMode::FailbackupP95);
    let channel = channel.build_lazy().unwrap();
    let method = ask(&channel);
    let healthy = p99(call_for(&method, 6, SECOND * 3).await);
    let before: usize = counts(&nodes).iter().sum();
    nodes[2].takes.store(200, Ordering::Relaxed);
    let times = call_for(&method, 6, SECOND * 10).await;
    let (made, calls) = (counts(&nodes).iter().sum::<usize>() - before, times.len());
    let slow = p99(times);
    assert!(slow <= healthy * 2, "{slow:?}, {healthy:?} before");
    assert!(
        made as f64 <= calls as f64 * 1.05,
        "{made} for {calls} calls"
    );
}

#[tokio::test(start_paused = true)]
async fn nodes_that_join_get_their_share() {
    for select in [
        Select::RoundRobin,
        Select::LeastLoaded,
        Select::Random,
        Select::Weighted,
    ] {
        let nodes = nodes(&format!("{select:?}"), [2, 2, 2, 2]).await;
        let listed = |node: &Node| Listed::parse(&node.address, b"").unwrap();
        let list = StaticNodes::of(nodes[..2].iter().map(listed));
        let channel = Channel::builder()
            .discover(list.clone())
            .select(select.clone());
        let channel = channel.build_lazy().unwrap();
        let method = ask(&channel);
        call_for(&method, 4, SECOND * 4).await;
        list.set(nodes.iter().map(listed));
        call_for(&method, 4, SECOND * 8).await;
        let before = counts(&nodes);
        call_for(&method, 4, SECOND * 2).await;
        let calls: Vec<_> = counts(&nodes)
            .iter()
            .zip(&before)
            .map(|(now, then)| now - then)
            .collect();
        let all: usize = calls.iter().sum();
        let fair = calls
            .iter()
            .all(|calls| (0.20..=0.30).contains(&(*calls as f64 / all as f64)));
        assert!(fair, "{select:?}: {calls:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_fleet_in_trouble_gets_hardly_more_calls() {
    let nodes = nodes("trouble", [REFUSES; 3]).await;
    for mode in [
        FailMode::Failover,
        FailMode::Failtry,
        FailMode::Failbackup(Duration::from_millis(1)),
    ] {
        let channel = to(&nodes).select(Select::RoundRobin).fail_mode(mode);
        let method = ask(&channel.build_lazy().unwrap());
        let before: usize = counts(&nodes).iter().sum();
        let (mut all, began) = (JoinSet::new(), Instant::now());
        const CALLS: usize = 5000;
        for _ in 0..CALLS {
            let call = method.call(Vec::new());
            all.spawn(async move { assert!(call.await.is_err()) });
            sleep(Duration::from_millis(1)).await;
        }
        all.join_all().await;
        let made = counts(&nodes).iter().sum::<usize>() - before;
        // A fifth of the calls, and ten a second, which is one in a hundred here; as many may be left over from before.
        let by_time = 10.0 * (began.elapsed().as_secs_f64() + 10.0);
        assert!(
            made as f64 <= CALLS as f64 * 1.2 + by_time,
            "{mode:?}: {made}"
        );
        assert!(made >= CALLS, "{mode:?}: {made}");
    }
}
