//! Payloads of a few bytes that stand for much: compressed nils for a list of structs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::time::Duration;

use rpcx_runtime::codec::decode_serde;
use rpcx_runtime::layer::Next;
use rpcx_runtime::protocol::{Codec, Compression, FrameEncoder, Header, Metadata, compress};
use rpcx_runtime::{Channel, ClientLimits, ErrorKind, Limits, MemoryBudget, Rejection, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{ALONE, grown_since, long, resident};

/// 160 bytes and no less.
#[rpcx::message]
#[derive(Clone, Debug, Default)]
struct Wide {
    numbers: [u64; 20],
}

#[rpcx::service]
trait Lists {
    async fn count(&self, wide: Vec<Wide>) -> rpcx::Result<Vec<Wide>>;
    async fn keep(&self, wide: Vec<Wide>) -> rpcx::Result<u64>;
    /// What the budget has in use while the handler runs.
    async fn held(&self, wide: Vec<Wide>) -> rpcx::Result<u64>;
    #[rpcx(spawn)]
    async fn held_apart(&self, wide: Vec<Wide>) -> rpcx::Result<u64>;
    #[rpcx(blocking)]
    async fn block(&self, wide: Vec<Wide>) -> rpcx::Result<u64>;
}

#[derive(Clone, Default)]
struct Counter(Arc<Gate>);

/// Where handlers that block wait, until the test has seen enough or has failed.
#[derive(Default)]
struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
    begun: AtomicUsize,
    budget: OnceLock<MemoryBudget>,
}

struct Opens(Arc<Gate>);

impl Drop for Opens {
    fn drop(&mut self) {
        *self.0.open.lock().unwrap() = true;
        self.0.opened.notify_all();
    }
}

impl Lists for Counter {
    async fn count(&self, wide: Vec<Wide>) -> rpcx::Result<Vec<Wide>> {
        Ok(wide)
    }

    async fn keep(&self, wide: Vec<Wide>) -> rpcx::Result<u64> {
        std::future::pending::<()>().await;
        Ok(wide.len() as u64)
    }

    async fn held(&self, _wide: Vec<Wide>) -> rpcx::Result<u64> {
        Ok(self.0.budget.get().unwrap().used() as u64)
    }

    async fn held_apart(&self, wide: Vec<Wide>) -> rpcx::Result<u64> {
        self.held(wide).await
    }

    async fn block(&self, wide: Vec<Wide>) -> rpcx::Result<u64> {
        self.0.begun.fetch_add(1, Ordering::SeqCst);
        let open = self.0.open.lock().unwrap();
        let opened = self.0.opened.wait_while(open, |open| !*open);
        drop(opened);
        Ok(wide.len() as u64)
    }
}

/// Fifteen million nils.
fn bomb() -> Vec<u8> {
    let mut list = vec![0xdd];
    list.extend(15_000_000_u32.to_be_bytes());
    list.resize(list.len() + 15_000_000, 0xc0);
    compress(Compression::GZIP, &list).unwrap()
}

fn frame(header: Header, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let header = header.compressed(Compression::GZIP);
    let mut frame = FrameEncoder::new(&mut out, header);
    frame.names(b"Lists", b"Count");
    frame.metadata(&Metadata::new());
    frame.payload(payload);
    frame.finish().unwrap();
    out
}

#[tokio::test]
async fn a_request_that_becomes_much_is_refused() {
    let _alone = ALONE.lock().await;
    let mut limits = Limits::server();
    limits.decoded = 32 << 20;
    let server = Server::builder()
        .register(ListsServer::new(Counter::default()))
        .limits(limits)
        .listen("tcp@127.0.0.1:0");
    let server = server.bind().await.unwrap();
    let address = server.addresses()[0].to_string();
    let handle = server.handle();
    tokio::spawn(server.serve());
    let request = frame(Header::request(1, Codec::MSGPACK), &bomb());
    let before = resident();
    let mut socket = TcpStream::connect(address.strip_prefix("tcp@").unwrap())
        .await
        .unwrap();
    for _ in 0..10 {
        socket.write_all(&request).await.unwrap();
    }
    socket.shutdown().await.unwrap();
    let mut answers = Vec::new();
    socket.read_to_end(&mut answers).await.unwrap();
    let answers = String::from_utf8_lossy(&answers);
    let refused = answers.matches("takes more than 33554432 bytes").count();
    assert_eq!(refused, 10, "{answers}");
    let grown = grown_since(before);
    // What is allowed, the inflated payload, and what an allocator keeps of both.
    assert!(
        grown < 128 << 20,
        "{grown} bytes more for {} sent",
        request.len() * 10
    );
    let channel = Channel::connect(&address).await.unwrap();
    let few = ListsClient::new(channel)
        .count(vec![Wide::default(); 3])
        .await;
    assert_eq!(few.unwrap().len(), 3);
    handle.shutdown();
}

