//! Instructions of the steps of a call, and of one whole call without a network.

mod limits;
mod shared;

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
use rpcx::layer::{Next, Request, Response};
use rpcx::{Channel, InProcess, Server};
use shared::SharedMessage;
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

fn filled() -> (Vec<u8>, BenchmarkMessage) {
    (room(), BenchmarkMessage::filled())
}

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
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let channel = {
        let _inside = runtime.enter();
        let server = BenchServer::new(Bencher).layer(pass_on);
        Channel::from(InProcess::new(server))
    };
    warmed(runtime, BenchClient::new(channel).layer(pass_on))
}

/// Over TCP, both sides on one thread. What the system does for it is not counted.
fn loopback() -> (Runtime, BenchClient) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let channel = runtime.block_on(async {
        let server = Server::builder().register(BenchServer::new(Bencher));
        let server = server.listen("tcp@127.0.0.1:0").bind().await.unwrap();
        let address = server.addresses()[0].clone();
        tokio::spawn(server.serve());
        Channel::connect(address).await.unwrap()
    });
    warmed(runtime, BenchClient::new(channel))
}

fn warmed(runtime: Runtime, client: BenchClient) -> (Runtime, BenchClient) {
    for _ in 0..10 {
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

#[library_benchmark(config = at_most(limits::LOOPBACK_CALL))]
#[bench::mul(args = (), setup = loopback)]
fn loopback_call((runtime, client): (Runtime, BenchClient)) -> (MulReply, Runtime, BenchClient) {
    let reply = call(&runtime, &client);
    (reply, runtime, client)
}

library_benchmark_group!(
    name = hot_path,
    benchmarks = [
        encode_args,
        decode_args,
        encode_message,
        decode_message,
        decode_shared,
        decode_frame,
        in_process_call,
        layered_call,
        loopback_call
    ]
);

main!(library_benchmark_groups = hot_path);
