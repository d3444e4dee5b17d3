//! Frames that wait to be written: what one write, or one vectored write, is made of.
//!
//! ```text
//!   before:  [frames..., head of a]  [payload of a]  [frames..., head of b]  [payload of b]
//!   tail:    [frames...]  <- new frames are appended here
//! ```
//!
//! As a rule there is only a `tail`, and a write is one slice. A large payload is shared with the call
//! that sends it: copying it would cost more than a vectored write. Pieces alternate, so `tail`, which
//! comes behind an even number of them, always begins with the head of a frame.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;

use super::sink::Sink;
use crate::protocol::{frame_length, frame_seq};

/// A buffer larger than this is given back after use: a connection that once wrote much does not hold
/// the memory for ever. Below it, keeping the buffer saves an allocation for each write.
const KEEP: usize = 64 << 10;

/// Pieces that one write takes at most. A socket takes less than eight large payloads at once.
const PIECES: usize = 8;

/// Bytes that one write takes at most: others have their turn between two.
pub(super) const MOST: usize = 256 << 10;

/// What is written as one slice.
#[derive(Debug)]
enum Piece {
    Frames(Vec<u8>),
    Payload(Bytes),
}

impl Piece {
    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Frames(bytes) => bytes,
            Self::Payload(bytes) => bytes,
        }
    }
}

/// Whole frames, in the order in which they are written. A large payload is not copied: the call that
/// sends it, and may have to send it again, shares it.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// Frames, and room for more.
    tail: Vec<u8>,
    /// What stands before `tail`: in turn, a run of frames whose last one lacks its payload, and that
    /// payload. Never empty.
    #[expect(
        clippy::box_collection,
        reason = "as a rule it is not there, and a queue is moved about for every call"
    )]
    before: Option<Box<VecDeque<Piece>>>,
    /// Bytes of the first piece that are written already. They stay in place: moving the rest to the
    /// front after each partial write would cost more than the write.
    written: usize,
}

impl Queue {
    /// Bytes that are not written yet.
    #[inline]
    pub(super) fn len(&self) -> usize {
        let before = self.before.as_deref().map_or(0, length);
        before + self.tail.len() - self.written
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.tail.is_empty() && self.before.is_none()
    }

    /// Where frames are appended.
    #[inline]
    pub(crate) fn tail(&mut self) -> &mut Vec<u8> {
        &mut self.tail
    }

    /// Moves whole frames to the end.
    #[inline]
    pub(crate) fn append(&mut self, frames: &mut Vec<u8>) {
        if self.tail.is_empty() {
            std::mem::swap(&mut self.tail, frames);
        } else {
            self.tail.append(frames);
        }
    }

    /// Adds the payload of the frame that was appended last, and ends with the length of it.
    pub(crate) fn append_payload(&mut self, payload: Bytes) {
        let before = self.before.get_or_insert_default();
        before.push_back(Piece::Frames(std::mem::take(&mut self.tail)));
        before.push_back(Piece::Payload(payload));
    }

