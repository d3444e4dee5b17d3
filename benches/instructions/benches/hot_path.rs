//! Instructions of the steps of a call, and of one whole call without a network.

mod limits;
mod shared;

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;
use std::hint::black_box;

use bytes::BytesMut;
use gungraun::{
    Callgrind, EventKind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main,
};
use peers::peer::rpcx::{BenchClient, BenchServer, Bencher, BenchmarkMessage, MulArgs, MulReply};
use rpcx::codec::{ByType, decode_as, encode_as};
use rpcx::protocol::{
    Decoded, Decoder, FrameEncoder, FrameLimits, Header, Metadata, Codec,
};
use rpcx::client::Select;
use rpcx::gateway::Http;
use rpcx::layer::{Head, Layer, Next, Request, Response, before};
use rpcx::{Channel, InProcess, Server, ServerBuilder};
use shared::{BorrowedMessage, SharedMessage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

const ARGS: MulArgs = MulArgs { a: 10, b: 20 };

/// The run fails when more are counted.
fn at_most(instructions: u64) -> LibraryBenchmarkConfig {
    let mut config = LibraryBenchmarkConfig::default();
    config.tool(Callgrind::default().hard_limits([(EventKind::Ir, instructions)]));
    config
}

fn room() -> Vec<u8> {
    Vec::with_capacity(4096)
}

fn args() -> Vec<u8> {
    let mut out = room();
    encode_as::<ByType, _>(&ARGS, Codec::MSGPACK, &mut out).unwrap();
    out
}

fn message() -> Vec<u8> {
    let mut out = room();
    encode_as::<ByType, _>(
        &BenchmarkMessage::filled(),
        Codec::MSGPACK,
        &mut out,
    )
    .unwrap();
    out
}

/// The message as it arrives; one was read before, so that what the processor can do is known.
fn received() -> Vec<u8> {
    let bytes = message();
    let _: BenchmarkMessage = decode_as::<ByType, _>(Codec::MSGPACK, &bytes).unwrap();
    bytes
}

/// The same with texts of as many bytes that are ASCII.
fn received_in_ascii() -> Vec<u8> {
    let mut value = BenchmarkMessage::filled();
    let ascii = |text: &mut String| *text = "a".repeat(text.len());
    ascii(&mut value.field1);
    let more = [&mut value.field4, &mut value.field7, &mut value.field9, &mut value.field18];
    let last = [&mut value.field102, &mut value.field103, &mut value.field129];
    more.into_iter().chain(last).flatten().for_each(ascii);
    let mut out = room();
    encode_as::<ByType, _>(&value, Codec::MSGPACK, &mut out).unwrap();
    out
}

fn filled() -> (Vec<u8>, BenchmarkMessage) {
    (room(), BenchmarkMessage::filled())
}

/// A map of ten entries, as JSON.
fn entries() -> Vec<u8> {
    let map: BTreeMap<String, i64> = (0..10).map(|n| (format!("key {n}"), n)).collect();
    let mut out = room();
    encode_as::<ByType, _>(&map, Codec::JSON, &mut out).unwrap();
    out
}

/// Hashed without a key, so that the same is counted each time.
type Hashed = HashMap<String, i64, BuildHasherDefault<DefaultHasher>>;

/// A request as it arrives, with the next one behind it.
fn frames() -> (Decoder, BytesMut) {
    let mut out = room();
    for sequence in 1..=2 {
        let header = Header::request(sequence, Codec::MSGPACK);
        let mut frame = FrameEncoder::new(&mut out, header);
        frame.names(b"Bench", b"Mul");
        frame.metadata(&Metadata::new());
        frame.payload(&args());
        frame.finish().unwrap();
    }
    (Decoder::new(FrameLimits::SERVER), BytesMut::from(&out[..]))
}

/// Has made calls already, so that buffers and slots have grown.
fn connected() -> (Runtime, BenchClient) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let channel = {
        let _inside = runtime.enter();
        Channel::from(InProcess::new(BenchServer::new(Bencher)))
    };
    warmed(runtime, BenchClient::new(channel))
}

async fn pass_on(request: Request, next: Next) -> Response {
    next.run(request).await
}

/// The same with a layer on each side that does nothing.
fn layered() -> (Runtime, BenchClient) {
    through(pass_on, pass_on)
}

/// The same with layers that do nothing and let each call pass.
fn passed() -> (Runtime, BenchClient) {
    through(before(|_: &mut Head<'_>| Ok(())), before(|_: &mut Head<'_>| Ok(())))
}

fn through(client_layer: impl Layer, server_layer: impl Layer) -> (Runtime, BenchClient) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let channel = {
        let _inside = runtime.enter();
        let server = BenchServer::new(Bencher).layer(server_layer);
        Channel::from(InProcess::new(server))
    };
    warmed(runtime, BenchClient::new(channel).layer(client_layer))
}

