//! One session without its tasks: the state machine, its clock, and when it is over.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::ReadBuf;
use tokio::time::Instant;

use super::Kcp;
use super::clock::Clock;
use super::counters::count;
use super::credit;
use super::end::End;
use super::end_of_stream::EndOfStream;
use super::fec::Decoder;
use super::guard::{self, Summary};
use super::link::{Link, Outlet};
use super::packet::Packet;
use super::silence::Silence;
use crate::pace::after;

/// Segments of a session in one direction. The state machine counts them in an `i32`; what is left
/// of it is more than any window.
const MOST_SEGMENTS: u32 = (1 << 31) - (1 << 18);

/// How often one segment is sent. Each pause is twice the one before, or half as long again with
/// `nodelay`; from the longest round trip, one minute, that stays below
/// [`LATEST`](super::clock::LATEST) milliseconds.
const MOST_SENDS: u32 = 12;
const MOST_SENDS_NODELAY: u32 = 24;

/// How long a peer that is alive may acknowledge nothing of what waits.
const STALL: Duration = Duration::from_secs(60);

/// A closed session stays this long after the last data of the peer, to acknowledge it once more
/// if the peer has not heard the first time.
const QUIET: Duration = Duration::from_millis(500);

/// Acknowledgements that may wait for the next interval.
const WAITING_ACKS: usize = 128;

pub(super) struct State {
    arq: ::kcp::Kcp<Outlet>,
    link: Arc<Link>,
    options: Kcp,
    decoder: Decoder,
    /// The segment that is being read, and how far.
    segment: (Vec<u8>, usize),
    clock: Clock,
    silence: Silence,
    end_of_stream: EndOfStream,
    /// The last data of the peer.
    pushed: Option<Instant>,
    /// Since when the peer acknowledges nothing of what waits.
    waiting_since: Instant,
    flushed: Instant,
    acks: usize,
    /// There may be something to send at the next interval.
    due: bool,
    /// The peer waits for an answer, and may give us up without one.
    asked: bool,
    /// Something was acknowledged since the last flush: there may be room to send more.
    advanced: bool,
    /// The peer has yet to show that it is there, before more can be written.
    withheld: bool,
    window: u16,
    sent: u32,
    received: u32,
    /// Our side writes no more; when to give up waiting for acknowledgements.
    closing: Option<Instant>,
    /// Our side reads no more either.
    dropped: bool,
    end: Option<End>,
}

impl State {
    pub(super) fn new(conv: u32, options: &Kcp, link: Arc<Link>) -> Self {
        let now = Instant::now();
        let mut arq = ::kcp::Kcp::new_stream(conv, Outlet(Arc::clone(&link)));
        // The options were checked: a packet holds its headers, a segment's, and data.
        let room = options.mtu.saturating_sub(link.wire().header());
        let set = arq.set_mtu(room);
        debug_assert!(set.is_ok());
        arq.set_wndsize(options.send_window, options.receive_window);
        let interval = i32::try_from(options.interval.as_millis()).unwrap_or(i32::MAX);
        arq.set_nodelay(
            options.nodelay,
            interval,
            i32::from(options.fast_resend),
            !options.congestion_control,
        );
        arq.set_maximum_resend_times(match options.nodelay {
            true => MOST_SENDS_NODELAY,
            false => MOST_SENDS,
        });
        let start = match link.is_proven() {
            true => 0,
            false => credit::secret_time(),
        };
        // There is nothing to send yet, so nothing can fail; it only starts the clock.
        let _ = arq.update(start);
        Self {
            window: arq.rmt_wnd(),
            arq,
            link,
            options: options.clone(),
            decoder: Decoder::default(),
            segment: (Vec::new(), 0),
            clock: Clock::new(now, start),
            silence: Silence::new(options.idle, now),
            end_of_stream: EndOfStream::default(),
            pushed: None,
            waiting_since: now,
            flushed: now,
            acks: 0,
            due: false,
            asked: false,
            advanced: false,
            withheld: false,
            sent: 0,
            received: 0,
            closing: None,
            dropped: false,
            end: None,
        }
    }

    pub(super) fn end(&self) -> Option<End> {
        self.end
    }

