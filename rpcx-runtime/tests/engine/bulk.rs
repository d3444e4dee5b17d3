//! A lane for large calls: which calls take it, and what becomes of them when it ends.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rpcx_runtime::client::{Bulk, ChannelBuilder, Select};
use rpcx_runtime::discovery::StaticNodes;
use rpcx_runtime::protocol::{Codec, Frame, FrameEncoder, Header, Metadata};
use rpcx_runtime::transport::{Address, BoxFuture, Connect, Stream};
use rpcx_runtime::{Channel, ErrorKind, Limits};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::echo::{EchoClient, Running, start};
use crate::fairness::Ticker;
use crate::wire::{Wire as Peer, reply};

/// Large in these tests.
const LARGE: [u8; 1000] = [7; 1000];

/// So many small replies make a method forgotten.
const FORGOTTEN_AFTER: usize = 16;

fn bulk() -> Bulk {
    Bulk::new().threshold(LARGE.len())
}

fn to(address: &str) -> ChannelBuilder {
    Channel::builder().address(address).bulk(bulk())
}

/// A server played by the test, and a client whose usual connection is open.
struct Played {
    listener: TcpListener,
    client: EchoClient,
    usual: Peer,
}

impl Played {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("tcp@{}", listener.local_addr().unwrap());
        let client = EchoClient::new(to(&address).build().await.unwrap());
        let usual = Peer::accept(&listener).await;
        Self {
            listener,
            client,
            usual,
        }
    }

    /// Begins a call with a large request, and waits until it is read over a connection that is opened for it.
    async fn open_lane(&self) -> (Peer, Frame, JoinHandle<rpcx_runtime::Result<Vec<u8>>>) {
        let call = tokio::spawn(self.client.echo(&LARGE));
        let mut bulk = Peer::accept(&self.listener).await;
        let request = bulk.next().await;
        assert_eq!(request.payload(), LARGE);
        (bulk, request, call)
    }
}

/// Makes a call that comes over this connection, and answers it.
async fn exchange(client: &EchoClient, peer: &mut Peer, payload: &[u8], answer: &[u8]) {
    let call = tokio::spawn(client.echo(payload));
    let request = peer.next().await;
    assert_eq!(request.payload(), payload);
    peer.send(&reply(request.header.seq, answer)).await;
    assert_eq!(call.await.unwrap().unwrap(), answer);
}

fn one_way(path: &[u8], method: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut frame = FrameEncoder::new(&mut out, Header::request(1, Codec::RAW).oneway());
    frame.names(path, method);
    frame.metadata(&Metadata::new());
    frame.payload(b"");
    frame.finish().unwrap();
    out
}

#[tokio::test]
async fn large_calls_have_a_connection_of_their_own() {
    let mut played = Played::start().await;
    let (mut bulk, request, large) = played.open_lane().await;
    // The large one is on its way, and small ones do not wait for it.
    exchange(&played.client, &mut played.usual, b"small", b"1").await;
    bulk.send(&reply(request.header.seq, b"2")).await;
    assert_eq!(large.await.unwrap().unwrap(), b"2");
    // It stays open for the next.
    exchange(&played.client, &mut bulk, &LARGE, b"3").await;
}

