//! The layers around the segments of a datagram, and which datagrams may pass them.
//!
//! ```text
//! nonce 16 | crc32 4 | seqid 4 | kind 2 | size 2 | segments         little endian
//! '--- crypt header -' '------ FEC header ------'
//! ```
//! Either header is there or not, by the options. With a crypt header all of it is encrypted.

use super::crypt::Crypt;
use super::fec::{self, Encoder, PARITY};
use super::guard::SEGMENT_HEADER;
use super::nonce::{NONCE, Nonces};
use super::{Kcp, MAX_MTU};

const CRYPT_HEADER: usize = NONCE + 4;

const KIND_DATA: u16 = 0xf1;
const KIND_PARITY: u16 = 0xf2;
/// Up to where the shard starts; its size is the first part of the shard.
const FEC_HEADER: usize = 6;
const SIZE: usize = 2;

/// The form of the datagrams of one socket.
pub(super) struct Wire {
    crypt: Crypt,
    fec: bool,
}

/// What the packets of one sender have of those before them.
pub(super) struct Series {
    encoder: Encoder,
    nonces: Nonces,
}

impl Series {
    pub(super) fn new() -> Self {
        Self {
            encoder: Encoder::new(),
            nonces: Nonces::new(),
        }
    }
}

/// A datagram that has passed the checks of its headers.
pub(super) struct Packet<'a> {
    /// Its number among data and parity, where there is FEC.
    pub(super) number: Option<u32>,
    /// Parity has no segments of its own.
    pub(super) parity: bool,
    /// Bytes of the datagram, with all headers.
    pub(super) size: usize,
    /// With FEC the shard, else the segments.
    body: &'a mut [u8],
}

impl Packet<'_> {
    /// The KCP segments, not checked yet. Empty in parity.
    pub(super) fn segments(&mut self) -> &mut [u8] {
        match (self.parity, self.number) {
            (true, _) => &mut [],
            (false, Some(_)) => &mut self.body[SIZE..],
            (false, None) => self.body,
        }
    }

    /// What the parity is made of.
    pub(super) fn shard(&self) -> &[u8] {
        self.body
    }
}

impl Wire {
    /// The form that these options give.
    pub(super) fn new(options: &Kcp) -> Self {
        Self {
            crypt: options.crypt.clone(),
            fec: options.fec,
        }
    }

    fn crypt_header(&self) -> usize {
        self.crypt.cipher().map_or(0, |_| CRYPT_HEADER)
    }

    /// Bytes in front of the segments.
    pub(super) fn header(&self) -> usize {
        self.crypt_header() + if self.fec { FEC_HEADER + SIZE } else { 0 }
    }

    /// Whether the end of a stream may be told: to Go and to our own kind, which use this form. What
    /// other programs do with it is not known.
    pub(super) fn has_end(&self) -> bool {
        self.fec && self.crypt.cipher().is_some()
    }

