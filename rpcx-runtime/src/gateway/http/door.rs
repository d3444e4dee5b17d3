//! Connections of HTTP on a port of rpcx, each served by hyper.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::ahead;
use super::direct::{self, Closing};
use super::entry::{Entry, Site};
use super::io::{Clocks, HttpIo};
use super::names;
use super::route::respond;
use super::settings::Http;
use crate::connection::{Limits, ReadBuffer};
use crate::dispatch::count;
use crate::event::Event;
use crate::pace::after;
use crate::server::{CROWDED, Door, Knock, Phase, ServerBuilder, old_at};
use crate::transport::{BoxFuture, Stream};

/// What a head may have, in bytes: request line, path and headers together.
const HEAD: usize = 64 << 10;

/// What hyper holds of one connection.
const BUFFER: usize = 128 << 10;

/// Requests that are under way at once on one connection of HTTP/2.
const STREAMS: usize = 128;

/// How often a client of HTTP/2 is asked whether it is there, and how long it may take to say so.
const PING: Duration = Duration::from_secs(30);

/// While draining, how long the first request of a connection may still be on its way.
const FIRST: Duration = Duration::from_millis(500);

/// How long a client may take to go that was told to, and has calls.
const LEAVING: Duration = Duration::from_secs(30);

/// The same for one of which no request was ever let through.
const LAST_WORD: Duration = Duration::from_secs(1);

/// How HTTP/2 begins.
const PREFACE: &[u8] = b"PRI * HTTP/2.0";

impl ServerBuilder {
    /// Answers HTTP on the ports of the networks `tcp`, `tcp4`, `tcp6`, `reuseport` and `unix`, also under TLS:
    /// Go's HTTP invoke, plain JSON, JSON-RPC 2.0, and the networks `http` and `ws`. The first byte of a
    /// connection says whether it is one of rpcx. Needs the feature `http`. See [`gateway`](crate::gateway).
    ///
    /// ```
    /// use rpcx::Server;
    /// use rpcx::gateway::Http;
    ///
    /// let server = Server::builder().listen("tcp@127.0.0.1:0").http(Http::new());
    /// ```
    pub fn http(self, http: Http) -> Self {
        let checked = http.check();
        self.door(checked.map(|()| Arc::new(Gateway(Site::new(http))) as _))
    }
}

/// The door of a server that speaks HTTP.
#[derive(Debug)]
struct Gateway(Arc<Site>);

impl Door for Gateway {
    fn serve(&self, knock: Knock) -> BoxFuture<'static, io::Result<()>> {
        Box::pin(serve(Arc::clone(&self.0), knock))
    }
}

async fn serve(site: Arc<Site>, knock: Knock) -> io::Result<()> {
    let Knock {
        mut stream,
        mut begun,
        shared,
        peer,
        calls,
    } = knock;
    if !begun.bytes.first().is_some_and(u8::is_ascii_uppercase) {
        count(&shared.counters().malformed_frames);
        let error = io::Error::new(io::ErrorKind::InvalidData, "it is neither rpcx nor HTTP");
        shared.events().emit(|tell| {
            tell(&Event::MalformedFrame {
                peer: &peer.to_string(),
                error: &error,
            });
        });
        return Err(error);
    }
    let multiplexed = tokio::select! {
        biased;
        begins = is_preface(&mut stream, &mut begun, shared.limits()) => begins?,
        () = peer.standing().crowded.wait() => {
            shared.reached(&shared.counters().crowded_out, &*peer);
            return Err(io::Error::other(CROWDED));
        }
    };
    let clocks = Clocks {
        head: (!multiplexed).then_some(shared.limits().frame_header),
        idle: site.http.idle,
        stall: shared.limits().write_stall,
    };
    let canonical = site.http.go_status_codes || names::are_of_go(&begun.bytes);
    let entry = Entry::new(site, Arc::clone(&shared), (peer, calls), stream.at_loopback);
    let io = HttpIo::new(
        (stream.reader, stream.writer),
        begun.bytes.freeze(),
        Arc::clone(&entry.activity),
        clocks,
    );
    let served = match multiplexed {
        true => multiplex(&entry, io).await,
        false => one_by_one(&entry, io, canonical).await,
    };
    // No answer can reach its client any more.
    entry.calls.lost.set();
    // Notifications of JSON-RPC have no response that would wait for them.
    tokio::select! {
        () = poll_fn(|cx| entry.calls.poll_idle(cx)) => {}
        () = shared.phase.cut() => {}
    }
    served
}

/// Whether a connection begins as HTTP/2 does; reads as much as that takes.
async fn is_preface(
    stream: &mut Stream,
    begun: &mut ReadBuffer,
    limits: &Limits,
) -> io::Result<bool> {
    loop {
        let length = begun.bytes.len().min(PREFACE.len());
        if begun.bytes[..length] != PREFACE[..length] {
            return Ok(false);
        }
        if length == PREFACE.len() {
            return Ok(true);
        }
        let read = timeout(limits.frame_header, begun.fill(&mut *stream.reader)).await;
        if read.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?? == 0 {
            return Ok(false);
        }
    }
}

/// `canonical`: names of headers are written as Go writes them.
async fn one_by_one(entry: &Arc<Entry>, io: HttpIo, canonical: bool) -> io::Result<()> {
    let closing = Closing::default();
    let connection = async {
        let io = match canonical {
            true => Some(io),
            false => {
                let served = direct::serve(entry, io, &closing).await;
                served.map_err(|error| lost(entry, error))?
            }
        };
        match io {
            Some(io) => by_hyper(entry, io, canonical, &closing).await,
            None => Ok(()),
        }
    };
    to_its_end(entry, connection, &closing).await
}