#[tokio::test]
async fn methods_with_large_replies_are_learned_and_forgotten() {
    let Played {
        listener,
        client,
        mut usual,
    } = Played::start().await;
    exchange(&client, &mut usual, b"x", &LARGE[1..]).await;
    // The first of its method that is large.
    exchange(&client, &mut usual, b"x", &LARGE).await;
    let learned = tokio::spawn(client.echo(b"x"));
    let mut bulk = Peer::accept(&listener).await;
    let request = bulk.next().await;
    bulk.send(&reply(request.header.seq, &LARGE)).await;
    learned.await.unwrap().unwrap();
    // Another method is not this one.
    let other = tokio::spawn(client.wait(1));
    let request = usual.next().await;
    usual.send(&reply(request.header.seq, b"")).await;
    other.await.unwrap().unwrap();
    for _ in 0..FORGOTTEN_AFTER {
        exchange(&client, &mut bulk, b"x", b"y").await;
    }
    exchange(&client, &mut usual, b"x", b"y").await;
    // Said by hand, of a method of the client and of one by its name.
    let marked = tokio::spawn(client.echo(b"marked").bulk());
    let request = bulk.next().await;
    assert_eq!(request.payload(), b"marked");
    bulk.send(&reply(request.header.seq, b"")).await;
    marked.await.unwrap().unwrap();
    let marked = client.0.channel().raw("Echo", "Echo").bulk();
    let marked = tokio::spawn(marked.call("marked"));
    let request = bulk.next().await;
    bulk.send(&reply(request.header.seq, b"")).await;
    marked.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_a_call_by_name_has_learned_holds_for_the_next() {
    let Played {
        listener,
        client,
        mut usual,
    } = Played::start().await;
    let channel = client.0.channel().clone();
    let call = |channel: &Channel| tokio::spawn(channel.raw("Echo", "Echo").call("x"));
    let first = call(&channel);
    let request = usual.next().await;
    usual.send(&reply(request.header.seq, &LARGE)).await;
    first.await.unwrap().unwrap();
    let second = call(&channel);
    let mut bulk = Peer::accept(&listener).await;
    let request = bulk.next().await;
    bulk.send(&reply(request.header.seq, &LARGE)).await;
    second.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_lane_that_is_lost_ends_its_calls_and_no_others() {
    let mut played = Played::start().await;
    let (bulk, _, large) = played.open_lane().await;
    let small = tokio::spawn(played.client.echo(b"small"));
    let request = played.usual.next().await;
    drop(bulk);
    let error = large.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
    played
        .usual
        .send(&reply(request.header.seq, b"still here"))
        .await;
    assert_eq!(small.await.unwrap().unwrap(), b"still here");
    // The next one has a new connection.
    let (mut bulk, request, large) = played.open_lane().await;
    bulk.send(&reply(request.header.seq, b"anew")).await;
    assert_eq!(large.await.unwrap().unwrap(), b"anew");
}

#[tokio::test]
async fn a_usual_connection_that_is_lost_leaves_the_lane_alone() {
    let played = Played::start().await;
    let (mut bulk, request, large) = played.open_lane().await;
    let Played {
        listener,
        client,
        mut usual,
    } = played;
    let small = tokio::spawn(client.echo(b"small"));
    usual.next().await;
    drop(usual);
    let error = small.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
    bulk.send(&reply(request.header.seq, b"still here")).await;
    assert_eq!(large.await.unwrap().unwrap(), b"still here");
    let small = tokio::spawn(client.echo(b"small"));
    let mut usual = Peer::accept(&listener).await;
    let request = usual.next().await;
    usual.send(&reply(request.header.seq, b"anew")).await;
    assert_eq!(small.await.unwrap().unwrap(), b"anew");
}

#[tokio::test]
async fn a_lane_that_is_asked_to_go_goes_when_its_calls_are_answered() {
    let played = Played::start().await;
    let (mut bulk, request, large) = played.open_lane().await;
    bulk.send(&one_way(b"__rpcx", b"GoAway")).await;
    bulk.send(&reply(request.header.seq, b"the last")).await;
    assert_eq!(large.await.unwrap().unwrap(), b"the last");
    bulk.ended().await;
    let (mut bulk, request, large) = played.open_lane().await;
    bulk.send(&reply(request.header.seq, b"anew")).await;
    assert_eq!(large.await.unwrap().unwrap(), b"anew");
}

#[tokio::test]
async fn what_is_pushed_over_either_connection_reaches_the_channel() {
    let mut played = Played::start().await;
    let ticks = Arc::<AtomicUsize>::default();
    let ticker = Ticker(Arc::clone(&ticks));
    played.client.0.channel().serve(ticker).unwrap();
    let (mut bulk, request, large) = played.open_lane().await;
    played.usual.send(&one_way(b"Ticker", b"Tick")).await;
    bulk.send(&one_way(b"Ticker", b"Tick")).await;
    bulk.send(&reply(request.header.seq, b"")).await;
    large.await.unwrap().unwrap();
    exchange(&played.client, &mut played.usual, b"small", b"1").await;
    until("both messages", || ticks.load(Ordering::SeqCst) == 2).await;
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..12_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited in vain for {what}");
}

fn open(server: &Running) -> u64 {
    server.handle.stats().open_connections
}

/// Every kind of channel to this server.
fn ways(server: &Running) -> Vec<(&'static str, ChannelBuilder, u64)> {
    let address = server.address.as_str();
    let nodes = StaticNodes::new([address]).unwrap();
    vec![
        ("an address", to(address), 1),
        ("a choice", to(address).select(Select::RoundRobin), 1),
        (
            "a registry",
            Channel::builder().discover(nodes).bulk(bulk()),
            1,
        ),
        ("two of both", to(address).connections(2), 2),
    ]
}

#[tokio::test]
async fn a_lane_is_opened_when_it_is_needed_and_closed_with_its_channel() {
    let server = start(Limits::server()).await;
    for (way, builder, usual) in ways(&server) {
        let bulk = bulk().connections(usual as usize);
        let client = EchoClient::new(builder.bulk(bulk).build_lazy().unwrap());
        until(way, || {
            drop(tokio::spawn(client.echo(b"small")));
            open(&server) == usual
        })
        .await;
        until(way, || {
            drop(tokio::spawn(client.echo(&LARGE)));
            open(&server) == 2 * usual
        })
        .await;
        client.echo(b"small").await.unwrap();
        assert_eq!(client.echo(&LARGE).await.unwrap(), LARGE);
        assert_eq!(open(&server), 2 * usual, "{way}");
        client.0.channel().close().await;
        until(way, || open(&server) == 0).await;
        let error = client.echo(&LARGE).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSent, "{way}: {error}");
    }
}

#[tokio::test]
async fn a_lane_that_carries_nothing_is_closed_and_opened_again() {
    let server = start(Limits::server()).await;
    let builder = to(&server.address).idle_after(Duration::from_millis(20));
    let client = EchoClient::new(builder.build_lazy().unwrap());
    for _ in 0..3 {
        client.echo(&LARGE).await.unwrap();
        until("the end of both", || open(&server) == 0).await;
    }
}

#[tokio::test]
async fn a_server_that_drains_answers_large_calls_too() {
    let server = start(Limits::server()).await;
    let client = EchoClient::new(to(&server.address).build().await.unwrap());
    client.echo(&LARGE).await.unwrap();
    let wait = tokio::spawn(client.wait(200).bulk());
    until("both calls", || server.runs() == 2).await;
    server.handle.shutdown();
    assert_eq!(wait.await.unwrap().unwrap(), b"200");
    server.task.await.unwrap().unwrap();
}

/// Large calls go to the server that the usual connection is to.
#[tokio::test]
async fn a_lane_is_opened_to_the_first_address_that_answers() {
    let server = start(Limits::server()).await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nowhere = format!("tcp@{}", free.local_addr().unwrap());
    drop(free);
    let builder = Channel::builder().addresses([nowhere.as_str(), server.address.as_str()]);
    let client = EchoClient::new(builder.bulk(bulk()).build_lazy().unwrap());
    assert_eq!(client.echo(&LARGE).await.unwrap(), LARGE);
    assert_eq!(open(&server), 2);
}

#[tokio::test]
async fn a_fleet_has_a_lane_to_each_server() {
    let (one, other) = (start(Limits::server()).await, start(Limits::server()).await);
    let addresses = [one.address.as_str(), other.address.as_str()];
    let builder = Channel::builder()
        .addresses(addresses)
        .select(Select::RoundRobin);
    let client = EchoClient::new(builder.bulk(bulk()).build_lazy().unwrap());
    for _ in 0..4 {
        client.echo(&LARGE).await.unwrap();
        client.echo(b"small").await.unwrap();
    }
    assert_eq!((open(&one), open(&other)), (2, 2));
    let status = client.0.channel().nodes();
    assert!(
        status
            .iter()
            .all(|node| node.connected && node.in_flight == 0)
    );
    // One drains: large calls go to the other one, and none fails.
    one.handle.shutdown();
    for _ in 0..10 {
        client.echo(&LARGE).await.unwrap();
    }
    one.task.await.unwrap().unwrap();
    assert_eq!(open(&other), 2);
}

#[tokio::test]
async fn large_calls_share_where_there_is_no_room_for_a_lane() {
    let server = start(Limits::server()).await;
    for (way, builder, _) in ways(&server).into_iter().take(3) {
        let builder = builder.most_connections(1);
        let client = EchoClient::new(builder.build_lazy().unwrap());
        for _ in 0..3 {
            assert_eq!(client.echo(&LARGE).await.unwrap(), LARGE, "{way}");
            assert_eq!(open(&server), 1, "{way}");
        }
        client.0.channel().close().await;
        until(way, || open(&server) == 0).await;
    }
}

/// Opens one connection, and others when it is allowed.
struct Reluctant {
    address: String,
    dials: AtomicUsize,
    allowed: Arc<AtomicBool>,
}

impl Connect for Reluctant {
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(async move {
            let further = self.dials.fetch_add(1, Ordering::SeqCst) > 0;
            if further && !self.allowed.load(Ordering::SeqCst) {
                return Err(io::Error::other("one is enough"));
            }
            let (reader, writer) = TcpStream::connect(&self.address).await?.into_split();
            Ok(Stream::new(
                reader,
                writer,
                Address::custom("reluctant", "end"),
            ))
        })
    }
}

