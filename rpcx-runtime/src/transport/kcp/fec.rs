//! Forward error correction: three parity packets for every ten, as Go rpcx has it.
//!
//! ```text
//! seqid u32 | 0x00f1 data   | size u16 | segments     a shard starts at `size`,
//! seqid u32 | 0x00f2 parity | parity                  zeros fill it up to the longest of its group
//! ```
//! Data and parity are numbered together; thirteen consecutive numbers are a group.

use super::erasure;

/// Data packets of a group, and parity packets after them.
pub(super) const DATA: usize = 10;
pub(super) const PARITY: usize = 3;
const GROUP: u32 = (DATA + PARITY) as u32;

/// The number after the last one is 0: a group never spans the end of the numbers.
const NUMBERS: u32 = u32::MAX / GROUP * GROUP;

/// Groups that wait for more packets. Older ones are given up: by then the data has been sent again.
const OPEN_GROUPS: usize = 4;

/// Whether a received number can be of a packet of this kind.
pub(super) fn fits(number: u32, parity: bool) -> bool {
    number < NUMBERS && (index(number) >= DATA) == parity
}

fn index(number: u32) -> usize {
    (number % GROUP) as usize
}

/// Numbers what is sent, and makes the parity of it.
///
/// It keeps no data: each packet is added into the parity as it passes.
pub(super) struct Encoder {
    next: u32,
    parity: [Vec<u8>; PARITY],
}

impl Encoder {
    pub(super) fn new() -> Self {
        Self {
            next: 0,
            parity: Default::default(),
        }
    }

    /// Numbers the next packet of any kind.
    pub(super) fn number(&mut self) -> u32 {
        let number = self.next;
        self.next = (number + 1) % NUMBERS;
        number
    }

    /// Adds the shard that has just got `number`. Whether it was the last of its group.
    pub(super) fn add(&mut self, number: u32, shard: &[u8]) -> bool {
        let index = index(number);
        if index == 0 {
            self.parity.iter_mut().for_each(Vec::clear);
        }
        // What is missing at the end of a shard counts as zeros, which add nothing to a parity.
        erasure::add(index, shard, &mut self.parity);
        index + 1 == DATA
    }

    /// The parity of the group that is complete.
    pub(super) fn parity(&self, index: usize) -> &[u8] {
        &self.parity[index]
    }
}

/// Collects shards and finds those that were lost.
#[derive(Default)]
pub(super) struct Decoder {
    /// The latest last.
    groups: Vec<Group>,
}

struct Group {
    id: u32,
    /// Empty once the group needs nothing more; it stays to be recognised.
    shards: Vec<Option<Vec<u8>>>,
}

impl Decoder {
    /// Takes the shard with this number; gives the data shards that it brings back.
    pub(super) fn add(&mut self, number: u32, shard: &[u8]) -> Vec<Vec<u8>> {
        let group = self.group(number / GROUP);
        let index = index(number);
        match group.shards.get_mut(index) {
            Some(place @ None) => *place = Some(shard.to_vec()),
            _ => return Vec::new(),
        }
        group.recover()
    }

    fn group(&mut self, id: u32) -> &mut Group {
        let at = match self.groups.iter().position(|group| group.id == id) {
            Some(at) => at,
            None => {
                if self.groups.len() == OPEN_GROUPS {
                    self.groups.remove(0);
                }
                let shards = vec![None; DATA + PARITY];
                self.groups.push(Group { id, shards });
                self.groups.len() - 1
            }
        };
        &mut self.groups[at]
    }
}

impl Group {
    fn recover(&mut self) -> Vec<Vec<u8>> {
        let have = self.shards.iter().flatten().count();
        if have < DATA {
            return Vec::new();
        }
        let mut shards = std::mem::take(&mut self.shards);
        if shards[..DATA].iter().all(Option::is_some) {
            return Vec::new();
        }
        let longest = shards.iter().flatten().map(Vec::len).max().unwrap_or(0);
        for shard in shards.iter_mut().flatten() {
            shard.resize(longest, 0);
        }
        let recovered = erasure::recover(&shards).unwrap_or_default();
        let back = recovered.into_iter();
        back.filter_map(|(_, shard)| without_filling(shard))
            .collect()
    }
}

