//! Quadratic forms of a map, which the priors penalise: how much it varies, or how large it is.

use std::sync::Arc;

use crate::tessellation::{Adjacency, Face};

/// A quadratic form `S(x) = Σ w (a·x)² + Σ v x²`, never negative, of the variables of a map: in contrasts
/// `a` whose coefficients sum to zero, and in squares of single variables. Without squares it does not
/// see a constant that is added to a connected set of variables. Clones share their memory.
#[derive(Debug, Clone, PartialEq)]
pub struct QuadraticForm(Arc<Terms>);

#[derive(Debug, PartialEq)]
struct Terms {
    contrasts: Vec<Span>,
    others: Vec<(usize, f64)>,
    squares: Vec<(usize, f64)>,
    entries: Vec<(usize, usize, f64)>,
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

/// A contrast, its other cells kept in the list of all of them up to `end`.
#[derive(Debug, Clone, PartialEq)]
struct Span {
    reference: usize,
    weight: f64,
    end: usize,
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
        Self::from_pairs(&Self::slope_pairs(centers, adjacency, volumes))
    }

    /// The contrasts of [`of_slopes`](Self::of_slopes): each pair of neighbours, sorted, with the weight of
    /// the square of their difference.
    pub(super) fn slope_pairs<const D: usize>(
        centers: &[[f64; D]],
        adjacency: &Adjacency,
        volumes: &[f64],
    ) -> Vec<([usize; 2], f64)> {
        // As the cell sees it, if the other one is a neighbour of it.
        let weight = |cell: usize, other: usize| {
            let neighbours = adjacency.neighbours(cell);
            neighbours.binary_search(&other).ok()?;
            let offsets = centers[cell].iter().zip(centers[other]);
            let squared_distance: f64 = offsets.map(|(a, b)| (a - b) * (a - b)).sum();
            Some(volumes[cell] / (neighbours.len() as f64 * squared_distance))
        };
        let mut pairs = Vec::with_capacity(adjacency.as_parts().1.len() / 2);
        let mut is_mutual = true;
        for cell in 0..centers.len() {
            for &other in adjacency.neighbours(cell) {
                let (own, others) = (weight(cell, other), weight(other, cell));
                if cell < other {
                    pairs.extend(own.map(|own| ([cell, other], own + others.unwrap_or(0.0))));
                } else if others.is_none() {
                    pairs.extend(own.map(|own| ([other, cell], own)));
                    is_mutual = false;
                }
            }
        }
        if !is_mutual {
            pairs.sort_by_key(|(cells, _)| *cells);
        }
        pairs
    }

