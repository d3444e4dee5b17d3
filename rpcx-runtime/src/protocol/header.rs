//! The sixteen fixed bytes of a frame.

use std::fmt;
use std::str::FromStr;

use super::ProtocolError;
use crate::error::UnknownName;

/// The first byte of every frame.
pub const MAGIC: u8 = 0x08;

/// The length of the fixed part: four single bytes, the sequence number and the body length.
pub const HEADER_LEN: usize = 16;

/// How the payload of a frame is encoded: the upper half of header byte 3.
///
/// Five numbers have a meaning; 5 to 15 are free for codecs that both sides agree on, see
/// `ServerBuilder::codec_with` and `ChannelBuilder::codec_with`.
///
/// As text a codec is its name, such as `msgpack`, or its number if it has no name.
///
/// ```
/// use rpcx::protocol::Codec;
///
/// assert_eq!("json".parse(), Ok(Codec::JSON));
/// assert_eq!("9".parse(), Ok(Codec::new(9).unwrap()));
/// assert_eq!(Codec::MSGPACK.to_string(), "msgpack");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Codec(u8);

impl Codec {
    /// Bytes as they are.
    pub const RAW: Self = Self(0);
    /// JSON.
    pub const JSON: Self = Self(1);
    /// Protocol Buffers.
    pub const PROTOBUF: Self = Self(2);
    /// MessagePack, with structs as maps: the default of Go rpcx, and ours.
    pub const MSGPACK: Self = Self(3);
    /// Thrift in the binary protocol, the bare struct.
    pub const THRIFT: Self = Self(4);

    /// The type with this number, if it fits in four bits.
    pub const fn new(number: u8) -> Option<Self> {
        if number < 16 {
            Some(Self(number))
        } else {
            None
        }
    }

    /// The number on the wire, 0 to 15.
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// How a payload is compressed: three bits of the flags.
///
/// Go rpcx gives a meaning to 0 and 1; 2 to 7 are free for algorithms that both sides agree on, see
/// `ServerBuilder::compression_with` and `ChannelBuilder::compression_with`. As text a compression is `none`, `gzip`, or
/// a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Compression(u8);

impl Compression {
    /// Not compressed.
    pub const NONE: Self = Self(0);
    /// gzip, RFC 1952.
    pub const GZIP: Self = Self(1);
    /// snappy in the framing format, where the feature `snappy` is on and nothing else is registered for the
    /// number: Go rpcx has the algorithm and no number for it.
    pub const SNAPPY: Self = Self(2);
    /// zstd, where the feature `zstd` is on and nothing else is registered for the number.
    pub const ZSTD: Self = Self(3);

    /// The type with this number, if it fits in three bits.
    pub const fn new(number: u8) -> Option<Self> {
        if number < 8 { Some(Self(number)) } else { None }
    }

    /// The number on the wire, 0 to 7.
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// The name, or the number where there is no name.
impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match CODECS.iter().find(|(_, codec)| codec == self) {
            Some((name, _)) => f.write_str(name),
            None => self.0.fmt(f),
        }
    }
}

/// A name of [`Display`](fmt::Display), or a number from 0 to 15.
impl FromStr for Codec {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let named = CODECS.iter().find(|(name, _)| *name == text);
        let found = named.map(|(_, codec)| *codec);
        found.or_else(|| Self::new(number(text)?)).ok_or_else(|| {
            let expected = "raw, json, protobuf, msgpack, thrift, or a number from 0 to 15";
            UnknownName::new(text, "codec", expected)
        })
    }
}

const CODECS: [(&str, Codec); 5] = [
    ("raw", Codec::RAW),
    ("json", Codec::JSON),
    ("protobuf", Codec::PROTOBUF),
    ("msgpack", Codec::MSGPACK),
    ("thrift", Codec::THRIFT),
];

/// `none`, `gzip`, or the number: what the others mean is for a program to say.
impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NONE => f.write_str("none"),
            Self::GZIP => f.write_str("gzip"),
            Self(other) => other.fmt(f),
        }
    }
}

/// `none`, `gzip`, `snappy` or `zstd` for the constants of these names, or a number from 0 to 7.
impl FromStr for Compression {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let found = match text {
            "none" => Some(Self::NONE),
            "gzip" => Some(Self::GZIP),
            "snappy" => Some(Self::SNAPPY),
            "zstd" => Some(Self::ZSTD),
            number_text => number(number_text).and_then(Self::new),
        };
        found.ok_or_else(|| {
            let expected = "none, gzip, snappy, zstd, or a number from 0 to 7";
            UnknownName::new(text, "compression", expected)
        })
    }
}

/// Digits and nothing else: the standard library takes a sign too.
fn number(text: &str) -> Option<u8> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

pub(super) const RESPONSE: u8 = 0x80;
const HEARTBEAT: u8 = 0x40;
const ONEWAY: u8 = 0x20;
const COMPRESS: u8 = 0x1c;
const COMPRESS_SHIFT: u8 = 2;
const STATUS: u8 = 0x03;
const STATUS_ERROR: u8 = 0x01;

/// The fixed bytes of a frame, without the body length.
///
/// Bits that have no meaning are kept, because a reply repeats the header of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The protocol version: every known peer sends 0, and none checks it. A reply repeats it.
    pub version: u8,
    flags: u8,
    codec: u8,
    /// What a reply is matched by. The caller chooses it.
    pub seq: u64,
}

impl Header {
    /// The header of a request.
    pub const fn request(seq: u64, codec: Codec) -> Self {
        Self {
            version: 0,
            flags: 0,
            codec: codec.0 << 4,
            seq,
        }
    }