    pub(super) fn finish(&mut self, end: End) {
        self.end.get_or_insert(end);
    }

    /// Takes a packet; `summary` is that of its segments, and `None` for parity.
    pub(super) fn input(
        &mut self,
        packet: &mut Packet<'_>,
        summary: Option<Summary>,
        now: Instant,
    ) {
        if self.end.is_some() {
            return;
        }
        if let Some(una) = summary.and_then(|summary| summary.reset) {
            return self.reset(summary, una);
        }
        self.link.received(packet.size);
        self.withheld = false;
        let clock = self.clock.at(now);
        if summary.is_some_and(|summary| !self.fits(&summary, clock)) {
            count(&self.link.counters().invalid_packets);
            return;
        }
        // It tells the state machine the time, for the round trips that it measures.
        let _ = self.arq.update(clock);
        let waiting = self.arq.wait_snd();
        self.recover(packet, clock);
        if let Some(summary) = summary {
            self.silence.heard(now);
            if let Some((_, latest)) = summary.acks() {
                let trip = clock.saturating_sub(latest);
                self.silence.measured(Duration::from_millis(trip.into()));
            }
            self.link.heard(&summary);
            self.window = summary.window;
            self.take(packet.segments(), &summary);
            if summary.pushes > 0 {
                self.pushed = Some(now);
            }
        }
        if self.arq.wait_snd() < waiting {
            self.advanced = true;
            self.waiting_since = now;
        }
    }

    /// The peer says that it knows nothing of the session. Before it was heard it may not have seen the
    /// first packet yet.
    fn reset(&mut self, summary: Option<Summary>, una: u32) {
        let ours = summary.is_some_and(|summary| summary.conv == self.arq.conv());
        let window = self.options.receive_window;
        if ours && self.silence.was_broken() && self.link.is_reset_by(una, window) {
            return self.finish(End::Reset);
        }
        count(&self.link.counters().invalid_packets);
    }

    fn fits(&self, summary: &Summary, clock: u32) -> bool {
        summary.conv == self.arq.conv() && summary.fits_clock(clock)
    }

    /// What the packet brings back goes first: it is older, so the packet has the last word.
    fn recover(&mut self, packet: &Packet<'_>, clock: u32) {
        let link = Arc::clone(&self.link);
        let Some(number) = packet.number else {
            return;
        };
        for mut segments in self.decoder.add(number, packet.shard()) {
            let summary = guard::check(&mut segments).filter(|found| self.fits(found, clock));
            let Some(summary) = summary else {
                count(&link.counters().invalid_packets);
                continue;
            };
            count(&link.counters().recovered_packets);
            guard::renew_window(&mut segments, self.window);
            self.take(&segments, &summary);
        }
    }

    fn take(&mut self, segments: &[u8], summary: &Summary) {
        if let Some(segments) = summary.end {
            return self.end_of_stream.hear(segments);
        }
        if self.arq.input(segments).is_err() {
            count(&self.link.counters().invalid_packets);
        }
        self.acks += summary.pushes;
        self.asked |= summary.asks;
        self.due |= summary.pushes > 0 || summary.asks;
    }

    /// After the packets of one wake-up: sends what should not wait for the next interval.
    pub(super) fn settle(&mut self, now: Instant) {
        let acks = (self.options.ack_no_delay && self.acks > 0) || self.acks >= WAITING_ACKS;
        let more = self.advanced && self.arq.wait_snd() > 0;
        self.advanced = false;
        if acks || more || self.asked {
            self.flush(now);
        }
        self.send_end(now);
        self.note_refusal();
    }

    fn flush(&mut self, now: Instant) {
        // Neither can fail: the clock has started, and the outlet takes everything.
        let _ = self.arq.update(self.clock.at(now));
        let _ = self.arq.flush();
        self.flushed = now;
        self.acks = 0;
        self.due = false;
        self.asked = false;
        self.note_refusal();
    }

    fn note_refusal(&mut self) {
        if self.link.refused(self.silence.was_broken()) {
            self.finish(End::Refused);
        }
    }

