//! Which unknowns are coupled, and where they are.

use std::array;
use std::iter::zip;

use super::super::SymmetricPattern;

/// Number of directions.
pub(super) const LINES: usize = 5;

/// The last of them: that of numbers.
pub(super) const NUMBERS: usize = LINES - 1;

/// How far along each direction an unknown is.
pub(super) type Place = [f32; LINES];

/// Which unknowns are coupled to each one.
pub(super) struct Graph {
    starts: Vec<usize>,
    neighbours: Vec<u32>,
    pub places: Vec<Place>,
    /// The least and the greatest place of each unknown and those coupled to it, along each direction.
    pub reaches: Vec<[Place; 2]>,
}

impl Graph {
    /// That of a pattern whose unknowns are numbered in this order. O(n) for n entries.
    pub(super) fn new(
        pattern: &SymmetricPattern,
        unknowns: &[usize],
        places: &[f64],
        dimension: usize,
    ) -> Self {
        let size = pattern.size();
        let mut numbers = vec![0; size];
        for (number, &unknown) in (0..).zip(unknowns) {
            numbers[unknown] = number;
        }
        let for_each = |tell: &mut dyn FnMut(u32, u32)| {
            for column in 0..size {
                let rows = pattern.starts()[column] + 1..pattern.starts()[column + 1];
                for &row in &pattern.rows()[rows] {
                    tell(numbers[row as usize], numbers[column]);
                }
            }
        };
        // The neighbours of one unknown begin where those of the one before end.
        let mut starts = vec![0; size + 2];
        for_each(&mut |a, b| [a, b].iter().for_each(|&k| starts[k as usize + 2] += 1));
        for k in 2..size + 2 {
            starts[k] += starts[k - 1];
        }
        let mut neighbours = vec![0; starts[size + 1]];
        for_each(&mut |a, b| {
            for (of, other) in [(a, b), (b, a)] {
                let next = &mut starts[of as usize + 1];
                neighbours[*next] = other;
                *next += 1;
            }
        });
        let place = |(number, &unknown): (usize, &usize)| {
            place(&places[unknown * dimension..][..dimension], number)
        };
        let mut graph = Self {
            starts,
            neighbours,
            places: unknowns.iter().enumerate().map(place).collect(),
            reaches: Vec::with_capacity(size),
        };
        for number in (0..).take(size) {
            let own = graph.places[number as usize];
            let near = graph.neighbours(number).iter();
            let near = near.map(|&other| &graph.places[other as usize]);
            let reach = near.fold([own; 2], |[least, most], place| {
                [
                    array::from_fn(|k| least[k].min(place[k])),
                    array::from_fn(|k| most[k].max(place[k])),
                ]
            });
            graph.reaches.push(reach);
        }
        graph
    }

    /// Those coupled to an unknown.
    pub(super) fn neighbours(&self, unknown: u32) -> &[u32] {
        let unknown = unknown as usize;
        &self.neighbours[self.starts[unknown]..self.starts[unknown + 1]]
    }

    /// To how many others an unknown is coupled, on average.
    pub(super) fn degree(&self) -> f64 {
        self.neighbours.len() as f64 / self.places.len() as f64
    }
}

/// How far a place is along each axis, and along 30° off it toward another, on both sides: so some rows of a lattice of
/// hexagons are across. What is too much is left out.
#[allow(clippy::cast_possible_truncation)]
fn place(x: &[f64], number: usize) -> Place {
    let slope = f64::sqrt(1.0 / 3.0);
    let pairs = (0..x.len()).flat_map(|b| (0..b).map(move |a| (x[a], x[b])));
    let between = pairs.flat_map(|(a, b)| [a + slope * b, a - slope * b]);
    let mut place = [0.0; LINES];
    for (along, x) in zip(&mut place[..NUMBERS], x.iter().copied().chain(between)) {
        *along = x as f32;
    }
    place[NUMBERS] = number as f32;
    place
}

/// All unknowns, those of one tile after those of another, some 30 in each: near ones are near in memory then.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not below 0, and fewer than unknowns
pub(super) fn tiled(places: &[f64], dimension: usize, size: usize) -> Vec<usize> {
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