    /// Forgets what was written, and keeps a buffer of the usual size.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.before = None;
        self.tail.clear();
        self.written = 0;
        shrink(&mut self.tail);
    }

    /// Writes once; the result is how many bytes went.
    #[inline]
    pub(super) fn poll_write(
        &mut self,
        sink: &mut Sink,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if self.before.is_some() {
            return self.poll_write_pieces(sink, cx);
        }
        let left = &self.tail[self.written..];
        let written = Pin::new(sink).poll_write(cx, &left[..left.len().min(MOST)]);
        if let Poll::Ready(Ok(written)) = written {
            self.written += written;
            if self.written == self.tail.len() {
                self.tail.clear();
                self.written = 0;
            }
        }
        written
    }

    #[cold]
    fn poll_write_pieces(
        &mut self,
        sink: &mut Sink,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut pieces = [IoSlice::new(&[]); PIECES];
        let count = self.pieces(&mut pieces);
        let written = Pin::new(sink).poll_write_vectored(cx, &pieces[..count]);
        if let Poll::Ready(Ok(written)) = written {
            self.advance(written);
        }
        written
    }

    /// The first pieces that are not empty, and how many they are.
    fn pieces<'a>(&'a self, pieces: &mut [IoSlice<'a>; PIECES]) -> usize {
        let (mut skip, mut room) = (self.written, MOST);
        let all = self.all().map(|piece| {
            // What is written is a part of the first.
            let piece = &piece[std::mem::take(&mut skip)..];
            let piece = &piece[..piece.len().min(room)];
            room -= piece.len();
            piece
        });
        let filled = all.filter(|piece| !piece.is_empty()).zip(pieces);
        filled
            .map(|(piece, place)| *place = IoSlice::new(piece))
            .count()
    }

    fn advance(&mut self, written: usize) {
        self.written += written;
        let before = self.before.get_or_insert_default();
        while let Some(first) = before.front()
            && self.written >= first.as_bytes().len()
        {
            self.written -= first.as_bytes().len();
            before.pop_front();
        }
        if before.is_empty() {
            self.before = None;
            self.tail.drain(..std::mem::take(&mut self.written));
        }
    }

    fn all(&self) -> impl Iterator<Item = &[u8]> {
        self.before
            .iter()
            .flat_map(|before| before.iter())
            .map(Piece::as_bytes)
            .chain([&self.tail[..]])
    }

    /// Takes out the frames whose sequence numbers are in `gone`, which is sorted. For queues of which
    /// nothing was written.
    ///
    /// One pass over all frames, however many go: they lie behind each other without an index, and
    /// an index would cost every call something for the few that are given up.
    pub(super) fn remove(&mut self, gone: &[u64]) -> Swept {
        let mut swept = Swept::default();
        // Frames that are kept and whose end is not reached yet.
        let mut run = Vec::new();
        let mut left = VecDeque::new();
        let mut before = self.before.take().map(|before| *before).unwrap_or_default();
        while let Some(piece) = before.pop_front() {
            let Piece::Frames(mut frames) = piece else {
                continue;
            };
            let payload = before.pop_front();
            let whole = swept.sweep(&mut frames, gone);
            join(&mut run, frames);
            if let (Last::Kept, Some(payload)) = (whole, payload) {
                left.push_back(Piece::Frames(std::mem::take(&mut run)));
                left.push_back(payload);
            }
        }
        swept.sweep(&mut self.tail, gone);
        join(&mut run, std::mem::take(&mut self.tail));
        self.tail = run;
        self.before = (!left.is_empty()).then(|| Box::new(left));
        swept.removed.sort_unstable();
        swept
    }

    /// The sequence numbers of its frames. For queues of which nothing was written.
    pub(super) fn seqs(&self) -> Vec<u64> {
        self.frames().map(|frame| frame.seq).collect()
    }

    fn frames(&self) -> impl Iterator<Item = Place> {
        // Each second piece is a payload, and `tail` comes behind an even number of them.
        self.all().step_by(2).flat_map(|run| {
            let mut start = 0;
            std::iter::from_fn(move || {
                let place = Place::at(run, start)?;
                start = place.end;
                Some(place)
            })
        })
    }
}

/// Where a frame ends in its run: behind it, if its payload is the next piece.
struct Place {
    seq: u64,
    end: usize,
}

impl Place {
    fn at(run: &[u8], start: usize) -> Option<Self> {
        let rest = run.get(start..)?;
        let (seq, length) = (frame_seq(rest)?, frame_length(rest)?);
        Some(Self {
            seq,
            end: start + length,
        })
    }
}

/// What came of taking frames out of a queue.
#[derive(Debug, Default)]
pub(super) struct Swept {
    /// The sequence numbers of those that were there, sorted.
    pub(super) removed: Vec<u64>,
    /// How many frames are left.
    pub(super) kept: usize,
}

/// What became of the last frame of a run, and so of the payload behind it.
enum Last {
    Kept,
    Removed,
}

impl Swept {
    /// Takes frames out of one run. What stays moves to the front in one pass.
    fn sweep(&mut self, run: &mut Vec<u8>, gone: &[u64]) -> Last {
        let (mut start, mut kept, mut last) = (0, 0, Last::Kept);
        while let Some(place) = Place::at(run, start) {
            let end = place.end.min(run.len());
            if gone.binary_search(&place.seq).is_ok() {
                self.removed.push(place.seq);
                last = Last::Removed;
            } else {
                if kept < start {
                    run.copy_within(start..end, kept);
                }
                kept += end - start;
                self.kept += 1;
                last = Last::Kept;
            }
            start = end;
        }
        run.truncate(kept);
        last
    }
}

/// Appends a run to another one.
fn join(run: &mut Vec<u8>, mut next: Vec<u8>) {
    if run.is_empty() {
        *run = next;
    } else {
        run.append(&mut next);
    }
}

#[cold]
fn length(pieces: &VecDeque<Piece>) -> usize {
    pieces.iter().map(|piece| piece.as_bytes().len()).sum()
}

/// Gives an empty buffer back if it has grown beyond the usual.
#[inline]
pub(super) fn shrink(buffer: &mut Vec<u8>) {
    if buffer.capacity() > KEEP {
        *buffer = Vec::new();
    }
}