    /// Takes the headers off a datagram. `None` if it is too short or long, does not have the right
    /// checksum (a wrong key gives a wrong one) or has a header that no peer sends.
    pub(super) fn open<'a>(&self, datagram: &'a mut [u8]) -> Option<Packet<'a>> {
        if datagram.len() < self.header() + SEGMENT_HEADER || datagram.len() > MAX_MTU {
            return None;
        }
        let size = datagram.len();
        let body = match self.crypt.cipher() {
            None => datagram,
            Some(cipher) => {
                cipher.decrypt(datagram);
                let (_, marked) = datagram.split_first_chunk_mut::<NONCE>()?;
                let (crc, body) = marked.split_first_chunk_mut::<4>()?;
                if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
                    return None;
                }
                body
            }
        };
        match self.fec {
            false => Some(Packet {
                number: None,
                parity: false,
                size,
                body,
            }),
            true => numbered(body, size),
        }
    }

    /// Puts the headers in front of `segments` and gives the finished datagrams to `send`: one, or
    /// with the parity of a group that is complete four.
    pub(super) fn send(
        &self,
        series: &mut Series,
        segments: &[u8],
        mut send: impl FnMut(&[u8]),
    ) -> Result<(), Unsent> {
        let mut datagram = [0; MAX_MTU];
        let (crypt, header) = (self.crypt_header(), self.header());
        let all = header + segments.len();
        let place = datagram.get_mut(header..all).ok_or(Unsent)?;
        place.copy_from_slice(segments);
        let Series { encoder, nonces } = series;
        let mut seal = |datagram: &mut [u8]| self.seal(datagram, nonces, &mut send);
        if !self.fec {
            return seal(&mut datagram[..all]);
        }
        let number = encoder.number();
        let shard = &mut datagram[crypt + FEC_HEADER..all];
        let size = u16::try_from(shard.len()).map_err(|_| Unsent)?;
        shard[..SIZE].copy_from_slice(&size.to_le_bytes());
        let complete = encoder.add(number, shard);
        mark(&mut datagram[crypt..], number, KIND_DATA);
        let mut result = seal(&mut datagram[..all]);
        for at in 0..if complete { PARITY } else { 0 } {
            let number = encoder.number();
            mark(&mut datagram[crypt..], number, KIND_PARITY);
            let parity = encoder.parity(at);
            let all = crypt + FEC_HEADER + parity.len();
            datagram[crypt + FEC_HEADER..all].copy_from_slice(parity);
            result = seal(&mut datagram[..all]).and(result);
        }
        result
    }

    /// Fills in the crypt header and encrypts.
    fn seal(
        &self,
        datagram: &mut [u8],
        nonces: &mut Nonces,
        send: &mut impl FnMut(&[u8]),
    ) -> Result<(), Unsent> {
        if let Some(cipher) = self.crypt.cipher() {
            let (header, body) = datagram.split_at_mut(CRYPT_HEADER);
            header[..NONCE].copy_from_slice(&nonces.next()?);
            header[NONCE..].copy_from_slice(&crc32fast::hash(body).to_le_bytes());
            cipher.encrypt(datagram);
        }
        send(datagram);
        Ok(())
    }
}

/// A packet did not leave: to the session it is one that was lost.
#[derive(Debug)]
pub(super) struct Unsent;

fn mark(packet: &mut [u8], number: u32, kind: u16) {
    packet[..4].copy_from_slice(&number.to_le_bytes());
    packet[4..FEC_HEADER].copy_from_slice(&kind.to_le_bytes());
}

