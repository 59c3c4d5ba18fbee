//! The order of elimination by nested dissection, for unknowns that have places.

use std::cmp::Ordering;

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::sparse::SymbolicSparseColMatRef;
use faer::sparse::linalg::amd;

use super::SymmetricPattern;

/// Parts of no more unknowns are ordered by minimum degree.
const SMALL: usize = 200;

/// The order of elimination of the unknowns of a pattern (nested dissection: George, SIAM J. Numer. Anal.
/// 10, 345, 1973): they are cut in halves across the longer side of the box they are in, those of one
/// half that are coupled to the other half come last, and what is left of both goes on in the same way.
///
/// `places` has the coordinates of each unknown, so many. O(n log n) for n entries of the pattern.
pub(super) fn dissected(
    pattern: &SymmetricPattern,
    places: &[f64],
    dimension: usize,
) -> Vec<usize> {
    let size = pattern.size();
    let mut dissection = Dissection {
        graph: Graph::new(pattern),
        places,
        dimension,
        part: vec![0; size],
        parts: 0,
        number: vec![0; size],
    };
    let mut order: Vec<usize> = (0..size).collect();
    dissection.order(&mut order);
    order
}

struct Dissection<'a> {
    graph: Graph,
    places: &'a [f64],
    dimension: usize,
    /// Number of the part that each unknown was last put in.
    part: Vec<usize>,
    parts: usize,
    /// Of the unknowns of a small part.
    number: Vec<usize>,
}

impl Dissection<'_> {
    /// Puts some unknowns in order.
    fn order(&mut self, unknowns: &mut [usize]) {
        if unknowns.len() <= SMALL {
            self.order_small(unknowns);
            return;
        }
        let middle = unknowns.len() / 2;
        let along = along(unknowns, self.places, self.dimension);
        unknowns.select_nth_unstable_by(middle, along);
        let halves = [self.parts + 1, self.parts + 2];
        self.parts += 2;
        for (k, &unknown) in unknowns.iter().enumerate() {
            self.part[unknown] = halves[usize::from(k >= middle)];
        }
        let [mut border, other] =
            [(0, 1), (1, 0)].map(|(own, other)| self.border(unknowns, halves[own], halves[other]));
        if other.len() < border.len() {
            border = other;
        }
        for &unknown in &border {
            self.part[unknown] = 0;
        }
        let [first, second] = halves.map(|half| self.members(unknowns, half));
        let (left, right) = unknowns.split_at_mut(first.len());
        left.copy_from_slice(&first);
        let (right, last) = right.split_at_mut(second.len());
        right.copy_from_slice(&second);
        last.copy_from_slice(&border);
        self.order(left);
        self.order(right);
    }

    /// Those of some unknowns that are in a part.
    fn members(&self, unknowns: &[usize], part: usize) -> Vec<usize> {
        let all = unknowns.iter().copied();
        all.filter(|&unknown| self.part[unknown] == part).collect()
    }

    /// Those of them that are coupled to any in another part.
    fn border(&self, unknowns: &[usize], part: usize, other: usize) -> Vec<usize> {
        let mut border = self.members(unknowns, part);
        border.retain(|&unknown| {
            let mut neighbours = self.graph.neighbours(unknown).iter();
            neighbours.any(|&neighbour| self.part[neighbour] == other)
        });
        border
    }

    /// Puts a few unknowns in order, as if nothing else were there.
    fn order_small(&mut self, unknowns: &mut [usize]) {
        unknowns.sort_unstable();
        self.parts += 1;
        for (k, &unknown) in unknowns.iter().enumerate() {
            self.part[unknown] = self.parts;
            self.number[unknown] = k;
        }
        let size = unknowns.len();
        let (mut starts, mut rows) = (vec![0], Vec::new());
        for &unknown in &*unknowns {
            let neighbours = self.graph.neighbours(unknown).iter();
            rows.extend(
                neighbours
                    .filter(|&&other| self.part[other] == self.parts && other > unknown)
                    .map(|&other| self.number[other]),
            );
            starts.push(rows.len());
        }
        let [mut order, mut position] = [(); 2].map(|()| vec![0; size]);
        let need = amd::order_maybe_unsorted_scratch::<usize>(size, rows.len());
        let done = amd::order_maybe_unsorted(
            &mut order,
            &mut position,
            SymbolicSparseColMatRef::new_unsorted_checked(size, size, &starts, None, &rows),
            amd::Control::default(),
            MemStack::new(&mut MemBuffer::new(need)),
        );
        if done.is_ok() {
            let before = unknowns.to_vec();
            for (unknown, number) in unknowns.iter_mut().zip(order) {
                *unknown = before[number];
            }
        }
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

/// Which unknowns are coupled to each one.
struct Graph {
    starts: Vec<usize>,
    neighbours: Vec<usize>,
}

impl Graph {
    fn new(pattern: &SymmetricPattern) -> Self {
        let size = pattern.size();
        let pairs = || {
            (0..size).flat_map(|column| {
                let rows = pattern.starts()[column] + 1..pattern.starts()[column + 1];
                pattern.rows()[rows]
                    .iter()
                    .map(move |&row| (row as usize, column))
            })
        };
        let mut starts = vec![0; size + 1];
        for (row, column) in pairs() {
            starts[row + 1] += 1;
            starts[column + 1] += 1;
        }
        for k in 0..size {
            starts[k + 1] += starts[k];
        }
        let mut next = starts.clone();
        let mut neighbours = vec![0; starts[size]];
        for (row, column) in pairs() {
            for (a, b) in [(row, column), (column, row)] {
                neighbours[next[a]] = b;
                next[a] += 1;
            }
        }
        Self { starts, neighbours }
    }

    fn neighbours(&self, unknown: usize) -> &[usize] {
        &self.neighbours[self.starts[unknown]..self.starts[unknown + 1]]
    }
}
