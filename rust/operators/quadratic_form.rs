//! Quadratic forms of a map, which the priors penalise: how much it varies, or how large it is.

use std::sync::Arc;

use super::lower_triangle::{LowerTriangle, short};
use crate::tessellation::{Adjacency, Face};

/// A quadratic form `S(x) = Σ w (a·x)² + Σ v x²`, never negative, of the variables of a map: in contrasts
/// `a` whose coefficients sum to zero, and in squares of single variables. Without squares it does not
/// see a constant that is added to a connected set of variables. Clones share their memory.
#[derive(Debug, Clone, PartialEq)]
pub struct QuadraticForm(Arc<Terms>);

#[derive(Debug, PartialEq)]
struct Terms {
    /// None where each is the difference of two variables: the matrix has them, beside its diagonal.
    contrasts: Option<Contrasts>,
    squares: Vec<(usize, f64)>,
    matrix: LowerTriangle,
}

/// What a map is expected to do from cell to cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Smoothness {
    /// To change little: [`QuadraticForm::of_slopes`].
    #[default]
    First,
    /// To change steadily: [`QuadraticForm::of_curvatures`].
    Second,
}

/// A weighted contrast of values: `a·x = Σ c (x_other − x_reference)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Contrast {
    /// The cell that others are compared with.
    pub reference: usize,
    /// The other cells, each with its coefficient.
    pub others: Vec<(usize, f64)>,
    /// Weight of the square; not negative.
    pub weight: f64,
}

/// Contrasts one after the other, their other cells and coefficients in lists of all of them.
#[derive(Debug, Default, PartialEq)]
struct Contrasts {
    spans: Vec<Span>,
    cells: Vec<u32>,
    coefficients: Vec<f64>,
}

/// A contrast, its other cells in the list up to `end`.
#[derive(Debug, PartialEq)]
struct Span {
    reference: u32,
    end: u32,
    weight: f64,
}

impl Contrasts {
    fn push(&mut self, contrast: &Contrast) {
        for &(cell, coefficient) in &contrast.others {
            self.cells.push(short(cell));
            self.coefficients.push(coefficient);
        }
        self.spans.push(Span {
            reference: short(contrast.reference),
            end: short(self.cells.len()),
            weight: contrast.weight,
        });
    }

    /// Of each, the reference, the weight, and the others with their coefficients.
    fn iter(
        &self,
    ) -> impl Iterator<Item = (usize, f64, impl Iterator<Item = (usize, f64)> + Clone)> {
        let mut start = 0;
        self.spans.iter().map(move |span| {
            let range = start..span.end as usize;
            start = range.end;
            let coefficients = self.coefficients[range.clone()].iter().copied();
            let cells = self.cells[range].iter().map(|&cell| cell as usize);
            (
                span.reference as usize,
                span.weight,
                cells.zip(coefficients),
            )
        })
    }
}

impl QuadraticForm {
    /// The form that a smoothness stands for.
    #[must_use]
    pub fn new<const D: usize>(
        smoothness: Smoothness,
        centers: &[[f64; D]],
        adjacency: &Adjacency,
        volumes: &[f64],
    ) -> Self {
        match smoothness {
            Smoothness::First => Self::of_slopes(centers, adjacency, volumes),
            Smoothness::Second => Self::of_curvatures(centers, adjacency, volumes),
        }
    }

    /// `Σᵢ aᵢ · mean_j ((x_j − x_i) / |r_j − r_i|)²` over the neighbours j of each cell i of area (or
    /// volume) `aᵢ`: the mean squared slope around each cell, integrated over space.
    ///
    /// O(n log n) time and O(n) memory for n pairs of neighbours.
    #[must_use]
    pub fn of_slopes<const D: usize>(
        centers: &[[f64; D]],
        adjacency: &Adjacency,
        volumes: &[f64],
    ) -> Self {
        Self(Arc::new(Terms {
            contrasts: None,
            squares: Vec::new(),
            matrix: LowerTriangle::of_differences(&slope_pairs(centers, adjacency, volumes)),
        }))
    }

    /// `Σ A (x_j − x_i)² / (d |r_j − r_i|)` over the faces, of size A, between Voronoi cells i and j: what
    /// [`of_slopes`](Self::of_slopes) is, by finite volumes (Eymard, Gallouët & Herbin, Handbook of
    /// Numerical Analysis 7, 713, 2000), which are right for cells of any shape.
    ///
    /// O(n log n) time and O(n) memory for n faces.
    #[must_use]
    pub fn of_slopes_at_faces<const D: usize>(centers: &[[f64; D]], faces: &[Face]) -> Self {
        let contrast = |face: &Face| {
            let (i, j) = face.between;
            let offsets = centers[i].iter().zip(centers[j]).map(|(a, b)| b - a);
            Contrast {
                reference: i,
                others: vec![(j, 1.0)],
                weight: face.size / (D as f64 * offsets.map(|x| x * x).sum::<f64>().sqrt()),
            }
        };
        Self::from_contrasts(faces.iter().map(contrast))
    }

    /// `Σ v x²`, with a weight v, not negative, for each variable: the squared size of a map.
    #[must_use]
    pub fn of_squares(weights: impl IntoIterator<Item = f64>) -> Self {
        Self::from_terms([], weights.into_iter().enumerate().collect())
    }

