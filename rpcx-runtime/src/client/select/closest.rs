//! The nearest node.

use crate::discovery::Coordinates;

/// The radius of the earth in metres that Go rpcx uses.
const EARTH: f64 = 6_378_100.0;

/// The nodes by their distance, the nearest first.
#[derive(Debug)]
pub(in crate::client) struct Closest(Box<[Group]>);

/// Those at one distance.
type Group = Box<[u32]>;

impl Closest {
    /// For nodes at these places. Without a place of its own a client is equally far from all.
    pub(super) fn new(
        here: Option<Coordinates>,
        places: impl Iterator<Item = Option<Coordinates>>,
    ) -> Self {
        let far = |place: Option<Coordinates>| match (here, place) {
            (Some(here), Some(place)) => distance(here, place),
            _ => f64::INFINITY,
        };
        let mut all: Vec<_> = (0u32..)
            .zip(places)
            .map(|(at, place)| (far(place), at))
            .collect();
        all.sort_by(|one, other| one.0.total_cmp(&other.0));
        let groups = all.chunk_by(|one, other| one.0 == other.0);
        Self(
            groups
                .map(|group| group.iter().map(|(_, at)| *at).collect())
                .collect(),
        )
    }

    /// The nearest usable node, or the nearest of all if none is.
    pub(super) fn pick(&self, usable: impl Fn(usize) -> bool) -> usize {
        for group in &self.0 {
            let start = fastrand::usize(..group.len());
            let mut turn = group[start..].iter().chain(&group[..start]);
            if let Some(at) = turn.find(|at| usable(**at as usize)) {
                return *at as usize;
            }
        }
        let nearest = self.0.first().and_then(|group| group.first());
        nearest.map_or(0, |at| *at as usize)
    }
}

/// In metres, along the surface.
fn distance(one: Coordinates, other: Coordinates) -> f64 {
    let (a, b) = (one.latitude.to_radians(), other.latitude.to_radians());
    let latitude = (b - a) / 2.0;
    let longitude = (other.longitude - one.longitude).to_radians() / 2.0;
    let chord = latitude.sin().powi(2) + a.cos() * b.cos() * longitude.sin().powi(2);
    2.0 * EARTH * chord.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(latitude: f64, longitude: f64) -> Option<Coordinates> {
        Coordinates::new(latitude, longitude)
    }

    #[test]
    fn distances_are_those_on_a_map() {
        let munich = place(48.137, 11.575).unwrap();
        let berlin = place(52.52, 13.405).unwrap();
        let metres = distance(munich, berlin);
        assert!((503_000.0..506_000.0).contains(&metres), "{metres}");
        let around = distance(place(0.0, -180.0).unwrap(), place(0.0, 180.0).unwrap());
        assert!(around < 1.0, "{around}");
    }

    #[test]
    fn the_nearest_usable_one_is_taken_and_those_at_one_place_take_turns() {
        let places = [place(52.5, 13.4), place(48.8, 2.3), None, place(48.8, 2.3)];
        let closest = Closest::new(place(48.1, 11.6), places.into_iter());
        assert_eq!(closest.pick(|_| true), 0);
        let picks: Vec<_> = (0..100).map(|_| closest.pick(|at| at != 0)).collect();
        assert!(picks.contains(&1) && picks.contains(&3) && !picks.contains(&2));
        assert_eq!(closest.pick(|at| at == 2), 2);
        assert_eq!(closest.pick(|_| false), 0);
        // Without a place all are equally far.
        let nowhere = Closest::new(None, places.into_iter());
        let picks: std::collections::HashSet<_> =
            (0..200).map(|_| nowhere.pick(|_| true)).collect();
        assert_eq!(picks.len(), 4);
    }
}
