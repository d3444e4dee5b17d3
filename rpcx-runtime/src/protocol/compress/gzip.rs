//! gzip as Go writes and reads it: any number of members, one after the other.

use std::io::Read;

use flate2::Compression;
use flate2::bufread::{GzEncoder, MultiGzDecoder};

use super::CompressError;

pub(super) fn compress(payload: &[u8]) -> Result<Vec<u8>, CompressError> {
    let mut out = Vec::with_capacity(payload.len() / 2);
    GzEncoder::new(payload, Compression::default())
        .read_to_end(&mut out)
        .map_err(damaged)?;
    Ok(out)
}

pub(super) fn inflate(payload: &[u8], limit: usize) -> Result<Vec<u8>, CompressError> {
    // Go's compressor makes nothing of nothing, and its reader takes it back.
    if payload.is_empty() {
        return Ok(Vec::new());
    }
    let mut out = Vec::new();
    // One byte over the limit tells "exactly at the limit" from "too long".
    let read = limit.saturating_add(1) as u64;
    MultiGzDecoder::new(payload)
        .take(read)
        .read_to_end(&mut out)
        .map_err(damaged)?;
    if out.len() > limit {
        return Err(CompressError::TooLong(limit));
    }
    Ok(out)
}

fn damaged(error: std::io::Error) -> CompressError {
    CompressError::Damaged(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

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
