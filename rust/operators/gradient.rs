//! The spatial gradient at every cell, from the values in its neighbours.

use std::ops::Range;

use super::lower_triangle::short;
use crate::tessellation::Adjacency;

/// Half-width of the band around the plane through a cell, perpendicular to an axis, in which a
/// neighbour belongs to neither side of the cell: the sine of 9°, for the selection angle 0.9 of
/// TRamWAy (Laurent et al., Phys. Biol. 17, 015003, 2020).
const SIDE: f64 = 0.156_434_465_040_230_87;

/// The gradient as a sparse linear operator on values per cell.
///
/// Along each axis, the neighbours of a cell form two sides. The derivative is that of the parabola
/// through the mean of the lower side, the cell, and the mean of the upper side; with one side
/// empty, the slope towards the other; with both empty, it is undefined. The means ignore the
/// neighbours' other coordinates, so on an irregular tessellation the operator is not exact for
/// affine fields.
#[derive(Debug, Clone, PartialEq)]
pub struct GradientOperator<const D: usize> {
    starts: Vec<u32>,
    cells: Vec<u32>,
    /// For each of the cells, which weight it has along each axis, in two bits: a number in a [`Weights`], or
    /// [`NEITHER`].
    roles: Vec<u8>,
    weights: Vec<[Weights; D]>,
    defined: Vec<[bool; D]>,
}

/// The weights in a row along one axis: those of each cell on the lower side, of each on the upper side, and of
/// the cell itself.
type Weights = [f64; 3];

const ITSELF: u8 = 2;
const NEITHER: u8 = 3;

impl<const D: usize> GradientOperator<D> {
    /// Builds the operator: O(number of neighbours) time and memory.
    #[must_use]
    pub fn new(centers: &[[f64; D]], adjacency: &Adjacency) -> Self {
        let count = centers.len() + adjacency.as_parts().1.len();
        let mut operator = Self {
            starts: Vec::with_capacity(centers.len() + 1),
            cells: Vec::with_capacity(count),
            roles: Vec::with_capacity(count),
            weights: Vec::with_capacity(centers.len()),
            defined: Vec::with_capacity(centers.len()),
        };
        operator.starts.push(0);
        for (cell, center) in centers.iter().enumerate() {
            let mut sides = [[Side::default(); 2]; D];
            let neighbours = adjacency.neighbours(cell);
            let (before, after) = neighbours.split_at(neighbours.partition_point(|&j| j < cell));
            for neighbours in [before, &[cell], after] {
                operator.cells.extend(neighbours.iter().map(|&j| short(j)));
                let role = |&j: &usize| match j {
                    j if j == cell => (0..D).fold(0, |role, axis| role | ITSELF << (2 * axis)),
                    j => role(center, &centers[j], &mut sides),
                };
                operator.roles.extend(neighbours.iter().map(role));
            }
            let derivatives = sides.map(derivative);
            operator.defined.push(derivatives.map(|d| d.is_some()));
            let weights = derivatives.map(Option::unwrap_or_default);
            operator.weights.push(weights);
            operator.starts.push(short(operator.cells.len()));
        }
        operator
    }

    /// The cells that the gradient at `cell` depends on, ascending, the cell itself among them.
    #[must_use]
    pub fn cells(&self, cell: usize) -> &[u32] {
        &self.cells[self.range(cell)]
    }

    /// The cells that the gradient at `cell` depends on, ascending, each with its weight along each axis.
    /// Weights are zero along an axis where the derivative is undefined.
    pub fn row(&self, cell: usize) -> impl Iterator<Item = (usize, [f64; D])> {
        let range = self.range(cell);
        let weights = self.weights[cell].map(|[lower, upper, own]| [lower, upper, own, 0.0]);
        let weight = move |role: &u8| {
            std::array::from_fn(|axis| weights[axis][usize::from(role >> (2 * axis) & NEITHER)])
        };
        let cells = self.cells[range.clone()].iter().map(|&j| j as usize);
        cells.zip(self.roles[range].iter().map(weight))
    }

