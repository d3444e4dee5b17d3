//! The readers of datagrams by themselves, for the fuzz targets only.

use super::fec::Decoder;
use super::packet::Wire;
use super::{Kcp, guard};

/// What was taken of some datagrams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Taken {
    /// Segments with data.
    pub segments: usize,
    /// Bytes that parity has brought back.
    pub recovered: usize,
}

/// Reads datagrams of one peer without a crypt, with FEC or without.
pub fn kcp_datagrams<'a>(datagrams: impl IntoIterator<Item = &'a [u8]>, fec: bool) -> Taken {
    let mut options = Kcp::plain();
    options.fec = fec;
    let (wire, mut decoder) = (Wire::new(&options), Decoder::default());
    let mut taken = Taken::default();
    for datagram in datagrams {
        let mut datagram = datagram.to_vec();
        let Some(mut packet) = wire.open(&mut datagram) else {
            continue;
        };
        if let Some(number) = packet.number {
            for mut segments in decoder.add(number, packet.shard()) {
                taken.recovered += segments.len();
                let _ = guard::check(&mut segments);
            }
        }
        if let Some(summary) = guard::check(packet.segments()) {
            taken.segments += summary.pushes;
        }
    }
    taken
}
