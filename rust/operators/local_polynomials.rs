//! A map continued inside its cells: around each center a polynomial, fitted to the values about it.

use super::lower_triangle::short;
use crate::tessellation::Adjacency;

/// Least pivot of the equations of a fit, relative to its diagonal: below, the neighbours do not show
/// that term, and the polynomial is of a lower degree.
const MIN_PIVOT: f64 = 1e-3;

/// Polynomials in the offset from the center of each cell, whose coefficients are linear in the values
/// of the map at the centers.
///
/// The polynomial of a cell has the cell's own value at its center, and fits the values at the centers
/// around by least squares, weighted with the inverse fourth power of their distance. Where these do
/// not tell all of its terms apart, as at the border, its degree is lower; a cell without any
/// neighbour has a constant.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalPolynomials<const D: usize> {
    powers: Vec<[usize; D]>,
    starts: Vec<usize>,
    cells: Vec<u32>,
    /// For each cell, one row for each of its stencil, the cell itself first: the coefficients that
    /// a unit value there gives.
    weights: Vec<f64>,
}

impl<const D: usize> LocalPolynomials<D> {
    /// Fits polynomials up to a degree, to the neighbours, and where these are fewer than the terms of
    /// the polynomial to the neighbours of those too.
    ///
    /// O(n) time and memory for n cells of few neighbours.
    #[must_use]
    pub fn new(centers: &[[f64; D]], adjacency: &Adjacency, degree: usize) -> Self {
        let powers = powers::<D>(degree);
        let mut fitted = Self {
            powers,
            starts: vec![0],
            cells: Vec::new(),
            weights: Vec::new(),
        };
        for cell in 0..centers.len() {
            let around = around(adjacency, cell, fitted.powers.len());
            let offsets: Vec<[f64; D]> = around
                .iter()
                .map(|&other| std::array::from_fn(|d| centers[other][d] - centers[cell][d]))
                .collect();
            let rows = (0..=degree)
                .rev()
                .find_map(|degree| fit(&offsets, &powers_up_to(&fitted.powers, degree)))
                .unwrap_or_default();
            let terms = fitted.powers.len();
            // A constant on top of the map is one of each polynomial.
            let mut own = vec![0.0; terms];
            own[0] = 1.0;
            for row in &rows {
                for (own, weight) in own[1..].iter_mut().zip(row) {
                    *own -= weight;
                }
            }
            fitted.cells.push(short(cell));
            fitted.weights.extend(own);
            for (&other, row) in around.iter().zip(&rows) {
                fitted.cells.push(short(other));
                let first = fitted.weights.len();
                fitted.weights.resize(first + terms, 0.0);
                fitted.weights[first + 1..first + 1 + row.len()].copy_from_slice(row);
            }
            fitted.starts.push(fitted.cells.len());
        }
        fitted
    }

    /// Power of each coordinate in each term, the constant first, by ascending degree.
    #[must_use]
    pub fn powers(&self) -> &[[usize; D]] {
        &self.powers
    }

    /// The cells whose values the polynomial of a cell depends on, the cell itself first, each with the
    /// coefficients that a unit value there gives.
    pub fn stencil(&self, cell: usize) -> impl Iterator<Item = (usize, &[f64])> {
        let terms = self.powers.len();
        let range = self.starts[cell]..self.starts[cell + 1];
        let rows = self.weights[range.start * terms..range.end * terms].chunks_exact(terms);
        let cells = self.cells[range].iter().map(|&cell| cell as usize);
        cells.zip(rows)
    }

    /// The cells whose values the map depends on at an offset from the center of a cell, each with its
    /// weight; in the derivative of the map along the axes `by`, one after the other, if there are any.
    pub fn weights_at(
        &self,
        cell: usize,
        offset: &[f64; D],
        by: &[usize],
    ) -> impl Iterator<Item = (usize, f64)> + use<'_, D> {
        let terms: Vec<f64> = self
            .powers
            .iter()
            .map(|power| monomial(offset, power, by))
            .collect();
        self.stencil(cell).map(move |(other, coefficients)| {
            let products = coefficients.iter().zip(&terms).map(|(a, b)| a * b);
            (other, products.sum())
        })
    }
}

/// Powers of every monomial up to a degree, by ascending degree.
fn powers<const D: usize>(degree: usize) -> Vec<[usize; D]> {
    let mut all = vec![[0; D]];
    let mut last = all.clone();
    for _ in 0..degree {
        let mut next: Vec<[usize; D]> = Vec::new();
        for power in &last {
            // No monomial twice: only coordinates from the last one used on are raised.
            let from = power.iter().rposition(|p| *p > 0).unwrap_or(0);
            for axis in from..D {
                let mut raised = *power;
                raised[axis] += 1;
                next.push(raised);
            }
        }
        all.extend(&next);
        last = next;
    }
    all
}