#[tokio::test]
async fn a_reply_that_becomes_much_is_refused() {
    let _alone = ALONE.lock().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp@{}", listener.local_addr().unwrap());
    let bomb = bomb();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        loop {
            // One request after the other, each with its number in its head.
            let mut head = [0; 16];
            if socket.read_exact(&mut head).await.is_err() {
                return;
            }
            let length = u32::from_be_bytes(head[12..].try_into().unwrap());
            let mut rest = vec![0; length as usize];
            socket.read_exact(&mut rest).await.unwrap();
            let seq = u64::from_be_bytes(head[4..12].try_into().unwrap());
            let reply = frame(Header::request(seq, Codec::MSGPACK).reply(), &bomb);
            socket.write_all(&reply).await.unwrap();
        }
    });
    let before = resident();
    let mut limits = ClientLimits::new();
    limits.decoded = 32 << 20;
    let channel = Channel::builder().address(&address).limits(limits);
    let client = ListsClient::new(channel.build().await.unwrap());
    for _ in 0..3 {
        let error = client.count(Vec::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
        assert!(error.message().contains("33554432 bytes"), "{error}");
    }
    let grown = grown_since(before);
    assert!(grown < 128 << 20, "{grown} bytes more");
}

#[tokio::test]
async fn what_waiting_handlers_have_decoded_is_counted() {
    let _alone = ALONE.lock().await;
    let mut limits = Limits::server();
    limits.memory = MemoryBudget::new(64 << 20);
    limits.connection_request_bytes = usize::MAX;
    let budget = limits.memory.clone();
    let server = Server::builder()
        .register(ListsServer::new(Counter::default()))
        .limits(limits)
        .listen("tcp@127.0.0.1:0");
    let server = server.bind().await.unwrap();
    let address = server.addresses()[0].to_string();
    let handle = server.handle();
    tokio::spawn(server.serve());
    let mut nils = vec![0xdd];
    nils.extend(100_000_u32.to_be_bytes());
    nils.resize(nils.len() + 100_000, 0xc0);
    let mut requests = Vec::new();
    for seq in 1..=20 {
        let mut frame = FrameEncoder::new(&mut requests, Header::request(seq, Codec::MSGPACK));
        frame.names(b"Lists", b"Keep");
        frame.metadata(&Metadata::new());
        frame.payload(&nils);
        frame.finish().unwrap();
    }
    let mut socket = TcpStream::connect(address.strip_prefix("tcp@").unwrap())
        .await
        .unwrap();
    socket.write_all(&requests).await.unwrap();
    // 32 MB each, by the sizes of the types; the third finds the budget spent, and so do the others.
    let stats = || handle.stats();
    while stats().calls_in_flight + stats().overloaded_memory < 20 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!((2..=5).contains(&stats().calls_in_flight), "{:?}", stats());
    assert!(budget.used() > 32 << 20, "{budget:?}");
    drop(socket);
    while budget.used() > 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    handle.shutdown();
}

/// Handlers that never wait hold what they have decoded, and give no other occasion to count it.
async fn what_blocks_is_counted(compression: Compression, layered: bool) {
    let mut limits = Limits::server();
    limits.memory = MemoryBudget::new(64 << 20);
    limits.connection_request_bytes = usize::MAX;
    let (budget, counter) = (limits.memory.clone(), Counter::default());
    let opens = Opens(Arc::clone(&counter.0));
    let mut server = Server::builder()
        .register(ListsServer::new(counter.clone()))
        .limits(limits)
        .listen("tcp@127.0.0.1:0");
    if layered {
        server = server.layer(|request, next: Next| next.run(request));
    }
    let server = server.bind().await.unwrap();
    let address = server.addresses()[0].to_string();
    let handle = server.handle();
    tokio::spawn(server.serve());
    let mut nils = vec![0xdd];
    nils.extend(100_000_u32.to_be_bytes());
    nils.resize(nils.len() + 100_000, 0xc0);
    if compression != Compression::NONE {
        nils = compress(compression, &nils).unwrap();
    }
    let mut requests = Vec::new();
    for seq in 1..=20 {
        let header = Header::request(seq, Codec::MSGPACK).compressed(compression);
        let mut frame = FrameEncoder::new(&mut requests, header);
        frame.names(b"Lists", b"Block");
        frame.metadata(&Metadata::new());
        frame.payload(&nils);
        frame.finish().unwrap();
    }
    let mut socket = TcpStream::connect(address.strip_prefix("tcp@").unwrap())
        .await
        .unwrap();
    socket.write_all(&requests).await.unwrap();
    // 32 MB each, by the sizes of the types; there is memory for two of them, however many decode side by side.
    let stats = || handle.stats();
    let begun = || counter.0.begun.load(Ordering::SeqCst) as u64;
    while begun() + stats().overloaded_memory != 20 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!(begun() <= 2, "{:?}", stats());
    assert!(budget.used() as u64 >= begun() * (30 << 20), "{budget:?}");
    assert!(budget.used() <= 70 << 20, "{budget:?}");
    drop(opens);
    while budget.used() > 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let client = ListsClient::new(Channel::connect(&address).await.unwrap());
    let many = client.block(vec![Wide::default(); 3]).await;
    assert_eq!(many.unwrap(), 3);
    handle.shutdown();
}

