//! Consistent hashing.

use super::Hash;

/// Points of a node of average weight: enough for shares that differ by a tenth.
const POINTS: usize = 160;

/// The points of a node are at least this many, and at most so many times those of an average one.
const LEAST: usize = 1;
const MOST: usize = 16;

/// The most bits that [`Ring`] looks up at once.
const MOST_BITS: u32 = 22;

/// The points of all nodes, in order. A key belongs to the next point.
///
/// Of 10,000 nodes there are 1.6 million points: what counts is how little memory a search touches.
#[derive(Debug)]
pub(in crate::client) struct Ring {
    /// Without their first bits, in place of which the last ones are the number of the node.
    points: Box<[u64]>,
    /// Where the points begin that have these first bits, and at last how many there are.
    starts: Box<[u32]>,
    /// The number of first bits, which is enough for the number of a node.
    bits: u32,
}

impl Ring {
    /// For nodes with these names and weights, of which there is at least one.
    pub(super) fn new<'a>(nodes: impl Iterator<Item = (&'a str, u32)>) -> Self {
        let nodes: Vec<_> = nodes.collect();
        let mut points = Vec::with_capacity(nodes.len() * POINTS);
        for (at, (name, weight)) in (0u32..).zip(&nodes) {
            for number in 0..count(*weight) {
                let number = (number as u32).to_be_bytes();
                points.push((
                    Hash::new().bytes(name.as_bytes()).bytes(&number).finish(),
                    at,
                ));
            }
        }
        // Two nodes at one point: by name, so that the order of the list does not matter.
        points.sort_by_key(|(point, at)| (*point, nodes[*at as usize].0));
        // Two to four points for each.
        let bits = points.len().ilog2().saturating_sub(1).min(MOST_BITS);
        let bits = bits.max(nodes.len().next_power_of_two().ilog2()).max(1);
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        for (at, (point, _)) in (0u32..).zip(&points) {
            let first = (point >> (u64::BITS - bits)) as usize;
            starts.resize(starts.len().max(first + 1), at);
        }
        starts.resize((1 << bits) + 1, points.len() as u32);
        let packed = points
            .iter()
            .map(|(point, at)| point << bits | u64::from(*at));
        Self {
            points: packed.collect(),
            starts: starts.into(),
            bits,
        }
    }

    /// The place of the first point from the key on; behind the last if there is none.
    fn search(&self, key: u64) -> usize {
        let first = (key >> (u64::BITS - self.bits)) as usize;
        let (start, end) = (self.starts[first] as usize, self.starts[first + 1] as usize);
        let rest = key << self.bits;
        start + self.points[start..end].partition_point(|point| *point < rest)
    }

    /// The first usable node from the key on, or the first of all if none is.
    pub(super) fn pick(&self, key: u64, usable: impl Fn(usize) -> bool) -> usize {
        let start = self.search(key);
        let count = self.points.len();
        let number = (1 << self.bits) - 1;
        let node = |at: usize| {
            let at = if at < count { at } else { at - count };
            (self.points[at] & number) as usize
        };
        let first = node(start);
        if usable(first) {
            return first;
        }
        let (mut last, mut all) = (first, start + 1..start + count);
        all.find_map(|at| {
            let next = node(at);
            let is_new = std::mem::replace(&mut last, next) != next;
            (is_new && usable(next)).then_some(next)
        })
        .unwrap_or(first)
    }
}

/// Points for a weight. They depend on nothing else: a node that joins must not move those of others.
fn count(weight: u32) -> usize {
    let points = weight as usize * POINTS;
    points.clamp(LEAST, POINTS * MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: u64 = 20_000;

    fn names(count: usize) -> Vec<String> {
        (0..count)
            .map(|at| format!("tcp@10.0.{at}.1:8972"))
            .collect()
    }

    fn ring(names: &[String]) -> Ring {
        Ring::new(names.iter().map(|name| (name.as_str(), 1)))
    }

    fn owners(names: &[String]) -> Vec<&String> {
        let ring = ring(names);
        let key = |key: u64| Hash::new().bytes(&key.to_be_bytes()).finish();
        (0..KEYS)
            .map(|number| &names[ring.pick(key(number), |_| true)])
            .collect()
    }

    #[test]
    fn a_node_that_joins_takes_its_share_and_moves_no_other_keys() {
        for count in [1, 3, 10] {
            let (before, after) = (names(count), names(count + 1));
            let joined = after.last().unwrap();
            let (old, new) = (owners(&before), owners(&after));
            let moved: Vec<_> = old
                .iter()
                .zip(&new)
                .filter(|(old, new)| old != new)
                .collect();
            assert!(moved.iter().all(|(_, new)| **new == joined));
            let most = KEYS as usize / (count + 1) + KEYS as usize / 50;
            assert!(
                moved.len() <= most,
                "{} of {KEYS} moved, not {most}",
                moved.len()
            );
        }
    }

    /// The points as they are published: going through all of them finds the same nodes.
    #[test]
    fn a_search_finds_what_going_through_all_points_does() {
        for count in [1, 2, 3, 50] {
            let names = names(count);
            let point = |name: &String, number: u32| {
                let name = Hash::new().bytes(name.as_bytes());
                name.bytes(&number.to_be_bytes()).finish()
            };
            let mut points = Vec::new();
            for (at, name) in names.iter().enumerate() {
                points.extend((0..POINTS as u32).map(|number| (point(name, number), at)));
            }
            points.sort_unstable();
            let near = points.iter().map(|(point, _)| *point);
            let near = near.flat_map(|point| [point.wrapping_sub(1), point, point.wrapping_add(1)]);
            let ring = ring(&names);
            for key in near.chain([0, 1, u64::MAX, u64::MAX / 2]) {
                let place = points.partition_point(|(point, _)| *point < key);
                let expected = points[place % points.len()].1;
                assert_eq!(ring.pick(key, |_| true), expected, "{key} among {count}");
            }
        }
        // The fewest points that there can be.
        let little = Ring::new([("tcp@10.0.0.1:1", 0), ("tcp@10.0.0.2:1", 0)].into_iter());
        let picked: Vec<_> = (0..64).map(|bit| little.pick(1 << bit, |_| true)).collect();
        assert!(picked.iter().all(|at| *at < 2));
        assert_eq!(little.pick(7, |at| at == 1), 1);
    }

    #[test]
    fn the_order_of_the_list_does_not_matter() {
        let mut names = names(7);
        let before: Vec<_> = owners(&names).into_iter().cloned().collect();
        names.reverse();
        assert!(before.iter().eq(owners(&names)));
    }

    #[test]
    fn the_keys_of_a_node_that_is_gone_are_spread() {
        let names = names(4);
        let ring = ring(&names);
        let mut shares = [0; 4];
        for number in 0..KEYS {
            let key = Hash::new().bytes(&number.to_be_bytes()).finish();
            shares[ring.pick(key, |at| at != 2)] += 1;
        }
        assert_eq!(shares[2], 0);
        let least = KEYS as u32 / 5;
        assert!(
            [shares[0], shares[1], shares[3]]
                .iter()
                .all(|share| *share > least),
            "{shares:?}"
        );
    }
}
