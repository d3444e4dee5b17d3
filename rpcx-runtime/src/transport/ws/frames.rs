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
    fn without_text(mut self) -> Self {
        self.length = self.length.min(2);
        self
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
                    bytes.copy_within(at..at + count, read.payload);
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
            // A pong that nobody asked for, since we send no pings.
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
