//! The bodies of requests: whole, or refused.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::StatusCode;
use http_body::Body;
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};

use super::entry::Entry;
use super::failure::Failure;
use crate::connection::ARRIVING;
use crate::dispatch::Arriving;
use crate::error::{Error, Rejection};
use crate::pace::after;

/// A body that has arrived, counted as held until this is dropped.
pub(super) struct Received {
    pub(super) bytes: Bytes,
    _held: Option<Arriving>,
}

impl Received {
    /// The bytes, of which what is made of them is counted from here on.
    pub(super) fn into_bytes(self) -> Bytes {
        self.bytes
    }
}

/// Reads a body of at most as many bytes as a request may have, which has to come as fast as a frame.
/// `deadline` is that of the call.
pub(super) async fn read<B: Body<Data: Buf>>(
    entry: &Entry,
    body: B,
    deadline: Option<Instant>,
) -> Result<Received, Failure> {
    let limits = &entry.dispatch.admission.limits;
    let longest = entry.site.http.body_limit.unwrap_or(limits.frame.body);
    if body.size_hint().lower() > longest as u64 {
        return Err(too_long(entry, longest));
    }
    let mut body = pin!(body);
    let mut held = None;
    let (mut first, mut all) = (Bytes::new(), BytesMut::new());
    let mut clock = Clock {
        began: None,
        deadline,
    };
    loop {
        let length = first.len() + all.len();
        let Some(frame) = clock.next(entry, body.frame(), length).await? else {
            break;
        };
        let frame = frame.map_err(|_| {
            let text = "the body is not whole";
            Failure::refused(StatusCode::BAD_REQUEST, text)
        })?;
        let Ok(mut data) = frame.into_data() else {
            continue;
        };
        let more = data.remaining();
        if length.saturating_add(more) > longest {
            return Err(too_long(entry, longest));
        }
        // One that came whole waits for nothing before it is dispatched, where it counts again. Most do, and counters of the
        // whole server are what its threads wait for.
        let is_whole = length == 0 && more <= ARRIVING && body.is_end_stream();
        if !is_whole {
            let held = held.get_or_insert_with(|| Arriving::new(&entry.dispatch.admission));
            let full = |reason| Failure::from(Error::rejected(Rejection::Overloaded, reason));
            held.add(more, &entry.peer).map_err(full)?;
        }
        if length == 0 {
            first = data.copy_to_bytes(more);
        } else {
            all.extend_from_slice(&std::mem::take(&mut first));
            all.put(data);
        }
        if body.is_end_stream() {
            break;
        }
    }
    let bytes = match all.is_empty() {
        true => first,
        false => all.freeze(),
    };
    Ok(Received { bytes, _held: held })
}

/// The time that a body has.
struct Clock {
    /// When it had to be waited for first.
    began: Option<Instant>,
    /// That of the call.
    deadline: Option<Instant>,
}

impl Clock {
    /// The next part of a body of which `length` bytes have come. Only what has to be waited for needs a clock, and most
    /// bodies have come with their head.
    async fn next<T>(
        &mut self,
        entry: &Entry,
        mut part: impl Future<Output = T> + Unpin,
        length: usize,
    ) -> Result<T, Failure> {
        if let Poll::Ready(part) = poll_fn(|cx| Poll::Ready(Pin::new(&mut part).poll(cx))).await {
            return Ok(part);
        }
        let limits = &entry.dispatch.admission.limits;
        let began = *self.began.get_or_insert_with(Instant::now);
        let earned = Duration::from_secs_f64(length as f64 / limits.frame_rate.max(1) as f64);
        let slow = after(began, limits.frame_body.max(earned));
        let until = self.deadline.map_or(slow, |deadline| deadline.min(slow));
        // In memory of its own: the rare way is not to make the future of every request larger.
        match Box::pin(timeout_at(until, part)).await {
            Err(_) if until == slow => Err(too_slow(entry)),
            Err(_) => Err(expired().into()),
            Ok(part) => Ok(part),
        }
    }
}

/// What a call is told whose deadline has passed before it was started.
pub(super) fn expired() -> Error {
    let text = "the deadline passed before the method was started";
    Error::rejected(Rejection::Expired, text)
}

fn too_long(entry: &Entry, longest: usize) -> Failure {
    let admission = &entry.dispatch.admission;
    admission.reached(&admission.counters.oversized_requests, &*entry.peer);
    let text = format!("the body has more than {longest} bytes");
    Failure::refused(StatusCode::PAYLOAD_TOO_LARGE, text)
}

fn too_slow(entry: &Entry) -> Failure {
    let admission = &entry.dispatch.admission;
    admission.reached(&admission.counters.slow_frames, &*entry.peer);
    let text = "the body came too slowly";
    Failure::refused(StatusCode::REQUEST_TIMEOUT, text)
}
