//! The few centers that can be the nearest to a point, looked up in a grid.

use rayon::prelude::*;

use super::kd_tree::squared_distance;

/// Boxes of the grid for each center, at least; at most twice as many.
const BOXES_PER_CENTER: usize = 2;

/// Longer lists are not worth reading.
const MAX_CANDIDATES: usize = 32;

/// Where lists are longer than this on average, centers are too uneven for a grid.
const MAX_MEAN_CANDIDATES: usize = 16;

/// How often the grid is halved before threads take its parts.
const SHARED_LEVELS: usize = 6;

/// By how much boxes are taken for wider than they are, relatively: far more than rounding moves points
/// and centers, even with a hundred million boxes along an axis.
const MARGIN: f64 = 1e-6;

/// For each box of a grid around centers, those that can be the nearest to a point in the box.
///
/// A center cannot if it is farther from every point in the box than another one is from any.
pub(super) struct Candidates<'a, const D: usize> {
    centers: &'a [[f64; D]],
    grid: Grid<D>,
    lists: Lists,
}

/// A box that was cut into halves, and these again: box b into boxes 2 b and 2 b + 1.
struct Grid<const D: usize> {
    lower: [f64; D],
    /// Boxes for each unit of length.
    density: [f64; D],
    /// Axis across which boxes were cut, in turn.
    cuts: Vec<usize>,
    /// What a place along each axis adds to the number of a box.
    numbers: [Vec<usize>; D],
}

/// Numbers of centers by box, ascending.
struct Lists {
    starts: Vec<usize>,
    centers: Vec<u32>,
}

/// A part of the space around centers, from its middle to its sides; all in a frame where the grid
/// begins at 0.
#[derive(Clone, Copy)]
struct Part<const D: usize> {
    middle: [f64; D],
    half: [f64; D],
}

impl<'a, const D: usize> Candidates<'a, D> {
    /// Makes the lists, in O(m log m) time for m centers that are spread evenly; none where they are so
    /// uneven, or so far apart, that lists would be long.
    pub(super) fn new(centers: &'a [[f64; D]]) -> Option<Self> {
        let (grid, whole) = Grid::around(centers)?;
        let all: Vec<u32> = (0..u32::try_from(centers.len()).ok()?).collect();
        let mut parts = vec![(whole, all)];
        let shared = grid.cuts.len().min(SHARED_LEVELS);
        for &axis in &grid.cuts[..shared] {
            let halves = parts.iter().flat_map(|(part, list)| {
                let listed = |half: Part<D>| {
                    let mut halved = list.clone();
                    half.append_candidates(grid.lower, centers, &mut halved, 0, &mut vec![]);
                    (half, halved.split_off(list.len()))
                };
                part.halves(axis).map(listed)
            });
            parts = halves.collect();
        }
        let most = MAX_MEAN_CANDIDATES * centers.len();
        if parts.iter().map(|(_, list)| list.len()).sum::<usize>() > most {
            return None;
        }
        let lists: Vec<_> = parts
            .into_par_iter()
            .map(|(part, list)| {
                let mut filling = Filling {
                    grid: &grid,
                    centers,
                    lists: Lists::new(),
                    stack: list,
                    near: vec![],
                    most,
                };
                filling.fill(part, 0, shared);
                filling.lists
            })
            .collect();
        let mut joined = Lists::new();
        for list in &lists {
            let before = joined.centers.len();
            joined.centers.extend(&list.centers);
            joined
                .starts
                .extend(list.starts[1..].iter().map(|start| before + start));
        }
        (joined.centers.len() <= most).then_some(Self {
            centers,
            grid,
            lists: joined,
        })
    }

    /// The nearest center, the one with the lowest index among those as near; none where the lists do
    /// not tell.
    pub(super) fn nearest(&self, point: &[f64; D]) -> Option<usize> {
        let list = self.lists.of(self.grid.number_of(point)?);
        if list.len() > MAX_CANDIDATES {
            return None;
        }
        // Where all are infinitely far, the first one is as near as any.
        let (mut nearest, mut least) = (*list.first()?, f64::INFINITY);
        for &index in list {
            let squared = squared_distance(point, &self.centers[index as usize]);
            // Of centers as near, the first one stays.
            if squared < least {
                (nearest, least) = (index, squared);
            }
        }
        Some(nearest as usize)
    }
}

