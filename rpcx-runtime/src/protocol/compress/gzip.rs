//! gzip as Go writes and reads it: any number of members, one after the other.

use std::io::Read;

use flate2::bufread::{GzEncoder, MultiGzDecoder};

use super::{Compress, CompressError, read_up_to};

/// gzip (RFC 1952), number 1: the algorithm that every Go peer has.
#[derive(Clone, Copy, Debug, Default)]
#[allow(
    clippy::exhaustive_structs,
    reason = "an algorithm without settings is its own value"
)]
pub struct Gzip;

impl Compress for Gzip {
    fn compress(&self, payload: &[u8]) -> Result<Vec<u8>, CompressError> {
        let mut out = Vec::with_capacity(payload.len() / 2);
        GzEncoder::new(payload, flate2::Compression::default())
            .read_to_end(&mut out)
            .map_err(|error| CompressError::Failed(error.to_string()))?;
        Ok(out)
    }

    fn decompress(&self, payload: &[u8], limit: usize) -> Result<Vec<u8>, CompressError> {
        // Go's compressor makes nothing of nothing, and its reader takes it back.
        if payload.is_empty() {
            return Ok(Vec::new());
        }
        read_up_to(MultiGzDecoder::new(payload), limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compress(payload: &[u8]) -> Result<Vec<u8>, CompressError> {
        Gzip.compress(payload)
    }

    fn inflate(payload: &[u8], limit: usize) -> Result<Vec<u8>, CompressError> {
        Gzip.decompress(payload, limit)
    }

    #[test]
    fn what_go_compressed_is_inflated() {
        let hex = "1f8b08000000000000ff6a5ae8c8b5d04904000000ffff010000ffffdeb9a45a07000000";
        let bytes: Vec<u8> = (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect();
        assert_eq!(inflate(&bytes, 100).unwrap(), b"\x82\xa1A\x0a\xa1B\x14");
    }

    #[test]
    fn members_that_follow_each_other_are_one_payload() {
        let twice = [compress(b"one").unwrap(), compress(b"two").unwrap()].concat();
        assert_eq!(inflate(&twice, 100).unwrap(), b"onetwo");
    }

    #[test]
    fn a_payload_stops_at_the_limit() {
        let bomb = compress(&vec![0; 1 << 20]).unwrap();
        assert_eq!(
            inflate(&bomb, (1 << 20) - 1),
            Err(CompressError::TooLong((1 << 20) - 1))
        );
        assert_eq!(inflate(&bomb, 1 << 20).unwrap().len(), 1 << 20);
    }

    #[test]
    fn damage_is_an_error_wherever_it_is() {
        let whole = compress(b"some payload that is long enough").unwrap();
        for end in 1..whole.len() {
            assert!(inflate(&whole[..end], 100).is_err(), "cut at {end}");
        }
        let mut wrong_sum = whole.clone();
        let at = whole.len() - 8;
        wrong_sum[at] ^= 1;
        assert!(inflate(&wrong_sum, 100).is_err());
        assert!(inflate(&[whole, b"garbage".to_vec()].concat(), 100).is_err());
    }
}
