//! What a server sends to a client.

use std::cell::RefCell;
use std::io;
use std::sync::Mutex;

use bytes::BytesMut;
use rpcx::Channel;
use rpcx::protocol::{Codec, Decoded, Decoder, Frame, FrameLimits};
use rpcx::transport::{Address, BoxFuture, Connect, Stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex, split};

use super::frames::{chunks, sizes};

/// The sequence numbers of the first calls on a connection.
pub const CALLS: [u64; 3] = [1 << 24, (2 << 24) + 1, (3 << 24) + 2];

thread_local! {
    static RUNTIME: RefCell<tokio::runtime::Runtime> = RefCell::new(
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime without I/O takes nothing")
    );
}

/// The way to one stream.
struct One(Mutex<Option<DuplexStream>>);

impl Connect for One {
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
        let near = self.0.lock().ok().and_then(|mut near| near.take());
        Box::pin(async {
            let (reader, writer) = split(near.ok_or(io::ErrorKind::NotConnected)?);
            Ok(Stream::new(reader, writer, Address::custom("one", "peer")))
        })
    }
}

/// The input is a number of sizes, the sizes, and what a server sends in pieces of these sizes when it has got
/// three requests; then it closes. Each call has an outcome, and a success is a reply that came.
pub fn replies(data: &[u8]) {
    let (sizes, bytes) = sizes(data);
    RUNTIME.with_borrow_mut(|runtime| runtime.block_on(exchange(sizes, bytes)));
}

async fn exchange(sizes: &[u8], bytes: &[u8]) {
    let (near, far) = duplex(4096);
    let channel = Channel::builder()
        .connector("one", One(Mutex::new(Some(near))))
        .no_heartbeat()
        .build_lazy();
    let method = channel.expect("the settings are right").raw("A", "B");
    let method = method.codec(Codec::RAW).attempts(1);
    let calls = async { tokio::join!(method.call(""), method.call(""), method.call("")) };
    let (outcomes, ()) = tokio::join!(calls, serve(far, sizes, bytes));
    let sent = replies_in(bytes);
    // Which call has which number is a matter of which was woken first.
    let first = |seq: u64| sent.iter().find(|frame| frame.header.seq == seq);
    let mut first: Vec<_> = CALLS.into_iter().filter_map(first).collect();
    for outcome in [outcomes.0, outcomes.1, outcomes.2] {
        let Ok(reply) = outcome else { continue };
        // The status alone says what failed, as in Go: text of an error beside a success is metadata.
        let is_it = |frame: &&Frame| frame.payload() == reply.payload && frame.header.status() == 0;
        let at = first.iter().position(is_it);
        let at = at
            .unwrap_or_else(|| panic!("{reply:?} is none of those that came: {first:?}, {sent:?}"));
        first.swap_remove(at);
    }
}

async fn serve(mut far: DuplexStream, sizes: &[u8], bytes: &[u8]) {
    let (mut decoder, mut buffer) = (Decoder::new(FrameLimits::SERVER), BytesMut::new());
    for _ in CALLS {
        while !matches!(decoder.decode(&mut buffer), Ok(Decoded::Frame(_))) {
            if far.read_buf(&mut buffer).await.unwrap_or(0) == 0 {
                return;
            }
        }
    }
    for piece in chunks(bytes, sizes) {
        // The client may have closed.
        if far.write_all(piece).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// The replies in front of the first bytes that are no frame.
fn replies_in(bytes: &[u8]) -> Vec<Frame> {
    let (mut decoder, mut buffer) = (Decoder::new(FrameLimits::CLIENT), BytesMut::from(bytes));
    let mut replies = Vec::new();
    loop {
        match decoder.decode(&mut buffer) {
            Ok(Decoded::Frame(frame))
                if frame.header.is_response() && !frame.header.is_heartbeat() =>
            {
                replies.push(frame);
            }
            Ok(Decoded::Frame(_) | Decoded::Refused(..)) => {}
            Ok(Decoded::Incomplete) | Err(_) => return replies,
        }
    }
}
