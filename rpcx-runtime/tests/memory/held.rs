//! What is held for peers is bounded by one budget, and given back.

use std::time::Duration;

use rpcx_runtime::protocol::{Codec, Compression, FrameEncoder, Header, Metadata, compress};
use rpcx_runtime::{Limits, MemoryBudget};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::echo::{EchoClient, Running, start};
use super::{ALONE, grown_since, resident};

const MIB: usize = 1 << 20;

fn limits(budget: &MemoryBudget) -> Limits {
    let mut limits = Limits::server();
    limits.memory = budget.clone();
    limits.connection_request_bytes = usize::MAX;
    limits
}

fn frame(header: Header, method: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut frame = FrameEncoder::new(&mut out, header);
    frame.names(b"Echo", method);
    frame.metadata(&Metadata::new());
    frame.payload(payload);
    frame.finish().unwrap();
    out
}

fn request(seq: u64, method: &[u8], payload: &[u8]) -> Vec<u8> {
    frame(Header::request(seq, Codec::RAW), method, payload)
}

async fn connect(server: &Running) -> TcpStream {
    TcpStream::connect(server.socket()).await.unwrap()
}

async fn given_back(budget: &MemoryBudget) {
    let empty = async {
        while budget.used() > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let empty = tokio::time::timeout(Duration::from_secs(20), empty).await;
    empty.unwrap_or_else(|_| panic!("{budget:?}"));
}

#[tokio::test]
async fn frames_that_never_end_have_half_of_the_budget() {
    let _alone = ALONE.lock().await;
    let budget = MemoryBudget::new(32 * MIB);
    let server = start(limits(&budget)).await;
    let before = resident();
    let most = request(1, b"Echo", &vec![7; 8 * MIB]);
    let mut sockets = Vec::new();
    for _ in 0..40 {
        let mut socket = connect(&server).await;
        socket.write_all(&most[..most.len() - 100]).await.unwrap();
        sockets.push(socket);
    }
    let client = EchoClient::connect(&server.address).await;
    assert_eq!(client.echo(b"small").await.unwrap(), b"small");
    let grown = grown_since(before);
    assert!(grown < 64 * MIB, "{grown} bytes for 320 MiB");
    // Which of them have room depends on how far two have come when both need more.
    let refused = || server.handle.stats().overloaded_memory;
    assert!((36..=39).contains(&refused()), "{}", refused());
    // A connection whose frame was refused goes on behind it.
    let mut told = 0;
    for mut socket in sockets {
        let rest = [
            &most[most.len() - 100..],
            &request(2, b"Echo", b"behind it"),
        ]
        .concat();
        socket.write_all(&rest).await.unwrap();
        socket.shutdown().await.unwrap();
        let mut answers = Vec::new();
        socket.read_to_end(&mut answers).await.unwrap();
        told += u64::from(
            String::from_utf8_lossy(&answers).contains("the memory for requests is spent"),
        );
        assert!(answers.ends_with(b"behind it"), "{} bytes", answers.len());
    }
    assert_eq!(told, refused());
    drop(client);
    given_back(&budget).await;
}

#[tokio::test]
async fn what_counts_is_the_inflated_size() {
    let _alone = ALONE.lock().await;
    let budget = MemoryBudget::new(64 * MIB);
    let server = start(limits(&budget)).await;
    let before = resident();
    let bomb = compress(Compression::GZIP, &vec![0; 15 * MIB]).unwrap();
    let mut socket = connect(&server).await;
    for seq in 1..=60 {
        let header = Header::request(seq, Codec::RAW).compressed(Compression::GZIP);
        let request = frame(header, b"Hold", &bomb);
        socket.write_all(&request).await.unwrap();
    }
    let stats = || server.handle.stats();
    while stats().calls_in_flight + stats().overloaded_memory < 60 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(stats().calls_in_flight, 5, "15 MiB each");
    assert_eq!(stats().memory, budget.used() as u64);
    let grown = grown_since(before);
    assert!(grown < 160 * MIB, "{grown} bytes");
    drop(socket);
    given_back(&budget).await;
}

#[tokio::test]
async fn a_few_bytes_do_not_hold_the_buffer_they_came_in() {
    let _alone = ALONE.lock().await;
    let budget = MemoryBudget::new(64 * MIB);
    let server = start(limits(&budget)).await;
    let before = resident();
    let mut socket = connect(&server).await;
    // Each is the first frame of a read of 32 KiB, whose rest asks for nothing.
    let rest = {
        let note = Header::request(0, Codec::RAW).oneway();
        frame(note, b"Note", &vec![0; 32 << 10])
    };
    for seq in 1..=2_000 {
        let request = request(seq, b"Hold", b"");
        socket
            .write_all(&[&request[..], &rest].concat())
            .await
            .unwrap();
    }
    while server.handle.stats().calls_in_flight < 2_000 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let grown = grown_since(before);
    assert!(grown < 24 * MIB, "{grown} bytes for 2,000 small calls");
    drop(socket);
    given_back(&budget).await;
}

#[tokio::test]
async fn replies_that_are_not_read_are_bounded() {
    let _alone = ALONE.lock().await;
    let budget = MemoryBudget::new(1 << 30);
    let mut limits = limits(&budget);
    limits.reply_bytes = 16 * MIB;
    let server = start(limits).await;
    let before = resident();
    let mut socket = connect(&server).await;
    let size = (4 * MIB).to_string();
    for seq in 1..=100 {
        let request = request(seq, b"Large", size.as_bytes());
        socket.write_all(&request).await.unwrap();
    }
    let stats = || server.handle.stats();
    // What the first reads have brought is run. If replies wait by then, the rest is read when they are.
    let has_run = || {
        let all = server.runs() == 100 || stats().unread_replies > 0;
        all && stats().calls == server.runs() as u64 && stats().calls_in_flight == 0
    };
    while !has_run() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!(stats().dropped_replies > 60, "{:?}", stats());
    assert!(
        budget.used() > 16 * MIB && budget.used() < 32 * MIB,
        "{budget:?}"
    );
    let grown = grown_since(before);
    assert!(grown < 80 * MIB, "{grown} bytes for 400 MiB of replies");
    // Each caller has an answer, when the peer reads again.
    let (mut whole, mut dropped) = (0, 0);
    for _ in 0..100 {
        let mut head = [0; 16];
        socket.read_exact(&mut head).await.unwrap();
        let length = u32::from_be_bytes(head[12..].try_into().unwrap()) as usize;
        let mut body = vec![0; length];
        socket.read_exact(&mut body).await.unwrap();
        match length > 4 * MIB {
            true => whole += 1,
            false => {
                assert!(String::from_utf8_lossy(&body).contains("was dropped"));
                dropped += 1;
            }
        }
    }
    assert!(whole >= 4 && dropped > 60, "{whole} and {dropped}");
    given_back(&budget).await;
}

#[tokio::test]
async fn pushes_that_no_service_takes_are_bounded() {
    let _alone = ALONE.lock().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp@{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut head = [0; 16];
        socket.read_exact(&mut head).await.unwrap();
        let length = u32::from_be_bytes(head[12..].try_into().unwrap());
        socket
            .read_exact(&mut vec![0; length as usize])
            .await
            .unwrap();
        let pushed = frame(
            Header::request(1, Codec::RAW).oneway(),
            b"Push",
            &vec![7; MIB],
        );
        for _ in 0..200 {
            socket.write_all(&pushed).await.unwrap();
        }
        let seq = u64::from_be_bytes(head[4..12].try_into().unwrap());
        let reply = frame(Header::request(seq, Codec::RAW).reply(), b"Echo", b"done");
        socket.write_all(&reply).await.unwrap();
        std::future::pending::<()>().await;
    });
    let before = resident();
    let client = EchoClient::connect(&address).await;
    assert_eq!(client.echo(b"x").await.unwrap(), b"done");
    let dropped = client.0.channel().dropped_pushes();
    assert!((184..190).contains(&dropped), "{dropped}");
    let grown = grown_since(before);
    assert!(grown < 64 * MIB, "{grown} bytes for 200 MiB");
}
