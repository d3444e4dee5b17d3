//! The most instructions each step may take: what was measured, and a tenth more; for a whole call half a hundredth.
//!
//! A step that became cheaper should get a lower limit, so that the gain is kept. A step that must cost
//! more gets a higher one in the same commit, with the reason in its message.

pub const ENCODE_ARGS: u64 = 230;
pub const DECODE_ARGS: u64 = 300;
pub const ENCODE_MESSAGE: u64 = 3_000;
pub const DECODE_MESSAGE: u64 = 11_450;
pub const DECODE_FRAME: u64 = 380;
pub const CALL: u64 = 10_180;