impl From<Vec<u8>> for Queue {
    #[inline]
    fn from(frames: Vec<u8>) -> Self {
        Self {
            tail: frames,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Codec, FrameEncoder, Header, Metadata};

    fn begin<'a>(out: &'a mut Vec<u8>, seq: u64) -> FrameEncoder<'a> {
        let mut frame = FrameEncoder::new(out, Header::request(seq, Codec::RAW));
        frame.names(b"A", b"B");
        frame.metadata(&Metadata::new());
        frame
    }

    fn small(out: &mut Vec<u8>, seq: u64, length: usize) {
        let mut frame = begin(out, seq);
        frame.payload(&vec![seq as u8; length]);
        frame.finish().unwrap();
    }

    fn large(queue: &mut Queue, seq: u64, length: usize) {
        let mut frame = begin(queue.tail(), seq);
        frame.payload_apart(length);
        frame.finish().unwrap();
        queue.append_payload(vec![seq as u8; length].into());
    }

    /// Small frames for odd numbers, and large ones for even numbers.
    fn queue(seqs: &[u64]) -> Queue {
        let mut queue = Queue::default();
        for &seq in seqs {
            match seq % 2 {
                0 => large(&mut queue, seq, 50),
                _ => small(queue.tail(), seq, 5),
            }
        }
        queue
    }

    /// The bytes of those frames.
    fn bytes(seqs: &[u64]) -> Vec<u8> {
        let mut out = Vec::new();
        for &seq in seqs {
            small(&mut out, seq, if seq % 2 == 0 { 50 } else { 5 });
        }
        out
    }

    /// Takes a few bytes at a time, with or without a way to take several pieces.
    struct Narrow {
        taken: std::sync::Arc<std::sync::Mutex<Vec<u8>>>,
        width: usize,
        vectored: bool,
    }

    impl AsyncWrite for Narrow {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            let count = bytes.len().min(self.width);
            self.taken.lock().unwrap().extend(&bytes[..count]);
            Poll::Ready(Ok(count))
        }

        fn poll_write_vectored(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            pieces: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            let all: Vec<u8> = pieces.iter().flat_map(|piece| piece.to_vec()).collect();
            let first = pieces.first().map_or(0, |piece| piece.len());
            let count = if self.vectored { all.len() } else { first };
            self.poll_write(cx, &all[..count])
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn write_out(mut queue: Queue, width: usize, vectored: bool) -> Vec<u8> {
        let taken = std::sync::Arc::default();
        let mut sink: Sink = Box::new(Narrow {
            taken: std::sync::Arc::clone(&taken),
            width,
            vectored,
        });
        let mut cx = Context::from_waker(std::task::Waker::noop());
        while !queue.is_empty() {
            let left = queue.len();
            let Poll::Ready(Ok(written)) = queue.poll_write(&mut sink, &mut cx) else {
                panic!("it takes bytes at any time");
            };
            assert_eq!(queue.len(), left - written);
        }
        taken.lock().unwrap().clone()
    }

    #[test]
    fn frames_are_written_in_their_order_whatever_a_stream_takes_at_once() {
        let seqs = [1, 2, 4, 3, 5, 6, 8, 10, 12, 14];
        let widths: &[usize] = match cfg!(miri) {
            true => &[7, 1000],
            false => &[1, 7, 64, 1000],
        };
        for &width in widths {
            for vectored in [false, true] {
                let got = write_out(queue(&seqs), width, vectored);
                assert_eq!(got, bytes(&seqs), "{width} bytes at once");
            }
        }
    }

    #[test]
    fn frames_are_taken_out_with_their_payloads() {
        let seqs = [1, 2, 4, 3, 5, 6];
        // Every set of them; an interpreter takes its time.
        let step = if cfg!(miri) { 21 } else { 1 };
        for gone in (0..1 << seqs.len()).step_by(step) {
            let (mut gone, left): (Vec<u64>, Vec<u64>) = {
                let is_gone = |at: usize| gone >> at & 1 == 1;
                let places = 0..seqs.len();
                let (gone, left): (Vec<_>, Vec<_>) = places.partition(|at| is_gone(*at));
                let named = |at: Vec<usize>| at.into_iter().map(|at| seqs[at]).collect();
                (named(gone), named(left))
            };
            gone.sort_unstable();
            let mut queue = queue(&seqs);
            // One that is not there changes nothing.
            let swept = queue.remove(&[&gone[..], &[99]].concat());
            assert_eq!((&swept.removed, swept.kept), (&gone, left.len()));
            assert_eq!(queue.seqs(), left);
            assert_eq!(queue.len(), bytes(&left).len());
            assert_eq!(queue.is_empty(), left.is_empty());
            large(&mut queue, 20, 50);
            let all = [&left[..], &[20]].concat();
            assert_eq!(queue.seqs(), all);
            assert_eq!(
                write_out(queue, 1000, true),
                bytes(&all),
                "without {gone:?}"
            );
        }
    }
}
