//! The most instructions each step may take: what was measured, and half a hundredth more. With AVX2; other processors
//! take more to check the texts of the message.
//!
//! A step that became cheaper should get a lower limit, so that the gain is kept. A step that must cost
//! more gets a higher one in the same commit, with the reason in its message.

pub const ENCODE_ARGS: u64 = 168;
pub const DECODE_ARGS: u64 = 269;
pub const ENCODE_MESSAGE: u64 = 1_800;
pub const DECODE_MESSAGE: u64 = 3_976;
/// With texts that are ASCII.
pub const DECODE_ASCII: u64 = 3_622;
pub const DECODE_SHARED: u64 = 3_642;
/// Lent texts that are not ASCII are checked one by one.
pub const DECODE_BORROWED: u64 = 6_757;
pub const DECODE_BORROWED_ASCII: u64 = 2_496;
/// Ten entries of JSON into a `BTreeMap`, and into a `HashMap`.
pub const DECODE_SORTED_MAP: u64 = 7_573;
pub const DECODE_HASHED_MAP: u64 = 10_387;
pub const DECODE_FRAME: u64 = 348;
pub const CALL: u64 = 9_075;
/// With a layer that does nothing on each side.
pub const LAYERED_CALL: u64 = 11_240;
/// With a layer on each side that does nothing and lets each call pass.
pub const PASSED_CALL: u64 = 9_357;
/// Over TCP. More room than the others have: the system decides how much of a frame it hands over, and when.
pub const LOOPBACK_CALL: u64 = 12_050;
/// On a port on which HTTP is answered, too. `.ci/run` holds it within a hundredth of the one before.
pub const CALL_BESIDE_HTTP: u64 = LOOPBACK_CALL;
/// The same call as JSON by HTTP/1.1; the client does next to nothing. With the room of the two before.
pub const CALL_BY_HTTP: u64 = 15_500;
/// In process by a channel that chooses among 3, 100 or 10,000 nodes: what a choice takes does not grow with them.
pub const FLEET_CALL: u64 = 9_580;
