//! HTTP/2, frame by frame: streams that are reset, and heads that do not end.

use std::sync::atomic::Ordering;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;

use super::{Door, door, until};

const DATA_END: u8 = 0x1;
const HEAD_END: u8 = 0x4;

const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const CONTINUATION: u8 = 9;

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut out = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    out.extend([kind, flags]);
    out.extend(stream.to_be_bytes());
    out.extend(payload);
    out
}

/// `POST` in HPACK without a table: static names, and texts as they are.
fn head(path: &str) -> Vec<u8> {
    let mut out = vec![0x83, 0x86, 0x04, path.len() as u8];
    out.extend(path.as_bytes());
    out.extend([0x01, 9]);
    out.extend(b"localhost");
    out
}

/// A connection that has begun as HTTP/2 does.
pub(super) async fn open(door: &Door) -> TcpStream {
    let mut socket = TcpStream::connect(&door.at).await.unwrap();
    let begins = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    // Where places are short it may have to go at once.
    let _ = socket.write_all(begins).await;
    let _ = socket.write_all(&frame(SETTINGS, 0, 0, &[])).await;
    socket
}

/// The same; what is answered is dropped.
async fn connect(door: &Door) -> OwnedWriteHalf {
    let (mut reader, writer) = open(door).await.into_split();
    tokio::spawn(async move {
        let mut room = vec![0; 64 << 10];
        while reader.read(&mut room).await.is_ok_and(|read| read > 0) {}
    });
    writer
}

fn request(stream: u32) -> Vec<u8> {
    frame(HEADERS, HEAD_END | DATA_END, stream, &head("/Echo/Hold"))
}

fn reset(stream: u32) -> Vec<u8> {
    frame(RESET, 0, stream, &8u32.to_be_bytes())
}

async fn still_answers(door: &Door) {
    let response = door.post("/Echo/Echo", "", "1").await;
    assert_eq!((response.status, &*response.body), (200, "1"));
}

fn dropped(door: &Door) -> usize {
    door.echo.dropped.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_stream_that_is_reset_drops_its_handler_while_the_connection_stays() {
    let door = door().await;
    let mut writer = connect(&door).await;
    for stream in [1, 3] {
        writer.write_all(&request(stream)).await.unwrap();
    }
    until("both handlers run", || door.runs() == 2).await;
    assert_eq!(dropped(&door), 0);
    writer.write_all(&reset(1)).await.unwrap();
    until("one handler is dropped", || dropped(&door) == 1).await;
    assert_eq!(door.handle.stats().calls_in_flight, 1);
    writer.write_all(&request(5)).await.unwrap();
    until("the connection takes another call", || door.runs() == 3).await;
}

#[tokio::test]
async fn many_streams_that_are_reset_at_once_leave_nothing_behind() {
    let door = door().await;
    let mut writer = connect(&door).await;
    for stream in (1..40_000).step_by(2) {
        let both = [request(stream), reset(stream)].concat();
        // The server may have had enough of it.
        if writer.write_all(&both).await.is_err() {
            break;
        }
    }
    still_answers(&door).await;
    drop(writer);
    // One of the runs is that of the other connection.
    until("all handlers are dropped", || {
        dropped(&door) + 1 == door.runs()
    })
    .await;
    assert_eq!(door.handle.stats().calls_in_flight, 0);
}

#[tokio::test]
async fn a_head_that_does_not_end_ends_its_connection() {
    let door = door().await;
    let mut writer = connect(&door).await;
    writer
        .write_all(&frame(HEADERS, DATA_END, 1, &head("/Echo/Hold")))
        .await
        .unwrap();
    // A header that is not kept: a literal with a name and a value of 100 bytes each.
    let one = [&[0x00, 100][..], &[b'a'; 100], &[100], &[b'b'; 100]].concat();
    let more = frame(CONTINUATION, 0, 1, &one.repeat(80));
    let mut sent = 0;
    while sent < 64 << 20 {
        if writer.write_all(&more).await.is_err() {
            break;
        }
        sent += more.len();
    }
    assert!(
        sent < 32 << 20,
        "the server has taken {sent} bytes of one head"
    );
    assert_eq!(door.runs(), 0);
    still_answers(&door).await;
}
