//! zstd (RFC 8878), without dictionaries.

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::{Compress, CompressError, read_up_to};

/// The window that every decoder has to accept, by RFC 8878.
const WINDOW: usize = 8 << 20;

/// zstd: smaller than gzip for most payloads, and faster to inflate.
///
/// Go rpcx does not have the algorithm; a Go peer registers one of its own under number 3. Compresses at the
/// library's fastest level. Reads frames of every level with windows up to the larger of 8 MiB and the limit
/// for inflated payloads; frames that need a dictionary are refused.
#[derive(Clone, Copy, Debug, Default)]
#[allow(
    clippy::exhaustive_structs,
    reason = "an algorithm without settings is its own value"
)]
pub struct Zstd;

impl Compress for Zstd {
    fn compress(&self, payload: &[u8]) -> Result<Vec<u8>, CompressError> {
        Ok(compress_to_vec(payload, CompressionLevel::Fastest))
    }

    /// Frames that follow each other are one payload, as for the `zstd` program.
    fn decompress(&self, payload: &[u8], limit: usize) -> Result<Vec<u8>, CompressError> {
        let (mut rest, mut out) = (payload, Vec::new());
        while !rest.is_empty() {
            out.append(&mut frame(&mut rest, limit - out.len(), limit)?);
        }
        Ok(out)
    }
}

/// Reads one frame off the front of `rest`, with at most `left` of the `limit` bytes.
fn frame(rest: &mut &[u8], left: usize, limit: usize) -> Result<Vec<u8>, CompressError> {
    let mut decoder = FrameDecoder::new();
    // The decoder reserves the window that a frame asks for before it reads the first block.
    decoder.set_max_window_size(limit.max(WINDOW) as u64);
    let mut reader = match StreamingDecoder::new_with_decoder(&mut *rest, &mut decoder) {
        Ok(reader) => reader,
        Err(error) => return skipped(rest, error),
    };
    let out = read_up_to(&mut reader, left).map_err(|error| match error {
        CompressError::TooLong(_) => CompressError::TooLong(limit),
        other => other,
    })?;
    // The library leaves the comparison to its caller.
    match decoder.get_checksum_from_data() {
        Some(sum) if decoder.get_calculated_checksum() != Some(sum) => Err(CompressError::Damaged(
            "the checksum is another one".to_owned(),
        )),
        _ => Ok(out),
    }
}

/// Steps over a frame that is not for decoders, of which the header has been read.
fn skipped(rest: &mut &[u8], error: FrameDecoderError) -> Result<Vec<u8>, CompressError> {
    let FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. }) =
        error
    else {
        return Err(CompressError::Damaged(error.to_string()));
    };
    match usize::try_from(length)
        .ok()
        .and_then(|length| rest.get(length..))
    {
        Some(behind) => {
            *rest = behind;
            Ok(Vec::new())
        }
        None => Err(CompressError::Damaged(
            "a skippable frame is longer than the payload".to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by the `zstd` program, with a checksum, for the text `rpcx` five times.
    const FROM_C: &[u8] = b"\x28\xb5\x2f\xfd\x04\x58\x55\x00\x00\x20\x72\x70\x63\x78\x01\x00\x23\x8e\x08\x6d\xdb\x36\x0e";

    #[test]
    fn what_another_encoder_wrote_is_inflated() {
        let text = b"rpcx".repeat(5);
        assert_eq!(Zstd.decompress(FROM_C, 100).unwrap(), text);
        let skippable = b"\x50\x2a\x4d\x18\x03\0\0\0abc";
        let both = [FROM_C, skippable, FROM_C].concat();
        assert_eq!(Zstd.decompress(&both, 100).unwrap(), text.repeat(2));
        assert_eq!(
            Zstd.decompress(&both, 39),
            Err(CompressError::TooLong(39)),
            "the limit is that of all frames"
        );
        Zstd.decompress(&skippable[..9], 100).unwrap_err();
    }

    #[test]
    fn a_payload_stops_at_the_limit() {
        let bomb = Zstd.compress(&vec![0; 1 << 20]).unwrap();
        let limit = (1 << 20) - 1;
        assert_eq!(
            Zstd.decompress(&bomb, limit),
            Err(CompressError::TooLong(limit))
        );
        assert_eq!(Zstd.decompress(&bomb, 1 << 20).unwrap().len(), 1 << 20);
    }

    #[test]
    fn a_window_beyond_the_limit_is_refused_before_it_is_reserved() {
        // a frame of one empty block with a window of 64 MiB
        let frame = b"\x28\xb5\x2f\xfd\0\x80\x01\0\0";
        assert_eq!(Zstd.decompress(frame, 64 << 20).unwrap(), b"");
        let error = Zstd.decompress(frame, 1 << 20).unwrap_err();
        assert!(error.to_string().contains("indow"), "{error}");
    }

    #[test]
    fn damage_is_an_error() {
        for end in 1..FROM_C.len() {
            assert!(Zstd.decompress(&FROM_C[..end], 100).is_err(), "{end}");
        }
        let mut wrong_sum = FROM_C.to_vec();
        *wrong_sum.last_mut().unwrap() ^= 1;
        assert!(Zstd.decompress(&wrong_sum, 100).is_err());
        assert!(Zstd.decompress(b"no zstd at all", 100).is_err());
        assert_eq!(Zstd.decompress(b"", 100).unwrap(), b"");
        let own = Zstd.compress(b"").unwrap();
        assert_eq!(Zstd.decompress(&own, 100).unwrap(), b"");
    }
}
