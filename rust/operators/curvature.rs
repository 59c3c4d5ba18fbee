//! The curvature of a map, which second-order smoothness penalises.

use super::quadratic_form::slope_pairs;
use super::{Contrast, QuadraticForm};
use crate::tessellation::Adjacency;

/// Added to the least-squares matrix of the slope at a cell, in units of one neighbour's part in it:
/// where all neighbours lie on a line, the slope across it is then zero.
const RIDGE: f64 = 1e-9;

impl QuadraticForm {
    /// `Σᵢ aᵢ · mean_j (2 (x_j − x_i − gᵢ·e_j) / |e_j|²)² + S₁(x) / A`, over the neighbours j, at
    /// `e_j = r_j − r_i`, of each cell i of area (or volume) `aᵢ`, where `gᵢ` is the slope that fits the
    /// neighbours best: the mean squared curvature around each cell, integrated over space.
    ///
    /// A plane has no curvature. So that neither planes nor cells with too few neighbours to show any
    /// are free, a part of the first-order form `S₁` is added, where A is the area of the connected
    /// set of cells (in space, its volume to the power 2/3): that of slopes which change by as much as
    /// themselves over the set. What is not seen is then a constant, as in `S₁`.
    ///
    /// O(n log n) time and O(n) memory for n pairs of neighbours of the same cell.
    #[must_use]
    pub fn of_curvatures<const D: usize>(
        centers: &[[f64; D]],
        adjacency: &Adjacency,
        volumes: &[f64],
    ) -> Self {
        let around = |cell: usize| {
            let neighbours = adjacency.neighbours(cell);
            let offsets: Vec<[f64; D]> = neighbours
                .iter()
                .map(|&j| std::array::from_fn(|k| centers[j][k] - centers[cell][k]))
                .collect();
            let slope = slope_weights(&offsets);
            let contrast = move |j: usize| {
                let offset = &offsets[j];
                let square = dot(offset, offset);
                let others = neighbours.iter().zip(&slope).enumerate();
                Contrast {
                    reference: cell,
                    others: others
                        .map(|(k, (&other, weight))| {
                            let own = if k == j { 1.0 } else { 0.0 };
                            (other, 2.0 * (own - dot(weight, offset)) / square)
                        })
                        .collect(),
                    weight: volumes[cell] / neighbours.len() as f64,
                }
            };
            (0..neighbours.len()).map(contrast)
        };
        let curvatures = (0..centers.len()).flat_map(around);
        let components = adjacency.components();
        let mut size = vec![0.0; centers.len()];
        for (&component, volume) in components.iter().zip(volumes) {
            size[component] += volume;
        }
        let slopes = slope_pairs(centers, adjacency, volumes).into_iter();
        let slopes = slopes.map(|(cells, weight)| {
            let [i, j] = cells.map(|cell| cell as usize);
            Contrast {
                reference: i,
                others: vec![(j, 1.0)],
                weight: weight / size[components[i]].powf(2.0 / D as f64),
            }
        });
        Self::from_contrasts(curvatures.chain(slopes))
    }
}

/// The weights of `x_j − x_i` in the slope g at a cell i that minimises the squares of
/// `(x_j − x_i − g·e_j) / |e_j|`, given the offsets `e_j`.
fn slope_weights<const D: usize>(offsets: &[[f64; D]]) -> Vec<[f64; D]> {
    let mut matrix = [[0.0; D]; D];
    for (k, row) in matrix.iter_mut().enumerate() {
        row[k] = RIDGE;
    }
    for offset in offsets {
        for (row, a) in matrix.iter_mut().zip(offset) {
            for (value, b) in row.iter_mut().zip(offset) {
                *value += a * b / dot(offset, offset);
            }
        }
    }
    let solve = |offset: &[f64; D]| solved(matrix, offset.map(|e| e / dot(offset, offset)));
    offsets.iter().map(solve).collect()
}

/// Solution of a small positive definite system, by Gauss's elimination.
fn solved<const D: usize>(mut matrix: [[f64; D]; D], mut right: [f64; D]) -> [f64; D] {
    for k in 0..D {
        let pivot = matrix[k];
        for row in k + 1..D {
            let factor = matrix[row][k] / pivot[k];
            for column in k..D {
                matrix[row][column] -= factor * pivot[column];
            }
            right[row] -= factor * right[k];
        }
    }
    for k in (0..D).rev() {
        let known: f64 = (k + 1..D).map(|j| matrix[k][j] * right[j]).sum();
        right[k] = (right[k] - known) / matrix[k][k];
    }
    right
}

fn dot<const D: usize>(a: &[f64; D], b: &[f64; D]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