    /// Whether there is something to read.
    pub(super) fn readable(&self) -> bool {
        self.segment.1 < self.segment.0.len() || self.arq.peeksize().is_ok()
    }

    /// Whether the peer has said that it writes no more, and everything was read.
    pub(super) fn is_at_end(&self) -> bool {
        self.end_of_stream.is_after(self.received) && !self.readable()
    }

    /// Moves what is there into `buffer`. Whether anything was.
    pub(super) fn read(&mut self, buffer: &mut ReadBuf<'_>) -> bool {
        let before = buffer.filled().len();
        while buffer.remaining() > 0 {
            let (bytes, at) = &mut self.segment;
            if *at < bytes.len() {
                let taken = buffer.remaining().min(bytes.len() - *at);
                buffer.put_slice(&bytes[*at..*at + taken]);
                *at += taken;
                continue;
            }
            let Ok(size) = self.arq.peeksize() else {
                break;
            };
            if size <= buffer.remaining() {
                let Ok(size) = self.arq.recv(buffer.initialize_unfilled_to(size)) else {
                    break;
                };
                buffer.advance(size);
            } else {
                bytes.resize(size, 0);
                *at = if self.arq.recv(bytes).is_ok() {
                    0
                } else {
                    size
                };
            }
            self.note_received();
        }
        if self.segment.1 == self.segment.0.len() {
            self.segment = (Vec::new(), 0);
        }
        buffer.filled().len() > before
    }

    fn note_received(&mut self) {
        // The window may have opened, which the peer must be told.
        self.due = true;
        self.received += 1;
        if self.received >= MOST_SEGMENTS {
            self.finish(End::Exhausted);
        }
    }

    /// Whether there is room to write.
    pub(super) fn writable(&self) -> bool {
        self.room() > 0 && !self.withheld
    }

    /// Segments that may still be queued.
    fn room(&self) -> usize {
        usize::from(self.options.send_window).saturating_sub(self.arq.wait_snd())
    }