#[tokio::test]
async fn large_calls_share_until_the_lane_can_be_opened() {
    let server = start(Limits::server()).await;
    let allowed = Arc::<AtomicBool>::default();
    let connector = Reluctant {
        address: server.socket().to_owned(),
        dials: AtomicUsize::new(0),
        allowed: Arc::clone(&allowed),
    };
    let told = Arc::<Mutex<Vec<String>>>::default();
    let sink = Arc::clone(&told);
    let channel = Channel::builder()
        .connector("reluctant", connector)
        .bulk(bulk())
        .on_event(move |event| sink.lock().unwrap().push(event.to_string()))
        .build()
        .await
        .unwrap();
    let client = EchoClient::new(channel);
    for _ in 0..3 {
        assert_eq!(client.echo(&LARGE).await.unwrap(), LARGE);
        assert_eq!(open(&server), 1);
    }
    let failed = |told: &Mutex<Vec<String>>| {
        let told = told.lock().unwrap();
        told.iter().any(|line| line.contains("one is enough"))
    };
    assert!(failed(&told), "{told:?}");
    allowed.store(true, Ordering::SeqCst);
    until("the lane", || {
        drop(tokio::spawn(client.echo(&LARGE)));
        open(&server) == 2
    })
    .await;
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn a_lane_has_the_tls_of_its_channel() {
    let authority = crate::certificates::Authority::new();
    let echo = crate::echo::Echo::default();
    let server = rpcx_runtime::Server::builder()
        .register(echo)
        .tls(authority.server())
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await
        .unwrap();
    let (address, handle) = (server.addresses()[0].to_string(), server.handle());
    tokio::spawn(server.serve());
    let builder = to(&address).tls(authority.client());
    let client = EchoClient::new(builder.build().await.unwrap());
    client.echo(b"small").await.unwrap();
    assert_eq!(client.echo(&LARGE).await.unwrap(), LARGE);
    assert_eq!(handle.stats().open_connections, 2);
    client.0.channel().close().await;
}
