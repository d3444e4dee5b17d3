//! snappy in its framing format, as the `SnappyCompressor` of Go rpcx writes and reads it.

use std::io::Read;

use super::{Compress, CompressError, read_up_to};

/// snappy in the framing format: fast, and not very small.
///
/// Go rpcx has the algorithm without a number of its own; a Go peer needs
/// `protocol.Compressors[protocol.CompressType(2)] = &protocol.SnappyCompressor{}`.
#[derive(Clone, Copy, Debug, Default)]
#[allow(
    clippy::exhaustive_structs,
    reason = "an algorithm without settings is its own value"
)]
pub struct Snappy;

impl Compress for Snappy {
    fn compress(&self, payload: &[u8]) -> Result<Vec<u8>, CompressError> {
        let mut out = Vec::with_capacity(payload.len() / 2);
        snap::read::FrameEncoder::new(payload)
            .read_to_end(&mut out)
            .map_err(|error| CompressError::Failed(error.to_string()))?;
        Ok(out)
    }

    /// Chunks are inflated one by one, and none has more than 64 KiB.
    fn decompress(&self, payload: &[u8], limit: usize) -> Result<Vec<u8>, CompressError> {
        read_up_to(snap::read::FrameDecoder::new(payload), limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by the `SnappyCompressor` of Go rpcx 1.9.4 for the text `rpcx` five times.
    const FROM_GO: &[u8] = b"\xff\x06\x00\x00\x73\x4e\x61\x50\x70\x59\x00\x0d\x00\x00\x5b\x97\x04\x3d\x14\x0c\x72\x70\x63\x78\x3e\x04\x00";

    #[test]
    fn what_go_compressed_is_inflated() {
        let text = b"rpcx".repeat(5);
        assert_eq!(Snappy.decompress(FROM_GO, 100).unwrap(), text);
    }

    #[test]
    fn a_payload_stops_at_the_limit() {
        let bomb = Snappy.compress(&vec![0; 1 << 20]).unwrap();
        let limit = (1 << 20) - 1;
        assert_eq!(
            Snappy.decompress(&bomb, limit),
            Err(CompressError::TooLong(limit))
        );
        assert_eq!(Snappy.decompress(&bomb, 1 << 20).unwrap().len(), 1 << 20);
    }

    #[test]
    fn damage_is_an_error() {
        let whole = Snappy
            .compress(b"some payload that is long enough")
            .unwrap();
        // the first ten bytes are the stream identifier, which may stand alone
        for end in (1..whole.len()).filter(|end| *end != 10) {
            assert!(Snappy.decompress(&whole[..end], 100).is_err(), "{end}");
        }
        let mut wrong_sum = whole;
        wrong_sum[14] ^= 1;
        assert!(Snappy.decompress(&wrong_sum, 100).is_err());
        assert!(Snappy.decompress(b"no snappy at all", 100).is_err());
        assert_eq!(Snappy.decompress(b"", 100).unwrap(), b"");
    }
}
