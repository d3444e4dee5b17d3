//! Calls in their most common form, without hyper: a `POST` that came in one piece, whose headers say nothing of the
//! connection and none of which is there twice.
//!
//! They are answered by what answers all others, `route.rs`; what is saved is the way of a message through hyper, half of
//! the instructions of a call. Whatever else comes, hyper serves the connection from there on, so nothing of HTTP has
//! to be decided here: a form that is not known is no error.

mod read;
mod write;

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use http::Response;
use http_body_util::Full;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::ahead;
use super::entry::Entry;
use super::io::HttpIo;
use super::reply::ResponseBody;
use super::route;

/// Memory for what is read, in bytes, and how much of it is there at least for each read. What does not fit is hyper's.
const ROOM: usize = 8 << 10;
const LEAST: usize = 4 << 10;

/// Whether a connection is to take no more requests.
#[derive(Debug, Default)]
pub(super) struct Closing(AtomicBool);

impl Closing {
    /// The connection has to be polled then.
    pub(super) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Serves a connection until it ends, or until something comes on it that is for hyper, which then goes on with it.
pub(super) async fn serve(
    entry: &Entry,
    mut io: HttpIo,
    closing: &Closing,
) -> io::Result<Option<HttpIo>> {
    let (mut read, mut out) = (BytesMut::new(), Vec::new());
    while comes(&mut io, &mut read, closing).await? {
        let mut came = read.split().freeze();
        while !came.is_empty() {
            let Some((asked, body)) = read::call(&came) else {
                io.put_back(&[&came, &read]);
                return Ok(Some(io));
            };
            let end = body.end;
            let body = Full::new(came.slice(body));
            let answer = route::take(entry, &asked, body);
            let response = while_there(&mut io, &mut read, answer).await?;
            let last = closing.is_set();
            send(&mut io, &mut out, &response, last).await?;
            if last {
                break;
            }
            came.advance(end);
        }
        if closing.is_set() {
            break;
        }
    }
    io.shutdown().await?;
    Ok(None)
}

/// Waits for bytes. None come where the client has ended, or the connection is to take no more.
async fn comes(io: &mut HttpIo, read: &mut BytesMut, closing: &Closing) -> io::Result<bool> {
    poll_fn(|cx| {
        if !read.is_empty() {
            return Poll::Ready(Ok(true));
        }
        match poll_read(io, read, cx) {
            Poll::Ready(length) => Poll::Ready(length.map(|length| length > 0)),
            Poll::Pending if closing.is_set() => Poll::Ready(Ok(false)),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Waits for an answer, for as long as the client does.
async fn while_there<T>(
    io: &mut HttpIo,
    read: &mut BytesMut,
    answer: impl Future<Output = T>,
) -> io::Result<T> {
    let mut answer = pin!(answer);
    poll_fn(|cx| {
        if let Poll::Ready(answer) = answer.as_mut().poll(cx) {
            return Poll::Ready(Ok(answer));
        }
        while read.len() < ahead::MOST {
            if ready!(poll_read(io, read, cx))? == 0 {
                return Poll::Ready(Err(ahead::gone()));
            }
        }
        Poll::Pending
    })
    .await
}

fn poll_read(
    io: &mut HttpIo,
    read: &mut BytesMut,
    cx: &mut Context<'_>,
) -> Poll<io::Result<usize>> {
    if read.capacity() - read.len() < LEAST {
        read.reserve(ROOM);
    }
    pin!(io.read_buf(read)).poll(cx)
}

async fn send(
    io: &mut HttpIo,
    out: &mut Vec<u8>,
    response: &Response<ResponseBody>,
    last: bool,
) -> io::Result<()> {
    write::response(out, response, last);
    io.write_all(out).await?;
    let body = response.body().bytes();
    if write::is_long(body) {
        io.write_all(body).await?;
    }
    io.flush().await?;
    // A connection that is idle keeps no memory of a long response.
    if out.capacity() > LEAST {
        *out = Vec::new();
    }
    Ok(())
}
