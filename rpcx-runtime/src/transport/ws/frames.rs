//! Frames of RFC 6455, read in place: the payload stays where it came, the headers go.
//!
//! The messages carry one stream of bytes, as on every other network, so where a message begins
//! and ends means nothing, a message may be of any length, and text is not looked at as text: Go's
//! clients send text frames. What the bytes may be is the matter of the rpcx frames in them.

use super::mask::Mask;

const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;

const FINAL: u8 = 0x80;
const RESERVED: u8 = 0x70;
const OPCODE: u8 = 0x0F;
const MASKED: u8 = 0x80;
const LENGTH: u8 = 0x7F;

/// The most payload of a ping, a pong or a close.
const CONTROL: usize = 125;

/// Frames that one message may have: each can be empty, so nothing else bounds them.
const FRAGMENTS: u32 = 1024;

/// Two bytes, eight of a length, four of a mask.
const LONGEST_HEADER: usize = 14;

/// A frame that RFC 6455 does not allow, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Violation(pub(in super::super) &'static str);

/// The frames in which both sides speak of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ControlKind {
    Close,
    Pong,
}

/// The payload of a control frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Control {
    bytes: [u8; CONTROL],
    length: u8,
}

impl Control {
    const EMPTY: Self = Self {
        bytes: [0; CONTROL],
        length: 0,
    };

    /// A close with a code and a text, which is cut if it is too long.
    pub(super) fn close(code: u16, text: &str) -> Self {
        let mut control = Self::EMPTY;
        for byte in code.to_be_bytes().into_iter().chain(text.bytes()) {
            control.push(byte);
        }
        control
    }

    pub(in super::super) fn payload(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(usize::from(self.length)) {
            *place = byte;
            self.length += 1;
        }
    }

    /// What a close is answered with: its code without its text.
    fn without_text(&self) -> Self {
        let mut control = Self::EMPTY;
        self.payload()
            .iter()
            .take(2)
            .for_each(|byte| control.push(*byte));
        control
    }
}

/// What a piece of the stream held.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Read {
    /// So many bytes at the front of the piece are payload.
    pub(in super::super) payload: usize,
    /// The answer to the last ping in it; the earlier ones need none.
    pub(in super::super) pong: Option<Control>,
    /// The answer to a close. Nothing behind that is looked at.
    pub(in super::super) close: Option<Control>,
    /// What ended the reading. The payload was before that.
    pub(in super::super) violation: Option<Violation>,
}

/// Takes payload out of frames that are cut anywhere.
#[derive(Debug)]
pub(in super::super) struct FrameReader {
    /// Whether the peer is a client, which masks.
    masked: bool,
    header: [u8; LONGEST_HEADER],
    have: usize,
    state: State,
    /// How many frames the message has so far that is not at its end.
    fragments: Option<u32>,
    ended: bool,
}

#[derive(Debug)]
enum State {
    Header,
    Data {
        left: u64,
        mask: Mask,
    },
    Control {
        opcode: u8,
        left: usize,
        mask: Mask,
        payload: Control,
    },
}

impl FrameReader {
    /// `masked` is for the frames of a client.
    pub(in super::super) fn new(masked: bool) -> Self {
        Self {
            masked,
            header: [0; LONGEST_HEADER],
            have: 0,
            state: State::Header,
            fragments: None,
            ended: false,
        }
    }

    /// Whether the stream may end here without anything missing.
    pub(super) fn is_between_messages(&self) -> bool {
        let between = matches!(self.state, State::Header) && self.have == 0;
        self.ended || (between && self.fragments.is_none())
    }

    /// Reads the next piece of the stream and moves its payload to the front.
    pub(in super::super) fn read(&mut self, bytes: &mut [u8]) -> Read {
        let mut read = Read::default();
        let mut at = 0;
        while at < bytes.len() && !self.ended {
            match &mut self.state {
                State::Header => {
                    if let Err(violation) = self.header_byte(bytes[at], &mut read) {
                        read.violation = Some(violation);
                        self.ended = true;
                    }
                    at += 1;
                }
                State::Data { left, mask } => {
                    let room = bytes.len() - at;
                    let count = usize::try_from(*left).map_or(room, |left| left.min(room));
                    // Nothing moves while no header has come before it in this piece.
                    if at != read.payload {
                        bytes.copy_within(at..at + count, read.payload);
                    }
                    if self.masked {
                        mask.apply(&mut bytes[read.payload..read.payload + count]);
                    }
                    *left -= count as u64;
                    if *left == 0 {
                        self.state = State::Header;
                    }
                    read.payload += count;
                    at += count;
                }
                State::Control {
                    left,
                    mask,
                    payload,
                    ..
                } => {
                    let mut byte = [bytes[at]];
                    mask.apply(&mut byte);
                    payload.push(byte[0]);
                    *left -= 1;
                    at += 1;
                    self.end_control(&mut read);
                }
            }
        }
        read
    }