    /// What of `bytes` may be sent to a peer that has not shown yet that it is there: all of it, if
    /// it came with enough to send that a few times, else one byte, to be acknowledged.
    fn affordable<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        match bytes {
            _ if self.link.affords(bytes.len(), self.arq.mss()) => bytes,
            [first, ..] if self.drained() => std::slice::from_ref(first),
            _ => &[],
        }
    }

    /// Takes as much of `bytes` as there is room for, and sends it. Nothing if the peer has to be
    /// heard first.
    pub(super) fn write(&mut self, bytes: &[u8], now: Instant) -> usize {
        let before = self.arq.wait_snd();
        if before == 0 {
            self.waiting_since = now;
        }
        let mss = self.arq.mss();
        let most = bytes.len().min(self.room() * mss);
        let bytes = self.affordable(&bytes[..most]);
        self.withheld = bytes.is_empty();
        let mut written = 0;
        for piece in bytes.chunks(mss) {
            // A piece is two segments at most; more than 127 would be refused.
            let Ok(taken) = self.arq.send(piece) else {
                break;
            };
            written += taken;
        }
        let added = self.arq.wait_snd().saturating_sub(before);
        self.sent = self
            .sent
            .saturating_add(u32::try_from(added).unwrap_or(u32::MAX));
        if self.sent >= MOST_SEGMENTS {
            self.finish(End::Exhausted);
        }
        self.flush(now);
        written
    }

    /// Whether everything that was written was acknowledged.
    pub(super) fn drained(&self) -> bool {
        self.arq.wait_snd() == 0
    }

    /// Our side writes no more.
    pub(super) fn close(&mut self, now: Instant) {
        self.closing
            .get_or_insert_with(|| after(now, self.options.linger));
        self.send_end(now);
    }

    pub(super) fn closing(&self) -> bool {
        self.closing.is_some()
    }

    /// Our side has dropped both halves.
    pub(super) fn drop_halves(&mut self, now: Instant) {
        self.close(now);
        self.dropped = true;
    }

    /// Others want the place of this session.
    pub(super) fn evict_if_silent(&mut self, now: Instant) {
        self.silence.evict_if_silent(now);
    }

    /// Once our side has closed: waits for acknowledgements, then says that nothing more comes.
    fn send_end(&mut self, now: Instant) {
        let waits = self.closing() && !self.drained();
        self.silence.leave(waits, now);
        if self.next_end_of_stream(now).is_some_and(|due| now >= due) {
            self.end_of_stream.say(now);
            self.link.end(self.arq.conv(), self.sent);
        }
    }

    fn next_end_of_stream(&self, now: Instant) -> Option<Instant> {
        let may = self.closing() && self.drained() && self.link.wire().has_end();
        self.end_of_stream.due(now).filter(|_| may)
    }

    /// Does what is due. `None` once the session is over.
    pub(super) fn tick(&mut self, now: Instant) -> Option<Instant> {
        self.send_end(now);
        if let Some(end) = self.judge(now) {
            self.finish(end);
        }
        if self.end.is_some() {
            return None;
        }
        if self.active() && now >= self.flushed + self.options.interval {
            self.flush(now);
        }
        if self.silence.asks(now) {
            self.link.ask(self.arq.conv());
        }
        Some(self.deadline(now))
    }

    fn active(&self) -> bool {
        self.due || self.arq.wait_snd() > 0
    }

    /// When the peer needs nothing more of a session that is closed and drained: it has ended too,
    /// or has not repeated its last data for a while.
    fn quiet_at(&self) -> Option<Instant> {
        let pushed = self.pushed.filter(|_| !self.end_of_stream.was_heard());
        pushed.map(|pushed| pushed + QUIET)
    }

    /// When `tick` has something to do if nothing happens before.
    pub(super) fn deadline(&self, now: Instant) -> Instant {
        let mut next = self.silence.deadline();
        if self.active() {
            next = next.min(self.flushed + self.options.interval);
        }
        let end_of_stream = self.next_end_of_stream(now);
        if self.dropped && self.drained() && end_of_stream.is_none() {
            next = next.min(self.quiet_at().unwrap_or(self.flushed));
        }
        next = end_of_stream.map_or(next, |due| next.min(due));
        match self.closing {
            Some(deadline) if !self.drained() => next.min(deadline),
            _ => next,
        }
    }

    fn judge(&mut self, now: Instant) -> Option<End> {
        let late = self.closing.is_some_and(|deadline| now >= deadline);
        let silent = self.silence.is_over(now);
        if !self.drained() && (late || (silent && self.closing())) {
            return Some(End::Lingered);
        }
        let quiet = self.quiet_at().is_none_or(|quiet| now >= quiet);
        let parted = late || (quiet && self.next_end_of_stream(now).is_none());
        if self.drained() && self.dropped && parted {
            return Some(End::Closed);
        }
        if silent {
            return Some(End::Idle);
        }
        // A peer whose window is shut has acknowledged what it could.
        if self.drained() || self.arq.rmt_wnd() == 0 {
            self.waiting_since = now;
        }
        if now >= self.waiting_since + STALL || self.arq.is_dead_link() {
            return Some(End::Stalled);
        }
        self.judge_clock(now)
    }

    fn judge_clock(&mut self, now: Instant) -> Option<End> {
        let over = self.clock.is_over(now);
        if !self.active() {
            self.clock.renew(now);
        }
        over.then_some(End::Exhausted)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::net::UdpSocket;

    use proptest::prelude::*;
    use tokio::runtime::{Builder, Runtime};

    use super::super::guard::tests::segment;
    use super::super::packet::{Series, Wire};
    use super::super::socket::Socket;
    use super::*;

    /// A peer that hears nothing, and a session with it.
    fn session(runtime: &Runtime, options: &Kcp) -> (UdpSocket, State) {
        let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        udp.connect(peer.local_addr().unwrap()).unwrap();
        udp.set_nonblocking(true).unwrap();
        let wire = Arc::new(Wire::new(options));
        let _entered = runtime.enter();
        let udp = tokio::net::UdpSocket::from_std(udp).unwrap();
        let socket = Socket::new(udp, wire, &options.counters);
        let link = Link::new(socket, None, options.receive_window);
        (peer, State::new(7, options, Arc::new(link)))
    }

    fn runtime() -> Runtime {
        Builder::new_current_thread().enable_all().build().unwrap()
    }

    /// Gives segments to a session, as if they came in one datagram.
    fn give(state: &mut State, wire: &Wire, segments: &[u8], now: Instant) {
        let mut datagrams = Vec::new();
        let sent = wire.send(&mut Series::new(), segments, |datagram| {
            datagrams.push(datagram.to_vec());
        });
        sent.unwrap();
        let mut packet = wire.open(&mut datagrams[0]).unwrap();
        if let Some(summary) = guard::check(packet.segments()) {
            state.input(&mut packet, Some(summary), now);
        }
    }

    fn edge() -> impl Strategy<Value = u32> {
        prop_oneof![
            0u32..40,
            any::<u32>(),
            Just(120_001),
            (1u32 << 31) - 2..(1 << 31) + 2,
            u32::MAX - 2..=u32::MAX,
        ]
    }

    fn any_segment() -> impl Strategy<Value = Vec<u8>> {
        let fields = (80u8..86, edge(), edge(), edge());
        let data = prop::collection::vec(any::<u8>(), 0..20);
        (
            prop_oneof![9 => Just(7u32), 1 => any::<u32>()],
            fields,
            data,
        )
            .prop_map(|(conv, fields, data)| segment(conv, fields, &data))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Well-formed packets with any numbers in them, over weeks: the state machine, compiled
        /// with overflow checks here, does not panic, and what it holds is bounded.
        #[test]
        fn any_segments_are_survived(
            packets in prop::collection::vec(
                (prop::collection::vec(any_segment(), 1..5), 0u64..400_000_000), 1..60),
            fast in any::<bool>(),
        ) {
            let runtime = runtime();
            let mut options = if fast { Kcp::fast() } else { Kcp::default() };
            options.crypt = super::super::Crypt::plain();
            options.fec = false;
            // No silence ends it here.
            options.idle = Duration::from_secs(1 << 32);
            let (_peer, mut state) = session(&runtime, &options);
            let wire = Wire::new(&options);
            let mut now = Instant::now();
            for (packet, pause) in packets {
                now += Duration::from_millis(pause);
                give(&mut state, &wire, &packet.concat(), now);
                state.settle(now);
                state.write(&[1; 3000], now);
                prop_assert!(state.arq.wait_snd() <= usize::from(options.send_window) + 1);
                prop_assert!(state.acks <= WAITING_ACKS + 5);
                if state.tick(now).is_none() {
                    break;
                }
            }
        }
    }

    /// A session that is used for longer than its clock can count goes on if it is quiet in time.
    #[test]
    fn a_session_outlives_its_clock() {
        let runtime = runtime();
        let mut options = Kcp::plain();
        options.idle = Duration::from_secs(1 << 32);
        let (_peer, mut state) = session(&runtime, &options);
        let wire = Wire::new(&options);
        let mut now = Instant::now();
        for day in 0..60 {
            now += Duration::from_secs(24 * 3600);
            assert!(state.tick(now).is_some(), "day {day}");
            let clock = state.clock.at(now);
            assert_eq!(state.write(b"a word", now), 6);
            give(
                &mut state,
                &wire,
                &segment(7, (82, clock, day, day + 1), b""),
                now,
            );
            assert!(state.drained(), "day {day}: the answer was not taken");
        }
    }

    /// One that never is quiet ends with a reason before the clock overflows.
    #[test]
    fn a_busy_session_ends_before_its_clock_does() {
        let runtime = runtime();
        let mut options = Kcp::plain();
        options.idle = Duration::from_secs(1 << 32);
        let (_peer, mut state) = session(&runtime, &options);
        let wire = Wire::new(&options);
        let mut now = Instant::now();
        let mut hour = 0;
        state.write(b"a word", now);
        while state.tick(now).is_some() {
            // The next word goes before the last one is acknowledged.
            state.write(b"a word", now);
            let ack = segment(7, (82, state.clock.at(now), hour, hour + 1), b"");
            give(&mut state, &wire, &ack, now);
            now += Duration::from_secs(3600);
            state.waiting_since = now;
            hour += 1;
        }
        assert_eq!(state.end(), Some(End::Exhausted));
        assert!(state.clock.at(now) <= crate::transport::kcp::clock::LATEST);
    }

    #[test]
    fn segment_numbers_end_with_a_reason() {
        let runtime = runtime();
        let (_peer, mut state) = session(&runtime, &Kcp::plain());
        state.sent = MOST_SEGMENTS - 2;
        let now = Instant::now();
        state.write(&[0; 1000], now);
        assert_eq!(state.end(), None);
        state.write(&[0; 1000], now);
        assert_eq!(state.end(), Some(End::Exhausted));
    }

    /// The fields of a segment, and the data that it acknowledges.
    type Answer = ((u8, u32, u32, u32), Vec<u8>);

    /// A peer as those that Go dials with: it asks nothing by itself, and sends nothing again.
    struct Client {
        socket: UdpSocket,
        wire: Wire,
        series: Series,
        /// The segments of data that came, by number.
        got: BTreeMap<u32, Vec<u8>>,
        /// What is lost of that which comes next, and of that which goes next, in packets.
        lost: (usize, usize),
    }

    impl Client {
        /// A listener's session with it, which was opened by a request of this size.
        fn calls(runtime: &Runtime, options: &Kcp, request: usize) -> (Self, State) {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.set_nonblocking(true).unwrap();
            let _entered = runtime.enter();
            let wire = Arc::new(Wire::new(options));
            let bind = tokio::net::UdpSocket::bind("127.0.0.1:0");
            let udp = runtime.block_on(bind).unwrap();
            runtime.block_on(udp.writable()).unwrap();
            let ours = Socket::new(udp, wire, &options.counters);
            let peer = Some(socket.local_addr().unwrap());
            let link = Link::new(ours, peer, options.receive_window);
            let mut state = State::new(7, options, Arc::new(link));
            let mut client = Self {
                socket,
                wire: Wire::new(options),
                series: Series::new(),
                got: BTreeMap::new(),
                lost: (0, 0),
            };
            let request = segment(7, (81, 0, 0, 0), &vec![1; request]);
            client.send(&mut state, &request, Instant::now());
            (client, state)
        }

        fn send(&mut self, state: &mut State, segments: &[u8], now: Instant) {
            let mut datagram = Vec::new();
            let sent = self.wire.send(&mut self.series, segments, |bytes| {
                // Parity, which comes last, is lost.
                if datagram.is_empty() {
                    datagram = bytes.to_vec();
                }
            });
            sent.unwrap();
            let mut packet = self.wire.open(&mut datagram).unwrap();
            let summary = guard::check(packet.segments());
            state.input(&mut packet, summary, now);
            state.settle(now);
            state.link.flush();
        }

        /// Takes what has come, answers it, and says how many packets that were.
        fn take(&mut self, state: &mut State, now: Instant) -> usize {
            let mut datagram = [0; 1500];
            let mut taken = 0;
            state.link.flush();
            while let Ok(length) = self.socket.recv(&mut datagram) {
                taken += 1;
                let mut packet = self.wire.open(&mut datagram[..length]).unwrap();
                let answers = self.answers(packet.segments());
                let lose = |left: &mut usize| {
                    let loses = *left > 0;
                    *left -= usize::from(loses);
                    loses
                };
                if answers.is_empty() || lose(&mut self.lost.0) {
                    continue;
                }
                for answer in answers {
                    let (number, data) = (answer.0.2, answer.1);
                    if answer.0.0 == 82 {
                        self.got.insert(number, data);
                    }
                    if lose(&mut self.lost.1) {
                        continue;
                    }
                    let una = (0..).find(|number| !self.got.contains_key(number)).unwrap();
                    let (command, time, number, _) = answer.0;
                    let bytes = segment(7, (command, time, number, una), b"");
                    self.send(state, &bytes, now);
                }
            }
            taken
        }

        /// What these segments want to be answered with.
        fn answers(&self, segments: &[u8]) -> Vec<Answer> {
            let (mut rest, mut answers) = (segments, Vec::new());
            while let Some((header, behind)) = rest.split_first_chunk::<24>() {
                let word = |at: usize| u32::from_le_bytes(*header[at..].first_chunk().unwrap());
                let (data, behind) = behind.split_at(word(20) as usize);
                match header[4] {
                    81 => answers.push(((82, word(8), word(12), 0), data.to_vec())),
                    83 => answers.push(((84, 0, 0, 0), Vec::new())),
                    _ => {}
                }
                rest = behind;
            }
            answers
        }

        /// The bytes of the reply that have come in order.
        fn reply(&self) -> usize {
            self.got.values().map(Vec::len).sum()
        }
    }

    /// The whole reply was queued, for which there was credit twice; then it was withheld for ever.
    #[test]
    fn the_first_reply_arrives_whatever_is_lost_of_it_and_of_its_acknowledgements() {
        let runtime = runtime();
        for options in [Kcp::default(), Kcp::plain()] {
            for (request, reply) in [(500, 650), (500, 150), (40, 1000), (20, 20), (1300, 9000)] {
                for lost in (0..8).flat_map(|lost| [(lost, 0), (0, lost), (lost / 2, lost / 2)]) {
                    let (mut client, mut state) = Client::calls(&runtime, &options, request);
                    let start = Instant::now();
                    // The handler takes its time, so the request is acknowledged before.
                    let mut now = start + Duration::from_millis(200);
                    state.tick(now).unwrap();
                    assert_eq!(client.take(&mut state, now), 1);
                    client.lost = lost;
                    let mut written = 0;
                    while client.reply() < reply || !state.drained() {
                        if written < reply && state.writable() {
                            written += state.write(&vec![9; reply - written], now);
                        }
                        client.take(&mut state, now);
                        let next = state.tick(now);
                        client.take(&mut state, now);
                        let case = (request, reply, lost, state.end(), now - start);
                        now = next.unwrap_or_else(|| panic!("{case:?}")).max(now);
                        now += Duration::from_millis(1);
                    }
                }
            }
        }
    }

    /// A peer that asks may give this side up if there is no answer: it waited for our interval.
    #[test]
    fn a_question_is_answered_before_the_next_interval() {
        let runtime = runtime();
        let mut options = Kcp::plain();
        options.interval = Duration::from_secs(5);
        let (mut client, mut state) = Client::calls(&runtime, &options, 100);
        let now = Instant::now();
        assert_eq!(
            client.take(&mut state, now),
            0,
            "acknowledged at the interval"
        );
        client.send(&mut state, &segment(7, (83, 0, 0, 0), b""), now);
        assert_eq!(client.take(&mut state, now), 1);
    }

    /// It was given up after a second, and what was lost of a last reply was not sent again.
    #[test]
    fn a_peer_that_answers_every_three_seconds_is_not_given_up() {
        let runtime = runtime();
        let (_peer, mut state) = session(&runtime, &Kcp::plain());
        let wire = Wire::new(&Kcp::plain());
        let start = Instant::now();
        state.write(b"the last reply", start);
        state.drop_halves(start);
        let mut now = start;
        for answer in [
            segment(7, (84, 0, 0, 0), b""),
            segment(7, (82, 0, 0, 1), b""),
        ] {
            let at = now + Duration::from_secs(3);
            while now < at {
                let next = state.tick(now).expect("it is given time to answer");
                now = next.clamp(now + Duration::from_millis(1), at);
            }
            give(&mut state, &wire, &answer, now);
        }
        assert!(state.drained());
        assert_eq!((state.tick(now), state.end()), (None, Some(End::Closed)));
    }

    #[test]
    fn a_peer_that_acknowledges_nothing_is_given_up() {
        let runtime = runtime();
        let (_peer, mut state) = session(&runtime, &Kcp::plain());
        let wire = Wire::new(&Kcp::plain());
        let start = Instant::now();
        state.write(b"a word", start);
        for second in 1..70 {
            let now = start + Duration::from_secs(second);
            // It is alive, and tells its window.
            give(&mut state, &wire, &segment(7, (84, 0, 0, 0), b""), now);
            if state.tick(now).is_none() {
                assert_eq!((state.end(), second), (Some(End::Stalled), 60));
                return;
            }
        }
        panic!("it goes on for ever");
    }
}
