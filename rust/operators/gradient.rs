//! The spatial gradient at every cell, from the values in its neighbours.

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
    weights: Vec<[f64; D]>,
    defined: Vec<[bool; D]>,
}

impl<const D: usize> GradientOperator<D> {
    /// Builds the operator: O(number of neighbours) time and memory.
    #[must_use]
    pub fn new(centers: &[[f64; D]], adjacency: &Adjacency) -> Self {
        let count = centers.len() + adjacency.as_parts().1.len();
        let mut operator = Self {
            starts: Vec::with_capacity(centers.len() + 1),
            cells: Vec::with_capacity(count),
            weights: Vec::with_capacity(count),
            defined: Vec::with_capacity(centers.len()),
        };
        operator.starts.push(0);
        let mut around = Vec::new();
        for (cell, center) in centers.iter().enumerate() {
            let neighbours = adjacency.neighbours(cell);
            let first = operator.cells.len();
            operator.cells.push(short(cell));
            operator.cells.extend(neighbours.iter().map(|&j| short(j)));
            operator.weights.resize(operator.cells.len(), [0.0; D]);
            around.clear();
            around.extend(
                neighbours
                    .iter()
                    .map(|&j| Direction::new(center, &centers[j])),
            );
            let mut defined = [false; D];
            for (axis, defined) in defined.iter_mut().enumerate() {
                *defined = derivative(axis, &around, &mut operator.weights[first..]);
            }
            operator.defined.push(defined);
            operator.starts.push(short(operator.cells.len()));
        }
        operator
    }

    /// The cells that the gradient at `cell` depends on, the cell itself first, each with its weight
    /// along each axis. Weights are zero along an axis where the derivative is undefined.
    #[must_use]
    pub fn row(&self, cell: usize) -> (&[u32], &[[f64; D]]) {
        let range = self.starts[cell] as usize..self.starts[cell + 1] as usize;
        (&self.cells[range.clone()], &self.weights[range])
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
        let (cells, weights) = self.row(cell);
        for (&cell, weight) in cells.iter().zip(weights) {
            for (sum, weight) in gradient.iter_mut().zip(weight) {
                *sum += weight * field[cell as usize];
            }
        }
        gradient
    }
}

/// Where a neighbour is, seen from a cell.
struct Direction<const D: usize> {
    offset: [f64; D],
    /// Along each axis, on the lower side (0) or the upper one (1) of the cell; none on neither.
    sides: [Option<usize>; D],
}

impl<const D: usize> Direction<D> {
    fn new(from: &[f64; D], to: &[f64; D]) -> Self {
        let offset: [f64; D] = std::array::from_fn(|k| to[k] - from[k]);
        let distance = norm::<D>(&offset);
        let side = |along: f64| match along / distance {
            cosine if cosine < -SIDE => Some(0),
            cosine if cosine > SIDE => Some(1),
            _ => None,
        };
        Self {
            offset,
            sides: offset.map(side),
        }
    }
}

/// Fills the weights of one axis in the row of a cell (the cell first, then its neighbours); false
/// if there is no neighbour on either side.
fn derivative<const D: usize>(
    axis: usize,
    neighbours: &[Direction<D>],
    row: &mut [[f64; D]],
) -> bool {
    // Per side, lower then upper: how many neighbours, and their mean offset along the axis.
    let mut count = [0_u32; 2];
    let mut offset = [0.0; 2];
    for neighbour in neighbours {
        if let Some(side) = neighbour.sides[axis] {
            count[side] += 1;
            offset[side] += neighbour.offset[axis];
        }
    }
    if count == [0, 0] {
        return false;
    }
    // Derivative at 0 of the parabola through (a, y₋), (0, y), (b, y₊): the weights of y₋ and y₊;
    // that of y is minus their sum.
    let [a, b] = [
        offset[0] / f64::from(count[0]),
        offset[1] / f64::from(count[1]),
    ];
    let weight = match (count[0] > 0, count[1] > 0) {
        (true, true) => [-b / (a * (a - b)), -a / (b * (b - a))],
        (true, false) => [1.0 / a, 0.0],
        _ => [0.0, 1.0 / b],
    };
    row[0][axis] = -weight[0] - weight[1];
    for (entry, neighbour) in neighbours.iter().enumerate() {
        if let Some(side) = neighbour.sides[axis] {
            row[entry + 1][axis] = weight[side] / f64::from(count[side]);
        }
    }
    true
}

fn norm<const D: usize>(vector: &[f64; D]) -> f64 {
    vector.iter().map(|x| x * x).sum::<f64>().sqrt()
}