/// Over TCP, both sides on one thread. What the system does for it is not counted.
fn loopback() -> (Runtime, BenchClient) {
    over_tcp(Server::builder())
}

/// The same on a port on which HTTP is answered, too.
fn beside_http() -> (Runtime, BenchClient) {
    over_tcp(Server::builder().http(Http::new()))
}

fn over_tcp(server: ServerBuilder) -> (Runtime, BenchClient) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let channel = runtime.block_on(async {
        let server = server.register(BenchServer::new(Bencher));
        let server = server.listen("tcp@127.0.0.1:0").bind().await.unwrap();
        let address = server.addresses()[0].clone();
        tokio::spawn(server.serve());
        Channel::connect(address).await.unwrap()
    });
    warmed(runtime, BenchClient::new(channel))
}

/// One channel to so many nodes in this process, all of them connected to if they are few. A hash takes the same one for
/// each call.
fn fleet((select, nodes): (Select, usize)) -> (Runtime, BenchClient) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let channel = runtime.block_on(async {
        let names: Vec<_> = (0..nodes).map(|at| format!("mem@{nodes}-{at}")).collect();
        let server = Server::builder().register(BenchServer::new(Bencher));
        let listening = names.iter().fold(server, |server, name| server.listen(name.as_str()));
        tokio::spawn(listening.bind().await.unwrap().serve());
        let channel = Channel::builder().addresses(names.iter().map(String::as_str));
        let channel = channel.select(select).build().await.unwrap();
        if nodes <= 3 {
            channel.warm([""; 0]).await.unwrap();
        }
        channel
    });
    warmed(runtime, BenchClient::new(channel))
}

/// A connection of HTTP that has made calls already. The client does as little as one can.
fn by_http() -> (Runtime, TcpStream) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let stream = runtime.block_on(async {
        let server = Server::builder().register(BenchServer::new(Bencher));
        let server = server.listen("tcp@127.0.0.1:0").http(Http::new());
        let server = server.bind().await.unwrap();
        let address = server.addresses()[0].location().to_owned();
        tokio::spawn(server.serve());
        TcpStream::connect(address).await.unwrap()
    });
    let mut called = (runtime, stream);
    for _ in 0..10 {
        called = http_call(called);
    }
    called
}

const REQUEST: &[u8] = b"POST /Bench/Mul HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"A\":10,\"B\":20}";

fn http_call((runtime, mut stream): (Runtime, TcpStream)) -> (Runtime, TcpStream) {
    runtime.block_on(async {
        stream.write_all(black_box(REQUEST)).await.unwrap();
        let mut answer = [0; 512];
        let read = stream.read(&mut answer).await.unwrap();
        assert!(answer[..read].ends_with(b"{\"C\":200}"));
    });
    (runtime, stream)
}

fn warmed(runtime: Runtime, client: BenchClient) -> (Runtime, BenchClient) {
    // Until each side has a buffer to read into that it keeps.
    for _ in 0..100 {
        call(&runtime, &client);
    }
    (runtime, client)
}

fn call(runtime: &Runtime, client: &BenchClient) -> MulReply {
    runtime.block_on(async { client.mul(black_box(ARGS)).await.unwrap() })
}

#[library_benchmark(config = at_most(limits::ENCODE_ARGS))]
#[bench::mul(args = (), setup = room)]
fn encode_args(mut out: Vec<u8>) -> Vec<u8> {
    encode_as::<ByType, _>(black_box(&ARGS), Codec::MSGPACK, &mut out).unwrap();
    out
}

#[library_benchmark(config = at_most(limits::DECODE_ARGS))]
#[bench::mul(args = (), setup = args)]
fn decode_args(bytes: Vec<u8>) -> (Vec<u8>, MulArgs) {
    let value = decode_as::<ByType, _>(Codec::MSGPACK, black_box(&bytes)).unwrap();
    (bytes, value)
}

#[library_benchmark(config = at_most(limits::ENCODE_MESSAGE))]
#[bench::fields_40(args = (), setup = filled)]
fn encode_message((mut out, message): (Vec<u8>, BenchmarkMessage)) -> (Vec<u8>, BenchmarkMessage) {
    encode_as::<ByType, _>(black_box(&message), Codec::MSGPACK, &mut out).unwrap();
    (out, message)
}

#[library_benchmark(config = at_most(limits::DECODE_MESSAGE))]
#[bench::fields_40(args = (), setup = received)]
#[bench::ascii(args = (), setup = received_in_ascii, config = at_most(limits::DECODE_ASCII))]
fn decode_message(bytes: Vec<u8>) -> (Vec<u8>, BenchmarkMessage) {
    let value = decode_as::<ByType, _>(Codec::MSGPACK, black_box(&bytes)).unwrap();
    (bytes, value)
}

#[library_benchmark(config = at_most(limits::DECODE_SHARED))]
#[bench::fields_40(args = (), setup = received)]
fn decode_shared(bytes: Vec<u8>) -> (Vec<u8>, SharedMessage) {
    let value = decode_as::<ByType, _>(Codec::MSGPACK, black_box(&bytes)).unwrap();
    (bytes, value)
}

