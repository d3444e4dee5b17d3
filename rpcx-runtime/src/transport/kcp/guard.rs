//! What is checked of every packet before the state machine may see it.
//!
//! The state machine counts and subtracts with plain `i32` arithmetic. Behind this guard no number
//! from outside makes it overflow, whatever the build checks.

/// Bytes in front of the data of a segment.
pub(super) const SEGMENT_HEADER: usize = 24;

/// Segment numbers and times end here: beyond, the differences of the state machine overflow.
const NUMBERS: u32 = 1 << 31;

/// An acknowledgement answers a packet that was sent this many milliseconds ago at most.
const OLDEST_ACK: u32 = 120_000;

const PUSH: u8 = 81;
const ACK: u8 = 82;
const ASK_WINDOW: u8 = 83;
const TELL_WINDOW: u8 = 84;
/// Of our own, see `end_of_stream`.
const END: u8 = 85;
/// Of our own, see `reset`.
const RESET: u8 = 86;

/// What a packet of well-formed segments says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    /// The number that both ends of a session share.
    pub(super) conv: u32,
    /// Segments that want to be acknowledged.
    pub(super) pushes: usize,
    /// Whether the first segment of a session is here.
    pub(super) opens: bool,
    /// Whether the peer asks how much it may send.
    pub(super) asks: bool,
    /// How much the peer can take, in segments.
    pub(super) window: u16,
    /// The peer has ended its stream after this many segments.
    pub(super) end: Option<u32>,
    /// The peer knows nothing of the session, and says which segment our side waited for.
    pub(super) reset: Option<u32>,
    /// The first number that the peer waits for.
    pub(super) una: u32,
    /// The earliest and the latest of the times that acknowledgements bring back.
    acks: Option<(u32, u32)>,
}

impl Summary {
    /// Whether the acknowledgements answer what a session with this clock, in milliseconds, can
    /// have sent.
    pub(super) fn fits_clock(&self, now: u32) -> bool {
        self.acks
            .is_none_or(|(earliest, latest)| latest <= now && now - earliest <= OLDEST_ACK)
    }

    /// The earliest and the latest of the times that acknowledgements bring back, if any do.
    pub(super) fn acks(&self) -> Option<(u32, u32)> {
        self.acks
    }
}

/// What a reset has as its number, so that no other bytes are taken for one.
fn reset_number(conv: u32) -> u32 {
    !conv & (NUMBERS - 1)
}

/// Reads the segments of a packet, which must fill it; `None` if anything is out of bounds.
///
/// Fragment numbers become 0: they divide messages, and a stream has none.
pub(super) fn check(packet: &mut [u8]) -> Option<Summary> {
    let conv = u32::from_le_bytes(*packet.first_chunk()?);
    let alone = packet.len() == SEGMENT_HEADER;
    let mut summary = Summary {
        conv,
        ..Summary::default()
    };
    let mut rest = packet;
    while !rest.is_empty() {
        let (header, behind) = rest.split_first_chunk_mut::<SEGMENT_HEADER>()?;
        let segment = Segment::read(header);
        if segment.conv != conv || segment.number >= NUMBERS || segment.una >= NUMBERS {
            return None;
        }
        (summary.window, summary.una) = (segment.window, segment.una);
        match segment.command {
            PUSH => {
                summary.pushes += 1;
                summary.opens |= segment.number == 0;
            }
            ACK => summary.note_ack(segment.time)?,
            ASK_WINDOW => summary.asks = true,
            TELL_WINDOW => {}
            END if alone => summary.end = Some(segment.number),
            RESET if alone && segment.number == reset_number(conv) => {
                summary.reset = Some(segment.una);
            }
            _ => return None,
        }
        header[5] = 0;
        rest = behind.get_mut(usize::try_from(segment.length).ok()?..)?;
    }
    Some(summary)
}

impl Summary {
    fn note_ack(&mut self, time: u32) -> Option<()> {
        if time >= NUMBERS {
            return None;
        }
        let (earliest, latest) = self.acks.unwrap_or((time, time));
        self.acks = Some((earliest.min(time), latest.max(time)));
        Some(())
    }
}

/// Puts a newer window into the segments of a checked packet that was brought back late: the state
/// machine takes what it reads last for the latest.
pub(super) fn renew_window(packet: &mut [u8], window: u16) {
    let mut rest = packet;
    while let Some((header, behind)) = rest.split_first_chunk_mut::<SEGMENT_HEADER>() {
        header[6..8].copy_from_slice(&window.to_le_bytes());
        let length = Segment::read(header).length as usize;
        rest = behind.get_mut(length..).unwrap_or_default();
    }
}

/// What the segments of a session that carry no data have in common: its number, our window, and
/// the first number that was not received yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) conv: u32,
    pub(super) window: u16,
    pub(super) una: u32,
}

impl Standing {
    /// The question how much the peer can take. Any KCP answers it, so it shows whether the peer is still there.
    pub(super) fn question(self) -> [u8; SEGMENT_HEADER] {
        self.segment(ASK_WINDOW, 0)
    }

    /// The end of our stream, after this many segments.
    pub(super) fn end(self, segments: u32) -> [u8; SEGMENT_HEADER] {
        self.segment(END, segments)
    }

    /// The answer to a packet of a session that is not known here: with the number that it waits for,
    /// which shows that it was received.
    pub(super) fn reset(self) -> [u8; SEGMENT_HEADER] {
        self.segment(RESET, reset_number(self.conv))
    }