    /// For each cell, those whose gradients depend on it. O(number of neighbours) time and memory.
    pub(crate) fn dependents(&self) -> Dependents {
        let mut ends = vec![0; self.starts.len()];
        for &cell in &self.cells {
            ends[cell as usize + 1] += 1;
        }
        for cell in 1..ends.len() {
            ends[cell] += ends[cell - 1];
        }
        let mut cells = vec![0; self.cells.len()];
        for cell in 0..self.defined.len() {
            for &other in self.cells(cell) {
                // Where those of a cell begin, until all of them are there: then where they end.
                let next = &mut ends[other as usize];
                cells[*next] = short(cell);
                *next += 1;
            }
        }
        Dependents { ends, cells }
    }

    fn range(&self, cell: usize) -> Range<usize> {
        self.starts[cell] as usize..self.starts[cell + 1] as usize
    }

    /// Along which axes the gradient at `cell` is defined.
    #[must_use]
    pub fn defined(&self, cell: usize) -> [bool; D] {
        self.defined[cell]
    }

    /// The gradient of `field` at `cell`, zero along the axes where it is undefined.
    #[must_use]
    pub fn apply(&self, field: &[f64], cell: usize) -> [f64; D] {
        let mut gradient = [0.0; D];
        for (cell, weight) in self.row(cell) {
            for (sum, weight) in gradient.iter_mut().zip(weight) {
                *sum += weight * field[cell];
            }
        }
        gradient
    }
}

/// For each cell, those whose gradients depend on it.
pub(crate) struct Dependents {
    ends: Vec<usize>,
    cells: Vec<u32>,
}

impl Dependents {
    /// Those of one cell, ascending.
    pub(crate) fn of(&self, cell: usize) -> &[u32] {
        let begin = cell.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.cells[begin..self.ends[cell]]
    }
}

/// The neighbours of a cell on one side of it along an axis: their number, and the sum of their offsets along it.
#[derive(Clone, Copy, Default)]
struct Side {
    count: f64,
    offset: f64,
}

/// The role that a neighbour at `to` has for a cell at `from`, whose sides along each axis, lower then upper, it
/// is counted among.
fn role<const D: usize>(from: &[f64; D], to: &[f64; D], sides: &mut [[Side; 2]; D]) -> u8 {
    let offset: [f64; D] = std::array::from_fn(|k| to[k] - from[k]);
    let distance = norm::<D>(&offset);
    let mut role = 0;
    for (axis, (&along, sides)) in offset.iter().zip(sides).enumerate() {
        let number = match along / distance {
            cosine if cosine < -SIDE => 0,
            cosine if cosine > SIDE => 1,
            _ => NEITHER,
        };
        role |= number << (2 * axis);
        if let Some(side) = sides.get_mut(usize::from(number)) {
            side.count += 1.0;
            side.offset += along;
        }
    }
    role
}

/// The weights of one axis in the row of a cell; none if there is no neighbour on either side.
fn derivative(sides: [Side; 2]) -> Option<Weights> {
    let is_there = sides.map(|side| side.count > 0.0);
    // Derivative at 0 of the parabola through (a, y₋), (0, y), (b, y₊): the weights of y₋ and y₊;
    // that of y is minus their sum.
    let [a, b] = sides.map(|side| side.offset / side.count);
    let weight = match is_there {
        [true, true] => [-b / (a * (a - b)), -a / (b * (b - a))],
        [true, false] => [1.0 / a, 0.0],
        [false, true] => [0.0, 1.0 / b],
        [false, false] => return None,
    };
    let each = |side: usize| weight[side] / sides[side].count.max(1.0);
    Some([each(0), each(1), -weight[0] - weight[1]])
}

fn norm<const D: usize>(vector: &[f64; D]) -> f64 {
    vector.iter().map(|x| x * x).sum::<f64>().sqrt()
}
