//! The order of elimination by nested dissection, for unknowns that have places.

mod graph;
mod lines;
mod minimum_degree;
mod separator;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use super::SymmetricPattern;
use graph::Graph;
use lines::Strips;

/// Parts of no more unknowns are ordered by minimum degree.
const SMALL: usize = 60;

/// Of parts of so many unknowns and more, a few of the best lines are tried instead of one: they are few.
const LARGE: usize = 2000;

/// How many.
const TRIED: usize = 2;

/// What each side of a line has at least, of the unknowns of the part.
const LEAST: f64 = 0.3;

/// No number of an unknown.
const NONE: u32 = u32::MAX;

/// The order of elimination of the unknowns of a pattern, by nested dissection (George, SIAM J. Numer. Anal.
/// 10, 345, 1973): a few unknowns that separate all others into two parts come last, and before them both
/// parts, each in the same way; in small ones, those with the fewest neighbours are first.
///
/// Parts are cut by the best of straight lines; then the separator becomes the smallest in a band around it.
///
/// `places` has the coordinates of each unknown, so many. Near unknowns are coupled, far ones are not: then it
/// takes some O(n log n) for n entries. Unknowns at one place are told apart by their numbers.
pub(super) fn dissected(
    pattern: &SymmetricPattern,
    places: &[f64],
    dimension: usize,
) -> Vec<usize> {
    let size = pattern.size();
    let unknowns = tiled(places, dimension, size);
    let mut numbers = vec![0; size];
    for (number, &unknown) in (0..).zip(&unknowns) {
        numbers[unknown] = number;
    }
    let place = |&unknown: &usize| &places[unknown * dimension..][..dimension];
    let mut dissection = Dissection {
        graph: Graph::new(pattern, &numbers),
        places: unknowns.iter().flat_map(place).copied().collect(),
        dimension,
        directions: lines::directions(dimension),
        spots: vec![(0, Strips::default()); size],
        labels: 0,
        numbers: vec![NONE; size],
    };
    let mut order: Vec<u32> = (0..).take(size).collect();
    dissection.order(&mut order, &[]);
    order
        .iter()
        .map(|&number| unknowns[number as usize])
        .collect()
}

/// All unknowns, those of one tile after those of another, some 30 in each: near ones are near in memory then.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not below 0, and fewer than unknowns
fn tiled(places: &[f64], dimension: usize, size: usize) -> Vec<usize> {
    let count = (size as f64 / 30.0).powf(1.0 / dimension as f64).ceil();
    let mut tile = vec![0; size];
    for axis in 0..dimension {
        let along = || places.iter().copied().skip(axis).step_by(dimension);
        let least = along().fold(f64::INFINITY, f64::min);
        let most = along().fold(f64::NEG_INFINITY, f64::max);
        for (tile, x) in tile.iter_mut().zip(along()) {
            let number = ((x - least) / (most - least) * count).min(count - 1.0);
            *tile = *tile * count as usize + number as usize;
        }
    }
    let mut unknowns: Vec<usize> = (0..size).collect();
    unknowns.sort_by_key(|&unknown| tile[unknown]);
    unknowns
}

/// Unknowns by their numbers in tiles, in which all is told here.
struct Dissection {
    graph: Graph,
    places: Vec<f64>,
    dimension: usize,
    directions: Vec<Vec<f64>>,
    /// The label of the part and the side that each was last put in, and where it is across the directions.
    spots: Vec<(u32, Strips)>,
    /// That of the last part.
    labels: u32,
    /// Numbers of those of a small set, one set at a time.
    numbers: Vec<u32>,
}

/// Where a cut puts an unknown; added to the label of the part, its own label.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    First,
    Second,
    Separator,
}

impl Side {
    const ALL: [Self; 3] = [Self::First, Self::Second, Self::Separator];
}

/// A cut of a part in two.
struct Cut {
    /// How many unknowns the sides have.
    sizes: [usize; 2],
    separator: Vec<u32>,
    /// Number of operations that it may come to.
    operations: f64,
}