/// Reads the FEC header.
fn numbered(packet: &mut [u8], size: usize) -> Option<Packet<'_>> {
    let (header, body) = packet.split_first_chunk_mut::<FEC_HEADER>()?;
    let [a, b, c, d, kind @ ..] = *header;
    let number = u32::from_le_bytes([a, b, c, d]);
    let parity = match u16::from_le_bytes(kind) {
        KIND_DATA => false,
        KIND_PARITY => true,
        _ => return None,
    };
    let shard = usize::from(u16::from_le_bytes(*body.first_chunk()?));
    let whole = parity || shard == body.len();
    (whole && fec::fits(number, parity)).then_some(Packet {
        number: Some(number),
        parity,
        size,
        body,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use proptest::prelude::*;

    use super::super::guard;
    use super::*;

    /// Made once: the table of `xor` takes its time.
    fn wires() -> &'static [Wire] {
        static WIRES: OnceLock<Vec<Wire>> = OnceLock::new();
        WIRES.get_or_init(make_wires)
    }

    fn make_wires() -> Vec<Wire> {
        let crypts = [
            Crypt::plain(),
            Crypt::none(),
            Crypt::aes(&[7; 32]).unwrap(),
            Crypt::salsa20(&[7; 32]).unwrap(),
            Crypt::xor(b"key").unwrap(),
        ];
        let mut wires = Vec::new();
        for crypt in crypts {
            for fec in [false, true] {
                let mut options = Kcp::plain();
                options.crypt = crypt.clone();
                options.fec = fec;
                wires.push(Wire::new(&options));
            }
        }
        wires
    }

    fn sent(wire: &Wire, series: &mut Series, segments: &[u8]) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        wire.send(series, segments, |datagram| all.push(datagram.to_vec()))
            .unwrap();
        all
    }

    #[test]
    fn what_is_sent_is_opened_again() {
        for wire in wires() {
            let mut series = Series::new();
            for round in 1..=20u8 {
                let segments = vec![round; 24 + usize::from(round) * 60];
                let mut datagrams = sent(wire, &mut series, &segments);
                let parity = wire.fec && round % 10 == 0;
                assert_eq!(datagrams.len(), if parity { 4 } else { 1 });
                let size = datagrams[0].len();
                let mut packet = wire.open(&mut datagrams[0]).unwrap();
                assert_eq!(packet.segments(), segments);
                assert_eq!(packet.size, size);
                for datagram in &mut datagrams[1..] {
                    let mut packet = wire.open(datagram).unwrap();
                    assert!(packet.parity && packet.segments().is_empty());
                    assert_eq!(packet.shard().len(), 24 + usize::from(round) * 60 + 2);
                }
            }
        }
    }

    /// What kcp-go 5.4.20 sends for the first write, "hello from Go", with a key 0, 1, 2..
    const FROM_GO: [(&str, &str); 2] = [
        (
            "none",
            "cd847ccdbe6b85fcfd7fb68b81c04fd98f0d619e00000000f1002700c89c60c8510020000000000000000000000000000d00000068656c6c6f2066726f6d20476f",
        ),
        (
            "aes-256",
            "add94d0bb2bd2969f0182919ac4dfcad998c4bf990bbceb8310a097ae2c952783ede8109f3ecbf521918abb184da97964df4a5973949be254a69892c181c13cb0f",
        ),
    ];

    #[test]
    fn the_first_datagram_of_go_is_opened() {
        let key: Vec<u8> = (0..32).collect();
        for (name, hex) in FROM_GO {
            let crypt = Crypt::by_name(name, &key).unwrap();
            let wire = Wire::new(&Kcp::default().crypt(crypt));
            let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
            let mut datagram: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
            let mut packet = wire.open(&mut datagram).unwrap();
            assert_eq!(packet.number, Some(0));
            let summary = guard::check(packet.segments()).unwrap();
            assert!(summary.opens && summary.pushes == 1 && summary.window == 32);
            assert!(packet.segments().ends_with(b"hello from Go"));
        }
    }

    #[test]
    fn a_changed_bit_is_noticed() {
        for wire in &wires()[2..] {
            let datagram = sent(wire, &mut Series::new(), &[1; 100]).remove(0);
            for bit in 0..datagram.len() * 8 {
                let mut changed = datagram.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                // Of `none` and `xor` the nonce itself is in no checksum.
                let opened = wire.open(&mut changed).is_some();
                assert!(!opened || bit < NONCE * 8, "bit {bit}");
            }
        }
    }

    proptest! {
        /// Any bytes, and any bytes behind a right checksum: never a panic.
        #[test]
        fn any_bytes_are_opened_or_refused(
            mut bytes in prop::collection::vec(any::<u8>(), 0..1600),
            kind in 0xf0u16..0xf4,
            number in any::<u32>(),
        ) {
            for wire in wires() {
                if let Some(mut packet) = wire.open(&mut bytes.clone()) {
                    let _ = guard::check(packet.segments());
                }
            }
            if bytes.len() >= 52 {
                mark(&mut bytes[20..], number, kind);
                let crc = crc32fast::hash(&bytes[20..]);
                bytes[16..20].copy_from_slice(&crc.to_le_bytes());
                if let Some(mut packet) = wires()[3].open(&mut bytes) {
                    let _ = guard::check(packet.segments());
                }
            }
        }
    }
}
