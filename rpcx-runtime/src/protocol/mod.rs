//! Bytes to frames and back. Knows no socket, no codec and no clock.
//!
//! ```text
//!  0      1        2      3      4                12            16
//! +------+--------+------+------+----------------+-------------+------------------------+
//! | 0x08 | version| flags| codec| sequence (u64) | body length | body                   |
//! +------+--------+------+------+----------------+-------------+------------------------+
//!
//! body:  path, method, metadata, payload, each as a u32 length and that many bytes
//! flags: 0x80 response  0x40 heartbeat  0x20 one-way  0x1c compression  0x03 status
//! codec: upper half the serialize type, lower half unused
//! ```
//!
//! All integers are big endian. The source of every fact is Go rpcx (`protocol/message.go`);
//! `tests/vectors` holds bytes recorded from it.

mod compress;
mod decode;
mod encode;
mod frame;
mod header;
mod metadata;
mod secret;

#[cfg(feature = "gzip")]
pub use compress::Gzip;
#[cfg(feature = "snappy")]
pub use compress::Snappy;
#[cfg(feature = "zstd")]
pub use compress::Zstd;
pub use compress::{COMPRESS_THRESHOLD, Compress, CompressError, compress, inflate};
pub(crate) use compress::{Compressions, RegisterError};
pub use decode::{Decoded, Decoder, FrameLimits, Refusal};
pub use encode::{FrameEncoder, TooLong};
pub(crate) use encode::{frame_length, frame_seq};
pub use frame::Frame;
pub use header::{Codec, Compression, HEADER_LEN, Header, MAGIC};
pub use metadata::{Iter, Metadata};

/// Bytes that are not a frame: the connection they came from cannot be read any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// A frame begins with another byte.
    #[error("byte 0 of a frame is {0:#04x}, not 0x08")]
    Magic(u8),
    /// A part of the body is longer than the body.
    #[error("the {part} announces {length} bytes at body offset {offset}, {left} are left")]
    Length {
        /// Which part of the body.
        part: &'static str,
        /// Where its length stands, in bytes from the start of the body.
        offset: usize,
        /// The announced length.
        length: u32,
        /// How many bytes of the body follow.
        left: usize,
    },
    /// The body ends before a length.
    #[error("the body ends at offset {offset}, before the length of the {part}")]
    Truncated {
        /// Which part of the body.
        part: &'static str,
        /// Where the body ends.
        offset: usize,
    },
    /// The payload's length is not the rest of the body.
    #[error("the payload announces {length} bytes, the rest of the body has {left}")]
    Payload {
        /// The announced length.
        length: u32,
        /// How many bytes of the body follow.
        left: usize,
    },
    /// The metadata block does not divide into pairs.
    #[error("the metadata block is malformed at offset {0}")]
    Metadata(usize),
}