/// The monomials of degree 1 up to `degree`.
fn powers_up_to<const D: usize>(powers: &[[usize; D]], degree: usize) -> Vec<[usize; D]> {
    let up_to = powers
        .iter()
        .filter(|p| (1..=degree).contains(&p.iter().sum::<usize>()));
    up_to.copied().collect()
}

/// The cells around one, itself left out: its neighbours, and theirs if there are fewer than terms.
fn around(adjacency: &Adjacency, cell: usize, terms: usize) -> Vec<usize> {
    let mut around = adjacency.neighbours(cell).to_vec();
    if around.len() < terms {
        let second = adjacency.neighbours(cell).iter();
        let second = second.flat_map(|&other| adjacency.neighbours(other).iter().copied());
        around.extend(second.filter(|&other| other != cell));
        around.sort_unstable();
        around.dedup();
    }
    around
}

/// For each offset, the coefficients (of `powers`) of the weighted least-squares fit to the difference 1
/// there and 0 elsewhere; none if the offsets do not show every term.
fn fit<const D: usize>(offsets: &[[f64; D]], powers: &[[usize; D]]) -> Option<Vec<Vec<f64>>> {
    let terms = powers.len();
    if terms == 0 {
        return Some(vec![Vec::new(); offsets.len()]);
    }
    if offsets.len() < terms {
        return None;
    }
    let norm = |offset: &[f64; D]| offset.iter().map(|x| x * x).sum::<f64>().sqrt();
    let scale = offsets.iter().map(norm).sum::<f64>() / offsets.len() as f64;
    let rows: Vec<Vec<f64>> = offsets
        .iter()
        .map(|offset| {
            let offset = offset.map(|x| x / scale);
            powers
                .iter()
                .map(|power| monomial(&offset, power, &[]))
                .collect()
        })
        .collect();
    let weights: Vec<f64> = offsets
        .iter()
        .map(|offset| (norm(offset) / scale).powi(-4))
        .collect();
    let mut matrix = vec![vec![0.0; terms]; terms];
    for (row, weight) in rows.iter().zip(&weights) {
        for i in 0..terms {
            for j in 0..=i {
                matrix[i][j] += weight * row[i] * row[j];
            }
        }
    }
    cholesky(&mut matrix)?;
    let mut solved = Vec::with_capacity(offsets.len());
    for (row, weight) in rows.iter().zip(&weights) {
        let mut right: Vec<f64> = row.iter().map(|value| weight * value).collect();
        solve(&matrix, &mut right);
        for (value, power) in right.iter_mut().zip(powers) {
            #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)] // a few
            let degree = power.iter().sum::<usize>() as i32;
            *value /= scale.powi(degree);
        }
        solved.push(right);
    }
    Some(solved)
}

/// A monomial, or its derivative by the given axes, one after the other.
pub(crate) fn monomial<const D: usize>(offset: &[f64; D], power: &[usize; D], by: &[usize]) -> f64 {
    let mut power = *power;
    let mut value = 1.0;
    for &axis in by {
        if power[axis] == 0 {
            return 0.0;
        }
        value *= power[axis] as f64;
        power[axis] -= 1;
    }
    for (x, p) in offset.iter().zip(power) {
        for _ in 0..p {
            value *= x;
        }
    }
    value
}

/// Factorizes the lower triangle in place; none if a pivot is too small.
fn cholesky(matrix: &mut [Vec<f64>]) -> Option<()> {
    for i in 0..matrix.len() {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| matrix[i][k] * matrix[j][k]).sum();
            let rest = matrix[i][j] - known;
            if i == j {
                if rest <= MIN_PIVOT * matrix[i][i] {
                    return None;
                }
                matrix[i][i] = rest.sqrt();
            } else {
                matrix[i][j] = rest / matrix[j][j];
            }
        }
    }
    Some(())
}

fn solve(factor: &[Vec<f64>], right: &mut [f64]) {
    let n = right.len();
    for i in 0..n {
        let known: f64 = (0..i).map(|k| factor[i][k] * right[k]).sum();
        right[i] = (right[i] - known) / factor[i][i];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| factor[k][i] * right[k]).sum();
        right[i] = (right[i] - known) / factor[i][i];
    }
}