    /// The form `Σ w (x_j − x_i)²` of pairs i < j, sorted, each once, in O(n) time.
    fn from_pairs(pairs: &[([usize; 2], f64)]) -> Self {
        let size = pairs.iter().map(|([_, j], _)| j + 1).max().unwrap_or(0);
        let mut diagonal: Vec<Option<f64>> = vec![None; size];
        let mut ends = vec![0; size + 1];
        for &([i, j], weight) in pairs {
            for cell in [i, j] {
                let sum = diagonal[cell].map_or(weight, |sum| sum + weight);
                diagonal[cell] = Some(sum);
            }
            ends[j + 1] += 1;
        }
        for row in 0..size {
            ends[row + 1] += ends[row] + usize::from(diagonal[row].is_some());
        }
        let mut entries = vec![(0, 0, 0.0); ends[size]];
        for &([i, j], weight) in pairs {
            // Where the row begins, until all of its entries are there: then where the last one goes.
            entries[ends[j]] = (j, i, -weight);
            ends[j] += 1;
        }
        for (row, sum) in diagonal.into_iter().enumerate() {
            if let Some(sum) = sum {
                entries[ends[row]] = (row, row, sum);
            }
        }
        let span = |(before, &([i, _], weight)): (usize, &([usize; 2], f64))| Span {
            reference: i,
            weight,
            end: before + 1,
        };
        Self(Arc::new(Terms {
            contrasts: pairs.iter().enumerate().map(span).collect(),
            others: pairs.iter().map(|([_, j], _)| (*j, 1.0)).collect(),
            squares: Vec::new(),
            entries,
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
        let mut form = Terms {
            contrasts: Vec::new(),
            others: Vec::new(),
            entries: squares.iter().map(|&(i, v)| (i, i, v)).collect(),
            squares,
        };
        let mut row = Vec::new();
        for contrast in contrasts {
            let sum: f64 = contrast.others.iter().map(|(_, c)| c).sum();
            row.clear();
            row.push((contrast.reference, -sum));
            row.extend_from_slice(&contrast.others);
            for (k, &(i, a)) in row.iter().enumerate() {
                for &(j, b) in &row[..=k] {
                    let value = contrast.weight * a * b;
                    form.entries.push((i.max(j), i.min(j), value));
                }
            }
            form.others.extend_from_slice(&contrast.others);
            form.contrasts.push(Span {
                reference: contrast.reference,
                weight: contrast.weight,
                end: form.others.len(),
            });
        }
        form.entries = by_row(form.entries);
        form.entries.dedup_by(|from, into| {
            let same = (from.0, from.1) == (into.0, into.1);
            if same {
                into.2 += from.2;
            }
            same
        });
        Self(Arc::new(form))
    }

    /// The matrix L of the form, `S(x) = x'Lx`: row, column and value of each entry of its lower
    /// triangle, sorted.
    #[must_use]
    pub fn entries(&self) -> &[(usize, usize, f64)] {
        &self.0.entries
    }

    /// The variables whose squares are in the form, each with its weight.
    #[must_use]
    pub fn squares(&self) -> &[(usize, f64)] {
        &self.0.squares
    }

    /// Value of the form at `x`.
    #[must_use]
    pub fn value(&self, x: &[f64]) -> f64 {
        let square = |(span, value): (&Span, f64)| span.weight * value * value;
        let of_contrasts: f64 = self.values(x).map(square).sum();
        let of_variables: f64 = self.squares().iter().map(|&(i, v)| v * x[i] * x[i]).sum();
        of_contrasts + of_variables
    }

    /// Adds `scale` times the gradient of the form at `x`.
    pub fn add_gradient(&self, scale: f64, x: &[f64], gradient: &mut [f64]) {
        let mut start = 0;
        for (span, value) in self.values(x) {
            let slope = 2.0 * scale * span.weight * value;
            for &(cell, coefficient) in &self.0.others[start..span.end] {
                gradient[cell] += coefficient * slope;
                gradient[span.reference] -= coefficient * slope;
            }
            start = span.end;
        }
        for &(i, weight) in self.squares() {
            gradient[i] += 2.0 * scale * weight * x[i];
        }
    }

    /// Every contrast, with its value at `x`. Differences come first, so that a constant that is large
    /// in comparison with them costs no digits.
    fn values(&self, x: &[f64]) -> impl Iterator<Item = (&Span, f64)> {
        let mut start = 0;
        self.0.contrasts.iter().map(move |span| {
            let others = &self.0.others[start..span.end];
            start = span.end;
            let differences = others.iter().map(|&(j, c)| c * (x[j] - x[span.reference]));
            (span, differences.sum())
        })
    }
}

/// Entries of a matrix sorted by row and column, those of the same place in the order they came in. They
/// go to their rows at once, so that only those of each are left to be sorted.
fn by_row(entries: Vec<(usize, usize, f64)>) -> Vec<(usize, usize, f64)> {
    let size = entries.iter().map(|&(i, _, _)| i + 1).max().unwrap_or(0);
    let mut ends = vec![0; size + 1];
    for &(i, _, _) in &entries {
        ends[i + 1] += 1;
    }
    for row in 0..size {
        ends[row + 1] += ends[row];
    }
    let mut sorted = vec![(0, 0, 0.0); entries.len()];
    for entry in entries {
        // Where the row begins, until all of its entries are there: then where it ends.
        let next = &mut ends[entry.0];
        sorted[*next] = entry;
        *next += 1;
    }
    let mut begin = 0;
    for &end in &ends[..size] {
        sorted[begin..end].sort_by_key(|&(_, j, _)| j);
        begin = end;
    }
    sorted
}