    /// The header of a heartbeat request. Its payload is msgpack whatever the calls use.
    pub const fn heartbeat(seq: u64) -> Self {
        Self {
            version: 0,
            flags: HEARTBEAT,
            codec: Codec::MSGPACK.0 << 4,
            seq,
        }
    }

    /// The header of the reply to this request: everything is repeated but the compression, and
    /// the response bit is set. (Source: Go rpcx, server_dispatch.go and message.go.)
    #[must_use]
    pub const fn reply(self) -> Self {
        Self {
            flags: (self.flags & !COMPRESS & !STATUS) | RESPONSE,
            ..self
        }
    }

    /// The same header with the one-way bit.
    #[must_use]
    pub const fn oneway(mut self) -> Self {
        self.flags |= ONEWAY;
        self
    }

    /// The same header with the error status.
    #[must_use]
    pub const fn error(mut self) -> Self {
        self.flags = (self.flags & !STATUS) | STATUS_ERROR;
        self
    }

    /// The same header with this compression.
    #[must_use]
    pub const fn compressed(mut self, compress: Compression) -> Self {
        self.flags = (self.flags & !COMPRESS) | (compress.0 << COMPRESS_SHIFT);
        self
    }

    /// The same header with this codec.
    #[must_use]
    pub const fn with_codec(mut self, codec: Codec) -> Self {
        self.codec = (self.codec & 0x0f) | (codec.0 << 4);
        self
    }

    /// Whether this is a response.
    pub const fn is_response(self) -> bool {
        self.flags & RESPONSE != 0
    }

    /// Whether this is a heartbeat, or the answer to one.
    pub const fn is_heartbeat(self) -> bool {
        self.flags & HEARTBEAT != 0
    }

    /// Whether no reply is sent.
    pub const fn is_oneway(self) -> bool {
        self.flags & ONEWAY != 0
    }

    /// How the payload is compressed.
    pub const fn compress(self) -> Compression {
        Compression((self.flags & COMPRESS) >> COMPRESS_SHIFT)
    }

    /// The two status bits: 0 is normal, 1 is error, 2 and 3 have no meaning.
    pub const fn status(self) -> u8 {
        self.flags & STATUS
    }

    /// How the payload is encoded.
    pub const fn codec(self) -> Codec {
        Codec(self.codec >> 4)
    }

    /// The header at the front of `bytes`, and the length of the body behind it.
    pub fn decode(bytes: &[u8; HEADER_LEN]) -> Result<(Self, u32), ProtocolError> {
        let [magic, version, flags, codec, rest @ ..] = *bytes;
        if magic != MAGIC {
            return Err(ProtocolError::Magic(magic));
        }
        let [s0, s1, s2, s3, s4, s5, s6, s7, l0, l1, l2, l3] = rest;
        let seq = u64::from_be_bytes([s0, s1, s2, s3, s4, s5, s6, s7]);
        Ok((
            Self {
                version,
                flags,
                codec,
                seq,
            },
            u32::from_be_bytes([l0, l1, l2, l3]),
        ))
    }

    /// The sixteen bytes, with the body length left zero for the encoder to fill in.
    pub fn encode(self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[0] = MAGIC;
        bytes[1] = self.version;
        bytes[2] = self.flags;
        bytes[3] = self.codec;
        bytes[4..12].copy_from_slice(&self.seq.to_be_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flags_and_codec_byte_survives() {
        // An interpreter takes its time.
        let step = if cfg!(miri) { 85 } else { 1 };
        for flags in (0..=255).step_by(step) {
            for codec in (0..=255).step_by(step) {
                let header = Header {
                    version: 7,
                    flags,
                    codec,
                    seq: 0x0102_0304_0506_0708,
                };
                assert_eq!(Header::decode(&header.encode()).unwrap(), (header, 0));
            }
        }
    }

    #[test]
    fn a_reply_repeats_its_request() {
        let request = Header {
            version: 3,
            flags: ONEWAY | 0x05,
            codec: 0x3a,
            seq: 9,
        };
        let reply = request.reply();
        assert_eq!(reply.version, 3);
        assert_eq!(reply.codec, 0x3a, "the unused half byte is repeated too");
        assert_eq!(
            reply.flags,
            RESPONSE | ONEWAY,
            "neither compression nor status is repeated"
        );
        assert_eq!(reply.error().status(), 1);
    }

    #[test]
    fn names_and_numbers_come_back() {
        for number in 0..=u8::MAX {
            let (codec, compression) = (Codec::new(number), Compression::new(number));
            assert_eq!(number.to_string().parse().ok(), codec);
            assert_eq!(number.to_string().parse().ok(), compression);
            if let Some(codec) = codec {
                assert_eq!(codec.to_string().parse(), Ok(codec));
            }
            if let Some(compression) = compression {
                assert_eq!(compression.to_string().parse(), Ok(compression));
            }
        }
        assert_eq!("zstd".parse(), Ok(Compression::ZSTD));
        for wrong in ["", "+1", " 1", "JSON", "16", "bzip2"] {
            wrong.parse::<Codec>().unwrap_err();
            wrong.parse::<Compression>().unwrap_err();
        }
        assert_eq!(
            "bson".parse::<Codec>().unwrap_err().to_string(),
            "`bson` is no codec: it is raw, json, protobuf, msgpack, thrift, or a number from 0 to 15"
        );
    }

    #[test]
    fn another_magic_is_refused() {
        for magic in (0..=255).filter(|magic| *magic != MAGIC) {
            let mut bytes = Header::request(1, Codec::JSON).encode();
            bytes[0] = magic;
            assert_eq!(Header::decode(&bytes), Err(ProtocolError::Magic(magic)));
        }
    }
}
