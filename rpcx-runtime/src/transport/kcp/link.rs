//! The way out of a session: its packets, with their headers, into the socket.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use super::counters::{Counters, count};
use super::credit::{Credit, SMALL};
use super::guard::{self, SEGMENT_HEADER, Standing, Summary};
use super::packet::{Series, Unsent, Wire};
use super::socket::{Batch, Socket};
use crate::sync::lock;

/// Errors of a socket are of single packets; only those in a row mean something.
const REFUSALS: u32 = 3;

/// The way to one peer.
pub(super) struct Link {
    socket: Socket,
    /// `None` where the socket is connected and knows it.
    peer: Option<SocketAddr>,
    refusals: AtomicU32,
    /// The peer has shown that it receives what is sent to its address.
    proven: AtomicBool,
    sender: Mutex<Sender>,
}

struct Sender {
    series: Series,
    /// What the peer was told last: how much we can take, and what we wait for.
    told: (u16, u32),
    /// What may be sent to a peer that is not proven.
    credit: Option<Credit>,
    /// Datagrams until the next [`flush`](Link::flush).
    batch: Batch,
}

impl Sender {
    /// Whether a packet of so many bytes may remind the peer of data there is no credit for.
    fn reminds(&mut self, segments: &[u8], bytes: usize) -> bool {
        let credit = self.credit.as_mut().zip(guard::data_time(segments));
        credit.is_some_and(|(credit, time)| credit.remind(time, bytes))
    }
}

impl Link {
    /// Whom our side has dialled need not show that it is there.
    pub(super) fn new(socket: Socket, peer: Option<SocketAddr>, receive_window: u16) -> Self {
        Self {
            socket,
            peer,
            refusals: AtomicU32::new(0),
            proven: AtomicBool::new(peer.is_none()),
            sender: Mutex::new(Sender {
                series: Series::new(),
                told: (receive_window, 0),
                credit: peer.map(|_| Credit::default()),
                batch: Batch::default(),
            }),
        }
    }

    pub(super) fn wire(&self) -> &Wire {
        &self.socket.wire
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.socket.counters
    }

    fn sender(&self) -> MutexGuard<'_, Sender> {
        lock(&self.sender)
    }

    fn send(&self, segments: &[u8]) {
        let mut sender = self.sender();
        let standing = guard::standing(segments);
        if let Some(Standing { window, una, .. }) = standing {
            sender.told = (window, una);
        }
        let size = self.wire().header() + segments.len();
        if sender.credit.as_ref().is_none_or(|it| it.covers(size)) {
            return self.transmit(&mut sender, segments);
        }
        // Small data goes all the same a few times. Instead of more of it, the peer is asked: what
        // it has received comes back with the answer, and the answer pays for three times its size.
        let question = standing.map(Standing::question);
        let reminder = match (size <= SMALL, &question) {
            (false, Some(question)) => &question[..],
            _ => segments,
        };
        let reminds = sender.reminds(segments, self.wire().header() + reminder.len());
        if reminds {
            self.transmit(&mut sender, reminder);
        }
        if !reminds || size > SMALL {
            count(&self.counters().withheld_packets);
        }
    }

    fn transmit(&self, sender: &mut Sender, segments: &[u8]) {
        let Sender {
            series,
            credit,
            batch,
            ..
        } = sender;
        if let (Some(credit), Some(time)) = (credit.as_mut(), guard::data_time(segments)) {
            credit.sent_at(time);
        }
        // The parity behind a packet waits for a peer that is proven: it would take what sending
        // again is to be paid with.
        let mut first = true;
        let mut paid = |bytes| match credit.as_mut() {
            None => true,
            Some(credit) => std::mem::take(&mut first) && credit.pay(bytes),
        };
        let send = |datagram: &[u8]| {
            if !paid(datagram.len()) {
                return count(&self.counters().withheld_packets);
            }
            if !self.socket.joins(batch, datagram.len()) {
                self.send_batch(batch);
            }
            batch.push(datagram);
        };
        if let Err(Unsent) = self.wire().send(series, segments, send) {
            count(&self.counters().unsent_packets);
        }
    }

    /// Hands the datagrams that have come together to the system. Must follow whatever makes some.
    pub(super) fn flush(&self) {
        self.send_batch(&mut self.sender().batch);
    }

    fn send_batch(&self, batch: &mut Batch) {
        if let Err(error) = self.socket.send(batch, self.peer) {
            self.note(&error);
        }
    }

    /// Asks the peer for a sign of life.
    pub(super) fn ask(&self, conv: u32) {
        self.send(&self.standing(conv).question());
    }

    /// Says that our stream has ended after this many segments.
    pub(super) fn end(&self, conv: u32, segments: u32) {
        self.send(&self.standing(conv).end(segments));
    }

    fn standing(&self, conv: u32) -> Standing {
        let (window, una) = self.sender().told;
        Standing { conv, window, una }
    }

    /// Whether an answer to a packet of an unknown session is one to ours: it says what our side waited
    /// for not long ago. One that was dialled alone may be told so.
    pub(super) fn is_reset_by(&self, una: u32, window: u16) -> bool {
        let (_, told) = self.sender().told;
        self.peer.is_none()
            && self.wire().has_end()
            && told
                .checked_sub(una)
                .is_some_and(|ago| ago <= window.into())
    }

    /// Whether the peer has shown that it receives what is sent to its address.
    pub(super) fn is_proven(&self) -> bool {
        self.proven.load(Ordering::Relaxed)
    }

    /// A valid datagram came from the address of the peer.
    pub(super) fn received(&self, bytes: usize) {
        if !self.is_proven()
            && let Some(credit) = &mut self.sender().credit
        {
            credit.received(bytes);
        }
    }

    /// Whether so much data may be sent, in segments of at most `mss`.
    pub(super) fn affords(&self, data: usize, mss: usize) -> bool {
        // Each packet may begin with an acknowledgement.
        let around = self.wire().header() + 2 * SEGMENT_HEADER;
        let bytes = data + data.div_ceil(mss) * around;
        let affords = |credit: &Credit| credit.affords(bytes);
        self.is_proven() || self.sender().credit.as_ref().is_none_or(affords)
    }

    /// Notes an error of the socket. Only a connected one can refuse.
    pub(super) fn note(&self, error: &io::Error) {
        if error.kind() == io::ErrorKind::ConnectionRefused && self.peer.is_none() {
            self.refusals.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The peer was heard: refusals before that were of another time.
    pub(super) fn heard(&self, summary: &Summary) {
        self.refusals.store(0, Ordering::Relaxed);
        let Some((earliest, latest)) = summary.acks().filter(|_| !self.is_proven()) else {
            return;
        };
        let mut sender = self.sender();
        let proof = |credit: &Credit| credit.proves(earliest) || credit.proves(latest);
        if sender.credit.as_ref().is_some_and(proof) {
            sender.credit = None;
            self.proven.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the port is closed. A peer that was heard `before` must refuse a few times, as it
    /// may be another that answers in its place.
    pub(super) fn refused(&self, before: bool) -> bool {
        self.refusals.load(Ordering::Relaxed) >= if before { REFUSALS } else { 1 }
    }
}

/// Where the state machine writes its packets.
pub(super) struct Outlet(pub(super) Arc<Link>);

impl Write for Outlet {
    fn write(&mut self, packet: &[u8]) -> io::Result<usize> {
        self.0.send(packet);
        Ok(packet.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