    /// The form of some contrasts: O(n log n) for n pairs of cells within a contrast.
    #[must_use]
    pub fn from_contrasts(contrasts: impl IntoIterator<Item = Contrast>) -> Self {
        Self::from_terms(contrasts, Vec::new())
    }

    /// The form of some contrasts, and of the squares of variables, each with its weight: O(n log n) for
    /// n pairs of cells within a contrast.
    #[must_use]
    pub fn from_terms(
        contrasts: impl IntoIterator<Item = Contrast>,
        squares: Vec<(usize, f64)>,
    ) -> Self {
        let mut listed = Contrasts::default();
        for contrast in contrasts {
            listed.push(&contrast);
        }
        let matrix = LowerTriangle::told(|tell| {
            for &(i, v) in &squares {
                tell(i, i, v);
            }
            for (reference, weight, others) in listed.iter() {
                let sum: f64 = others.clone().map(|(_, c)| c).sum();
                let row = || std::iter::once((reference, -sum)).chain(others.clone());
                for (k, (i, a)) in row().enumerate() {
                    row()
                        .take(k + 1)
                        .for_each(|(j, b)| tell(i, j, weight * a * b));
                }
            }
        });
        Self(Arc::new(Terms {
            contrasts: Some(listed),
            squares,
            matrix,
        }))
    }

    /// The matrix L of the form, `S(x) = x'Lx`: row, column and value of each entry of its lower
    /// triangle, column by column, each column's rows ascending.
    pub fn entries(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        self.0.matrix.entries()
    }

    /// Rows of the entries of a column of that triangle, ascending.
    #[must_use]
    pub fn column(&self, column: usize) -> &[u32] {
        self.0.matrix.column(column)
    }

    /// Value of each entry, in the same order.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        self.0.matrix.values()
    }

    /// The variables whose squares are in the form, each with its weight.
    #[must_use]
    pub fn squares(&self) -> &[(usize, f64)] {
        &self.0.squares
    }

    /// Value of the form at `x`. Differences come first, so that a constant that is large in comparison
    /// with them costs no digits.
    #[must_use]
    pub fn value(&self, x: &[f64]) -> f64 {
        let of_contrasts: f64 = if let Some(contrasts) = &self.0.contrasts {
            let square = |(reference, weight, others)| {
                let value = contrast_at(x, reference, others);
                weight * value * value
            };
            contrasts.iter().map(square).sum()
        } else {
            let square = |(i, j, weight): (usize, usize, f64)| {
                let value = x[j] - x[i];
                weight * value * value
            };
            self.differences().map(square).sum()
        };
        let of_variables: f64 = self.squares().iter().map(|&(i, v)| v * x[i] * x[i]).sum();
        of_contrasts + of_variables
    }

    /// Adds `scale` times the gradient of the form at `x`.
    pub fn add_gradient(&self, scale: f64, x: &[f64], gradient: &mut [f64]) {
        if let Some(contrasts) = &self.0.contrasts {
            for (reference, weight, others) in contrasts.iter() {
                let slope = 2.0 * scale * weight * contrast_at(x, reference, others.clone());
                for (cell, coefficient) in others {
                    gradient[cell] += coefficient * slope;
                    gradient[reference] -= coefficient * slope;
                }
            }
        } else {
            for (i, j, weight) in self.differences() {
                let slope = 2.0 * scale * weight * (x[j] - x[i]);
                gradient[j] += slope;
                gradient[i] -= slope;
            }
        }
        for &(i, weight) in self.squares() {
            gradient[i] += 2.0 * scale * weight * x[i];
        }
    }

    /// Pairs i < j of variables and the weight of the square of their difference, where contrasts are
    /// nothing else.
    fn differences(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        let others = self.entries().filter(|(row, column, _)| row != column);
        others.map(|(row, column, value)| (column, row, -value))
    }
}

/// Value of a contrast at `x`.
fn contrast_at(x: &[f64], reference: usize, others: impl Iterator<Item = (usize, f64)>) -> f64 {
    others.map(|(j, c)| c * (x[j] - x[reference])).sum()
}

/// The contrasts of [`QuadraticForm::of_slopes`]: each pair of neighbours, sorted, with the weight of the
/// square of their difference.
pub(super) fn slope_pairs<const D: usize>(
    centers: &[[f64; D]],
    adjacency: &Adjacency,
    volumes: &[f64],
) -> Vec<([u32; 2], f64)> {
    let mut pairs = Vec::with_capacity(adjacency.as_parts().1.len() / 2);
    let mut is_mutual = true;
    for cell in 0..centers.len() {
        for &other in adjacency.neighbours(cell) {
            let is_seen = adjacency.neighbours(other).binary_search(&cell).is_ok();
            is_mutual &= is_seen;
            if is_seen && other < cell {
                continue;
            }
            let offsets = centers[cell].iter().zip(centers[other]);
            let squared_distance: f64 = offsets.map(|(a, b)| (a - b) * (a - b)).sum();
            // As one of both sees the other, of which it is a neighbour.
            let weight = |cell: usize| {
                volumes[cell] / (adjacency.neighbours(cell).len() as f64 * squared_distance)
            };
            let of_other = if is_seen { weight(other) } else { 0.0 };
            let both = [cell.min(other), cell.max(other)];
            pairs.push((both.map(short), weight(cell) + of_other));
        }
    }
    if !is_mutual {
        pairs.sort_by_key(|(cells, _)| *cells);
    }
    pairs
}