/// The segments of a shard that was brought back, without its size and the zeros behind. `None` if
/// the size does not fit: then one of the shards was not of this group.
fn without_filling(mut shard: Vec<u8>) -> Option<Vec<u8>> {
    let size = usize::from(u16::from_le_bytes(*shard.first_chunk()?));
    if size < 2 || size > shard.len() {
        return None;
    }
    shard.truncate(size);
    shard.drain(..2);
    Some(shard)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The data of the golden values: a linear congruential generator, its top byte.
    struct Lcg(u32);

    impl Lcg {
        fn bytes(&mut self, count: usize) -> Vec<u8> {
            let mut next = || {
                self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (self.0 >> 24) as u8
            };
            (0..count).map(|_| next()).collect()
        }
    }

    fn shard(lcg: &mut Lcg, payload: usize) -> Vec<u8> {
        let mut shard = u16::try_from(payload + 2).unwrap().to_le_bytes().to_vec();
        shard.extend(lcg.bytes(payload));
        shard
    }

    #[test]
    fn parity_is_that_of_go() {
        // Shards of equal length, without a size in front: what the golden values were made of.
        for (length, expected) in [(1400, 0xfcdd_6dfe), (33, 0x7db5_4570)] {
            let (mut lcg, mut encoder) = (Lcg(12345), Encoder::new());
            for _ in 0..DATA {
                let number = encoder.number();
                encoder.add(number, &lcg.bytes(length));
            }
            let parity: Vec<u8> = (0..PARITY)
                .flat_map(|at| encoder.parity(at).to_vec())
                .collect();
            assert_eq!(crc32fast::hash(&parity), expected, "{length}");
        }
    }

    type Numbered = (u32, Vec<u8>);

    /// Two groups: their numbered packets, and the payloads of the data.
    fn packets(from: u32) -> (Vec<Numbered>, Vec<Vec<u8>>) {
        let (mut lcg, mut encoder) = (Lcg(7), Encoder::new());
        encoder.next = from;
        let (mut packets, mut payloads) = (Vec::new(), Vec::new());
        for length in [40, 900, 24, 1300, 25, 30, 100, 77, 640, 24].repeat(2) {
            let data = shard(&mut lcg, length);
            let number = encoder.number();
            let last = encoder.add(number, &data);
            payloads.push(data[2..].to_vec());
            packets.push((number, data));
            if last {
                for at in 0..PARITY {
                    packets.push((encoder.number(), encoder.parity(at).to_vec()));
                }
            }
        }
        (packets, payloads)
    }

    #[test]
    fn any_three_of_a_group_come_back() {
        let (packets, payloads) = packets(0);
        for a in 0..13 {
            for b in a + 1..13 {
                for c in b + 1..13 {
                    let mut decoder = Decoder::default();
                    let kept = packets
                        .iter()
                        .filter(|(number, _)| ![a, b, c].contains(number));
                    let back: Vec<_> = kept
                        .flat_map(|(number, shard)| decoder.add(*number, shard))
                        .collect();
                    let lost: Vec<_> = [a, b, c]
                        .into_iter()
                        .filter(|at| *at < 10)
                        .map(|at| payloads[at as usize].clone())
                        .collect();
                    assert_eq!(back, lost, "lost {a}, {b}, {c}");
                }
            }
        }
    }

    #[test]
    fn numbers_start_again_without_breaking_a_group() {
        let (packets, payloads) = packets(NUMBERS - GROUP);
        let numbers: Vec<_> = packets.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers[0], NUMBERS - GROUP);
        assert_eq!(numbers[12..15], [NUMBERS - 1, 0, 1]);
        let mut decoder = Decoder::default();
        let mut back = Vec::new();
        for (at, (number, shard)) in packets.iter().enumerate() {
            assert!(fits(*number, at % 13 >= 10), "{number}");
            if at != 4 && at != 13 {
                back.extend(decoder.add(*number, shard));
            }
        }
        assert_eq!(back, [payloads[4].clone(), payloads[10].clone()]);
    }

    #[test]
    fn a_number_tells_the_kind() {
        assert!(fits(0, false) && !fits(0, true));
        assert!(fits(12, true) && !fits(12, false));
        assert!(!fits(NUMBERS, false) && !fits(u32::MAX, false));
    }

    #[test]
    fn groups_are_bounded_and_repeats_change_nothing() {
        let (packets, _) = packets(0);
        let mut decoder = Decoder::default();
        for group in 0..1000 {
            for _ in 0..2 {
                assert!(decoder.add(group * GROUP, &packets[0].1).is_empty());
            }
            assert!(decoder.groups.len() <= OPEN_GROUPS);
        }
        let held = decoder.groups.iter().flat_map(|group| &group.shards);
        assert_eq!(held.flatten().count(), OPEN_GROUPS);
    }
}
