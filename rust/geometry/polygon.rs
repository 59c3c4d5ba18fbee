//! Polygons in the plane, and which points lie in them, exactly.

use std::cmp::Ordering;

use super::side_of;

/// A closed line: its corners, each once.
pub type Ring = Vec<[f64; 2]>;

/// A polygon with straight sides, maybe with holes, maybe in several parts.
///
/// Its borders belong to it, those of holes, too. What is inside of a line that crosses itself is by
/// the even-odd rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Polygon {
    parts: Vec<Vec<Ring>>,
    lower: [f64; 2],
    upper: [f64; 2],
}

impl Polygon {
    /// Takes for each part its outline, then its holes; all coordinates are finite.
    #[must_use]
    pub fn new(parts: Vec<Vec<Ring>>) -> Self {
        let (mut lower, mut upper) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for corner in parts.iter().flatten().flatten() {
            for d in 0..2 {
                lower[d] = lower[d].min(corner[d]);
                upper[d] = upper[d].max(corner[d]);
            }
        }
        Self {
            parts,
            lower,
            upper,
        }
    }

    /// Least and largest coordinates.
    #[must_use]
    pub fn bounds(&self) -> (&[f64; 2], &[f64; 2]) {
        (&self.lower, &self.upper)
    }

    /// Tells which points are inside or on the border; never one that has a NaN.
    ///
    /// It takes time in proportion to the sides, and to the points beside each of them.
    #[must_use]
    pub fn contains(&self, points: &[[f64; 2]]) -> Vec<bool> {
        let is_near =
            |point: &[f64; 2]| (0..2).all(|d| (self.lower[d]..=self.upper[d]).contains(&point[d]));
        let mut near: Vec<usize> = (0..points.len()).filter(|&i| is_near(&points[i])).collect();
        // In the order of y, the points beside a side are neighbours.
        near.sort_unstable_by(|&one, &other| points[one][1].total_cmp(&points[other][1]));
        let places: Vec<[f64; 2]> = near.iter().map(|&i| points[i]).collect();
        let mut found = vec![false; points.len()];
        for part in &self.parts {
            for (&i, is_in) in near.iter().zip(within(part, &places)) {
                found[i] |= is_in;
            }
        }
        found
    }

    /// Tells whether both have a point in common, be it on their borders.
    ///
    /// Where no corner of one is in the other, each side of one is compared with each of the other.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let has_corner_of = |one: &Self, other: &Self| {
            let corners: Vec<[f64; 2]> = other.rings().flatten().copied().collect();
            one.contains(&corners).contains(&true)
        };
        let is_crossed = |side| {
            other
                .rings()
                .flat_map(sides)
                .any(|other| cross(side, other))
        };
        has_corner_of(self, other)
            || has_corner_of(other, self)
            || self.rings().flat_map(sides).any(is_crossed)
    }

    fn rings(&self) -> impl Iterator<Item = &Ring> {
        self.parts.iter().flatten()
    }
}

/// Both ends of a side.
type Side = ([f64; 2], [f64; 2]);

fn sides(ring: &Ring) -> impl Iterator<Item = Side> {
    let ends = ring.iter().cycle().skip(1);
    ring.iter().copied().zip(ends.copied())
}

/// Whether two sides cross between their ends.
fn cross(one: Side, other: Side) -> bool {
    let parts = |(start, end): Side, (from, to): Side| {
        let ends = [from, to].map(|point| side_of(start, end, point));
        !ends.contains(&Ordering::Equal) && ends[0] != ends[1]
    };
    parts(one, other) && parts(other, one)
}

/// Whether points, in the order of y, are inside of an outline and not of its holes, or on one of them.
fn within(part: &[Ring], points: &[[f64; 2]]) -> Vec<bool> {
    let mut is_odd = vec![false; points.len()];
    let mut is_on_border = is_odd.clone();
    for ring in part {
        for (corner, next) in sides(ring) {
            let (low, high) = if corner[1] <= next[1] {
                (corner, next)
            } else {
                (next, corner)
            };
            let first = points.partition_point(|point| point[1] < low[1]);
            let beside = points[first..].partition_point(|point| point[1] <= high[1]);
            for number in first..first + beside {
                let point = points[number];
                if low[1] >= high[1] {
                    let (left, right) = (low[0].min(high[0]), low[0].max(high[0]));
                    is_on_border[number] |= (left..=right).contains(&point[0]);
                    continue;
                }
                let side = side_of(low, high, point);
                is_on_border[number] |= side == Ordering::Equal;
                // A ray to the right crosses the side, whose upper end is that of the next one.
                is_odd[number] ^= side == Ordering::Greater && point[1] < high[1];
            }
        }
    }
    let both = is_odd.into_iter().zip(is_on_border);
    both.map(|(is_odd, is_on_border)| is_odd || is_on_border)
        .collect()
}
