//! The centers around each center: among these is the nearest to a point that is not far from one.

use super::kd_tree::{Nearest, squared_distance};

/// How far around a center others are listed, in units of the side of a square (or cube) that there is one
/// center in on average: as far as the second ring of a lattice.
const REACH: f64 = 2.0;

/// Where lists are longer than this on average, centers are too uneven for them.
const MAX_MEAN_LENGTH: usize = 64;

/// How often a search begins anew, from a center that is nearer.
const MAX_MOVES: usize = 16;

/// By how much distances are taken for shorter than they are, relatively: far more than rounding does.
const MARGIN: f64 = 1e-9;

/// For each center, the others around it, the nearest first.
///
/// A center that is nearer to a point than another one is no farther from that other one than twice the
/// point is (as in Hamerly, Proc. SIAM Int. Conf. Data Mining, 130, 2010): few of them have to be looked at.
pub(super) struct NearCenters<'a, const D: usize> {
    centers: &'a [[f64; D]],
    /// For each center, the first of the squares below, that of what is not listed where there is none.
    nearest: Vec<f64>,
    starts: Vec<usize>,
    /// Square of half the distance, a little less, and the other center.
    others: Vec<(f64, u32)>,
    /// That of centers that are not listed, or less.
    beyond: f64,
}

impl<'a, const D: usize> NearCenters<'a, D> {
    /// Makes the lists, in O(m) time for m centers that are spread evenly; none where they are so uneven,
    /// or so far apart, that lists would be long.
    pub(super) fn new(centers: &'a [[f64; D]]) -> Option<Self> {
        let boxes = Boxes::around(centers)?;
        let reach = boxes.side * boxes.side;
        let mut near = Self {
            centers,
            nearest: Vec::with_capacity(centers.len()),
            starts: vec![0],
            others: Vec::with_capacity(16 * centers.len()),
            beyond: half_squared(reach),
        };
        for (index, center) in centers.iter().enumerate() {
            let begin = near.others.len();
            boxes.around_each(center, |other| {
                let squared = squared_distance(center, &centers[other as usize]);
                if squared <= reach && other as usize != index {
                    near.others.push((half_squared(squared), other));
                }
            });
            near.others[begin..].sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
            let first = near.others.get(begin).map(|other| other.0);
            near.nearest.push(first.unwrap_or(near.beyond));
            near.starts.push(near.others.len());
            if near.others.len() > MAX_MEAN_LENGTH * centers.len() {
                return None;
            }
        }
        Some(near)
    }

    /// Index of the center nearest to a point, of those as near the lowest, found from some center on; none
    /// where the point is farther from all than the lists tell.
    pub(super) fn nearest(&self, point: &[f64; D], start: Nearest) -> Option<usize> {
        let mut best = start;
        for _ in 0..MAX_MOVES {
            let distance = best.squared_distance();
            if self.nearest[best.index] > distance {
                return Some(best.index);
            }
            let others = &self.others[self.starts[best.index]..self.starts[best.index + 1]];
            let others = others.iter().take_while(|(half, _)| *half <= distance);
            // From a center that is nearer, fewer have to be looked at.
            let nearer = others
                .map(|&(_, other)| other as usize)
                .map(|other| Nearest::new(point, &self.centers[other], other))
                .find(|other| other.is_before(&best));
            match nearer {
                Some(other) => best = other,
                None => return (self.beyond > distance).then_some(best.index),
            }
        }
        None
    }
}

/// The square of half of a distance, a little less, from the square of the distance.
fn half_squared(squared: f64) -> f64 {
    0.25 * (1.0 - MARGIN) * squared
}

/// Centers by boxes of one size.
struct Boxes<const D: usize> {
    lower: [f64; D],
    side: f64,
    /// Boxes along each axis.
    counts: [usize; D],
    starts: Vec<usize>,
    centers: Vec<u32>,
}

impl<const D: usize> Boxes<D> {
    /// Boxes around all centers, as wide as others are listed; none if there would be too many of them.
    fn around(centers: &[[f64; D]]) -> Option<Self> {
        let count = u32::try_from(centers.len()).ok()?;
        let bound = |d: usize, choose: fn(f64, f64) -> f64, start: f64| {
            centers.iter().map(|center| center[d]).fold(start, choose)
        };
        let lower: [f64; D] = std::array::from_fn(|d| bound(d, f64::min, f64::INFINITY));
        let extent: [f64; D] =
            std::array::from_fn(|d| bound(d, f64::max, f64::NEG_INFINITY) - lower[d]);
        let one = (extent.iter().product::<f64>() / centers.len() as f64).powf(1.0 / D as f64);
        let side = REACH * one;
        if !(side.is_normal() && (side * side).is_normal()) {
            return None;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not below 0
        let counts = extent.map(|length| (length / side) as usize + 1);
        let most = 4 * centers.len() + 64;
        let total = counts
            .iter()
            .try_fold(1_usize, |total, &count| total.checked_mul(count))
            .filter(|total| *total <= most)?;
        let mut boxes = Self {
            lower,
            side,
            counts,
            starts: vec![0; total + 1],
            centers: vec![0; centers.len()],
        };
        let numbers: Vec<usize> = centers
            .iter()
            .map(|center| boxes.number(&boxes.place(center)))
            .collect();
        for &number in &numbers {
            boxes.starts[number] += 1;
        }
        let mut end = 0;
        for start in &mut boxes.starts {
            end += *start;
            *start = end;
        }
        // From the ends of the boxes to where they begin.
        for (index, &number) in (0..count).rev().zip(numbers.iter().rev()) {
            boxes.starts[number] -= 1;
            boxes.centers[boxes.starts[number]] = index;
        }
        Some(boxes)
    }

    /// Place, along each axis, of the box that a center is in.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not below 0
    fn place(&self, center: &[f64; D]) -> [usize; D] {
        std::array::from_fn(|d| {
            let place = ((center[d] - self.lower[d]) / self.side) as usize;
            place.min(self.counts[d] - 1)
        })
    }

    fn number(&self, place: &[usize; D]) -> usize {
        (0..D).fold(0, |number, d| number * self.counts[d] + place[d])
    }

    /// Calls `visit` with all centers in the box of a center and in those around it.
    fn around_each(&self, center: &[f64; D], mut visit: impl FnMut(u32)) {
        let place = self.place(center);
        let first = place.map(|place| place.saturating_sub(1));
        let last: [usize; D] = std::array::from_fn(|d| (place[d] + 1).min(self.counts[d] - 1));
        let mut here = first;
        loop {
            // Boxes along the last axis follow each other.
            let begin = self.number(&here);
            let end = begin + last[D - 1] - first[D - 1];
            let listed = self.starts[begin]..self.starts[end + 1];
            self.centers[listed].iter().for_each(|&index| visit(index));
            let Some(axis) = (0..D - 1).rev().find(|&d| here[d] < last[d]) else {
                return;
            };
            here[axis] += 1;
            here[axis + 1..D - 1].copy_from_slice(&first[axis + 1..D - 1]);
        }
    }
}