impl<const D: usize> Grid<D> {
    /// A grid over all centers, and over a little of what is around them, and the whole of it; none if it
    /// is empty or infinite.
    fn around(centers: &[[f64; D]]) -> Option<(Self, Part<D>)> {
        let bound = |d: usize, choose: fn(f64, f64) -> f64, start: f64| {
            centers.iter().map(|center| center[d]).fold(start, choose)
        };
        let lower: [f64; D] = std::array::from_fn(|d| bound(d, f64::min, f64::INFINITY));
        let extent: [f64; D] =
            std::array::from_fn(|d| bound(d, f64::max, f64::NEG_INFINITY) - lower[d]);
        let widest = extent.iter().copied().fold(0.0, f64::max);
        let border = widest / (centers.len() as f64).powf(1.0 / D as f64);
        let lower = lower.map(|low| low - border);
        let half = extent.map(|length| 0.5 * length + border);
        if !(0..D).all(|d| half[d].is_normal() && lower[d].is_finite()) {
            return None;
        }
        let mut widths = half.map(|half| 2.0 * half);
        let mut grid = Self {
            lower,
            density: [0.0; D],
            cuts: vec![],
            numbers: std::array::from_fn(|_| vec![0]),
        };
        while 1 << grid.cuts.len() < BOXES_PER_CENTER * centers.len() {
            let wider = |widest: usize, d: usize| {
                if widths[d] > widths[widest] {
                    d
                } else {
                    widest
                }
            };
            let axis = (0..D).fold(0, wider);
            widths[axis] *= 0.5;
            grid.cuts.push(axis);
            for (d, numbers) in grid.numbers.iter_mut().enumerate() {
                *numbers = if d == axis {
                    numbers.iter().flat_map(|n| [2 * n, 2 * n + 1]).collect()
                } else {
                    numbers.iter().map(|n| 2 * n).collect()
                };
            }
        }
        grid.density = widths.map(f64::recip);
        Some((grid, Part { middle: half, half }))
    }

    /// Number of the box that a point is in; none outside.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not below 0
    fn number_of(&self, point: &[f64; D]) -> Option<usize> {
        let mut number = 0;
        for (d, coordinate) in point.iter().enumerate() {
            let place = (coordinate - self.lower[d]) * self.density[d];
            if place < 0.0 {
                return None;
            }
            number += self.numbers[d].get(place as usize)?;
        }
        Some(number)
    }
}

impl<const D: usize> Part<D> {
    fn halves(mut self, axis: usize) -> [Self; 2] {
        self.half[axis] *= 0.5;
        [-1.0, 1.0].map(|side| {
            let mut half = self;
            half.middle[axis] += side * half.half[axis];
            half
        })
    }

    /// Appends to a list of centers, from `begin` on, those of them that can be the nearest to a point in
    /// this part. Room for distances comes with it.
    fn append_candidates(
        &self,
        lower: [f64; D],
        centers: &[[f64; D]],
        list: &mut Vec<u32>,
        begin: usize,
        near: &mut Vec<f64>,
    ) {
        let mut bound = f64::INFINITY;
        near.clear();
        for &index in &list[begin..] {
            let center = &centers[index as usize];
            // Squared distances of the center to the points in this part.
            let (mut least, mut greatest) = (0.0, 0.0);
            for d in 0..D {
                let offset = (center[d] - lower[d] - self.middle[d]).abs();
                let reach = (1.0 + MARGIN) * self.half[d];
                least += (offset - reach).max(0.0).powi(2);
                greatest += (offset + reach).powi(2);
            }
            bound = bound.min(greatest);
            near.push(least);
        }
        for (i, &least) in near.iter().enumerate() {
            if least <= bound {
                list.push(list[begin + i]);
            }
        }
    }
}

/// What lists are made with.
struct Filling<'a, const D: usize> {
    grid: &'a Grid<D>,
    centers: &'a [[f64; D]],
    lists: Lists,
    /// Lists of the parts that are being cut, one after the other.
    stack: Vec<u32>,
    near: Vec<f64>,
    /// Most centers in all lists.
    most: usize,
}

impl<const D: usize> Filling<'_, D> {
    /// Appends the lists of all boxes in a part of the grid, of which the centers are the last on the
    /// stack, after `level` cuts.
    fn fill(&mut self, part: Part<D>, begin: usize, level: usize) {
        if self.lists.centers.len() > self.most {
            return;
        }
        let Some(&axis) = self.grid.cuts.get(level) else {
            self.lists.centers.extend(&self.stack[begin..]);
            self.lists.starts.push(self.lists.centers.len());
            return;
        };
        let end = self.stack.len();
        for half in part.halves(axis) {
            let (stack, near) = (&mut self.stack, &mut self.near);
            half.append_candidates(self.grid.lower, self.centers, stack, begin, near);
            self.fill(half, end, level + 1);
            self.stack.truncate(end);
        }
    }
}

impl Lists {
    fn new() -> Self {
        Self {
            starts: vec![0],
            centers: vec![],
        }
    }

    fn of(&self, number: usize) -> &[u32] {
        &self.centers[self.starts[number]..self.starts[number + 1]]
    }
}