// Its texts are those of the payload, so it stays here. What frees its list is not counted, as with the others.
#[library_benchmark(config = at_most(limits::DECODE_BORROWED))]
#[bench::fields_40(args = (), setup = received)]
#[bench::ascii(args = (), setup = received_in_ascii, config = at_most(limits::DECODE_BORROWED_ASCII))]
fn decode_borrowed(bytes: Vec<u8>) -> Vec<u8> {
    let value: BorrowedMessage<'_> = decode_as::<ByType, _>(Codec::MSGPACK, black_box(&bytes)).unwrap();
    black_box(&value);
    std::mem::forget(value);
    bytes
}

#[library_benchmark(config = at_most(limits::DECODE_SORTED_MAP))]
#[bench::json(args = (), setup = entries)]
fn decode_sorted_map(bytes: Vec<u8>) -> (BTreeMap<String, i64>, Vec<u8>) {
    let map = decode_as::<ByType, _>(Codec::JSON, black_box(&bytes)).unwrap();
    (map, bytes)
}

#[library_benchmark(config = at_most(limits::DECODE_HASHED_MAP))]
#[bench::json(args = (), setup = entries)]
fn decode_hashed_map(bytes: Vec<u8>) -> (Hashed, Vec<u8>) {
    let map = decode_as::<ByType, _>(Codec::JSON, black_box(&bytes)).unwrap();
    (map, bytes)
}

#[library_benchmark(config = at_most(limits::DECODE_FRAME))]
#[bench::mul(args = (), setup = frames)]
fn decode_frame((mut decoder, mut buffer): (Decoder, BytesMut)) -> (Decoded, BytesMut) {
    let decoded = decoder.decode(black_box(&mut buffer)).unwrap();
    (decoded, buffer)
}

#[library_benchmark(config = at_most(limits::CALL))]
#[bench::mul(args = (), setup = connected)]
fn in_process_call((runtime, client): (Runtime, BenchClient)) -> (MulReply, Runtime, BenchClient) {
    let reply = call(&runtime, &client);
    (reply, runtime, client)
}

#[library_benchmark(config = at_most(limits::LAYERED_CALL))]
#[bench::mul(args = (), setup = layered)]
fn layered_call((runtime, client): (Runtime, BenchClient)) -> (MulReply, Runtime, BenchClient) {
    let reply = call(&runtime, &client);
    (reply, runtime, client)
}

#[library_benchmark(config = at_most(limits::PASSED_CALL))]
#[bench::mul(args = (), setup = passed)]
fn passed_call((runtime, client): (Runtime, BenchClient)) -> (MulReply, Runtime, BenchClient) {
    let reply = call(&runtime, &client);
    (reply, runtime, client)
}

#[library_benchmark(config = at_most(limits::LOOPBACK_CALL))]
#[bench::mul(args = (), setup = loopback)]
fn loopback_call((runtime, client): (Runtime, BenchClient)) -> (MulReply, Runtime, BenchClient) {
    let reply = call(&runtime, &client);
    (reply, runtime, client)
}

#[library_benchmark(config = at_most(limits::CALL_BESIDE_HTTP))]
#[bench::mul(args = (), setup = beside_http)]
fn call_beside_http((runtime, client): (Runtime, BenchClient)) -> (MulReply, Runtime, BenchClient) {
    let reply = call(&runtime, &client);
    (reply, runtime, client)
}

#[library_benchmark(config = at_most(limits::FLEET_CALL))]
#[bench::round_robin_3(args = ((Select::RoundRobin, 3)), setup = fleet)]
#[bench::hash_3(args = ((Select::ConsistentHash, 3)), setup = fleet)]
#[bench::hash_100(args = ((Select::ConsistentHash, 100)), setup = fleet)]
#[bench::hash_10_000(args = ((Select::ConsistentHash, 10_000)), setup = fleet)]
fn fleet_call((runtime, client): (Runtime, BenchClient)) -> (MulReply, Runtime, BenchClient) {
    let reply = call(&runtime, &client);
    (reply, runtime, client)
}

#[library_benchmark(config = at_most(limits::CALL_BY_HTTP))]
#[bench::mul(args = (), setup = by_http)]
fn call_by_http(called: (Runtime, TcpStream)) -> (Runtime, TcpStream) {
    http_call(called)
}

library_benchmark_group!(
    name = hot_path,
    benchmarks = [
        encode_args,
        decode_args,
        encode_message,
        decode_message,
        decode_shared,
        decode_borrowed,
        decode_sorted_map,
        decode_hashed_map,
        decode_frame,
        in_process_call,
        layered_call,
        passed_call,
        loopback_call,
        call_beside_http,
        call_by_http,
        fleet_call
    ]
);

main!(library_benchmark_groups = hot_path);