impl Dissection {
    /// Puts the unknowns of a part in order; those of its halo are coupled to it, and come later.
    fn order(&mut self, unknowns: &mut [u32], halo: &[u32]) {
        let sides = if unknowns.len() <= SMALL {
            None
        } else {
            self.cut(unknowns, halo.len())
        };
        let Some(sides) = sides else {
            self.order_few(unknowns, halo);
            return;
        };
        let part = self.labels;
        for (side, label) in sides.iter().zip(part..) {
            for &unknown in side {
                self.spots[unknown as usize].0 = label;
            }
        }
        let [first, second] = [Side::First, Side::Second].map(|side| {
            let around = halo.iter().chain(&sides[2]).copied();
            let is_around = |&unknown: &u32| self.touches(unknown, part + side as u32);
            around.filter(is_around).collect::<Vec<_>>()
        });
        unknowns.copy_from_slice(&sides.concat());
        let (left, rest) = unknowns.split_at_mut(sides[0].len());
        let right = &mut rest[..sides[1].len()];
        self.order(left, &first);
        self.order(right, &second);
    }

    /// Cuts a part: both sides and the separator. None if no line leaves something on both sides.
    fn cut(&mut self, unknowns: &[u32], halo: usize) -> Option<[Vec<u32>; 3]> {
        self.labels += 1 + Side::Separator as u32;
        let lines = self.lines(unknowns, halo);
        let tried = if unknowns.len() < LARGE { 1 } else { TRIED };
        let mut best: Option<(f64, [Vec<u32>; 3])> = None;
        for line in lines.best.iter().take(tried) {
            let mut cut = self.cut_along(unknowns, &lines, line);
            while self.improve(&mut cut, halo) {}
            if best
                .as_ref()
                .is_none_or(|&(operations, _)| cut.operations < operations)
            {
                let sides = Side::ALL.map(|side| self.members(unknowns, side));
                best = Some((cut.operations, sides));
            }
        }
        best.map(|(_, sides)| sides)
    }

    /// The unknowns of the present part on one side.
    fn members(&self, unknowns: &[u32], side: Side) -> Vec<u32> {
        let all = unknowns.iter().copied();
        all.filter(|&unknown| self.side(unknown) == Some(side))
            .collect()
    }

    /// On which side of the present part an unknown is; none of those that are not in it.
    fn side(&self, unknown: u32) -> Option<Side> {
        let side = self.spots[unknown as usize].0.wrapping_sub(self.labels);
        Side::ALL.get(side as usize).copied()
    }

    /// Puts an unknown on a side of the present part.
    fn put(&mut self, unknown: u32, side: Side) {
        self.spots[unknown as usize].0 = self.labels + side as u32;
    }

    /// Number of operations that a cut may come to: those of the front of the separator, whose rows below are
    /// the halo of the part, and of both sides, each with the separator, which is in its halo. In the plane,
    /// n unknowns that are coupled to d others each take some 1.5 (d n)^1.5.
    fn operations(&self, sizes: [usize; 2], separator: usize, halo: usize) -> f64 {
        let (columns, below) = (separator as f64, halo as f64);
        let front = columns * (columns * columns / 3.0 + columns * below + below * below);
        let [first, second] = sizes.map(|size| {
            let couplings = self.graph.degree() * (size + separator) as f64;
            1.5 * couplings * couplings.sqrt()
        });
        front + first + second
    }

    /// Whether an unknown is coupled to any with a label.
    fn touches(&self, unknown: u32, label: u32) -> bool {
        let mut neighbours = self.graph.neighbours(unknown).iter();
        neighbours.any(|&other| self.spots[other as usize].0 == label)
    }
}

/// The order of some unknowns along the longer side of the box they are in.
pub(super) fn along<'a>(
    unknowns: &[usize],
    places: &'a [f64],
    dimension: usize,
) -> impl Fn(&usize, &usize) -> Ordering + use<'a> {
    let side = |axis: usize| {
        let along = |&unknown: &usize| places[unknown * dimension + axis];
        let least = unknowns.iter().map(along).fold(f64::INFINITY, f64::min);
        let most = unknowns.iter().map(along).fold(f64::NEG_INFINITY, f64::max);
        most - least
    };
    let axis = (0..dimension)
        .max_by(|&a, &b| side(a).total_cmp(&side(b)).then(b.cmp(&a)))
        .unwrap_or(0);
    move |&a, &b| {
        (0..dimension)
            .map(|k| (axis + k) % dimension)
            .map(|k| places[a * dimension + k].total_cmp(&places[b * dimension + k]))
            .find(|order| order.is_ne())
            .unwrap_or(a.cmp(&b))
    }
}