#[tokio::test]
async fn what_blocking_handlers_have_decoded_is_counted() {
    let _alone = ALONE.lock().await;
    for compression in [Compression::NONE, Compression::GZIP] {
        for layered in [false, true] {
            let ends = what_blocks_is_counted(compression, layered);
            let ended = tokio::time::timeout(Duration::from_secs(120), ends).await;
            ended.unwrap_or_else(|_| panic!("{compression:?}, layered: {layered}"));
        }
    }
}

/// Handlers that are done in their first poll, in place and in tasks of their own: as many of them decode at once as there are
/// threads, and none of them waits.
async fn what_does_not_wait_is_counted(method: &str, compression: Compression, layered: bool) {
    let (mut limits, counter) = (Limits::server(), Counter::default());
    limits.memory = MemoryBudget::new(64 << 20);
    let budget = limits.memory.clone();
    counter.0.budget.set(budget.clone()).unwrap();
    let mut server = Server::builder()
        .register(ListsServer::new(counter))
        .limits(limits)
        .listen("tcp@127.0.0.1:0");
    if layered {
        server = server.layer(|request, next: Next| next.run(request));
    }
    let server = server.bind().await.unwrap();
    let address = server.addresses()[0].to_string();
    let handle = server.handle();
    tokio::spawn(server.serve());
    let (channel, other) = (
        Channel::connect(&address).await.unwrap(),
        Channel::connect(&address).await.unwrap(),
    );
    let call_of = |channel: &Channel, method: &str, count: usize| {
        let lists = channel.raw("Lists", method).codec(Codec::MSGPACK);
        let mut nils = vec![0xdd];
        nils.extend((count as u32).to_be_bytes());
        nils.resize(nils.len() + count, 0xc0);
        let nils = compress(compression, &nils).unwrap();
        lists.compressed(compression).no_timeout().call(nils)
    };
    let call = |count| call_of(&channel, method, count);
    // 320 bytes for each, by the sizes of the types.
    let held = call(100_000).await.unwrap();
    let held = held.inflated(64).unwrap();
    let held: u64 = decode_serde(Codec::MSGPACK, &held).unwrap();
    assert!((30 << 20..40 << 20).contains(&held), "{held}");
    let waits = tokio::spawn(call_of(&other, "Keep", 100_000));
    while handle.stats().calls_in_flight == 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let refused = call(150_000).await.unwrap_err();
    let overloaded = ErrorKind::Rejected(Rejection::Overloaded);
    assert_eq!(
        refused.kind(),
        overloaded,
        "{method} {compression:?} {layered} {refused}"
    );
    assert!(refused.message().contains("memory"), "{refused}");
    assert!(handle.stats().overloaded_memory >= 1);
    // Its handler ends with its connection.
    waits.abort();
    drop(other);
    while budget.used() > 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!(call(100_000).await.is_ok(), "there is memory again");
    handle.shutdown();
}

#[tokio::test]
async fn what_handlers_decode_that_do_not_wait_is_counted() {
    let _alone = ALONE.lock().await;
    let all =
        long::is_wanted("handlers that decode much, with each of compression and layers alone");
    for method in ["Held", "HeldApart"] {
        for compression in [Compression::NONE, Compression::GZIP] {
            for layered in [false, true] {
                let both_or_none = (compression == Compression::GZIP) == layered;
                if !both_or_none && !all {
                    continue;
                }
                let ends = what_does_not_wait_is_counted(method, compression, layered);
                let ended = tokio::time::timeout(Duration::from_secs(120), ends).await;
                ended.unwrap_or_else(|_| panic!("{method}, {compression:?}, layered: {layered}"));
            }
        }
    }
}