    fn segment(self, command: u8, number: u32) -> [u8; SEGMENT_HEADER] {
        let mut packet = [0; SEGMENT_HEADER];
        packet[..4].copy_from_slice(&self.conv.to_le_bytes());
        packet[4] = command;
        packet[6..8].copy_from_slice(&self.window.to_le_bytes());
        packet[12..16].copy_from_slice(&number.to_le_bytes());
        packet[16..20].copy_from_slice(&self.una.to_le_bytes());
        packet
    }
}

/// What the first segment of our packet says beside its data.
pub(super) fn standing(packet: &[u8]) -> Option<Standing> {
    let segment = Segment::read(packet.first_chunk()?);
    Some(Standing {
        conv: segment.conv,
        window: segment.window,
        una: segment.una,
    })
}

/// The time of the data in our packet, which comes back with its acknowledgement. It is the same
/// for all of it.
pub(super) fn data_time(packet: &[u8]) -> Option<u32> {
    let (mut rest, mut time) = (packet, None);
    while let Some((header, behind)) = rest.split_first_chunk() {
        let segment = Segment::read(header);
        if segment.command == PUSH {
            time = Some(segment.time);
        }
        rest = behind.get(segment.length as usize..).unwrap_or_default();
    }
    time
}

struct Segment {
    conv: u32,
    command: u8,
    window: u16,
    time: u32,
    number: u32,
    una: u32,
    length: u32,
}

impl Segment {
    fn read(header: &[u8; SEGMENT_HEADER]) -> Self {
        let word = |at: usize| {
            u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        };
        Self {
            conv: word(0),
            command: header[4],
            window: u16::from_le_bytes([header[6], header[7]]),
            time: word(8),
            number: word(12),
            una: word(16),
            length: word(20),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A segment with these fields: command, time, number, una; then its data.
    pub(in super::super) fn segment(
        conv: u32,
        fields: (u8, u32, u32, u32),
        data: &[u8],
    ) -> Vec<u8> {
        let (command, time, number, una) = fields;
        let mut bytes = conv.to_le_bytes().to_vec();
        bytes.extend([command, 3, 32, 0]);
        let length = u32::try_from(data.len()).unwrap();
        for word in [time, number, una, length] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend(data);
        bytes
    }

    #[test]
    fn segments_are_summed_up() {
        let mut packet = segment(7, (ACK, 100, 4, 0), b"");
        packet.extend(segment(7, (ACK, 900, 5, 0), b""));
        packet.extend(segment(7, (PUSH, 5, 0, 0), b"data"));
        packet.extend(segment(7, (ASK_WINDOW, 0, 0, 0), b""));
        let summary = check(&mut packet).unwrap();
        let expected = Summary {
            conv: 7,
            pushes: 1,
            opens: true,
            asks: true,
            window: 32,
            end: None,
            reset: None,
            una: 0,
            acks: Some((100, 900)),
        };
        assert_eq!(summary, expected);
        assert_eq!(packet[5], 0, "the fragment number is gone");
        assert!(summary.fits_clock(900) && summary.fits_clock(120_100));
        assert!(!summary.fits_clock(899) && !summary.fits_clock(120_101));
        renew_window(&mut packet, 513);
        assert_eq!(check(&mut packet).unwrap().window, 513);
    }

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        let good = segment(7, (PUSH, 0, 1, 0), b"data");
        assert!(check(&mut good.clone()).is_some());
        for (field, fields) in [
            ("command", (80, 0, 0, 0)),
            ("command", (87, 0, 0, 0)),
            ("number", (PUSH, 0, NUMBERS, 0)),
            ("una", (PUSH, 0, 0, NUMBERS)),
            ("time", (ACK, NUMBERS, 0, 0)),
        ] {
            assert_eq!(check(&mut segment(7, fields, b"")), None, "{field}");
        }
        for length in 0..good.len() {
            assert_eq!(check(&mut good[..length].to_vec()), None, "{length}");
        }
        let mut longer = good.clone();
        longer.push(0);
        assert_eq!(check(&mut longer), None, "bytes behind the last segment");
        let mut two = good;
        two.extend(segment(8, (PUSH, 0, 2, 0), b""));
        assert_eq!(check(&mut two), None, "two conversations in one packet");
    }

    #[test]
    fn a_question_is_a_segment() {
        let told = Standing {
            conv: 9,
            window: 128,
            una: 77,
        };
        let mut packet = told.question();
        assert_eq!(standing(&packet), Some(told));
        let summary = check(&mut packet).unwrap();
        assert!(summary.asks && summary.conv == 9 && summary.window == 128);

        let reset = check(&mut told.reset()).unwrap();
        assert_eq!(
            (reset.reset, reset.asks, reset.opens),
            (Some(77), false, false)
        );

        let end = told.end(5);
        assert_eq!(check(&mut end.clone()).unwrap().end, Some(5));
        let mut two = end.to_vec();
        two.extend(segment(9, (PUSH, 0, 2, 0), b""));
        assert_eq!(check(&mut two), None, "an end is alone in its packet");
    }

    #[test]
    fn the_time_of_data_is_found_behind_other_segments() {
        let mut packet = segment(7, (ACK, 100, 4, 0), b"");
        assert_eq!(data_time(&packet), None);
        packet.extend(segment(7, (PUSH, 5, 0, 0), b"data"));
        assert_eq!(data_time(&packet), Some(5));
    }
}