async fn by_hyper(
    entry: &Arc<Entry>,
    mut io: HttpIo,
    canonical: bool,
    closing: &Closing,
) -> io::Result<()> {
    let (own, ahead) = (Arc::clone(entry), io.ahead());
    let service =
        service_fn(move |request: http::Request<Incoming>| respond(Arc::clone(&own), request));
    let connection = http1::Builder::new()
        // `HttpIo` has a clock for heads, and another one for the time between requests.
        .header_read_timeout(None)
        .keep_alive(!closing.is_set())
        .title_case_headers(canonical)
        .max_header_size(HEAD)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(io), service)
        .with_upgrades();
    let mut served = pin!(told(connection, closing, |connection| {
        connection.graceful_shutdown()
    }));
    poll_fn(|cx| match served.as_mut().poll(cx) {
        Poll::Ready(served) => Poll::Ready(served.map_err(|error| lost_by_hyper(entry, error))),
        Poll::Pending if entry.activity.is_running() => {
            ahead.poll_gone(cx).map(|()| Err(ahead::gone()))
        }
        Poll::Pending => Poll::Pending,
    })
    .await
}

async fn multiplex(entry: &Arc<Entry>, io: HttpIo) -> io::Result<()> {
    let own = Arc::clone(entry);
    let service =
        service_fn(move |request: http::Request<Incoming>| respond(Arc::clone(&own), request));
    let limits = entry.shared.limits();
    let streams = limits.connection_calls.clamp(1, STREAMS);
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING)
        .max_concurrent_streams(streams as u32)
        .max_header_list_size(HEAD as u32)
        .serve_connection(TokioIo::new(io), service);
    let closing = Closing::default();
    let connection = async {
        told(connection, &closing, |connection| {
            connection.graceful_shutdown()
        })
        .await
        .map_err(|error| lost_by_hyper(entry, error))
    };
    to_its_end(entry, connection, &closing).await
}

/// Serves a connection by hyper, which is told once it is to take no more requests.
async fn told<C: Future<Output = hyper::Result<()>>>(
    connection: C,
    closing: &Closing,
    close: fn(Pin<&mut C>),
) -> hyper::Result<()> {
    let (mut connection, mut told) = (pin!(connection), closing.is_set());
    poll_fn(|cx| {
        if closing.is_set() && !std::mem::replace(&mut told, true) {
            close(connection.as_mut());
        }
        connection.as_mut().poll(cx)
    })
    .await
}

/// Why a connection is to take no more requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// The server drains.
    Draining,
    /// No request has come for too long.
    Idle,
    /// It is open for as long as one may be.
    Aged,
    /// Others need its place.
    Crowded,
}

/// Serves a connection to its end, which comes in good order where the server wants no more of it: its client is told
/// that it is to take no more requests, and gets the responses to those that it took, within a time.
async fn to_its_end(
    entry: &Entry,
    connection: impl Future<Output = io::Result<()>>,
    closing: &Closing,
) -> io::Result<()> {
    let phase: &Phase = &entry.shared.phase;
    let mut connection = pin!(connection);
    let ending = tokio::select! {
        biased;
        ended = connection.as_mut() => return ended,
        ending = ending(entry) => ending,
    };
    closing.set();
    let known = entry.peer.standing().is_known();
    let last = after(Instant::now(), ending.last(known));
    tokio::select! {
        ended = connection => ended?,
        () = phase.cut() => {}
        () = sleep_until(last) => {}
    }
    match ending {
        Ending::Crowded if !known => Err(io::Error::other(CROWDED)),
        _ => Ok(()),
    }
}

/// Waits until a connection is to take no more requests, and counts why.
async fn ending(entry: &Entry) -> Ending {
    let counters = entry.shared.counters();
    let (ending, counter) = tokio::select! {
        () = draining(entry) => return Ending::Draining,
        () = entry.peer.standing().crowded.wait() => (Ending::Crowded, &counters.crowded_out),
        () = entry.activity.idle.wait() => (Ending::Idle, &counters.idle_connections),
        () = sleep_until(old_at(entry.shared.limits())) => (Ending::Aged, &counters.aged_connections),
    };
    entry.shared.reached(counter, &*entry.peer);
    ending
}

impl Ending {
    /// How long the responses may take that are still to come.
    fn last(self, known: bool) -> Duration {
        match self {
            // As long as the server allows.
            Self::Draining => Duration::MAX,
            Self::Crowded if !known => LAST_WORD,
            Self::Idle | Self::Aged | Self::Crowded => LEAVING,
        }
    }
}

/// Waits until the server drains and, if there was no request yet, a while for the first one, which the client has sent
/// or is about to.
async fn draining(entry: &Entry) {
    entry.shared.phase.draining().await;
    let none = entry.activity.begun() == 0;
    if none {
        sleep(FIRST).await;
    }
}

/// Counts why a connection was lost.
fn lost_by_hyper(entry: &Entry, error: hyper::Error) -> io::Error {
    if error.is_parse() {
        count(&entry.shared.counters().malformed_frames);
    }
    let late = std::error::Error::source(&error)
        .and_then(|cause| cause.downcast_ref::<io::Error>())
        .filter(|cause| cause.kind() == io::ErrorKind::TimedOut);
    match late.map(ToString::to_string) {
        Some(text) => lost(entry, io::Error::new(io::ErrorKind::TimedOut, text)),
        None => io::Error::other(error),
    }
}

/// The same, where it was the stream that failed.
fn lost(entry: &Entry, error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::TimedOut {
        let counters = entry.shared.counters();
        let counter = match error.to_string().contains("response") {
            true => &counters.stalled_writes,
            false => &counters.slow_frames,
        };
        entry.shared.reached(counter, &*entry.peer);
    }
    error
}
