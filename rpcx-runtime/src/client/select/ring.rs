//! Consistent hashing.

use super::Hash;

/// Points of a node of average weight: enough for shares that differ by a tenth.
const POINTS: usize = 160;

/// The points of a node are at least this many, and at most so many times those of an average one.
const LEAST: usize = 1;
const MOST: usize = 16;

/// The points of all nodes, in order. A key belongs to the next point.
#[derive(Debug)]
pub(in crate::client) struct Ring(Box<[(u64, u32)]>);

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
        Self(points.into())
    }

    /// The first usable node from the key on, or the first of all if none is.
    pub(super) fn pick(&self, key: u64, usable: impl Fn(usize) -> bool) -> usize {
        let start = self.0.partition_point(|(point, _)| *point < key);
        let node = |at: usize| self.0[at % self.0.len()].1 as usize;
        let first = node(start);
        if usable(first) {
            return first;
        }
        let (mut last, mut all) = (first, start + 1..start + self.0.len());
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