    /// Takes one byte of a header, and begins the frame once the header is whole.
    fn header_byte(&mut self, byte: u8, read: &mut Read) -> Result<(), Violation> {
        self.header[self.have] = byte;
        self.have += 1;
        match self.have {
            1 => return self.check_first(byte),
            2 => self.check_second(byte)?,
            _ => {}
        }
        let extended = match self.header[1] & LENGTH {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mask_at = 2 + extended;
        if self.have < mask_at + if self.masked { 4 } else { 0 } {
            return Ok(());
        }
        self.have = 0;
        let length = length(&self.header[1..mask_at])?;
        let mask = &self.header[mask_at..mask_at + 4];
        // Not masked means a key of zeros, which changes nothing.
        let mask = Mask(match self.masked {
            true => [mask[0], mask[1], mask[2], mask[3]],
            false => [0; 4],
        });
        self.begin(length, mask);
        self.end_control(read);
        Ok(())
    }

    fn check_first(&mut self, byte: u8) -> Result<(), Violation> {
        let last = byte & FINAL != 0;
        if byte & RESERVED != 0 {
            return Err(Violation("a reserved bit is set"));
        }
        match (byte & OPCODE, self.fragments) {
            (CLOSE | PING | PONG, _) if !last => Err(Violation("a control frame is fragmented")),
            (CLOSE | PING | PONG, _) => Ok(()),
            (CONTINUATION, None) => Err(Violation("a message begins with a continuation")),
            (CONTINUATION, Some(FRAGMENTS)) => Err(Violation("a message has over 1024 fragments")),
            (CONTINUATION, Some(count)) => {
                self.fragments = (!last).then_some(count + 1);
                Ok(())
            }
            (TEXT | BINARY, Some(_)) => Err(Violation("a message begins within another")),
            (TEXT | BINARY, None) => {
                self.fragments = (!last).then_some(1);
                Ok(())
            }
            _ => Err(Violation("the opcode is reserved")),
        }
    }

    fn check_second(&self, byte: u8) -> Result<(), Violation> {
        if self.header[0] & OPCODE >= CLOSE && usize::from(byte & LENGTH) > CONTROL {
            return Err(Violation("a control frame is over 125 bytes"));
        }
        match (byte & MASKED != 0, self.masked) {
            (false, true) => Err(Violation("a frame of a client is not masked")),
            (true, false) => Err(Violation("a frame of a server is masked")),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, length: u64, mask: Mask) {
        let opcode = self.header[0] & OPCODE;
        self.state = match usize::try_from(length) {
            Ok(left) if opcode >= CLOSE => State::Control {
                opcode,
                left,
                mask,
                payload: Control::EMPTY,
            },
            _ if length == 0 => State::Header,
            _ => State::Data { left: length, mask },
        };
    }

    /// Looks at a control frame that is whole.
    fn end_control(&mut self, read: &mut Read) {
        let State::Control {
            opcode,
            left: 0,
            payload,
            ..
        } = &self.state
        else {
            return;
        };
        match *opcode {
            PING => read.pong = Some(*payload),
            CLOSE => {
                self.ended = true;
                match close_code(payload.payload()) {
                    Ok(()) => read.close = Some(payload.without_text()),
                    Err(violation) => read.violation = Some(violation),
                }
            }
            // An unsolicited pong: no pings are sent.
            _ => {}
        }
        self.state = State::Header;
    }
}

/// The payload length, from the second byte of a header and those that belong to it.
fn length(bytes: &[u8]) -> Result<u64, Violation> {
    let (length, least) = match *bytes {
        [_, a, b] => (u64::from(u16::from_be_bytes([a, b])), 126),
        [_, a, b, c, d, e, f, g, h] => (u64::from_be_bytes([a, b, c, d, e, f, g, h]), 1 << 16),
        [first, ..] => (u64::from(first & LENGTH), 0),
        [] => (0, 0),
    };
    match length {
        _ if length >> 63 != 0 => Err(Violation("a length has its highest bit set")),
        _ if length < least => Err(Violation("a length takes more bytes than it needs")),
        _ => Ok(length),
    }
}

/// Those that may be sent: not the ones that stand for a close that never came.
fn close_code(payload: &[u8]) -> Result<(), Violation> {
    let code = match payload {
        [] => return Ok(()),
        [_] => return Err(Violation("a close has half a code")),
        [a, b, ..] => u16::from_be_bytes([*a, *b]),
    };
    match code {
        1000..=1003 | 1007..=1014 | 3000..=4999 => Ok(()),
        _ => Err(Violation("a close has a code that is not to be sent")),
    }
}

/// Appends the header of a binary frame.
pub(super) fn data_header(length: usize, mask: Option<Mask>, out: &mut Vec<u8>) {
    header(FINAL | BINARY, length, mask, out);
}

/// Appends a whole control frame.
pub(super) fn control_frame(
    kind: ControlKind,
    payload: &Control,
    mask: Option<Mask>,
    out: &mut Vec<u8>,
) {
    let opcode = match kind {
        ControlKind::Close => CLOSE,
        ControlKind::Pong => PONG,
    };
    let payload = payload.payload();
    header(FINAL | opcode, payload.len(), mask, out);
    append(payload, mask, out);
}

/// Appends payload, masked.
pub(super) fn append(payload: &[u8], mask: Option<Mask>, out: &mut Vec<u8>) {
    let from = out.len();
    out.extend_from_slice(payload);
    if let Some(mut mask) = mask {
        mask.apply(&mut out[from..]);
    }
}

fn header(first: u8, length: usize, mask: Option<Mask>, out: &mut Vec<u8>) {
    let masked = if mask.is_some() { MASKED } else { 0 };
    out.push(first);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..=125), _) => out.push(masked | short),
        (_, Ok(medium)) => {
            out.push(masked | 126);
            out.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            out.push(masked | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    if let Some(Mask(key)) = mask {
        out.extend_from_slice(&key);
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Reads in pieces of a size: the payload, and what was said last of each kind.
    fn read(bytes: &[u8], size: usize, masked: bool) -> (Vec<u8>, Read, FrameReader) {
        let (mut reader, mut payload) = (FrameReader::new(masked), Vec::new());
        let mut last = Read::default();
        for piece in bytes.chunks(size) {
            let mut piece = piece.to_vec();
            let read = reader.read(&mut piece);
            payload.extend_from_slice(&piece[..read.payload]);
            last.pong = read.pong.or(last.pong);
            last.close = read.close.or(last.close);
            last.violation = read.violation.or(last.violation);
        }
        (payload, last, reader)
    }

    fn control(bytes: &[u8]) -> Control {
        let mut control = Control::EMPTY;
        bytes.iter().for_each(|byte| control.push(*byte));
        control
    }

    #[test]
    fn the_examples_of_the_rfc() {
        for (bytes, masked) in [
            (&b"\x81\x05Hello"[..], false),
            (b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", true),
            (b"\x01\x03Hel\x80\x02lo", false),
            (b"\x01\x03Hel\x89\x05Hello\x80\x02lo", false),
        ] {
            for size in 1..=bytes.len() {
                let (payload, said, reader) = read(bytes, size, masked);
                assert_eq!(payload, b"Hello", "{bytes:?} in pieces of {size}");
                assert_eq!(said.violation, None);
                let pinged = bytes.contains(&0x89);
                assert_eq!(said.pong, pinged.then(|| control(b"Hello")));
                assert!(reader.is_between_messages());
            }
        }
    }

    #[test]
    fn what_the_rfc_forbids_is_named() {
        let long = [&b"\x89\x7e\x00\x7e"[..], &[0; 126]].concat();
        for (bytes, masked, said) in [
            (&b"\xc2\x00"[..], false, "a reserved bit"),
            (b"\xa2\x00", false, "a reserved bit"),
            (b"\x92\x00", false, "a reserved bit"),
            (b"\x83\x00", false, "the opcode is reserved"),
            (b"\x8f\x00", false, "the opcode is reserved"),
            (b"\x80\x00", false, "begins with a continuation"),
            (b"\x02\x01a\x82\x01b", false, "within another"),
            (b"\x09\x00", false, "fragmented"),
            (&long, false, "over 125 bytes"),
            (b"\x82\x01a", true, "of a client is not masked"),
            (b"\x89\x00", true, "of a client is not masked"),
            (b"\x82\x81\x00\x00\x00\x00a", false, "of a server is masked"),
            (b"\x82\x7e\x00\x7d", false, "more bytes than it needs"),
            (
                b"\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff",
                false,
                "more bytes than it needs",
            ),
            (
                b"\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00",
                false,
                "its highest bit",
            ),
            (b"\x88\x01\x03", false, "half a code"),
            (b"\x88\x02\x03\xed", false, "not to be sent"),
            (b"\x88\x02\x03\xe7", false, "not to be sent"),
        ] {
            for size in 1..=bytes.len() {
                let (_, seen, _) = read(bytes, size, masked);
                let violation = seen.violation.expect(said).0;
                assert!(violation.contains(said), "{bytes:?}: {violation}");
            }
        }
    }

    #[test]
    fn a_message_has_so_many_fragments_and_no_more() {
        let fragments =
            |count: usize| [&b"\x02\x01a"[..], &b"\x00\x01b".repeat(count - 1)].concat();
        let (payload, said, reader) = read(&fragments(1024), 7, false);
        assert_eq!((payload.len(), said.violation), (1024, None));
        assert!(!reader.is_between_messages());
        let (payload, said, _) = read(&fragments(1025), 7, false);
        assert_eq!(payload.len(), 1024);
        assert_eq!(
            said.violation.unwrap().0,
            "a message has over 1024 fragments"
        );
        let (_, said, _) = read(&b"\x82\x01a".repeat(5000), 7, false);
        assert_eq!(said.violation, None, "messages are not counted");
    }

    #[test]
    fn nothing_is_read_behind_a_close() {
        let (payload, said, reader) = read(b"\x82\x01a\x88\x05\x03\xe8bye\x82\x01b", 4, false);
        assert_eq!(
            (payload, said.close),
            (b"a".to_vec(), Some(control(b"\x03\xe8")))
        );
        assert!(reader.is_between_messages());
        let (_, said, _) = read(b"\x88\x00\xff\xff", 4, false);
        assert_eq!((said.close, said.violation), (Some(control(b"")), None));
    }

    #[test]
    fn an_end_within_a_message_is_noticed() {
        for cut in [
            &b"\x82"[..],
            b"\x82\x05",
            b"\x82\x05abc",
            b"\x02\x01a",
            b"\x89\x01",
        ] {
            assert!(!read(cut, 1, false).2.is_between_messages(), "{cut:?}");
        }
    }

    #[test]
    fn a_long_close_is_cut() {
        assert_eq!(Control::close(1002, &"x".repeat(500)).payload().len(), 125);
    }

    /// One message as a peer may send it: its pieces, and a ping before each of them.
    fn message() -> impl Strategy<Value = (Vec<Vec<u8>>, bool)> {
        let piece = prop_oneof![vec(any::<u8>(), 0..130), vec(any::<u8>(), 65_530..65_540)];
        (vec(piece, 1..4), any::<bool>())
    }

    fn send(messages: &[(Vec<Vec<u8>>, bool)], mask: Option<Mask>) -> Vec<u8> {
        let mut out = Vec::new();
        for (pieces, pings) in messages {
            for (n, piece) in pieces.iter().enumerate() {
                if *pings {
                    header(FINAL | PING, 1, mask, &mut out);
                    append(b"p", mask, &mut out);
                }
                let opcode = if n == 0 { TEXT } else { CONTINUATION };
                let last = if n + 1 == pieces.len() { FINAL } else { 0 };
                header(last | opcode, piece.len(), mask, &mut out);
                append(piece, mask, &mut out);
            }
        }
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 24, failure_persistence: None, ..ProptestConfig::default()
        })]

        #[test]
        fn what_is_sent_is_read(
            messages in vec(message(), 0..5),
            key in any::<Option<[u8; 4]>>(),
            size in prop_oneof![1usize..20, 1000usize..70_000],
        ) {
            let bytes = send(&messages, key.map(Mask));
            let (payload, said, reader) = read(&bytes, size, key.is_some());
            let sent = messages.iter().flat_map(|(pieces, _)| pieces).flatten().copied();
            prop_assert!(payload.into_iter().eq(sent));
            prop_assert_eq!(said.violation, None);
            let pinged = messages.iter().any(|(_, pings)| *pings);
            prop_assert_eq!(said.pong, pinged.then(|| control(b"p")));
            prop_assert!(reader.is_between_messages());
        }
    }
}
